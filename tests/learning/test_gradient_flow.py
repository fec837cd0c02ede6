"""The gradient's way back through time, against one made by hand, or where it is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
import torch

from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.gradient_flow import _median_curve, decay, gradient_by_distance, trace
from slotfill.network.cells import CELLS
from tests.learning.untrained import build


def curves(utterances: Sequence[Utterance], **settings: Any) -> list[tuple[float, ...]]:
    network, _, batch = build(utterances, **settings)
    return gradient_by_distance(*trace(network, batch), batch)


@pytest.mark.parametrize("cell", CELLS.names())
def test_a_trace_scores_as_the_network_does(cell: str, flights: list[Utterance]) -> None:
    network, _, batch = build(flights[:9], cell=cell, layers=2)
    traces, scores = trace(network, batch)
    expected = network(*batch.inputs).tags
    mask = torch.arange(scores.shape[1]) < batch.lengths[:, None]
    torch.testing.assert_close(scores[mask], expected[mask], rtol=0, atol=1e-12)
    assert [(one.layer, one.backwards) for one in traces] == [(1, False), (1, True), (2, False), (2, True)]


def test_the_gradient_of_an_elman_is_the_product_of_its_jacobians(flights: list[Utterance]) -> None:
    network, _, batch = build(flights[:1], cell="elman", one_way=True)
    (one,), scores = trace(network, batch)
    error = scores[0, -1].softmax(dim=0)
    error[batch.tags[0, -1]] -= 1
    gradient = error @ network.head.tags.weight
    norms = [gradient.norm()]
    for state in reversed(one.states[2:]):
        gradient = (gradient * (1 - state[0][0] ** 2)) @ one.cell.recurrent_weight
        norms.append(gradient.norm())
    (curve,) = gradient_by_distance([one], scores, batch)
    assert curve == pytest.approx([(norm / norms[0]).item() for norm in norms], rel=1e-9)


@pytest.mark.parametrize("cell", CELLS.names())
def test_padding_does_not_change_an_utterances_gradient(cell: str, flights: list[Utterance]) -> None:
    short, longest = min(flights, key=lambda one: len(one.words)), max(flights, key=lambda one: len(one.words))
    network, vocabulary, _ = build(flights, cell=cell)
    apart, together = (LabelledBatch.encode(part, vocabulary) for part in ([short], [short, longest]))
    alone = gradient_by_distance(*trace(network, apart), apart)
    # Without a gradient of its own, the longer one does not count.
    together.tags[1] = -100
    padded = gradient_by_distance(*trace(network, together), together)
    for one, other in zip(alone, padded, strict=True):
        assert len(one) == len(short.words)
        assert other == pytest.approx(one, rel=1e-9)


def test_an_lstms_memory_counts_and_the_forget_gate_is_its_decay(flights: list[Utterance]) -> None:
    network, _, batch = build(flights[:1], cell="lstm", one_way=True)
    (cell,) = network.layers[0].cells
    with torch.no_grad():
        cell.recurrent_weight.zero_()
        cell.input_weight.zero_()
        cell.bias.chunk(4)[1].fill_(math.log(4))
    (curve,) = gradient_by_distance(*trace(network, batch), batch)
    # The output itself leads nowhere; the memory is passed on through a forget gate of 0.8.
    falls = [after / before for before, after in pairwise(curve)]
    assert falls == pytest.approx([0.8] * len(falls))


def test_an_open_forget_gate_keeps_the_gradient_from_the_first_word_back(flights: list[Utterance]) -> None:
    network, _, batch = build(flights, cell="lstm", one_way=True, forget_bias=8.0)
    (curve,) = gradient_by_distance(*trace(network, batch), batch)
    assert all(share > 0.9 for share in curve[:5])


def test_a_curve_ends_where_fewer_than_a_tenth_of_the_utterances_reach(flights: list[Utterance]) -> None:
    short = [one for one in flights if len(one.words) == 5]
    long = Utterance(("please",) * 4 + short[0].words, ("O",) * 4 + (short[0].tags or ()))
    assert {len(curve) for curve in curves([*short[:9], long])} == {9}
    assert {len(curve) for curve in curves([*short[:10], long])} == {5}


def test_at_each_distance_stands_the_median_whatever_the_largest_is() -> None:
    norms = torch.tensor([[0.5, 1.0], [0.4, 1.0], [1e9, 1.0]])  # In the direction of travel: the last word's is last.
    assert _median_curve(norms, torch.tensor([2, 2, 2])) == pytest.approx((1.0, 0.5))


def test_an_utterance_whose_gradient_overflows_is_left_out() -> None:
    norms = torch.tensor([[0.25, 0.5, 1.0], [math.inf, 2.0, 1.0], [math.inf, 2.0, 1.0]])
    assert _median_curve(norms, torch.tensor([3, 3, 3])) == (1.0, 0.5, 0.25)


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ([1, 0.5, 0.25, 0.125], 0.5),
        ([1, 1.5, 2.25], 1.5),
        ([1, 0.5, 0.25, 0.0], 0.5),
        ([1, 0.5, 0.0, 0.5], 0.5),
        ([1, 0, 0], 0),
        ([1], None),
        ([], None),
    ],
)
def test_the_decay_is_the_slope_of_the_logarithm(curve: list[float], expected: float | None) -> None:
    assert decay(curve) == pytest.approx(expected)
