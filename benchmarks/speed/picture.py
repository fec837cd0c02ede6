"""How the cost of tagging grows, as a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import LogLocator

from benchmarks.speed.growth import Curve
from slotfill.lab.picture import BLUE, GREY, figure, legend, panel, png


def growth_picture(curves: Sequence[Curve], note: str) -> bytes:
    """One panel a curve as a PNG file, both axes logarithmic, with the linear growth that starts where it starts."""
    page = figure("What tagging costs as the work grows", note, height=8.5)
    places = page.add_gridspec(2, 2)
    for number, curve in enumerate(curves):
        title = curve.title if curve.exponent is None else f"{curve.title}: power {curve.exponent:.2f}"
        axes = panel(page, places[number], title=title, x=curve.x, y=curve.y, xscale="log", yscale="log")
        sizes, costs = np.array(curve.points).T
        axes.plot(sizes, costs[0] * sizes / sizes[0], color=GREY, linestyle="--", label="linear")
        axes.plot(sizes, costs, color=BLUE, marker="o", linewidth=2.5, label="measured")
        axes.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
        legend(axes, loc="upper left")
    return png(page)
