r"""Slots in brackets within the sentence: `fly to [toloc.city_name : taipei]`.

Words are separated by blanks; a bracket ends a word. A word's own `[`, `]` or `\` has a `\` before it.
Source: the `annot_utt` column of MASSIVE (FitzGerald et al., 2022).
"""

from __future__ import annotations

import re

from slotfill.corpus.formats._lines import LineFormat
from slotfill.corpus.records import labelled, writable_tags
from slotfill.corpus.tags import Segment, illegal_positions, segments, tags_of
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError

# A bracket, or a run of anything but blanks and brackets, where an escaped character counts as any other.
_PIECE = re.compile(r"[\[\]]|(?:\\[\[\]\\]|[^\[\] \t])+")
_ESCAPED = re.compile(r"\\([\[\]\\])")
_SPECIAL = re.compile(r"[\[\]\\]")


class InlineFormat(LineFormat):
    """One sentence a line, each slot as `[slot : words]`."""

    name = "inline"
    suffixes = (".inline",)

    def parse(self, line: str) -> Utterance:
        """The utterance of one line; raise `ValueError` if it is empty or its brackets are malformed."""
        words: list[str] = []
        found: list[Segment] = []
        bracket: list[str] | None = None
        for piece in _PIECE.findall(line):
            if piece == "[":
                if bracket is not None:
                    raise ValueError(f"a bracket opens inside the bracket of {' '.join(bracket)!r}")
                bracket = []
            elif piece == "]":
                if bracket is None:
                    raise ValueError(f"a bracket closes that was never opened, after {' '.join(words)!r}")
                if len(bracket) < 3 or bracket[1] != ":":
                    raise ValueError(f"expected [slot : words], found [{' '.join(bracket)}]")
                found.append(Segment(bracket[0], len(words), len(words) + len(bracket) - 2))
                words += bracket[2:]
                bracket = None
            else:
                (words if bracket is None else bracket).append(_ESCAPED.sub(r"\1", piece))
        if bracket is not None:
            raise ValueError(f"the bracket of {' '.join(bracket)!r} is never closed")
        return labelled(words, tags_of(found, len(words)))

    def render(self, utterance: Utterance) -> str:
        """One line; raise `DataError` if the utterance has no tags or its tags are not legal BIO."""
        tags = writable_tags(utterance)
        if wrong := illegal_positions(tags):
            raise DataError(
                f"utterance {utterance.text!r} cannot be written as inline: "
                f"{tags[wrong[0]]} at word {wrong[0] + 1} continues nothing"
            )
        words = [_escape(word) for word in utterance.words]
        for slot, first, last in segments(tags):
            words[first] = f"[{_escape(slot)} : {words[first]}"
            words[last - 1] += "]"
        return " ".join(words) + "\n"


def _escape(word: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", word)


FORMAT = InlineFormat()
