"""For people: the text with its spans in colour, and under it each slot with its value.

Above the text stands its intent. Where a model was asked, a value has its probability beside it and what else it may be
below it, and after them come the most probable readings of the whole.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from slotfill.corpus.certainty import Alternative
from slotfill.corpus.colours import colour
from slotfill.corpus.format import Format
from slotfill.corpus.tags import segments
from slotfill.corpus.utterance import Span, Utterance
from slotfill.legible import legible


class PrettyFormat(Format):
    """Coloured where stdout is a terminal; `NO_COLOR` and `FORCE_COLOR` overrule that."""

    name = "pretty"
    holds = frozenset({"text", "intent"})
    shows_certainty = True

    _made: Console | None = None

    @property
    def _console(self) -> Console:
        """Of the stdout of now, which may have been redirected to a file."""
        if self._made is None or self._made.file is not sys.stdout:
            self._made = Console(file=sys.stdout, soft_wrap=True, highlight=False, markup=False, emoji=False)
        return self._made

    def render(self, utterance: Utterance) -> str:
        """The text, then `slot: value` a line for each span."""
        text, spans, certainty = Text(legible(utterance.text)), utterance.spans, utterance.certainty
        lines = [text]
        if utterance.intent is not None:
            sure = "" if certainty is None or certainty.intent is None else f" {certainty.intent:.0%}"
            lines.insert(0, Text(f"intent: {legible(utterance.intent)}{sure}", "dim"))
        others: Sequence[Sequence[Alternative]] = (certainty and certainty.alternatives) or [()] * len(spans)
        for span, other in zip(spans, others, strict=True):
            text.stylize(f"bold {colour(span.slot)}", span.start, span.end)
            sure = "" if span.confidence is None else f" {span.confidence:.0%}"
            lines.append(Text.assemble("  ", _slot(span), (sure, "dim")))
            if other:
                named = (f"{legible(slot or 'no slot')} {probability:.0%}" for slot, probability in other)
                lines.append(Text(f"    or {', '.join(named)}", "dim"))
        for rank, (tags, probability) in enumerate((certainty and certainty.nbest) or (), start=1):
            found = Text(", ").join(map(_slot, utterance.spans_of(segments(tags)))) or Text("no slots")
            lines.append(Text.assemble((f"  {rank}. {probability:>6.1%} ", "dim"), found))
        with self._console.capture() as capture:
            for line in lines:
                self._console.print(line)
        return capture.get()


def _slot(span: Span) -> Text:
    return Text.assemble((legible(span.slot), colour(span.slot)), ": ", (legible(span.text), "bold"))


FORMAT = PrettyFormat()
