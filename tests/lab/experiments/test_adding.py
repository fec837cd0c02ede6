"""The adding problem, and what is said of its learning curves."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from slotfill.config import NetworkConfig
from slotfill.lab import adders
from slotfill.lab.adders import AddingRun, learn, problems
from slotfill.lab.experiments.adding import ALWAYS_ONE, CELLS, Curve, _picture, final, judge, judge_all

LENGTH = 50


def drawn(count: int = 20_000) -> tuple[torch.Tensor, torch.Tensor]:
    return problems(count, LENGTH, torch.Generator().manual_seed(3))


def holds(**ends: list[float]) -> list[bool | None]:
    curves: dict[str, list[Curve]] = {cell: [[1.0, *[end] * 5] for end in ends.get(cell, [0.17])] for cell in CELLS}
    return [finding.holds for finding in judge(LENGTH, curves)]


def test_each_problem_marks_two_numbers_and_asks_for_their_sum() -> None:
    inputs, sums = drawn(500)
    assert inputs.shape == (500, LENGTH, 2)
    assert set(inputs[:, :, 1].flatten().tolist()) == {0.0, 1.0}
    assert (inputs[:, :, 1].sum(dim=1) == 2).all()
    for problem, answer in zip(inputs, sums, strict=True):
        first, second = problem[problem[:, 1] == 1, 0].tolist()
        assert float(answer) == pytest.approx(first + second)


def test_every_place_is_marked_about_as_often() -> None:
    often = drawn()[0][:, :, 1].mean(dim=0)
    assert often.min() > 0.8 * 2 / LENGTH
    assert often.max() < 1.2 * 2 / LENGTH


def test_always_answering_one_errs_by_a_sixth() -> None:
    _, sums = drawn()
    assert float(((sums - 1) ** 2).mean()) == pytest.approx(ALWAYS_ONE, rel=0.03)


RUN = AddingRun(
    network=NetworkConfig(cell="gru", hidden_size=16),
    length=4,
    seed=1,
    steps=150,
    batch_size=32,
    learning_rate=1e-2,
    clip_norm=1.0,
    every=50,
)


def test_a_gru_learns_short_problems_and_the_same_seed_learns_the_same() -> None:
    errors = learn(RUN)
    assert len(errors) == 4
    assert errors[-1] < ALWAYS_ONE / 4
    assert learn(replace(RUN, steps=50)) == errors[:2]


def test_irnn_and_lstm_are_comparable_if_they_solve_it_equally_often() -> None:
    assert holds(irnn=[0.001, 0.001], lstm=[0.002, 0.002])[0] is True
    assert holds(irnn=[0.001, 0.1], lstm=[0.002, 0.002])[0] is False
    assert holds(irnn=[0.16], lstm=[0.16])[0] is None


def test_tanh_and_relu_bear_the_claim_out_only_where_their_error_stays() -> None:
    assert holds(tanh=[0.17], ReLU=[0.02])[1:3] == [True, False]
    assert holds(tanh=[0.163, math.nan], ReLU=[0.163, 0.0106])[1:3] == [True, False]


def test_lengths_shorter_than_the_claims_are_told_without_a_verdict() -> None:
    curves: dict[str, list[Curve]] = {cell: [[1.0, *[0.001] * 5]] for cell in CELLS}
    judged = {length: judge(length, curves) for length in (50, 150)}
    assert [finding.holds for finding in judge_all({50: curves, 150: curves})] == [
        *[None] * 4,
        *(finding.holds for finding in judged[150]),
    ]
    assert judged[150][1].holds is False


def test_a_last_spike_does_not_undo_a_solution() -> None:
    curves: dict[str, list[Curve]] = {cell: [[0.17, 0.001, 0.001, 0.001, 0.001, 0.5]] for cell in CELLS}
    assert judge(LENGTH, curves)[0].holds is True
    assert "1 of 1 solved" in judge(LENGTH, curves)[0].measured


def test_a_curve_that_ends_in_nan_solves_nothing() -> None:
    for place in range(5):
        curve = [0.001] * 5
        curve[place] = math.nan
        assert math.isnan(final([0.17, *curve]))


def test_gradients_are_clipped_and_errors_told_every_so_many_steps() -> None:
    network = NetworkConfig(cell="gru", hidden_size=4)
    run = AddingRun(
        network=network, length=4, seed=1, steps=20, batch_size=8, learning_rate=1e-2, clip_norm=1.0, every=5
    )
    # Adam does not see a factor that all steps share; a threshold that cuts some of them does show.
    assert learn(run) != learn(replace(run, clip_norm=0.3))
    assert learn(replace(run, steps=12)) == learn(run)[:3]


def test_what_neither_solves_decides_nothing_and_a_third_of_the_way_is_no_solution() -> None:
    assert holds(irnn=[0.05], lstm=[0.05])[0] is None


def test_each_step_has_fresh_problems_and_the_seed_decides_them(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[torch.Tensor] = []

    def watched(count: int, length: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        inputs, sums = problems(count, length, generator)
        drawn.append(sums)
        return inputs, sums

    monkeypatch.setattr(adders, "problems", watched)
    for seed in (1, 2):
        learn(replace(RUN, seed=seed, steps=2, batch_size=8, every=1))
    assert list(map(len, drawn)) == 2 * [500, 8, 8]
    assert len({tuple(sums[:8].tolist()) for sums in drawn}) == 6


def test_the_mean_error_of_the_seeds_is_told() -> None:
    curves: dict[str, list[Curve]] = {cell: [[1.0, *[end] * 5] for end in (0.001, 0.003)] for cell in CELLS}
    assert judge(LENGTH, curves)[0].measured == "irnn 0.0020, 2 of 2 solved; lstm 0.0020, 2 of 2 solved"


def test_the_picture_names_what_learnt_with_every_seed_and_its_thick_lines_are_medians() -> None:
    ends = {"irnn": (0.001, 0.002, 0.006), "lstm": (0.001, 0.001, 0.2)}
    curves = {cell: [[0.5, *[end] * 5] for end in ends.get(cell, (0.17, 0.17, 0.17))] for cell in CELLS}
    page = _picture({LENGTH: curves}, 10, "note")
    assert page.get_suptitle() == f"Adding two numbers out of {LENGTH}: irnn learnt it with every seed"
    thick = {line.get_label(): line.get_ydata() for line in page.axes[0].get_lines()}
    assert list(thick["irnn"]) == [0.5, *[0.002] * 5]
