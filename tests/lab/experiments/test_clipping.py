"""Plain descent, and when one of its runs has failed."""

from __future__ import annotations

import math
from typing import Any

import pytest

from slotfill.config import NetworkConfig
from slotfill.corpus.utterance import Utterance
from slotfill.lab.descent import DescentRun, descend
from slotfill.lab.experiments.clipping import CLIPPINGS, SEEDS, Scores, best_mean, decisive, failed, failures, judge


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
