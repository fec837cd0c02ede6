"""The values of slots: those of training, and invented ones."""

from __future__ import annotations

import random

from slotfill.corpus.utterance import Utterance
from slotfill.learning.slot_values import SlotValues, shared_values

TRAINING = [
    Utterance(("to", "new", "york", "now"), ("O", "B-city", "I-city", "O")),
    *[Utterance(("to", "boston"), ("O", "B-city"))] * 98,
    Utterance(("seat", "x"), ("O", "B-seat")),
]
WORDS = {"new", "york", "boston"}


def test_a_value_is_shared_if_another_slot_has_all_of_its_words_in_any_case() -> None:
    found = shared_values(
        [
            Utterance(("New", "York", "at", "noon"), ("B-to", "I-to", "O", "B-time")),
            Utterance(("new", "york", "york"), ("B-from", "I-from", "B-to")),
        ]
    )
    assert found == {"to": 0.5, "from": 1.0, "time": 0.0}


def test_known_values_are_the_distinct_ones_of_training_each_as_likely() -> None:
    values = SlotValues(TRAINING, random.Random(0))
    found = [values.known("city") for _ in range(400)]
    assert set(found) == {("new", "york"), ("boston",)}
    assert 150 < found.count(("boston",)) < 250


def test_an_invented_value_has_a_word_that_the_slot_has_not_and_at_most_one_more_than_a_known_value() -> None:
    values = SlotValues(TRAINING, random.Random(0))
    found = [values.invented("city") for _ in range(2000)]
    new = [[word not in WORDS for word in value] for value in found]
    # The halves of two words can be those of one.
    assert sum(map(any, new)) > 0.9 * len(found)
    assert {len(value) for value in found} == {1, 2, 3}
    longer = sum(len(value) == 3 for value in found) / len(found)
    assert abs(longer - 1 / 2 * 1 / 3) < 0.03
    beside = [word for value, made_up in zip(found, new, strict=True) if len(value) > 1 for word in made_up]
    assert 0.6 < sum(beside) / len(beside) < 0.9


def test_a_slot_whose_values_are_single_words_is_given_no_longer_ones_for_it_has_no_tag_for_a_second() -> None:
    values = SlotValues(TRAINING, random.Random(0))
    assert {len(values.invented("seat")) for _ in range(300)} == {1}


def test_a_made_up_word_is_the_beginning_of_one_word_and_the_end_of_another() -> None:
    values = SlotValues(TRAINING, random.Random(0))
    beginnings = {word[:end] for word in WORDS for end in range(1, len(word))}
    endings = {word[start:] for word in WORDS for start in range(1, len(word))}
    for _ in range(300):
        for word in set(values.invented("city")) - WORDS:
            assert any(word[:cut] in beginnings and word[cut:] in endings for cut in range(1, len(word))), word


def test_a_value_of_one_character_can_be_made_of_too() -> None:
    values = SlotValues(TRAINING, random.Random(0))
    assert {word for _ in range(50) for word in values.invented("seat")} <= {"xx", "x"}


def test_an_invented_value_is_longer_at_either_end() -> None:
    values = SlotValues([Utterance(("alpha", "omega"), ("B-a", "I-a"))], random.Random(0))
    longer = [value for value in (values.invented("a") for _ in range(6000)) if len(value) == 3]
    first, last = (sum(value[i : i + 2] == ("alpha", "omega") for value in longer) for i in (0, 1))
    assert 0.7 < first / last < 1.4
