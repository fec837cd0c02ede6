"""Slot values that give their place to others."""

from __future__ import annotations

import random
from collections import Counter

from slotfill.corpus.tags import illegal_positions
from slotfill.corpus.utterance import Utterance
from slotfill.learning.slot_swap import SlotSwap

TRAINING = [
    Utterance(("to", "new", "york", "now"), ("O", "B-city", "I-city", "O"), "fly"),
    *[Utterance(("to", "boston"), ("O", "B-city"))] * 98,
    Utterance(("on", "monday"), ("O", "B-day")),
    Utterance(("hello",), ("O",)),
]


def swapped(share: float | None, utterance: Utterance, times: int = 400) -> Counter[Utterance]:
    swap = SlotSwap(TRAINING, share, None, random.Random(0))
    return Counter(swap(utterance) for _ in range(times))


def test_a_value_gives_its_place_to_any_distinct_one_of_its_slot_alike() -> None:
    found = swapped(1 - 1e-9, TRAINING[0])
    assert {(one.words, one.tags, one.intent) for one in found} == {
        (("to", "new", "york", "now"), ("O", "B-city", "I-city", "O"), "fly"),
        (("to", "boston", "now"), ("O", "B-city", "O"), "fly"),
    }
    assert all(150 < count < 250 for count in found.values())
    assert {one.text for one in found} == {"to new york now", "to boston now"}


def test_the_share_is_that_of_the_spans_drawn() -> None:
    utterance = Utterance(("boston", "boston", "monday"), ("B-city", "B-city", "B-day"))
    kept = swapped(0.5, utterance, 4000)[utterance] / 4000
    assert abs(kept - 0.75**2) < 0.03


def test_tags_stay_legal_and_belong_to_their_words() -> None:
    utterance = Utterance(("new", "york", "boston", "monday"), ("B-city", "I-city", "B-city", "B-day"))
    for one in swapped(0.5, utterance):
        assert not illegal_positions(one.tags or ())
        assert len(one.words) == len(one.tags or ())
        assert [span.slot for span in one.spans] == ["city", "city", "day"]


def test_values_are_invented_as_often_as_asked_times_the_share_that_other_slots_have() -> None:
    # Half of the spans of "town" have a value of "city"; no span of "day" does.
    training = [*TRAINING, Utterance(("boston", "oslo"), ("B-town", "B-town"))]
    swap = SlotSwap(training, None, 0.6, random.Random(0))
    utterance = Utterance(("to", "oslo", "on", "monday"), ("O", "B-town", "O", "B-day"))
    found = [swap(utterance) for _ in range(4000)]
    new = [one for one in found if one is not utterance]
    assert abs(len(new) / len(found) - 0.3) < 0.03
    assert all(one.words[0] == "to" and one.words[-2:] == ("on", "monday") for one in new)
    assert all([span.slot for span in one.spans] == ["town", "day"] for one in new)
    assert not any(illegal_positions(one.tags or ()) for one in new)


def test_what_has_no_slot_and_what_is_switched_off_stays_itself() -> None:
    assert SlotSwap(TRAINING, 0.9, 0.9, random.Random(0))(TRAINING[-1]) is TRAINING[-1]
    off = SlotSwap(TRAINING, None, None, random.Random(0))
    assert off(TRAINING[0]) is TRAINING[0]
    assert not off.swaps
