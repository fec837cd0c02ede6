"""What a model tells beside its tags."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotfill.corpus.certainty import Alternative, Certainty, Hypothesis
from slotfill.corpus.tags import segments
from slotfill.corpus.utterance import Utterance
from slotfill.errors import UsageError
from slotfill.runtime.confidence import CertaintyOptions, certainties, wants, with_certainty
from slotfill.runtime.decoding import Decoder
from tests.runtime.paths import TAGS, TEMPERATURE, a_batch, probabilities, seeds, with_and_without


@with_and_without
@settings(deadline=None, max_examples=25)
@given(seed=seeds, lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_confidences_and_hypotheses_are_what_trying_every_path_gives(crf: bool, seed: int, lengths: list[int]) -> None:
    scores, transitions = a_batch(seed, lengths, crf)
    decoder = Decoder(TAGS, transitions, TEMPERATURE)
    tags = decoder.decode(scores, np.array(lengths))
    told = certainties(decoder, scores, np.array(lengths), tags, {"nbest": 3})
    for row, certainty in enumerate(told):
        each = probabilities(scores[row], transitions, lengths[row])
        spans = segments(tags[row])
        expected = [sum(p for path, p in each.items() if span in segments(path)) for span in spans]
        np.testing.assert_allclose(certainty.confidences, expected, atol=1e-6)
        assert certainty.nbest is not None
        assert certainty.nbest[0].tags == tags[row]
        found = [hypothesis.probability for hypothesis in certainty.nbest]
        np.testing.assert_allclose(found, sorted(each.values(), reverse=True)[:3], atol=1e-6)


def test_alternatives_are_the_other_slots_most_probable_first_and_no_slot_is_one_of_them() -> None:
    scores = np.full((1, 1, len(TAGS)), -20, np.float32)
    for tag, probability in {"B-a": 0.6, "B-b": 0.1, "O": 0.295, "B-d": 0.005}.items():
        scores[0, 0, TAGS.index(tag)] = np.log(probability)
    (told,) = certainties(Decoder(TAGS), scores, np.array([1]), [("B-a",)], {"alternatives": True})
    assert told.alternatives is not None
    assert [other.slot for other in told.alternatives[0]] == [None, "b"]
    np.testing.assert_allclose([other.probability for other in told.alternatives[0]], [0.295, 0.1], rtol=1e-5)
    np.testing.assert_allclose(told.confidences, [0.6], rtol=1e-5)


def test_an_alternative_of_two_in_a_hundred_is_told_and_one_of_less_than_one_is_not() -> None:
    scores = np.log(np.full((1, 1, len(TAGS)), 1e-9, np.float32))
    for tag, probability in {"B-a": 0.971, "B-b": 0.02, "O": 0.009}.items():
        scores[0, 0, TAGS.index(tag)] = np.log(probability)
    (told,) = certainties(Decoder(TAGS), scores, np.array([1]), [("B-a",)], {"alternatives": True})
    assert told.alternatives is not None
    assert [other.slot for other in told.alternatives[0]] == ["b"]


def test_what_is_not_asked_for_is_not_told() -> None:
    scores, _ = a_batch(0, [3], False)
    decoder = Decoder(TAGS)
    (told,) = certainties(decoder, scores, np.array([3]), decoder.decode(scores, np.array([3])))
    assert (told.alternatives, told.nbest) == (None, None)


TAGGED = Utterance(("a", "b", "c", "d"), ("B-x", "I-x", "O", "B-y"))
SURE = Certainty((0.9, 0.4), ((Alternative("y", 0.1),), (Alternative(None, 0.6),)))


@pytest.mark.parametrize(
    ("least", "tags", "kept"),
    [
        (None, ("B-x", "I-x", "O", "B-y"), (0, 1)),
        (0.4, ("B-x", "I-x", "O", "B-y"), (0, 1)),
        (0.5, ("B-x", "I-x", "O", "O"), (0,)),
        (1.0, ("O", "O", "O", "O"), ()),
    ],
)
def test_spans_below_the_least_confidence_become_outside(
    least: float | None, tags: tuple[str, ...], kept: tuple[int, ...]
) -> None:
    told = with_certainty(TAGGED, [SURE], {"min_confidence": least, "alternatives": True})
    assert told.tags == tags
    assert told.certainty is not None
    assert SURE.alternatives is not None
    assert told.certainty.confidences == tuple(SURE.confidences[i] for i in kept)
    assert told.certainty.alternatives == tuple(SURE.alternatives[i] for i in kept)
    assert [span.confidence for span in told.spans] == list(told.certainty.confidences)


def test_pieces_tagged_apart_make_one_certainty() -> None:
    first = Certainty((0.9,), nbest=(Hypothesis(("B-x", "I-x"), 0.9), Hypothesis(("O", "O"), 0.1)), intent=0.7)
    second = Certainty((0.4,), nbest=(Hypothesis(("O", "B-y"), 0.6), Hypothesis(("O", "O"), 0.4)), intent=0.8)
    told = with_certainty(TAGGED, [first, second], {"nbest": 3}).certainty
    assert told is not None
    assert told.confidences == (0.9, 0.4)
    assert told.intent == 0.7  # The first piece tells the intent.
    assert told.nbest is not None
    assert [hypothesis.tags for hypothesis in told.nbest] == [
        ("B-x", "I-x", "O", "B-y"),
        ("B-x", "I-x", "O", "O"),
        ("O", "O", "O", "B-y"),
    ]
    np.testing.assert_allclose([hypothesis.probability for hypothesis in told.nbest], [0.54, 0.36, 0.06])


def test_no_words_have_one_hypothesis_that_is_sure() -> None:
    told = with_certainty(Utterance((), ()), [], {"nbest": 2, "alternatives": True})
    assert told.certainty == Certainty((), (), (Hypothesis((), 1.0),))


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, False),
        ({"confidence": False, "min_confidence": None, "nbest": None, "alternatives": False}, False),
        ({"confidence": True}, True),
        ({"min_confidence": 0.0}, True),
        ({"nbest": 1}, True),
        ({"alternatives": True}, True),
    ],
)
def test_nothing_is_computed_unless_asked_for(asked: CertaintyOptions, wanted: bool) -> None:
    assert wants(asked) is wanted


@pytest.mark.parametrize("asked", [{"min_confidence": 1.5}, {"min_confidence": float("nan")}, {"nbest": 0}])
def test_what_cannot_be_asked_is_refused(asked: CertaintyOptions) -> None:
    with pytest.raises(UsageError, match=r"not (1\.5|nan|0)$"):
        wants(asked)


def test_a_mistyped_wish_is_refused() -> None:
    with pytest.raises(UsageError, match="'confidense' cannot be asked for: choose from confidence, min_confidence"):
        wants(cast(CertaintyOptions, {"confidense": True}))


def test_at_most_three_alternatives_are_told() -> None:
    tags = ("O", "B-a", "B-b", "B-c", "B-d", "B-e")
    scores = np.log(np.array([[[0.05, 0.4, 0.2, 0.15, 0.12, 0.08]]], np.float32))
    (told,) = certainties(Decoder(tags), scores, np.array([1]), [("B-a",)], {"alternatives": True})
    assert told.alternatives is not None
    assert [other.slot for other in told.alternatives[0]] == ["b", "c", "d"]
