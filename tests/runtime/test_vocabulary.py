"""Words and tags as numbers."""

from __future__ import annotations

import numpy as np
import pytest

from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import normalise
from slotfill.runtime.encoding import encode
from slotfill.runtime.vocabulary import FIRST_CHARACTER, UNKNOWN, Vocabulary

UTTERANCES = [
    Utterance(("fly", "to", "Boston"), ("O", "O", "B-city")),
    Utterance(("to", "new", "york"), ("O", "B-city", "I-city")),
]


def test_every_training_word_and_tag_is_known_and_others_are_not() -> None:
    vocabulary = Vocabulary.build(UTTERANCES)
    assert vocabulary.words[0] == "to"
    assert "BOSTON" in vocabulary
    assert "taipei" not in vocabulary
    assert vocabulary.tags == ("O", "B-city", "I-city")
    assert vocabulary.lookup("taipei")[0] == UNKNOWN
    assert vocabulary.lookup("Fly") == vocabulary.lookup("fly")


@pytest.mark.parametrize(
    ("known", "written"),
    [
        ("montreal", "Montréal"),
        ("zürich", "ZURICH"),
        ("what's", "What’s"),
        ("what's", "whats"),
        ("whats", "what's"),
        ("p.m.", "PM"),
        ("istanbul", "İstanbul"),
        ("strasse", "Straße"),
        ("taipei", "Ｔａｉｐｅｉ"),
    ],
)
def test_an_unknown_word_is_read_as_the_known_one_that_differs_in_accents_and_marks_alone(
    known: str, written: str
) -> None:
    vocabulary = Vocabulary.build([Utterance((known, "to"), ("O", "O"))])
    assert vocabulary.lookup(written) == vocabulary.lookup(known)
    assert vocabulary.lookup(written)[0] != UNKNOWN
    assert (vocabulary.lookup(written, as_written=True)[0] == UNKNOWN) == (normalise(written) != known)
    assert written not in vocabulary  # Training has not seen it, and scores of unseen words still count it.


def test_a_known_word_is_itself_whatever_others_fold_to_it_and_of_several_the_most_frequent_is_meant() -> None:
    words = ("pêche", "peché", "peché", "were", "we're", "a")
    vocabulary = Vocabulary.build([Utterance(words, ("O",) * len(words))])
    assert vocabulary.lookup("peche") == vocabulary.lookup("peché") != vocabulary.lookup("pêche")
    assert vocabulary.lookup("were") != vocabulary.lookup("we're")
    assert vocabulary.lookup("á")[0] == vocabulary.lookup("a.")[0] == UNKNOWN  # A letter tells too little.


def test_an_accent_that_training_has_not_seen_does_not_hide_the_letter() -> None:
    vocabulary = Vocabulary.build([Utterance(("óo", "óx", "oy"), ("O",) * 3)])  # Knows ó and o, and no ò.
    assert vocabulary.lookup("òòz") == vocabulary.lookup("ooz") != vocabulary.lookup("óóz")


def test_extra_words_come_last_and_are_known_but_not_seen_in_training() -> None:
    vocabulary = Vocabulary.build(UTTERANCES, extra=["taipei", "to", "lima"])
    assert vocabulary.words[-2:] == ("taipei", "lima")
    assert vocabulary.counts[-2:] == (0, 0)
    assert vocabulary.lookup("Taipei")[0] != UNKNOWN
    assert "taipei" not in vocabulary
    assert "to" in vocabulary


def test_a_vocabulary_survives_json() -> None:
    vocabulary = Vocabulary.build(UTTERANCES)
    assert Vocabulary.from_json(vocabulary.to_json()) == vocabulary


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"tags": ["B-city", "O"]}, "first tag is not O"),
        ({"tags": ["O", "X-city"]}, "tag 'X-city'"),
        ({"words": ["to", "to"], "counts": [1, 1]}, "words holds a value twice"),
        ({"counts": []}, "words but 0 counts"),
        ({"counts": [1, 1, 1, 1, -1]}, "counts holds what is no count"),
        ({"counts": [1, 1, 1, 1, True]}, "counts holds what is no count"),
        ({"counts": [1, 1, 1, 1, 1.5]}, "counts holds what is no count"),
        ({"tags": ["O", "B-a b"]}, "tag 'B-a b' holds a blank"),
        ({"characters": ["\ud800"]}, "surrogates not allowed"),
        ({"intent_separator": "/"}, "unknown intent separator"),
        ({"word_pattern": "99"}, "unknown word pattern '99'"),
        ({"normalisation": "upper"}, "unknown normalisation 'upper'"),
    ],
)
def test_a_vocabulary_that_cannot_be_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Vocabulary.from_json(Vocabulary.build(UTTERANCES).to_json() | change)


def test_a_very_long_word_costs_no_more_than_a_long_one() -> None:
    vocabulary = Vocabulary.build(UTTERANCES)
    assert len(vocabulary.lookup("o" * 100_000)[1]) == 26


def test_a_batch_spells_each_distinct_word_once() -> None:
    vocabulary = Vocabulary.build(UTTERANCES)
    batch = encode([("to", "taipei", "to"), ("taipei",)], vocabulary)
    assert batch.characters.shape == (2, len("taipei") + 2)
    assert batch.lengths.tolist() == [3, 1]
    to = vocabulary.lookup("to")[0]
    assert batch.words.tolist() == [[to, UNKNOWN, to], [UNKNOWN, 0, 0]]
    spelled = [row[row > 0].tolist() for row in batch.characters[batch.spellings[0]]]
    assert spelled == [vocabulary.lookup(word)[1] for word in ("to", "taipei", "to")]


def test_told_are_the_likeliest_intent_and_those_at_least_half_as_likely() -> None:
    vocabulary = Vocabulary((), (), (), ("O",), intents=("book", "cancel", "pay"), intent_separator="+")
    shares = np.array([[0.97, 0.02, 0.01], [0.3, 0.1, 0.6], [0.29, 0.1, 0.61]], dtype=np.float32)
    assert vocabulary.intents_of(np.log(shares) + 7) == ["book", "pay+book", "pay"]
    assert vocabulary.intent_probabilities(np.log(shares) + 7) == pytest.approx([0.97, 0.9, 0.61])
    assert vocabulary.intents_of(np.zeros((1, 3), np.float32)) == ["book+cancel+pay"]
    assert Vocabulary((), (), (), ("O",)).intent_probabilities(np.empty((2, 0), np.float32)) == [None, None]
    assert Vocabulary((), (), (), ("O",)).intents_of(np.empty((2, 0), np.float32)) == [None, None]


def test_what_is_known_by_name_is_in_an_order_that_no_hash_decides() -> None:
    names = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    made = Vocabulary.build([Utterance((name + "-", "-" + name), (f"I-{name}", f"B-{name}"), name) for name in names])
    assert made.intents == tuple(names)
    assert made.characters == ("-", *names)
    assert made.tags == ("O", *(f"{prefix}-{name}" for name in names for prefix in "BI"))


def test_no_intents_are_joined_where_each_training_utterance_asks_for_one() -> None:
    asked = [Utterance(("go",), ("O",), intent=intent) for intent in ("book", "pay")]
    vocabulary = Vocabulary.build(asked)
    assert vocabulary.intents_of(np.zeros((1, 2), np.float32)) == ["book"]
    assert vocabulary.intent_probabilities(np.zeros((1, 2), np.float32)) == [0.5]
    assert vocabulary.intent_probabilities(np.array([[1e4, -1e4]], np.float32)) == [1.0]
    assert Vocabulary.from_json(vocabulary.to_json()) == vocabulary


def test_of_a_very_long_word_the_first_16_and_the_last_8_characters_are_looked_at() -> None:
    vocabulary = Vocabulary(("to",), (1,), ("a", "b", "c"), ("O",))
    a, c = FIRST_CHARACTER, FIRST_CHARACTER + 2
    for word in ("a" * 16 + "b" * 9 + "c" * 8, "a" * 16 + "c" * 8):
        assert list(vocabulary.lookup(word)[1][1:-1]) == [a] * 16 + [c] * 8


def test_a_character_of_a_single_word_stays_unknown_however_often_the_word_has_it() -> None:
    utterances = [Utterance(("zoo", "to"), ("O", "O")), Utterance(("zoo",), ("O",))]
    assert Vocabulary.build(utterances).characters == ("o",)
    assert Vocabulary.build([Utterance(("aa",), ("O",))]).characters == ()
