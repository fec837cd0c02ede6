"""Gradients by distance, for untrained taggers whose matrix is scaled, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.lab.experiments.vanishing import CELLS, RADII, judge, typical
from slotfill.lab.fading import FARTHEST, TaggerRun, curve, measure, prefixes, untrained
from slotfill.learning.gradient_flow import decay
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary


def utterance(words: int, number: int = 0) -> Utterance:
    return Utterance(tuple(f"w{(number + i) % 9}" for i in range(words)), ("O", *["B-x"] * (words - 1)))


TEXT = [utterance(20, number) for number in range(30)]


def tagger_run(name: str, **network: int) -> TaggerRun:
    shape = {"hidden_size": 16, "word_size": 16, "character_size": 4, "character_filters": 4} | network
    return TaggerRun(
        network=NetworkConfig(**(CELLS[name].to_json() | shape)),
        config=TrainingConfig(epochs=1, threads=1, device="cpu"),
        training=TEXT,
        dev=TEXT[:3],
        measured=prefixes(TEXT),
    )


def test_a_linear_recurrences_gradient_is_a_power_of_its_weight() -> None:
    vocabulary = Vocabulary.build(TEXT)
    config = NetworkConfig(**(tagger_run("ReLU").network.to_json() | {"hidden_size": 1}))
    network = TaggerNetwork.for_vocabulary(config, vocabulary)
    with torch.no_grad():
        # A large bias keeps the rectifier in its linear part.
        network.get_parameter("layers.0.cells.0.bias").fill_(100.0)
        network.get_parameter("layers.0.cells.0.recurrent_weight").fill_(0.9)
        network.head.tags.weight.mul_(1e-3)
    shares = curve(network, vocabulary, prefixes(TEXT))
    assert shares == pytest.approx([0.9**k for k in range(FARTHEST + 1)], rel=1e-6)


def test_prefixes_are_as_long_as_the_farthest_word_needs_and_come_from_long_utterances_only() -> None:
    found = prefixes([*TEXT, utterance(5)])
    assert len(found) == len(TEXT)
    assert {len(one.words) for one in found} == {FARTHEST + 1}
    assert found[0] == utterance(FARTHEST + 1)


def test_short_utterances_shorten_the_distance() -> None:
    assert {len(one.words) for one in prefixes([utterance(4)] * 25)} == {4}


def test_gates_that_learnt_less_than_tanh_are_not_held_against_it() -> None:
    fading = {cell: tuple(0.5**k for k in range(5)) for cell in CELLS}
    slow = fading | dict.fromkeys(("lstm", "gru"), tuple(0.9**k for k in range(5)))
    scaled = {cell: dict.fromkeys(RADII, fading[cell]) for cell in ("tanh", "ReLU", "sigmoid")}
    for learnt, holds in ((0.9, True), (0.5, None)):
        findings = judge(slow, slow, scaled, dict.fromkeys(CELLS, 0.9) | {"lstm": learnt})
        (after,) = (one for one in findings if one.expected.startswith("the same after training, if both learnt"))
        assert after.holds is holds


def test_too_few_utterances_are_refused() -> None:
    with pytest.raises(DataError, match="20 held-out utterances"):
        prefixes(TEXT[:19])


def test_the_radius_scales_what_a_rectifier_passes_back() -> None:
    run = tagger_run("ReLU")
    small, large = (decay(untrained(run, radius)) for radius in (0.5, 1.5))
    assert small is not None
    assert large is not None
    assert small < 0.5 < large


def test_the_start_that_is_measured_is_the_start_of_the_training() -> None:
    run = tagger_run("gru")
    measured = measure(run)
    assert measured.start == untrained(run)
    assert len(measured.trained) == len(measured.start) == FARTHEST + 1
    assert measured.trained != measured.start


def test_what_is_typical_is_the_median_over_seeds() -> None:
    assert typical([(1.0, 0.1), (1.0, 0.3), (1.0, 0.2)]) == (1.0, 0.2)
    with pytest.raises(DataError, match="no gradient to follow back"):
        typical([(1.0, 0.1), ()])


def test_a_matrix_that_changes_nothing_bears_the_claim_out_nowhere() -> None:
    same = tuple(0.5**k for k in range(5))
    of_cells = dict.fromkeys(CELLS, same)
    scaled = {cell: dict.fromkeys(RADII, same) for cell in ("sigmoid", "tanh", "ReLU")}
    verdicts = {one.expected: one.holds for one in judge(of_cells, of_cells, scaled, dict.fromkeys(CELLS, 0.9))}
    assert (
        verdicts["tanh: the larger an orthogonal W is made, its radius and singular values alike, the more is left"]
        is False
    )
    assert verdicts["ReLU: vanishes at radius 0.5, explodes at 1.5"] is False
    assert (
        verdicts["the same ReLU with W the identity (irnn), not a random orthogonal matrix, fades more slowly"] is False
    )


def test_gates_must_both_fade_more_slowly_and_a_sigmoid_vanish_at_every_radius() -> None:
    def curve(factor: float) -> tuple[float, ...]:
        return tuple(factor**k for k in range(5))

    of_cells = dict.fromkeys(CELLS, curve(0.5)) | {"lstm": curve(0.9), "gru": curve(0.4)}
    factors = {"tanh": (0.3, 0.5, 0.7), "ReLU": (0.3, 0.5, 0.7), "sigmoid": (0.3, 0.5, 1.2)}
    scaled = {cell: dict(zip(RADII, map(curve, of), strict=True)) for cell, of in factors.items()}
    verdicts = [one.holds for one in judge(of_cells, of_cells, scaled, dict.fromkeys(CELLS, 0.9))]
    assert verdicts[:6] == [True, False, False, False, False, False]


def test_the_seed_decides_the_start_which_training_that_moves_nothing_leaves_as_it_is() -> None:
    run = tagger_run("gru")
    still = replace(run, config=replace(run.config, seed=5, learning_rate=1e-12))
    measured = measure(still)
    assert measured.trained == pytest.approx(measured.start, rel=1e-4)
    assert measured.start != pytest.approx(untrained(run), rel=1e-3)


def test_a_curve_is_of_double_precision() -> None:
    vocabulary = Vocabulary.build(TEXT)
    network = TaggerNetwork.for_vocabulary(tagger_run("tanh").network, vocabulary)
    with torch.no_grad():
        network.get_parameter("layers.0.cells.0.recurrent_weight").mul_(1e-4)
    assert all(curve(network, vocabulary, prefixes(TEXT)))
