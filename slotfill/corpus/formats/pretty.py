"""For people: the text with its spans in colour, and under it each slot with its value."""

from __future__ import annotations

import sys
from zlib import crc32

from rich.console import Console
from rich.text import Text

from slotfill.corpus.format import Format
from slotfill.corpus.utterance import Utterance

_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "red")


def colour(slot: str) -> str:
    """The colour of a slot, always the same one."""
    return _COLOURS[crc32(slot.encode()) % len(_COLOURS)]


class PrettyFormat(Format):
    """Coloured where stdout is a terminal; `NO_COLOR` and `FORCE_COLOR` overrule that."""

    name = "pretty"

    def __init__(self) -> None:
        self._console = Console(file=sys.stdout, soft_wrap=True, highlight=False, markup=False, emoji=False)

    def render(self, utterance: Utterance) -> str:
        """The text, then `slot: value` a line for each span."""
        text = Text(utterance.text)
        lines = [text]
        for span in utterance.spans:
            style = f"bold {colour(span.slot)}"
            text.stylize(style, span.start, span.end)
            lines.append(Text.assemble("  ", (span.slot, colour(span.slot)), ": ", (span.text, "bold")))
        with self._console.capture() as capture:
            for line in lines:
                self._console.print(line)
        return capture.get()


FORMAT = PrettyFormat()
