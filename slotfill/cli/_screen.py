"""What commands print for people: tables and lines on stdout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from slotfill.legible import legible_lines


class Screen(Console):
    """Coloured where stdout is a terminal, which shows the control characters of data and does not obey them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich does, but for control characters."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else legible_lines(text), style, control)


def table(*columns: str, numbers: Sequence[str] = (), **options: Any) -> Table:
    """A table with a line below its header, of columns of words and then of numbers, which end alike."""
    made = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, **options)
    for column in numbers:
        made.add_column(column, justify="right")
    return made
