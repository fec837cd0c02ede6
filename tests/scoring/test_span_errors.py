"""Wrong spans: what each kind is, and that each of them is in exactly one error."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotfill.corpus.tags import segments
from slotfill.corpus.utterance import Utterance
from slotfill.scoring.span_errors import KINDS, Error, pair

TAGS = st.lists(st.tuples(*[st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"])] * 2), max_size=10)


@settings(deadline=None, max_examples=300)
@given(TAGS)
def test_each_wrong_span_is_in_exactly_one_error(tags: list[tuple[str, str]]) -> None:
    gold, found = (segments([each[i] for each in tags]) for i in (0, 1))
    pairs = pair(gold, found)
    assert sorted(span for span, _ in pairs if span) == sorted(set(gold) - set(found))
    assert sorted(span for _, span in pairs if span) == sorted(set(found) - set(gold))
    for one, other in pairs:
        assert one or other
        if one and other:
            assert set(range(one.start, one.end)) & set(range(other.start, other.end))


@given(TAGS)
def test_spans_of_the_same_words_are_always_paired(tags: list[tuple[str, str]]) -> None:
    gold, found = (segments([each[i] for each in tags]) for i in (0, 1))
    alike = {(a, b) for a in gold for b in found if a[1:] == b[1:] and a != b}
    assert alike <= set(pair(gold, found))


@pytest.mark.parametrize(
    ("gold", "predicted", "kinds"),
    [
        ("B-a I-a O", "B-b I-b O", ["type"]),
        ("B-a I-a O", "B-a O O", ["boundary"]),
        ("B-a I-a O", "O B-b I-b", ["boundary and type"]),
        ("B-a I-a O", "B-b O O", ["boundary and type"]),
        ("B-a I-a O", "O O O", ["missed"]),
        ("O O O", "B-a I-a O", ["spurious"]),
        ("B-a O O", "O B-a O", ["missed", "spurious"]),  # Neighbours do not overlap.
        ("B-a B-a O", "B-a I-a O", ["boundary", "missed"]),  # Two run into one.
        ("B-a I-a I-a", "B-a B-a I-a", ["boundary", "spurious"]),  # One is split: the longer part is its own.
        ("B-b I-b B-a", "B-a I-a I-a", ["boundary", "missed"]),  # The same slot comes before more shared words.
        ("B-a I-a O", "I-a I-a O", []),  # As conlleval reads it.
    ],
)
def test_each_kind_by_hand(gold: str, predicted: str, kinds: list[str]) -> None:
    one, other = (Utterance(("word",) * 3, tuple(tags.split())) for tags in (gold, predicted))
    pairs = pair(segments(one.tags or ()), segments(other.tags or ()))
    assert [Error(1, one, other, *spans, unseen=()).kind for spans in pairs] == kinds
    assert set(kinds) <= set(KINDS)


def test_of_two_spans_that_overlap_one_the_longer_part_is_paired() -> None:
    whole, (short, long) = segments(["B-a", "I-a", "I-a"]), segments(["B-a", "B-a", "I-a"])
    assert pair(whole, [short, long]) == [(whole[0], long), (None, short)]
