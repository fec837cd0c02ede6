"""What commands print for people: tables and lines on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from slotfill.legible import legible_lines

_WIDE = 200


class Screen(Console):
    """Coloured where stdout is a terminal, which shows the control characters of data and does not obey them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich does, but for control characters."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else legible_lines(text), style, control)


def listing() -> Screen:
    """A screen for a list of which each entry is a line, also in a pipe, which has no width to fit."""
    return Screen(width=None if sys.stdout.isatty() else _WIDE)


class _Table(Table):
    """A table that measures its cells as `Screen` shows them: else it would cut off what they are longer by."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        """As rich does, but for control characters."""
        super().add_row(*map(_shown, cells), **options)


def _shown(cell: RenderableType | None) -> RenderableType | None:
    if isinstance(cell, Text):
        cell = cell.copy()
        cell.plain = legible_lines(cell.plain)
    return legible_lines(cell) if isinstance(cell, str) else cell


def table(*columns: str, numbers: Sequence[str] = (), whole: bool = False, **options: Any) -> Table:
    """A table with a line below its header, of columns of words and then of numbers, which end alike.

    Where it is too wide, words and numbers are wrapped or cut; or words alone, where numbers are to stay whole.
    """
    made = _Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, **options)
    for column in numbers:
        made.add_column(column, justify="right", no_wrap=whole)
    return made
