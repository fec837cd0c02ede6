"""One style for every picture: readable from the back row, and by the colour-blind.

Figures are made without pyplot, so nothing global is touched. Matplotlib's constrained
layout places everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from textwrap import fill
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY = "#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9"
"""Okabe & Ito (2008), "Color Universal Design": distinguishable in every common form of colour blindness."""
COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY)
INK, GREY = "#222222", "#6b6b6b"
SEQUENTIAL = "viridis"
"""The colour map of anything that grows; its brightness grows with it."""

TITLE, LABEL, TEXT = 17, 13, 12
"""Font sizes in points, on a page 12 inches wide."""
_DOTS_PER_INCH = 150


def plain(text: str) -> str:
    """Text that is shown as it is: what stands between two `$` is a formula to matplotlib."""
    return text.replace("$", r"\$")


def figure(message: str, note: str, *, width: float = 12.0, height: float = 6.75) -> Figure:
    """An empty page, by default of a slide's shape.

    Args:
        message: what the picture shows, as a sentence; it stands on top.
        note: what was run and whose claim it is; it stands small at the bottom.
        width: in inches.
        height: in inches.
    """
    page = Figure(figsize=(width, height), dpi=_DOTS_PER_INCH, layout="constrained", facecolor="white")
    page.get_layout_engine().set(w_pad=0.12, h_pad=0.12, wspace=0.04, hspace=0.06)  # type: ignore[union-attr,call-arg]
    page.suptitle(
        plain(fill(message, int(6.5 * width))), x=0.012, ha="left", fontsize=TITLE, fontweight="bold", color=INK
    )
    page.supxlabel(plain(fill(note, int(12 * width))), x=0.012, ha="left", fontsize=10, color=GREY)
    return page


def panel(page: Figure, place: Any = 111, *, title: str = "", x: str, y: str, **options: Any) -> Axes:
    """Axes in the house style.

    Args:
        page: from `figure`.
        place: where on it, 121 for the first of two side by side, or part of `page.add_gridspec(...)`.
        title: of this panel, where there are several.
        x: what the horizontal axis shows, with its unit.
        y: what the vertical axis shows, with its unit.
        options: more for `Figure.add_subplot`.
    """
    axes: Axes = page.add_subplot(place, **options)
    axes.set_title(title, loc="left", fontsize=LABEL, color=INK)
    axes.set_xlabel(x, fontsize=LABEL, color=INK)
    axes.set_ylabel(y, fontsize=LABEL, color=INK)
    axes.tick_params(labelsize=TEXT, colors=INK)
    axes.set_prop_cycle(color=COLOURS)
    axes.set_axisbelow(True)
    axes.grid(visible=True, color="#dddddd", linewidth=0.8)
    if axes.name != "3d":
        axes.spines[["top", "right"]].set_visible(False)
    return axes


def legend(axes: Axes, **options: Any) -> None:
    """A legend in the house style, where it hides least unless `loc` says otherwise."""
    axes.legend(fontsize=TEXT, labelcolor=INK, framealpha=0.9, edgecolor="none", **options)


def bar(page: Figure, shown: Any, axes: Axes | Sequence[Axes], *, label: str) -> None:
    """A colour bar beside `axes` for an image or contours; `label` says what the colours mean, with the unit."""
    scale = page.colorbar(shown, ax=axes)
    scale.set_label(label, fontsize=LABEL, color=INK)
    scale.ax.tick_params(labelsize=TEXT, colors=INK)


def png(page: Figure) -> bytes:
    """The page as a PNG file."""
    content = BytesIO()
    page.savefig(content, format="png")
    return content.getvalue()
