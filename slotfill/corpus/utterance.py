"""One utterance: its text, its words, and, where known, its tags and intent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from slotfill.corpus.certainty import Certainty, rounded
from slotfill.corpus.intents import split_intent
from slotfill.corpus.tags import Segment, segments, tags_of


class Span(NamedTuple):
    """A slot and its value: `text[start:end]` of the utterance, offsets in Unicode code points, half-open.

    `confidence` is the probability that slot and offsets are right, where a model was asked for it.
    """

    slot: str
    start: int
    end: int
    text: str
    confidence: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The span as a JSON object; without its confidence where that is not known."""
        values: dict[str, Any] = {"slot": self.slot, "start": self.start, "end": self.end, "text": self.text}
        if self.confidence is not None:
            values["confidence"] = rounded(self.confidence)
        return values


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words in their order, with one BIO tag each where tags are known.

    Attributes:
        words: the words; none may be empty or hold a space, tab or line end, which is not checked.
        tags: one BIO tag a word, or None where the utterance is not labelled.
        intent: what the whole utterance asks for; several are joined by `#` or `+`, as the field does.
        id: the record's name in its file, where it has one.
        text: what the words were cut from; each is found in it, in order. Empty: the words joined by spaces.
        certainty: how sure the model is that gave the tags, where it was asked.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...] | None = None
    intent: str | None = None
    id: str | None = None
    text: str = ""
    certainty: Certainty | None = None

    def __post_init__(self) -> None:
        if self.tags is not None and len(self.tags) != len(self.words):
            raise ValueError(f"{len(self.words)} words but {len(self.tags)} tags")
        if not self.text:
            object.__setattr__(self, "text", " ".join(self.words))

    def with_values(self, values: Mapping[Segment, Sequence[str]]) -> Utterance:
        """The utterance with other words in the place of those of some segments; its words, joined, are its text."""
        words, tags = list(self.words), list(self.tags or ())
        for (slot, start, end), value in sorted(values.items(), key=lambda item: -item[0].start):
            words[start:end] = value
            tags[start:end] = tags_of([Segment(slot, 0, len(value))], len(value))
        return replace(self, words=tuple(words), tags=tuple(tags), text="")

    @property
    def intents(self) -> tuple[str, ...]:
        """The intent's parts: more than one where an utterance asks for several things; none where it is not known."""
        return split_intent(self.intent) if self.intent else ()

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """Each word's (start, end) in `text`; raise `ValueError` if a word is not there.

        Where the words leave out others, one is not found within a longer word if it stands by itself further on.
        """
        found, position, text = [], 0, self.text
        latest: list[int] = []
        for i, word in enumerate(self.words):
            start = text.find(word, position)
            if start < 0:
                from unicodedata import normalize

                composed = normalize("NFC", word) in normalize("NFC", text[position:])
                otherwise = ", but for another Unicode normalisation" if composed else ""
                raise ValueError(f"word {word!r} is not in the text after character {position}{otherwise}")
            if start > position and (skipped := text[position:start]) != " " and any(map(str.isalnum, skipped)):
                latest = latest or _latest(self.words, text)
                following = "".join(self.words[i + 1 : i + 2])
                start = _by_itself(word, text, start, following, latest[i + 1])
            position = start + len(word)
            found.append((start, position))
        return found

    @property
    def segments(self) -> list[Segment]:
        """The slots over word indices, in order; empty where the utterance is not labelled."""
        return segments(self.tags or ())

    @property
    def spans(self) -> list[Span]:
        """The slots and their values, in order; empty where the utterance is not labelled."""
        return self.spans_of(self.segments, self.certainty.confidences if self.certainty else None)

    def spans_of(self, found: Sequence[Segment], confidences: Sequence[float] | None = None) -> list[Span]:
        """Slots over word indices as parts of the text, with a confidence each where they are known."""
        if not found:
            return []
        offsets, text = self.offsets, self.text
        sure = [None] * len(found) if confidences is None else confidences
        return [
            Span(slot, start := offsets[first][0], end := offsets[last - 1][1], text[start:end], confidence)
            for (slot, first, last), confidence in zip(found, sure, strict=True)
        ]


def _by_itself(word: str, text: str, first: int, following: str, latest: int) -> int:
    """Where a word stands, from its `first` place on, without another's letter or digit beside its own.

    What is beside it may be the `following` word, empty after the last one. It must end by the `latest` place at which
    that can begin. If it stands so nowhere, the first place.
    """
    start = first
    while start >= 0 and (end := start + len(word)) <= latest:
        begins = not (text[start - 1 : start].isalnum() and word[0].isalnum())
        ends = not (text[end : end + 1].isalnum() and word[-1].isalnum())
        if begins and (ends or (following and text.startswith(following, end))):
            return start
        start = text.find(word, start + 1)
    return first


def _latest(words: Sequence[str], text: str) -> list[int]:
    """The last place of a text at which each word can begin so that it and all after it are found; last the end."""
    places = [len(text)]
    for word in reversed(words):
        places.append(text.rfind(word, 0, max(places[-1], 0)))
    return places[::-1]
