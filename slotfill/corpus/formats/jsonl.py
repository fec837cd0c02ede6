"""One JSON object a line: `{"id", "text", "tokens", "tags", "spans", "intent"}`.

A span is `{"slot", "start", "end", "text"}`, its offsets half-open and in Unicode code points of the text.
Reading needs the words as `tokens`, or else `text` with `spans`; and their labels as `tags`, `spans` or both. A text
without `tokens` is cut as raw text is, and where a span begins or ends within a word.
Where a model was asked for it, a span has `confidence` and `alternatives: [{"slot", "probability"}]`, and the record
`intent_confidence` and `nbest: [{"probability", "tags", "spans"}]`; these are not read back. Nor is the `error` of a
line that `slotfill tag` could not read but was to record.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import orjson

from slotfill.corpus.certainty import Certainty, rounded
from slotfill.corpus.formats._lines import LineFormat
from slotfill.corpus.records import labelled, writable_tags
from slotfill.corpus.tags import Segment, segments, tags_of
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import split_words
from slotfill.errors import DataError
from slotfill.files import BLANKS

_KINDS: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


_WRITTEN = frozenset({"id", "text", "tokens", "tags", "spans", "intent", "intent_confidence", "nbest", "error"})
"""The keys of a record that are ours."""

_NOT_PASSED_ON = "its other keys cannot be passed on: nested too deeply, or a number out of range"
_BOM = "\ufeff"
_EXACT = 2**53
"""Whole numbers below it are floats of their own."""


class JsonlFormat(LineFormat):
    """JSON Lines, the format of `slotfill tag` in a pipe."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson")
    holds = frozenset({"id", "text", "intent"})
    shows_certainty = True

    def parse(self, line: str) -> Utterance:
        """The utterance of one line; raise `ValueError` saying which key is missing or wrong."""
        record = _record(line)
        text: str = _value(record, "text", str) or ""
        words = _list(record, "tokens", str)
        tags, spans = _list(record, "tags", str), _list(record, "spans", dict)
        if tags is None and spans is None:
            raise ValueError('no labels: a record needs "tags" or "spans"')
        if words is None:
            if tags is not None or record.get("text") is None:
                raise ValueError('no "tokens": without them a record needs "text" and "spans", and no "tags"')
            words = _cut(text, spans or [])
        unlabelled = Utterance(tuple(words), text=text)
        offsets = unlabelled.offsets
        if spans is not None:
            spelled = _tags_of(spans, unlabelled.text, offsets)
            if tags is None:
                tags = spelled
            elif len(tags) == len(words):
                _require_agreement(tags, spelled, words)
        intent = (_value(record, "intent", str) or "").strip(BLANKS)  # No other format could hold outer blanks.
        return labelled(words, tags or (), intent=intent or None, id=_id(record), text=text)

    def render(self, utterance: Utterance) -> str:
        """One line; raise `DataError` if the utterance has no tags, `ValueError` if its text lacks a word."""
        record: dict[str, Any] = {
            "id": utterance.id,
            "text": utterance.text,
            "tokens": utterance.words,
            "tags": writable_tags(utterance),
            "spans": [span.to_json() for span in utterance.spans],
        }
        if utterance.intent is not None:
            record["intent"] = utterance.intent
        if utterance.certainty is not None:
            _add_certainty(record, utterance, utterance.certainty)
        return orjson.dumps(record).decode() + "\n"


def id_and_text(line: str) -> tuple[str | None, str]:
    """The id of a record that need have no labels, and its text; without one, its tokens with blanks between.

    Raises `ValueError` saying which key is missing or wrong.
    """
    record = _record(line)
    text, words = _value(record, "text", str), _list(record, "tokens", str)
    if text is None and words is None:
        raise ValueError('no text: a record needs "text" or "tokens"')
    return _id(record), " ".join(words or ()) if text is None else text


def id_of(line: str) -> str | None:
    """The id of a record, whatever else is wrong with it; raise `ValueError` if it is no object or the id no string."""
    return _id(_record(line))


def extra_keys_of(line: str) -> dict[str, Any]:
    """What a record says that is not ours to say, and its id, where that is a number; nothing of what is no record.

    Raises `DataError` for what cannot be read digit by digit, as it is nested too deeply, say.
    """
    try:
        record = _record(line)
    except ValueError:
        return {}
    others = [key for key in record if key not in _WRITTEN]
    if type(record.get("id")) in (int, float):
        others.append("id")
    if not others:
        return {}
    import json  # Which keeps every digit.

    try:
        whole = json.loads(line.removeprefix(_BOM))
    except (ValueError, RecursionError):
        raise DataError(_NOT_PASSED_ON) from None
    return {key: whole[key] for key in others}


def with_extra_keys(rendered: str, others: dict[str, Any]) -> str:
    """A rendered record with more keys at its end; an id among them takes the place of its own.

    Raises `DataError` for what cannot be written, a number out of range, say.
    """
    import json

    def dumped(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    try:
        if "id" in others:
            own = rendered.index(',"text":')  # Within a string the quotes would be escaped.
            rendered = f'{{"id":{dumped(others["id"])}{rendered[own:]}'
        added = dumped({key: value for key, value in others.items() if key != "id"})
    except (ValueError, RecursionError):
        raise DataError(_NOT_PASSED_ON) from None
    return rendered if added == "{}" else f"{rendered[:-2]},{added[1:]}\n"


def _record(line: str) -> dict[str, Any]:
    """The object of one line; raise `ValueError` if it is none."""
    try:
        record = orjson.loads(line.removeprefix(_BOM))  # Two files after each other may have two marks.
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(record, dict):
        raise ValueError(f"expected an object, found {_kind(record)}")
    return record


def _add_certainty(record: dict[str, Any], utterance: Utterance, certainty: Certainty) -> None:
    """Add to a record the alternatives, the intent's probability and the n-best tags that are known."""
    if certainty.alternatives is not None:
        for span, others in zip(record["spans"], certainty.alternatives, strict=True):
            span["alternatives"] = [other.to_json() for other in others]
    if certainty.intent is not None:
        record["intent_confidence"] = rounded(certainty.intent)
    if certainty.nbest is not None:
        record["nbest"] = [
            {
                "probability": rounded(probability),
                "tags": tags,
                "spans": [span.to_json() for span in utterance.spans_of(segments(tags))],
            }
            for tags, probability in certainty.nbest
        ]


def _kind(value: object) -> str:
    return _KINDS[type(value)]


def _value(record: dict[str, Any], key: str, kind: type) -> Any:
    """The value of a key, None where it is missing or null; raise `ValueError` if it is of another kind."""
    value = record.get(key)
    if value is not None and type(value) is not kind:
        raise ValueError(f'"{key}" is {_kind(value)}, not {_KINDS[kind]}')
    return value


def _list(record: dict[str, Any], key: str, kind: type) -> list[Any] | None:
    """The list under a key, all of one kind."""
    values: list[Any] | None = _value(record, key, list)
    for value in values or ():
        if type(value) is not kind:
            raise ValueError(f'"{key}" holds {_kind(value)}; it must hold {_KINDS[kind]} each')
    return values


def _id(record: dict[str, Any]) -> str | None:
    value = record.get("id")
    if type(value) is float:  # As is usual for integers of which some are missing.
        if not (value.is_integer() and abs(value) < _EXACT):
            raise ValueError('"id" is a number with a fraction or too many digits: write it as a string')
        value = int(value)
    return str(value) if type(value) is int else _value(record, "id", str) or None


def _cut(text: str, spans: Sequence[dict[str, Any]]) -> list[str]:
    """The words of raw text, none of which goes on where a span begins or ends."""
    words = split_words(text)
    ends = {span[side] for span in spans for side in ("start", "end") if type(span.get(side)) is int}
    pieces = []
    for word, (start, end) in zip(words, Utterance(tuple(words), text=text).offsets, strict=True):
        places = [start, *sorted(place for place in ends if start < place < end), end]
        pieces += [text[a:b] for a, b in pairwise(places)] if len(places) > 2 else [word]
    return pieces


def _tags_of(spans: list[dict[str, Any]], text: str, offsets: list[tuple[int, int]]) -> list[str]:
    """The tags that spell these spans; raise `ValueError` at a span that is not one or more whole words."""
    first = {start: i for i, (start, _) in enumerate(offsets)}
    last = {end: i for i, (_, end) in enumerate(offsets)}
    found = []
    for span in spans:
        slot, start, end = _value(span, "slot", str), _value(span, "start", int), _value(span, "end", int)
        told = _value(span, "text", str)
        if not slot or start is None or end is None:
            raise ValueError(f'span {span} lacks "slot", "start" or "end"')
        if max(start, end) > len(text):
            raise ValueError(f"span {slot!r} {start}:{end} ends after its text, which has {len(text)} characters")
        if start not in first or end not in last:
            raise ValueError(f"span {slot!r} {start}:{end} {text[start:end]!r} does not fall on word boundaries")
        if start >= end:
            raise ValueError(f"span {slot!r} {start}:{end} ends where it starts, or before")
        if told is not None and told != text[start:end]:
            raise ValueError(f"span {slot!r} {start}:{end} says {told!r}, its text is {text[start:end]!r}")
        found.append(Segment(slot, first[start], last[end] + 1))
    return list(tags_of(found, len(offsets)))


def _require_agreement(tags: Sequence[str], spelled: Sequence[str], words: Sequence[str]) -> None:
    differ = set(segments(tags)) ^ set(segments(spelled))
    if differ:
        slot, first, last = min(differ, key=lambda segment: segment.start)
        raise ValueError(f'"tags" and "spans" disagree on {slot!r} over {" ".join(words[first:last])!r}')


FORMAT = JsonlFormat()
