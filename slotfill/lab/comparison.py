"""A comparison of cells as a picture."""

from __future__ import annotations

import statistics
from itertools import zip_longest
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from slotfill.lab import picture
from slotfill.legible import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from slotfill.learning.comparison import CellResult, Comparison

_LINES = ("-", "--", ":")


def draw(comparison: Comparison) -> Figure:
    """Each cell's F1, run by run and with its interval, beside its mean learning curve; F1 in percent."""
    cells = comparison.cells
    tested = cells[0].test_f1 is not None
    runs = counted(max(len(cell.runs) + cell.failed for cell in cells), "run")
    lost = "; n/m: n of m left a model" if any(cell.failed for cell in cells) else ""
    interval = "; bar: 95% bootstrap interval over the test utterances" if tested else ""
    page = picture.figure(
        f"{cells[0].cell} does best on {comparison.corpus}'s dev split",
        f"slotfill compare, {runs} a cell{lost}. "
        f"Left, large: mean; small: one seed{interval}. Right: mean over the seeds that still train.",
    )
    _scores(picture.panel(page, 121, x=f"{'test' if tested else 'dev'} F1, %", y=""), cells, tested=tested)
    curves = picture.panel(page, 122, x="epoch", y="dev F1, %")
    for place, cell in enumerate(cells):
        epochs = zip_longest(*(run.dev_f1_by_epoch for run in cell.runs))
        means = [100 * statistics.mean(f1 for f1 in epoch if f1 is not None) for epoch in epochs]
        curves.plot(range(1, len(means) + 1), means, label=cell.name, **_style(place))  # type: ignore[arg-type]
    curves.xaxis.set_major_locator(MaxNLocator(integer=True))
    picture.legend(curves, loc="lower right")
    return page


def _scores(axes: Axes, cells: list[CellResult], *, tested: bool) -> None:
    """One row a cell, the best on top."""
    for place, cell in enumerate(cells):
        colour = _style(place)["color"]
        scores = [run.test_f1 if tested else run.dev_f1 for run in cell.runs]
        mean = cell.test_f1 if tested else cell.dev_f1
        if cell.interval is not None:
            axes.plot([100 * end for end in cell.interval], [place, place], color=colour, linewidth=3, alpha=0.5)
        axes.scatter([100 * (score or 0) for score in scores], [place] * len(scores), color=colour, s=25)
        axes.scatter([100 * (mean or 0)], [place], color=colour, s=140, edgecolor=picture.INK, zorder=3)
    axes.set_yticks(range(len(cells)), [cell.name for cell in cells])
    axes.set_ylim(len(cells) - 0.5, -0.5)


def _style(place: int) -> dict[str, str]:
    """Colour and line of a cell by its place; no two of eighteen look alike."""
    colours = picture.COLOURS
    return {"color": colours[place % len(colours)], "linestyle": _LINES[place // len(colours) % len(_LINES)]}
