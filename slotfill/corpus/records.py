"""Labelled utterances from what a file or dataset has of them, and the refusal of what none of these can hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from slotfill.corpus.tags import split_tag
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.files import BLANKS

_BREAK = re.compile(f"[{BLANKS}\r\n]")


def labelled(
    words: Sequence[str],
    tags: Sequence[str],
    *,
    intent: str | None = None,
    id: str | None = None,  # noqa: A002 - the field's name
    text: str = "",
) -> Utterance:
    """An utterance with its labels; raise `ValueError` unless it has words, each with one BIO tag.

    An `I-slot` that continues nothing passes: gold data is kept as it is, and `slotfill check` reports it.
    """
    _require_labels(words, tags)
    return Utterance(tuple(words), tuple(tags), intent, id, text)


def writable_tags(utterance: Utterance) -> tuple[str, ...]:
    """The tags of an utterance that can be written; raise `DataError` where reading it back would fail.

    An utterance without words passes: it keeps the place of an empty line that was tagged.
    """
    if utterance.tags is None:
        raise DataError(f"utterance {utterance.text!r} has no tags to write")
    if not utterance.words:
        return ()
    try:
        _require_labels(utterance.words, utterance.tags)
    except ValueError as error:
        raise DataError(f"utterance {utterance.text!r} cannot be written: {error}") from None
    return utterance.tags


def writable_cell(value: str, what: str) -> str:
    """An intent or id that keeps to its own cell or line; raise `DataError` if it does not."""
    if not value or value != value.strip(BLANKS) or re.search(r"[\t\r\n]", value):
        raise DataError(f"{what} {value!r} cannot be written: it is empty or holds a tab, line end or outer blank")
    return value


def _require_labels(words: Sequence[str], tags: Sequence[str]) -> None:
    if not words:
        raise ValueError("empty utterance: remove it")
    _require_unbroken(words, "word")
    for tag in dict.fromkeys(tags):
        _require_tag(tag)


@lru_cache(maxsize=1 << 12)
def _require_tag(tag: str) -> None:
    _require_unbroken([tag], "tag")
    split_tag(tag)


def _require_unbroken(values: Sequence[str], what: str) -> None:
    if not all(values) or _BREAK.search("".join(values)):
        broken = next(value for value in values if not value or _BREAK.search(value))
        raise ValueError(f"{what} {broken!r} is empty or holds a blank or line end")
