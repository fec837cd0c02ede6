"""BIO tags and the segments they spell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotfill.corpus.tags import (
    Segment,
    illegal_positions,
    may_follow,
    repair,
    segments,
    split_tag,
    tags_of,
)

any_tags = st.lists(st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"]), max_size=8)


def test_a_tag_is_a_prefix_and_a_slot():
    assert split_tag("B-toloc.city_name") == ("B", "toloc.city_name")
    assert split_tag("I-x-y") == ("I", "x-y")
    assert split_tag("O") == ("O", "")


@pytest.mark.parametrize("tag", ["", "B", "B-", "-x", "E-x", "b-x", "o", "O-x", "Bx"])
def test_anything_else_is_no_tag(tag: str):
    with pytest.raises(ValueError, match="is not O, B-slot or I-slot"):
        split_tag(tag)


@pytest.mark.parametrize(
    ("tag", "before", "legal"),
    [
        ("O", None, True),
        ("B-a", None, True),
        ("I-a", None, False),
        ("I-a", "O", False),
        ("I-a", "B-a", True),
        ("I-a", "I-a", True),
        ("I-a", "B-b", False),
        ("I-a", "I-b", False),
        ("B-a", "B-a", True),
    ],
)
def test_a_segment_continues_only_its_own_slot(tag: str, before: str | None, legal: bool):
    assert may_follow(tag, before) is legal


def test_illegal_positions_are_those_that_continue_nothing():
    assert illegal_positions(["I-a", "I-a", "O", "I-b", "B-a", "I-b"]) == [0, 3, 5]


def test_a_word_alone_a_run_and_neighbours_are_segments():
    assert segments(["B-a", "I-a", "B-a", "O", "B-b"]) == [("a", 0, 2), ("a", 2, 3), ("b", 4, 5)]
    assert segments([]) == []


def test_an_i_that_continues_nothing_opens_a_segment_as_in_conlleval():
    assert segments(["I-a", "I-a", "I-b", "O", "I-b"]) == [("a", 0, 2), ("b", 2, 3), ("b", 4, 5)]


@given(any_tags)
def test_repair_makes_any_sequence_legal_and_moves_no_segment(tags: list[str]):
    repaired = repair(tags)
    assert illegal_positions(repaired) == []
    assert segments(repaired) == segments(tags)


@given(any_tags)
def test_segments_spell_the_legal_sequence_they_came_from(tags: list[str]):
    legal = repair(tags)
    assert tags_of(segments(legal), len(legal)) == legal


@pytest.mark.parametrize("segment", [Segment("a", 0, 0), Segment("a", -1, 1), Segment("a", 1, 3)])
def test_a_segment_outside_the_words_is_refused(segment: Segment):
    with pytest.raises(ValueError, match="of 2"):
        tags_of([segment], 2)


def test_overlapping_segments_are_refused():
    with pytest.raises(ValueError, match="'b' overlaps another at word 2"):
        tags_of([Segment("a", 0, 2), Segment("b", 1, 3)], 3)
