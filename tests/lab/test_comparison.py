"""A comparison of cells as a picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slotfill.lab.comparison import _style, draw
from slotfill.learning.comparison import CellResult, Comparison, RunResult


def cell(name: str, scores: list[float], failed: int = 0) -> CellResult:
    runs = [RunResult(seed, f1, None, 2, 2, 1.0, 0.1, 0, False, [f1 / 2, f1]) for seed, f1 in enumerate(scores)]
    return CellResult(name, 100, scores[0], None, None, None, None, None, 1.0, 0.1, 0, runs, failed)


def drawn(*cells: CellResult) -> tuple[list[str], str]:
    """The names beside the rows, and the note below."""
    page = draw(Comparison("c", {}, {}, list(cells), {}))
    return [label.get_text() for label in page.axes[0].get_yticklabels()], " ".join(page.get_supxlabel().split())


def test_the_rows_are_the_cells_and_the_note_counts_their_runs() -> None:
    names, note = drawn(cell("lstm", [0.9, 0.8]), cell("gru", [0.7, 0.6]))
    assert names == ["lstm", "gru"]
    assert note.startswith("slotfill compare, 2 runs a cell. ")
    assert drawn(cell("lstm", [0.9]))[1].startswith("slotfill compare, 1 run a cell. ")


def test_a_cell_of_which_runs_left_no_model_says_so() -> None:
    names, note = drawn(cell("lstm", [0.9], failed=1), cell("gru", [0.7, 0.6]))
    assert names == ["lstm 1/2", "gru"]
    page = draw(Comparison("c", {}, {}, [cell("lstm", [0.9], failed=1)], {}))
    assert [line.get_label() for line in page.axes[1].get_lines()] == ["lstm 1/2"]
    assert "2 runs a cell; n/m: n of m left a model" in note


def scored(name: str, f1s: list[float], interval: tuple[float, float]) -> CellResult:
    """A cell whose runs did better on dev than on test."""
    given = cell(name, f1s)
    runs = [replace(run, test_f1=run.dev_f1 - 0.2) for run in given.runs]
    return replace(given, runs=runs, test_f1=given.dev_f1 - 0.2, interval=interval)


def test_the_best_row_stands_on_top_with_its_test_scores_and_their_interval() -> None:
    cells = [scored("lstm", [0.9, 0.8], (0.6, 0.75)), scored("gru", [0.7, 0.6], (0.4, 0.55))]
    axes = draw(Comparison("c", {}, {}, cells, {})).axes[0]
    assert [line.get_xydata().tolist() for line in axes.get_lines()] == [
        [pytest.approx([60, 0]), pytest.approx([75, 0])],
        [pytest.approx([40, 1]), pytest.approx([55, 1])],
    ]
    small_and_large = [points.get_offsets().tolist() for points in axes.collections]
    assert small_and_large == [
        [pytest.approx([70, 0]), pytest.approx([60, 0])],
        [pytest.approx([70, 0])],
        [pytest.approx([50, 1]), pytest.approx([40, 1])],
        [pytest.approx([50, 1])],
    ]
    bottom, top = axes.get_ylim()
    assert bottom > top
    assert axes.get_xlabel() == "test F1, %"


def test_a_learning_curve_is_the_mean_over_the_seeds_that_still_train() -> None:
    given = cell("lstm", [0.9, 0.8])
    runs = [replace(run, dev_f1_by_epoch=f1s) for run, f1s in zip(given.runs, ([0.2, 0.5, 0.6], [0.4]), strict=True)]
    (line,) = draw(Comparison("c", {}, {}, [replace(given, runs=runs)], {})).axes[1].get_lines()
    assert line.get_xydata().tolist() == [pytest.approx(point) for point in ([1, 30], [2, 50], [3, 60])]


def test_no_two_of_eighteen_cells_look_alike() -> None:
    assert len({tuple(_style(place).values()) for place in range(18)}) == 18
