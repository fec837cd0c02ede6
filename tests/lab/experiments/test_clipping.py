"""Plain descent, and when one of its runs has failed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector

from slotfill.config import NetworkConfig
from slotfill.corpus.utterance import Utterance
from slotfill.lab.descent import DescentRun, descend
from slotfill.lab.experiments.clipping import CLIPPINGS, SEEDS, Scores, best_mean, decisive, failed, failures, judge
from slotfill.learning.batches import shuffled_batches
from slotfill.learning.clipping import Clipped, Clipping


def descent(flights: list[Utterance], **settings: Any) -> DescentRun:
    network = NetworkConfig(
        cell="elman",
        activation="relu",
        hidden_size=16,
        word_size=16,
        character_size=4,
        character_filters=4,
        dropout=0.0,
    )
    given: dict[str, Any] = {"clip": {}, "learning_rate": 0.1, "epochs": 3} | settings
    return DescentRun(network=network, training=flights, dev=flights[::3], batch_size=8, seed=0, **given)


def scores(**lost: int) -> Scores:
    """Rates 0.1, where all goes well, and 1, where so many runs of a clipping end in NaN."""
    return {
        clipping: {0.1: [0.8] * 5, 1.0: [None] * lost.get(clipping, 0) + [0.9] * (5 - lost.get(clipping, 0))}
        for clipping in CLIPPINGS
    }


def test_the_same_seed_descends_to_the_same_place(flights: list[Utterance]) -> None:
    assert descend(descent(flights)) == descend(descent(flights))


def test_descent_learns(flights: list[Utterance]) -> None:
    found = descend(descent(flights, epochs=10, clip={"norm": 5.0}))
    assert found.steps == 10 * math.ceil(len(flights) / 8)
    assert found.f1 is not None
    assert found.f1 > 0.6


def test_descent_at_a_rate_beyond_reason_ends_at_the_step_that_is_not_finite(flights: list[Utterance]) -> None:
    found = descend(descent(flights, learning_rate=1e4))
    assert found.f1 is None
    assert found.steps < 3 * math.ceil(len(flights) / 8)


def test_clipping_is_counted(flights: list[Utterance]) -> None:
    assert descend(descent(flights, clip={"norm": 1e-3})).clipped == 1.0
    assert descend(descent(flights)).clipped == 0.0


@pytest.mark.parametrize(("f1", "expected"), [(None, True), (0.0, True), (0.44, True), (0.45, False), (0.9, False)])
def test_a_run_fails_by_nan_or_by_less_than_half_of_the_best(f1: float | None, expected: bool) -> None:
    assert failed(f1, best=0.9) is expected


def test_where_nothing_is_learnt_all_fail_and_nothing_is_decided() -> None:
    hopeless: Scores = {clipping: {0.1: [0.0] * SEEDS, 1.0: [None] * SEEDS} for clipping in CLIPPINGS}
    assert {count for of_clipping in failures(hopeless).values() for count in of_clipping.values()} == {SEEDS}
    assert not any(finding.holds for finding in judge(hopeless))


def test_a_rate_at_which_too_little_is_learnt_in_the_time_there_is_is_slow_and_no_failure() -> None:
    found = scores(none=4)
    for by_rate in found.values():
        by_rate[0.01] = [0.1, 0.1, 0.1, 0.4, 0.5]  # Of 0.9 half is 0.45.
        by_rate[0.02] = [0.1, 0.5, 0.5, 0.5, 0.5]
        by_rate[0.03] = [0.1, 0.1, 0.1, 0.5, 0.5]
    found["value"][0.01][0] = None
    lost = failures(found)
    assert lost["none"] == {0.01: None, 0.02: 1, 0.03: 3, 0.1: 0, 1.0: 4}
    assert lost["value"][0.01] == 4
    verdict = judge(found)[0]
    assert decisive(found) == [1.0]
    assert "none 4" in verdict.measured


def test_where_norm_is_too_slow_to_tell_nothing_is_decided() -> None:
    found = scores(none=5)
    found["norm"] = {1.0: [0.1] * 5, 2.0: [0.9] * 5}
    found |= {name: {1.0: [None] * 5, 2.0: [0.9] * 5} for name in ("none", "value", "auto")}
    assert failures(found)["norm"] == {1.0: None, 2.0: 0}
    assert decisive(found) == []


def test_a_setting_that_lost_runs_is_not_the_best_by_its_survivors() -> None:
    assert best_mean({"none": {0.1: [0.8, 0.8], 1.0: [0.9, None]}}) == pytest.approx(0.8)


def test_failures_are_counted_by_clipping_and_rate() -> None:
    found = scores(none=4)
    found["value"][1.0][-1] = 0.1
    lost = failures(found)
    assert lost["none"] == {0.1: 0, 1.0: 4}
    assert lost["value"] == {0.1: 0, 1.0: 1}


@pytest.mark.parametrize(("none", "norm", "expected"), [(3, 0, [1.0]), (2, 0, []), (5, 1, [])])
def test_a_rate_decides_where_none_fails_in_three_runs_and_norm_in_no_run(
    none: int, norm: int, expected: list[float]
) -> None:
    found = scores(none=none, norm=norm)
    assert decisive(found) == expected
    assert judge(found)[0].holds is bool(expected)


def test_a_clipping_that_stands_no_higher_rate_than_none_is_told_so() -> None:
    verdicts = {finding.expected: finding.holds for finding in judge(scores(none=3, value=5))}
    assert verdicts["value stands higher rates than none"] is False
    assert verdicts["norm stands higher rates than none"] is True


def watched(monkeypatch: pytest.MonkeyPatch, run: DescentRun) -> tuple[list[list[int]], list[Tensor], list[Tensor]]:
    """Of each step of a descent: its utterances, and the weights and the gradient before it."""
    batches: list[list[int]] = []
    weights: list[Tensor] = []
    gradients: list[Tensor] = []

    class Watched(Clipping):
        def __call__(self, parameters: Iterable[nn.Parameter]) -> Clipped:
            own = list(parameters)
            weights.append(parameters_to_vector(own).detach())
            none = map(torch.zeros_like, own)
            gradients.append(
                parameters_to_vector([b if a.grad is None else a.grad for a, b in zip(own, none, strict=True)])
            )
            return super().__call__(own)

    def told(*given: Any) -> Iterator[list[int]]:
        for indices in shuffled_batches(*given):
            batches.append(indices)
            yield indices

    with monkeypatch.context() as patch:
        patch.setattr("slotfill.lab.descent.Clipping", Watched)
        patch.setattr("slotfill.lab.descent.shuffled_batches", told)
        descend(run)
    return batches, weights, gradients


def test_descent_goes_down_the_gradient_of_each_batch_alone(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = replace(descent(flights, learning_rate=1e-3), batch_size=len(flights))
    _, weights, gradients = watched(monkeypatch, run)
    for k in range(2):
        torch.testing.assert_close(weights[k + 1], weights[k] - 1e-3 * gradients[k])
    _, _, gradients = watched(monkeypatch, replace(run, learning_rate=1e-12))
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-3, atol=1e-5)


def test_the_seed_decides_where_a_descent_starts_and_the_order_of_its_utterances(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    (order, one, _), (again, same, _), (other_order, other, _) = (
        watched(monkeypatch, replace(descent(flights, epochs=1), seed=seed)) for seed in (1, 1, 2)
    )
    assert order == again != other_order
    assert torch.equal(one[-1], same[-1])
    assert not torch.equal(one[0], other[0])


def test_a_descent_whose_last_step_ruins_the_weights_has_no_score(flights: list[Utterance]) -> None:
    found = descend(replace(descent(flights, learning_rate=1e30, epochs=1), batch_size=len(flights)))
    assert (found.f1, found.steps) == (None, 1)


def test_a_rate_too_low_to_tell_is_no_rate_without_a_failure() -> None:
    found = scores(none=5)
    found["norm"] = {0.01: [0.1] * 5, 0.1: [0.9] * 4 + [None], 1.0: [0.9] * 3 + [None] * 2}
    measured = {finding.expected: finding.measured for finding in judge(found)}
    assert measured["norm stands higher rates than none"].startswith("no rate without a failure; ")
