"""Cells on parts of the text, and what their differences over seeds say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.lab.experiments import overfit
from slotfill.lab.experiments.overfit import Scored, SizeRun, epochs, judge, learn
from slotfill.learning.diagnostics import Fit


def scored(test: list[float], gap: float = 0.1) -> list[Scored]:
    return [Scored(Fit(training_f1=f1 + gap, f1=f1), 1000) for f1 in test]


@pytest.mark.parametrize(
    ("gru", "holds"), [([0.6, 0.7, 0.8], True), ([0.4, 0.5, 0.6], False), ([0.6, 0.5, 0.75], None)]
)
def test_a_cell_is_better_only_by_more_than_the_seeds_chance(gru: list[float], holds: bool | None) -> None:
    found = judge(50, {"lstm": scored([0.5, 0.601, 0.699]), "gru": scored(gru)})
    assert found[0].holds is holds


def test_a_smaller_gap_bears_the_claim_out_and_a_larger_one_does_not() -> None:
    lstm, gru = ([Scored(Fit(training_f1=0.9, f1=f1), 1) for f1 in of_cell] for of_cell in ((0.5, 0.51), (0.7, 0.71)))
    assert judge(50, {"lstm": lstm, "gru": gru})[1].holds is True
    assert judge(50, {"lstm": gru, "gru": lstm})[1].holds is False


@pytest.mark.parametrize(("size", "expected"), [(20, 60), (100, 30), (1000, 8)])
def test_epochs_come_to_the_asked_steps_within_bounds(size: int, expected: int) -> None:
    assert epochs(size, steps=300) == expected


def test_both_cells_learn_from_the_same_part(flights: list[Utterance]) -> None:
    network = NetworkConfig(hidden_size=12, word_size=12, character_size=4, character_filters=4)
    run = SizeRun(
        network=network,
        config=TrainingConfig(seed=3, epochs=2, batch_size=8, threads=1, device="cpu"),
        size=20,
        training=flights,
        dev=flights[:10],
        test=flights[40:],
    )
    found = learn(run)
    assert found == learn(run)
    assert found.parameters > 1000


def test_the_bounds_told_lie_around_the_difference() -> None:
    lstm, gru = (
        [Scored(Fit(training_f1=0.9, f1=f1), 1) for f1 in f1s] for f1s in ((0.5, 0.52, 0.51), (0.7, 0.71, 0.73))
    )
    told = judge(50, {"lstm": lstm, "gru": gru})[1].measured
    difference, low, high = (float(word.strip("[],")) for word in told.split("difference ")[1].split()[:3])
    assert low < difference < high < 0


def test_the_seed_draws_the_part_for_both_cells_and_test_tells_how_well_it_was_learnt(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Sequence[Utterance], Sequence[Utterance]]] = []

    def watched(network: Any, vocabulary: Any, part: Sequence[Utterance], held_out: Sequence[Utterance]) -> Fit:
        told.append((part, held_out))
        return Fit(training_f1=1.0, f1=1.0)

    monkeypatch.setattr(overfit, "fit_of", watched)
    run = SizeRun(
        network=NetworkConfig(hidden_size=4, word_size=4, character_size=4, character_filters=4),
        config=TrainingConfig(seed=3, epochs=1, batch_size=8, threads=1, device="cpu"),
        size=20,
        training=flights[:40],
        dev=flights[:10],
        test=flights[40:],
    )
    for cell, seed in (("lstm", 3), ("gru", 3), ("gru", 4)):
        learn(replace(run, network=replace(run.network, cell=cell), config=replace(run.config, seed=seed)))
    (part, test), other_cell, (other_part, _) = told
    assert other_cell == (part, test)
    assert len(part) == len(other_part) == 20
    assert part != other_part
    assert test == flights[40:]
