"""Punctuation that training has never seen."""

from __future__ import annotations

from pathlib import Path

import pytest

import slotfill
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import SENTENCE_MARKS, split_words
from slotfill.runtime.marks import UnseenMarks
from slotfill.runtime.tagger import Tagger
from slotfill.runtime.vocabulary import Vocabulary

PLAIN = "fly from Oslo to Lima"


@pytest.fixture(scope="module")
def tagger(model: Path) -> Tagger:
    return slotfill.load(model)


@pytest.mark.parametrize(
    "text",
    ["fly from Oslo to Lima.", "fly from Oslo, to Lima?!", "“fly” (from Oslo) to: Lima…", "¿fly from Oslo to Lima?"],
)
def test_marks_that_training_has_not_seen_change_no_label(tagger: Tagger, text: str) -> None:
    plain, marked = (tagger.tag(each, nbest=3, alternatives=True) for each in (PLAIN, text))
    assert marked.words == tuple(split_words(text))
    assert marked.text == text
    assert [(one.slot, one.text, one.confidence) for one in marked.spans] == [
        (one.slot, one.text, one.confidence) for one in plain.spans
    ]
    assert marked.intent == plain.intent
    assert plain.certainty is not None
    assert marked.certainty is not None
    assert marked.certainty.alternatives == plain.certainty.alternatives
    for hypothesis, expected in zip(marked.certainty.nbest or (), plain.certainty.nbest or (), strict=True):
        assert hypothesis.probability == expected.probability
        tags = zip(marked.words, hypothesis.tags, strict=True)
        assert tuple(tag for word, tag in tags if word not in SENTENCE_MARKS) == expected.tags


def test_a_mark_between_words_of_a_span_is_part_of_it_and_beside_it_not(tagger: Tagger) -> None:
    words = ",", "fly", "to", "st.", ",", "louis", ",", "."
    plain, marked = tagger.tag_words(("fly", "to", "st.", "louis")), tagger.tag_words(words)
    assert [tag[0] for tag in plain.tags or ()] == ["O", "O", "B", "I"]
    assert [tag[0] for tag in marked.tags or ()] == ["O", "O", "O", "B", "I", "I", "O", "O"]


def test_of_marks_alone_nothing_is_told(tagger: Tagger) -> None:
    nothing = tagger.tag("?!", confidence=True)
    assert (nothing.words, nothing.tags, nothing.intent) == (("?", "!"), ("O", "O"), None)


def test_a_mark_that_training_has_seen_is_read() -> None:
    known = Vocabulary(words=("oslo", ".", "!"), counts=(2, 1, 0), characters=(), tags=("O",))
    marks = UnseenMarks(known)
    utterance = Utterance(("oslo", ".", "!", "?"), id="7", text="oslo. !?")
    assert marks.taken_out(utterance) == Utterance(("oslo", "."), id="7", text="oslo. !?")
    read = Utterance(("oslo", "."))
    assert marks.taken_out(read) is read


def test_every_mark_is_cut_off_words_around_it() -> None:
    for mark in SENTENCE_MARKS:
        assert mark in split_words(f"see {mark}oslo {mark} oslo{mark}{mark}"), mark
        assert split_words(f"oslo {mark} lima") == ["oslo", mark, "lima"]
