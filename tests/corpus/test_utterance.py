"""One utterance: words, tags, and where they stand in its text."""

from __future__ import annotations

import pytest

from slotfill.corpus.certainty import Certainty
from slotfill.corpus.tags import segments
from slotfill.corpus.utterance import Span, Utterance


def test_without_a_text_the_words_are_joined_by_spaces():
    assert Utterance(("fly", "to", "taipei")).text == "fly to taipei"


def test_words_and_tags_must_be_as_many():
    with pytest.raises(ValueError, match="2 words but 1 tags"):
        Utterance(("a", "b"), ("O",))


def test_values_give_their_place_to_shorter_and_longer_ones_and_no_other_word_moves():
    spoken = Utterance(
        ("a", "to", "b", "c", "on", "d"), ("B-x", "O", "B-y", "I-y", "O", "B-z"), "go", text="a to: b c on d"
    )
    first, second, third = segments(spoken.tags or ())
    assert spoken.with_values({first: ("p", "q"), second: ("r",), third: ("s", "t")}) == Utterance(
        ("p", "q", "to", "r", "on", "s", "t"), ("B-x", "I-x", "O", "B-y", "O", "B-z", "I-z"), "go"
    )


def test_offsets_find_each_word_after_the_one_before():
    assert Utterance(("a", "a", "b"), text="a, a:b").offsets == [(0, 1), (3, 4), (5, 6)]


def test_a_word_is_not_found_within_another_that_the_words_leave_out():
    assert Utterance(("he",), text="the he").offsets == [(4, 6)]
    assert Utterance(("he",), text="the theme").offsets == [(1, 3)]
    assert Utterance(("5", "pm"), text="at 5pm or 5").offsets == [(3, 4), (4, 6)]
    assert Utterance(("5", "pm"), text="at 5pm or 5 pm").offsets == [(3, 4), (4, 6)]
    assert Utterance(("5", "pm"), text="\u200b5pm or 5").offsets == [(1, 2), (2, 4)]


def test_a_word_is_found_within_another_where_the_words_after_it_would_not_be_found_otherwise():
    assert Utterance(("do", "it"), text="undo it or do").offsets == [(2, 4), (5, 7)]
    assert Utterance(("a", "b"), text="xa b a").offsets == [(1, 2), (3, 4)]
    assert Utterance(("do", "it", "up"), text="undo it up or do it").offsets == [(2, 4), (5, 7), (8, 10)]


def test_a_word_that_is_not_in_the_text_is_refused():
    with pytest.raises(ValueError, match=r"word 'a' is not in the text after character 3$"):
        _ = Utterance(("b", "a"), text="a b").offsets


def test_spans_are_cut_from_the_text_by_code_points():
    utterance = Utterance(("🛫", "to", "new", "york"), ("O", "O", "B-city", "I-city"), text="🛫  to new-york")
    (span,) = utterance.spans
    assert span == Span("city", 6, 14, "new-york")
    assert utterance.text[span.start : span.end] == span.text


def test_an_unlabelled_utterance_has_no_spans():
    assert Utterance(("a",)).spans == []


def test_spans_have_the_confidences_of_their_model():
    utterance = Utterance(("a", "b", "c"), ("B-x", "O", "B-y"), certainty=Certainty((0.9, 0.25)))
    assert utterance.spans == [Span("x", 0, 1, "a", 0.9), Span("y", 4, 5, "c", 0.25)]


def test_a_confidence_that_belongs_to_no_span_is_refused():
    with pytest.raises(ValueError, match="longer"):
        _ = Utterance(("a",), ("B-x",), certainty=Certainty((0.9, 0.25))).spans


def test_a_span_is_written_with_its_confidence_only_where_there_is_one():
    assert Span("x", 0, 1, "a").to_json() == {"slot": "x", "start": 0, "end": 1, "text": "a"}
    assert Span("x", 0, 1, "a", 0.98765).to_json()["confidence"] == 0.9877


def test_a_long_text_with_words_left_out_takes_no_longer_than_another():
    words = tuple(f"w{i % 7}" for i in range(20_000))
    utterance = Utterance(words, text=" x ".join(words))
    assert utterance.offsets[-1] == (len(utterance.text) - 2, len(utterance.text))


def test_a_word_that_only_looks_like_the_texts_is_told_apart() -> None:
    told = r"word 'München' is not in the text after character 2, but for another Unicode normalisation"
    with pytest.raises(ValueError, match=told):
        _ = Utterance(("to", "München"), text="to Mu\u0308nchen").offsets
