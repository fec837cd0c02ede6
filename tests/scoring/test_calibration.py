"""Calibration: the temperature that is found, and the error that is measured, are those known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from slotfill.corpus.certainty import Certainty
from slotfill.corpus.utterance import Utterance
from slotfill.runtime.confidence import certainties
from slotfill.runtime.decoding import Decoder
from slotfill.scoring.calibration import Scored, expected_calibration_error, fit_temperature, span_outcomes

TAGS = ("O", "B-a", "I-a", "B-b", "I-b")


def drawn(temperature: float, utterances: int = 1500) -> Scored:
    """Utterances of three words whose gold tags are drawn with the probabilities of the scores at a temperature."""
    random = np.random.default_rng(0)
    scores = 4 * random.normal(size=(utterances, 3, len(TAGS))).astype(np.float32)
    scores[:, :, [2, 4]] = -100  # Without inside tags each word's tag is a draw of its own.
    powers = np.exp(scores / temperature)
    levels = (powers / powers.sum(axis=2, keepdims=True)).cumsum(axis=2)
    tags = (random.random((utterances, 3, 1)) > levels).sum(axis=2)
    return Scored(scores, np.full(utterances, 3), [tuple(TAGS[tag] for tag in row) for row in tags])


@pytest.mark.parametrize("true", [0.6, 1.0, 2.5])
def test_the_temperature_the_gold_tags_were_drawn_at_is_found_or_one_a_little_less_certain(true: float) -> None:
    few, many = (fit_temperature(Decoder(TAGS), [drawn(true, utterances)]) for utterances in (300, 6000))
    assert 0.95 * true < many < 1.12 * true
    assert 0.9 * true < few < 1.6 * true


def test_at_the_temperature_found_confidence_is_accuracy() -> None:
    batch = drawn(2.5)

    def error(temperature: float) -> float:
        decoder = Decoder(TAGS, None, temperature)
        found = decoder.decode(batch.scores, batch.lengths)
        told = certainties(decoder, batch.scores, batch.lengths, found)
        words = ("a", "b", "c")
        gold = [Utterance(words, tags) for tags in batch.gold]
        tagged = [Utterance(words, tags, certainty=each) for tags, each in zip(found, told, strict=True)]
        measured = expected_calibration_error(*span_outcomes(gold, tagged))
        assert measured is not None
        return measured

    assert error(fit_temperature(Decoder(TAGS), [batch])) < 0.02 < 0.1 < error(1.0)


def test_a_small_split_without_a_mistake_makes_no_model_certain() -> None:
    scores = np.zeros((4, 1, len(TAGS)), np.float32)
    scores[:, 0, 1] = 3
    batch = Scored(scores, np.ones(4, dtype=np.int64), [("B-a",)] * 4)
    decoder = Decoder(TAGS)
    sure = decoder.with_temperature(fit_temperature(decoder, [batch]))
    # Platt's target for four of four right is 5 / 6.
    assert certainties(sure, scores, batch.lengths, batch.gold)[0].confidences[0] == pytest.approx(5 / 6, abs=0.01)


def test_one_mistake_alone_makes_no_model_certain_of_being_wrong() -> None:
    tags = ("O", "B-a", "B-b", "B-c", "B-d")
    scores = np.zeros((1, 1, len(tags)), np.float32)
    scores[:, 0, 1] = 3
    decoder = Decoder(tags)
    temperature = fit_temperature(decoder, [Scored(scores, np.ones(1, dtype=np.int64), [("B-b",)])])
    # Platt's target for one of one wrong is 1 / 3; at the highest temperature the best of five tags has 0.25.
    told = certainties(decoder.with_temperature(temperature), scores, np.ones(1, dtype=np.int64), [("B-a",)])
    assert told[0].confidences[0] == pytest.approx(1 / 3, abs=0.01)


def test_without_any_span_the_temperature_stays_as_it_is() -> None:
    scores = np.zeros((1, 2, len(TAGS)), np.float32)
    scores[:, :, 0] = 5
    assert fit_temperature(Decoder(TAGS), [Scored(scores, np.array([2]), [("B-a", "O")])]) == 1


def test_the_outcome_of_a_span_is_right_only_if_slot_and_both_ends_are() -> None:
    words = ("a", "b", "c", "d")
    gold = [Utterance(words, ("B-x", "I-x", "O", "B-y")), Utterance(words, ("O",) * 4)]
    found = [
        Utterance(words, ("B-x", "O", "O", "B-y"), certainty=Certainty((0.7, 0.9))),
        Utterance(words, ("O", "O", "B-y", "O"), certainty=Certainty((0.2,))),
    ]
    assert span_outcomes(gold, found) == ([0.7, 0.9, 0.2], [False, True, False])


def test_the_error_is_the_distance_of_accuracy_from_confidence_weighted_by_the_bins_counts() -> None:
    error = expected_calibration_error([0.95, 0.91, 0.95, 0.99, 0.15], [True, True, True, False, True])
    assert error == pytest.approx(4 / 5 * 0.2 + 1 / 5 * 0.85)


def test_a_bin_holds_its_upper_end_and_the_first_one_zero() -> None:
    # 0 and 0.5 share a bin, in which a right one and a wrong one are half right and 0.25 sure.
    assert expected_calibration_error([0.0, 0.5, 1.0], [False, True, True], bins=2) == pytest.approx(2 / 3 * 0.25)
    assert expected_calibration_error([0.0, 0.51, 1.0], [False, True, True], bins=2) == pytest.approx(2 / 3 * 0.245)
    # Apart, a right 0.5 and a wrong 0.6 are 0.5 and 0.6 off; together, they are half right and 0.55 sure.
    assert expected_calibration_error([0.5, 0.6], [True, False], bins=2) == pytest.approx(0.55)
    assert expected_calibration_error([0.51, 0.6], [True, False], bins=2) == pytest.approx(0.055)
    # 0 has no bin of its own.
    assert expected_calibration_error([0.0, 0.1], [True, False], bins=2) == pytest.approx(0.45)


def test_without_spans_there_is_no_error_to_measure() -> None:
    assert expected_calibration_error([], []) is None


def test_as_many_outcomes_as_confidences_are_needed() -> None:
    with pytest.raises(ValueError, match="2 confidences but 1 outcomes"):
        expected_calibration_error([0.5, 0.5], [True])


def test_the_temperature_is_the_warmest_within_a_standard_error_of_the_best() -> None:
    assert fit_temperature(Decoder(TAGS), [drawn(1.0, 300)]) > 1.1


def test_a_few_spans_that_tell_nothing_get_the_highest_temperature() -> None:
    scores = np.zeros((2, 1, len(TAGS)), np.float32)
    scores[:, 0, 1] = 3
    batch = Scored(scores, np.ones(2, dtype=np.int64), [("B-a",), ("O",)])
    assert fit_temperature(Decoder(TAGS), [batch]) == 10


def test_spans_that_are_right_at_any_temperature_leave_it_to_the_others() -> None:
    sure = np.zeros((9, 1, len(TAGS)), np.float32)
    sure[:, 0, 1] = 3000
    certain = Scored(sure, np.ones(9, dtype=np.int64), [("B-a",)] * 9)
    assert 0.95 * 2.5 < fit_temperature(Decoder(TAGS), [drawn(2.5, 3000), certain]) < 1.15 * 2.5
