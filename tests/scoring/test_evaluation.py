"""Scores: seqeval's, and what is derived from spans agrees with them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score

from slotfill.corpus.certainty import Certainty
from slotfill.corpus.utterance import Utterance
from slotfill.scoring import evaluation
from slotfill.scoring.evaluation import Evaluation, evaluate, mean_interval, micro_f1

TAG = st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"])
PAIRS = st.lists(st.lists(st.tuples(TAG, TAG), min_size=1, max_size=6), min_size=1, max_size=6)


def labelled(tags: str, intent: str | None = None, *confidences: float) -> Utterance:
    """The words w0, w1, ... with these tags."""
    words = tuple(f"w{i}" for i in range(len(tags.split())))
    return Utterance(words, tuple(tags.split()), intent, certainty=Certainty(confidences) if confidences else None)


def score(pairs: list[tuple[str, str]], seen: set[str] | None = None) -> Evaluation:
    """Score (gold, predicted) tags given as strings."""
    known = (lambda _: True) if seen is None else seen.__contains__
    return evaluate([labelled(gold) for gold, _ in pairs], [labelled(found) for _, found in pairs], known)


@settings(deadline=None, max_examples=50)
@given(PAIRS)
def test_spans_are_counted_as_seqeval_counts_them(pairs: list[list[tuple[str, str]]]) -> None:
    gold, found = ([[pair[i] for pair in utterance] for utterance in pairs] for i in (0, 1))
    scores = score([(" ".join(a), " ".join(b)) for a, b in zip(gold, found, strict=True)], seen=set())
    # With no word seen, the F1 of unseen spans, which is counted here, is the F1 of all, which is seqeval's.
    assert (scores.unseen_f1 or 0.0) == pytest.approx(f1_score(gold, found, zero_division=0)) == scores.f1
    assert scores.support == sum(slot.support for slot in scores.per_slot.values())


def test_the_two_scorers_differ_where_gold_is_illegal() -> None:
    scores = score([("B-a I-a O", "I-a I-a O"), ("B-b", "B-b")])
    assert scores.f1 == 1.0
    assert scores.f1_strict == pytest.approx(2 / 3)


def test_shares_by_hand() -> None:
    scores = score([("B-a O B-b", "B-a O B-a"), ("O O", "O O"), ("B-b I-b", "B-b O")])
    assert (scores.precision, scores.recall) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert scores.exact_match == pytest.approx(1 / 3)
    assert scores.support == 3
    assert scores.one_span == pytest.approx(1 / 3)
    assert (scores.per_slot["a"].precision, scores.per_slot["a"].recall) == (0.5, 1.0)
    assert scores.per_slot["b"].support == 2


def test_a_tag_on_one_side_only_is_scored() -> None:
    scores = score([("B-new I-new", "O O"), ("O", "B-old"), ("B-a", "B-a")])
    assert scores.f1 == pytest.approx(0.5)
    assert scores.per_slot["new"].recall == 0
    assert scores.per_slot["old"].support == 0


def test_spans_with_unseen_words_are_scored_apart() -> None:
    scores = score([("B-a I-a B-b", "B-a I-a O")], seen={"w0", "w2"})
    assert scores.unseen_f1 == 1.0
    assert scores.unseen_support == 1
    assert score([("B-a", "B-a")]).unseen_f1 is None
    assert score([("O", "B-a")], seen={"other"}).unseen_f1 == 0


def test_a_corpus_without_spans_scores_zero_and_does_not_fail() -> None:
    scores = score([("O O", "O O")])
    assert (scores.f1, scores.support, scores.one_span, scores.per_slot) == (0, 0, 0, {})
    assert scores.exact_match == 1


def test_the_interval_holds_the_score_narrows_with_data_and_repeats() -> None:
    pairs = [("B-a", "B-a")] * 9 + [("B-a", "O")]
    few, many = score(pairs), score(pairs * 20)
    for scores in (few, many):
        low, high = scores.interval
        assert low < scores.f1 < high
    assert many.interval[1] - many.interval[0] < (few.interval[1] - few.interval[0]) / 3
    assert score(pairs).interval == few.interval


def test_resamples_are_the_same_however_many_are_drawn_at_once_and_for_each_tagger(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = np.random.default_rng(0).integers(1, 4, (2, 30, 3))
    found = evaluation.resampled_f1(counts, seed=3)
    assert found.shape == (2000, 2)
    assert (evaluation.resampled_f1(counts[1], seed=3) == found[:, 1]).all()
    monkeypatch.setattr(evaluation, "_AT_ONCE", 2000)
    assert (evaluation.resampled_f1(counts, seed=3) == found).all()


def test_a_resample_has_as_many_utterances_as_there_are() -> None:
    # Of each utterance two spans are gold and one is told: F1 says which share of those told is right.
    right = np.arange(30) < 24
    counts = np.stack([right, np.ones(30), np.full(30, 2)], axis=1).astype(np.int64)
    shares = evaluation.resampled_f1(counts) * 3 / 2
    np.testing.assert_allclose(shares * 30, np.round(shares * 30), atol=1e-9)
    assert shares.mean() == pytest.approx(0.8, abs=0.01)
    assert shares.std() == pytest.approx((0.8 * 0.2 / 30) ** 0.5, rel=0.1)


def test_micro_f1_is_the_evaluations_f1() -> None:
    gold, found = [labelled("B-a O"), labelled("B-b")], [labelled("B-a O"), labelled("B-a")]
    assert micro_f1(gold, found) == score([("B-a O", "B-a O"), ("B-b", "B-a")]).f1 == 0.5


def test_an_intent_is_right_if_the_likeliest_is_one_of_those_asked_for() -> None:
    pairs = [
        (labelled("O", "fly#fare"), labelled("O", "fare")),
        (labelled("O", "fly#fare"), labelled("O", "fare#fly")),
        (labelled("B-a", "fly"), labelled("O", "fly")),
        (labelled("O", "fly"), labelled("O", "fare#fly")),
        (labelled("O", None), labelled("O", "fare")),
    ]
    scores = evaluate([gold for gold, _ in pairs], [found for _, found in pairs], lambda _: True)
    assert (scores.intent_accuracy, scores.intent_exact, scores.sentence_accuracy) == (0.75, 0.5, 0.5)


def test_what_is_not_known_is_not_scored() -> None:
    scores = score([("B-a", "B-a")])
    assert (scores.intent_accuracy, scores.intent_exact, scores.sentence_accuracy) == (None, None, None)
    assert scores.calibration_error is None


def test_the_calibration_error_is_that_of_the_predicted_spans() -> None:
    gold = [labelled("B-a B-b"), labelled("B-a")]
    scores = evaluate(gold, [labelled("B-a B-a", None, 0.95, 0.95), labelled("B-a", None, 0.45)], lambda _: True)
    assert scores.calibration_error == pytest.approx((2 * 0.45 + 0.55) / 3)


def test_the_interval_is_students() -> None:
    # Mean 2, standard deviation 1, three values: 2 ± 4.303 / sqrt(3).
    assert mean_interval([1.0, 2.0, 3.0]) == pytest.approx((2 - 2.4841, 2 + 2.4841), abs=1e-4)
    # Student's t of 19 degrees of freedom is 2.0930.
    assert mean_interval([0.0, 1.0] * 10) == pytest.approx((0.5 - 0.2401, 0.5 + 0.2401), abs=1e-4)


def test_the_interval_holds_95_percent_of_the_resamples() -> None:
    pairs = [("B-a", "B-a")] * 180 + [("B-a", "O")] * 20
    low, high = score(pairs).interval
    counts = evaluation.span_counts([(gold,) for gold, _ in pairs], [(found,) for _, found in pairs])
    values = evaluation.resampled_f1(counts)
    assert np.mean((low <= values) & (values <= high)) == pytest.approx(0.95, abs=0.025)


def test_another_seed_draws_another_interval() -> None:
    gold = [labelled("B-a")] * 400
    found = [*gold[:333], *[labelled("O")] * 67]
    assert len({evaluate(gold, found, lambda _: True, seed=seed).interval for seed in range(6)}) > 1


def test_exact_is_what_has_the_same_spans_however_gold_spells_them() -> None:
    gold, found = [labelled("I-a O", "x"), labelled("B-a I-a", "x")], [labelled("B-a O", "x"), labelled("B-a B-a", "x")]
    scores = evaluate(gold, found, lambda _: True)
    assert (scores.exact_match, scores.sentence_accuracy) == (0.5, 0.5)


def test_an_utterance_with_a_span_too_many_or_too_few_is_not_exact() -> None:
    assert score([("B-a O", "B-a B-b")]).exact_match == 0
    assert score([("B-a B-b", "B-a O")]).exact_match == 0


def test_the_headline_of_a_corpus_without_spans_is_its_intents() -> None:
    spans, none = [labelled("B-a", "fly"), labelled("O", "fare")], [labelled("O", "fly"), labelled("O", "fare")]
    found = [labelled("O", "fly"), labelled("O", "fly")]
    assert evaluate(spans, found, lambda _: True).headline == ("F1", 0)
    assert evaluate(none, found, lambda _: True).headline == ("intents", 0.5)
    assert score([("O", "O")]).headline == ("F1", 0)
