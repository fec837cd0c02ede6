"""Tagging schemes other than ours, read as BIO.

- IOB2, called BIO here: `B-` begins every segment.
- IOB1 (Ramshaw & Marcus, 1995): `I-` begins a segment; `B-` only one that follows another of the same slot.
- IOBES: also `E-` for a segment's last word and `S-` for its only word; BILOU writes these `L-` and `U-`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from slotfill.corpus.tags import OUTSIDE, repair

_ENDS, _SINGLES = frozenset("EL"), frozenset("SU")


class Scheme(StrEnum):
    """How segments are spelled; the value is the name people know it by."""

    BIO = "BIO"
    IOB1 = "IOB1"
    IOBES = "IOBES"


def is_tag(tag: str) -> bool:
    """Whether `tag` belongs to one of the schemes."""
    prefix, dash, slot = tag.partition("-")
    return tag == OUTSIDE or (prefix in {*"BIELSU"} and bool(dash and slot))


def detect_scheme(sequences: Iterable[Sequence[str]]) -> Scheme:
    """The scheme that all `sequences` of one file together are in.

    One tag of its own shows IOBES. IOB1 shows itself by an `I-` that begins a segment, as long as every `B-`
    stands where IOB1 allows it; otherwise such an `I-` is an illegal place in a BIO file, and
    `slotfill check` reports it.
    """
    begins_with_i = strict_b = False
    for tags in sequences:
        before = ""
        for tag in tags:
            prefix, _, slot = tag.partition("-")
            if prefix in _ENDS | _SINGLES:
                return Scheme.IOBES
            continues = before == slot
            begins_with_i |= prefix == "I" and not continues
            strict_b |= prefix == "B" and not continues
            before = slot
    return Scheme.IOB1 if begins_with_i and not strict_b else Scheme.BIO


def to_bio(tags: Sequence[str], scheme: Scheme) -> tuple[str, ...]:
    """The same segments in BIO; what is illegal stays illegal, except in IOB1, where an `I-` may begin."""
    if scheme is Scheme.IOB1:
        return repair(tags)
    if scheme is Scheme.BIO:
        return tuple(tags)
    found = []
    ended = ""
    for tag in tags:
        prefix, _, slot = tag.partition("-")
        if tag == OUTSIDE:
            found.append(tag)
        elif prefix in _SINGLES or slot == ended:
            # The segment before has ended, so this word begins another, as conlleval reads it.
            found.append(f"B-{slot}")
        else:
            found.append(f"{'I' if prefix in _ENDS else prefix}-{slot}")
        ended = slot if prefix in _ENDS | _SINGLES else ""
    return tuple(found)
