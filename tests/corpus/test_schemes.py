"""IOB1 and IOBES are told apart from BIO and read as it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotfill.corpus.schemes import Scheme, detect_scheme, is_tag, to_bio
from slotfill.corpus.tags import Segment, segments, tags_of


def tags(line: str) -> tuple[str, ...]:
    return tuple(line.split())


@pytest.mark.parametrize("tag", ["O", "B-x", "I-x", "E-x", "L-x", "S-x", "U-x", "B-x-y"])
def test_the_tags_of_all_schemes_are_tags(tag: str):
    assert is_tag(tag)


@pytest.mark.parametrize("tag", ["", "X", "B", "B-", "-x", "Z-x", "BI-x", "o"])
def test_anything_else_is_no_tag(tag: str):
    assert not is_tag(tag)


@pytest.mark.parametrize(
    ("lines", "scheme"),
    [
        (["O O"], Scheme.BIO),
        (["B-x I-x O B-y"], Scheme.BIO),
        (["I-x I-x O I-y"], Scheme.IOB1),
        (["O", "I-x B-x"], Scheme.IOB1),
        (["B-x I-x", "I-x O"], Scheme.BIO),
        (["I-x B-y"], Scheme.BIO),
        (["B-x I-x", "S-x"], Scheme.IOBES),
        (["B-x L-x"], Scheme.IOBES),
        (["I-x", "U-x"], Scheme.IOBES),
    ],
)
def test_a_scheme_shows_itself_over_all_utterances(lines: list[str], scheme: Scheme):
    assert detect_scheme(map(tags, lines)) is scheme


@pytest.mark.parametrize(
    ("scheme", "before", "after"),
    [
        (Scheme.BIO, "I-x B-x", "I-x B-x"),
        (Scheme.IOB1, "I-x I-x B-x I-x I-y O I-y", "B-x I-x B-x I-x B-y O B-y"),
        (Scheme.IOBES, "B-x I-x E-x S-x S-x O B-y E-y", "B-x I-x I-x B-x B-x O B-y I-y"),
        (Scheme.IOBES, "B-x L-x U-y", "B-x I-x B-y"),
        (Scheme.IOBES, "O I-x O E-y", "O I-x O I-y"),
        (Scheme.IOBES, "B-x E-x I-x S-y E-y", "B-x I-x B-x B-y B-y"),
    ],
)
def test_segments_stay_what_they_are(scheme: Scheme, before: str, after: str):
    assert to_bio(tags(before), scheme) == tags(after)


def spell(found: list[Segment], length: int, scheme: Scheme) -> list[str]:
    """Segments in a scheme, written the slow way."""
    spelled = ["O"] * length
    for slot, start, end in found:
        for i in range(start, end):
            if scheme is Scheme.IOB1:
                touches = any(other.slot == slot and other.end == start for other in found)
                prefix = "B" if i == start and touches else "I"
            else:
                prefix = "S" if end - start == 1 else "B" if i == start else "E" if i == end - 1 else "I"
            spelled[i] = f"{prefix}-{slot}"
    return spelled


@given(
    lengths=st.lists(st.tuples(st.sampled_from("OOab"), st.integers(1, 3)), min_size=1, max_size=5),
    scheme=st.sampled_from([Scheme.IOB1, Scheme.IOBES]),
)
def test_every_spelling_reads_as_the_same_segments(lengths: list[tuple[str, int]], scheme: Scheme):
    found, position = [], 0
    for slot, length in lengths:
        if slot != "O":
            found.append(Segment(slot, position, position + length))
        position += length
    spelled = spell(found, position, scheme)
    assert detect_scheme([spelled]) is (scheme if found else Scheme.BIO)
    assert to_bio(spelled, scheme) == tags_of(found, position)
    assert segments(to_bio(spelled, scheme)) == found
