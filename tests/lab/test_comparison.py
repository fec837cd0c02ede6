"""A comparison of cells as a picture."""

from __future__ import annotations

from slotfill.lab.comparison import draw
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
