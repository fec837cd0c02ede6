"""BIO tags and the segments they spell.

`B-slot` begins a segment, `I-slot` continues one, `O` is outside (Ramshaw & Marcus, 1995, in its IOB2 form).
A sequence is *legal* when every `I-slot` follows `B-slot` or `I-slot` of the same slot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

OUTSIDE = "O"


class Segment(NamedTuple):
    """A slot over the words `start` to `end` (half-open, word indices)."""

    slot: str
    start: int
    end: int


@lru_cache(maxsize=1 << 12)
def split_tag(tag: str) -> tuple[str, str]:
    """`B-city` to `("B", "city")`, `O` to `("O", "")`; raise `ValueError` for anything that is not BIO."""
    if tag == OUTSIDE:
        return OUTSIDE, ""
    prefix, dash, slot = tag.partition("-")
    if prefix not in ("B", "I") or not dash or not slot:
        raise ValueError(f"tag {tag!r} is not O, B-slot or I-slot")
    return prefix, slot


def may_follow(tag: str, before: str | None) -> bool:
    """Whether `tag` is legal after `before` (None: at the beginning of an utterance)."""
    prefix, slot = split_tag(tag)
    return prefix != "I" or (before is not None and before != OUTSIDE and split_tag(before)[1] == slot)


def illegal_positions(tags: Sequence[str]) -> list[int]:
    """The positions whose tag may not follow the one before it."""
    return [i for i, tag in enumerate(tags) if not may_follow(tag, tags[i - 1] if i else None)]


def repair(tags: Iterable[str]) -> tuple[str, ...]:
    """Make a sequence legal without moving a segment: an `I-slot` that continues nothing becomes `B-slot`."""
    legal: list[str] = []
    for tag in tags:
        before = legal[-1] if legal else None
        legal.append(tag if may_follow(tag, before) else "B-" + split_tag(tag)[1])
    return tuple(legal)


def segments(tags: Sequence[str]) -> list[Segment]:
    """The segments of a sequence, in order, reading illegal sequences as conlleval does.

    An `I-slot` that continues nothing opens a segment (conlleval, and seqeval's default mode). For legal
    sequences this equals the strict IOB2 reading.
    """
    found: list[Segment] = []
    slot, start = "", 0
    for i, tag in enumerate(tags):
        if tag == OUTSIDE and not slot:
            continue  # Most words; the rest would come to the same.
        prefix, name = split_tag(tag)
        if prefix != "I" or name != slot:
            if slot:
                found.append(Segment(slot, start, i))
            slot, start = name, i
    if slot:
        found.append(Segment(slot, start, len(tags)))
    return found


def tags_of(spans: Iterable[Segment], length: int) -> tuple[str, ...]:
    """The BIO tags of `length` words that spell these segments; raise `ValueError` if two overlap or one is off."""
    tags = [OUTSIDE] * length
    for slot, start, end in spans:
        if not 0 <= start < end <= length:
            raise ValueError(f"segment {slot!r} covers words {start} to {end} of {length}")
        if any(tag != OUTSIDE for tag in tags[start:end]):
            raise ValueError(f"span {slot!r} overlaps another at word {start + 1}")
        tags[start:end] = [f"B-{slot}"] + [f"I-{slot}"] * (end - start - 1)
    return tuple(tags)
