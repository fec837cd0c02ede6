"""A wrong span, and in which way it is wrong.

Gold spans and predicted ones are read as conlleval reads them. Those that agree in slot and bounds are right; the rest
are paired one to one, as MUC-5's scorer aligns its fills (Chinchor & Sundheim, 1993), and each pair and each span left
alone is one error. In the terms of SemEval-2013 task 9 (Segura-Bedmar et al.; nervaluate) `boundary` is right by type,
`type` is right by exact bounds, `boundary and type` is partial at most, and `missed` is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from slotfill.corpus.tags import Segment
from slotfill.corpus.utterance import Span, Utterance

KINDS = {
    "type": "the right words, another slot",
    "boundary": "the right slot, overlapping words",
    "boundary and type": "another slot, overlapping words",
    "missed": "a gold span without a predicted one",
    "spurious": "a predicted span without a gold one",
}
"""The kinds of errors, and what each is."""

Slots = tuple[str | None, str | None]
"""The gold slot and the predicted one; None where there is no such span."""


@dataclass(frozen=True)
class Error:
    """A wrong gold span, a wrong predicted span, or two of them that overlap.

    Attributes:
        number: the utterance's place in its split, from 1.
        utterance: it, with gold tags.
        tagged: it, with predicted tags.
        gold: the gold span; None where the error is spurious.
        predicted: the predicted span; None where the error is missed.
        unseen: the words of the two spans that training has not seen.
    """

    number: int
    utterance: Utterance
    tagged: Utterance
    gold: Segment | None
    predicted: Segment | None
    unseen: tuple[str, ...]

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        if self.gold is None:
            return "spurious"
        if self.predicted is None:
            return "missed"
        if self.gold.slot == self.predicted.slot:
            return "boundary"
        return "type" if self.gold[1:] == self.predicted[1:] else "boundary and type"

    @property
    def slots(self) -> Slots:
        """The gold slot and the predicted one."""
        return self.gold and self.gold.slot, self.predicted and self.predicted.slot

    def span(self, segment: Segment) -> Span:
        """One of the error's spans as a part of the text."""
        return self.utterance.spans_of([segment])[0]

    def to_json(self) -> dict[str, Any]:
        """The error as a JSON object; offsets as in the format jsonl."""
        return {
            "utterance": self.number,
            "id": self.utterance.id,
            "kind": self.kind,
            "gold": self.gold and self.span(self.gold).to_json(),
            "predicted": self.predicted and self.span(self.predicted).to_json(),
            "unseen_words": self.unseen,
            "text": self.utterance.text,
        }


def pair(gold: Sequence[Segment], predicted: Sequence[Segment]) -> list[tuple[Segment | None, Segment | None]]:
    """The wrong spans of one utterance, (gold, predicted), each in exactly one pair; None stands beside one left alone.

    Spans that overlap are paired, those of the same slot first, then those that share more words. Of two gold spans run
    into one predicted span, one is so left alone.
    """
    wanted = [span for span in gold if span not in predicted]
    found = [span for span in predicted if span not in gold]
    pairs: list[tuple[Segment | None, Segment | None]] = []
    overlapping = [(a, b) for a, b in product(wanted, found) if _overlap(a, b) > 0]
    for a, b in sorted(overlapping, key=lambda spans: (spans[0].slot != spans[1].slot, -_overlap(*spans))):
        if a in wanted and b in found:
            wanted.remove(a)
            found.remove(b)
            pairs.append((a, b))
    pairs += [(span, None) for span in wanted]
    pairs += [(None, span) for span in found]
    return sorted(pairs, key=lambda spans: min(span.start for span in spans if span))


def _overlap(one: Segment, other: Segment) -> int:
    """How many words two spans share; not above 0 where they share none."""
    return min(one.end, other.end) - max(one.start, other.start)
