"""Errors counted: the counts are those of F1 and of intent accuracy."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotfill.corpus.utterance import Utterance
from slotfill.scoring.error_analysis import Analysis, Tally, analyse
from slotfill.scoring.evaluation import evaluate, intent_accuracy, span_counts

TAG = st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"])
PAIRS = st.lists(st.lists(st.tuples(TAG, TAG), min_size=1, max_size=8), min_size=1, max_size=6)
SEEN = {"w0", "w2", "w3"}


def utterance(tags: list[str]) -> Utterance:
    """An utterance of the words w0, w1, ..."""
    return Utterance(tuple(f"w{i}" for i in range(len(tags))), tuple(tags))


def analysed(*pairs: tuple[str, str]) -> Analysis:
    """The errors of (gold, predicted) tags given as strings."""
    gold, found = ([utterance(pair[i].split()) for pair in pairs] for i in (0, 1))
    return analyse(gold, found, SEEN.__contains__)


@settings(deadline=None, max_examples=100)
@given(PAIRS)
def test_the_counts_are_those_of_f1(pairs: list[list[tuple[str, str]]]) -> None:
    gold, found = ([utterance([pair[i] for pair in each]) for each in pairs] for i in (0, 1))
    analysis = analyse(gold, found, SEEN.__contains__)
    tags = ([each.tags or () for each in side] for side in (gold, found))
    both, predicted, wanted = span_counts(*tags).sum(axis=0)
    assert analysis.total == Tally(wanted, predicted, both)
    kinds = {kind: len(errors) for kind, errors in analysis.by_kind().items()}
    paired = kinds["type"] + kinds["boundary"] + kinds["boundary and type"]
    assert paired + kinds["missed"] == wanted - both
    assert paired + kinds["spurious"] == predicted - both

    scores = evaluate(gold, found, SEEN.__contains__)
    assert analysis.total.f1 == pytest.approx(scores.f1)
    assert analysis.unseen.f1 == pytest.approx(scores.unseen_f1 or 0)
    assert {slot: tally.f1 for slot, tally in analysis.slots.items()} == pytest.approx(
        {slot: score.f1 for slot, score in scores.per_slot.items()}
    )
    for parts in (analysis.slots.values(), (analysis.unseen, analysis.others)):
        assert sum(tally.wrong for tally in parts) == analysis.total.wrong
        assert sum(map(analysis.share, parts)) == pytest.approx(1 if analysis.total.wrong else 0)


def test_confusions_come_by_frequency_and_leave_out_boundaries() -> None:
    analysis = analysed(("B-a O B-b", "B-b O O"), ("B-a O O", "B-b O B-b"), ("B-a I-a O", "B-a O O"))
    counts = {slots: len(errors) for slots, errors in analysis.confusions().items()}
    assert counts == {("a", "b"): 2, ("b", None): 1, (None, "b"): 1}
    assert next(iter(counts)) == ("a", "b")
    assert len(analysis.by_slots()["a", "a"]) == 1


def test_slots_that_cost_most_come_first() -> None:
    analysis = analysed(("B-a O B-b", "B-b O B-b"), ("O O B-c", "B-b O B-c"))
    assert analysis.slots == {"b": Tally(1, 3, 1), "a": Tally(1, 0, 0), "c": Tally(1, 1, 1)}
    assert list(analysis.slots) == ["b", "a", "c"]
    assert analysis.share(analysis.slots["b"]) == pytest.approx(2 / 3)
    assert (analysis.slots["b"].not_found, analysis.slots["b"].wrongly_found) == (0, 2)


def test_of_slots_that_cost_the_same_the_first_by_name_comes_first() -> None:
    assert list(analysed(("B-c B-a O B-b", "O O O O")).slots) == ["a", "b", "c"]


def test_an_error_names_its_unseen_words() -> None:
    (first, second) = analysed(("B-a I-a O B-b", "B-a O O O")).errors
    assert (first.unseen, second.unseen) == (("w1",), ())


def test_an_unseen_word_is_named_once_however_often_the_two_spans_hold_it() -> None:
    (error,) = analysed(("B-a I-a", "B-b I-b")).errors
    assert error.unseen == ("w1",)


def test_the_summary_says_what_there_is() -> None:
    analysis = analysed(("B-a O", "B-b O"), ("B-a", "B-a"), ("O", "B-a"))
    assert analysis.wrong_utterances == 2
    assert analysis.summary == (
        "2 errors in 2 of 3 utterances: 1 of 2 gold spans not found, 2 of 3 predicted spans wrong; F1 40.00"
    )
    assert analysed(("B-a O", "B-a O")).summary == "no error in 1 utterance: all 1 spans are right"


def test_json_holds_every_error_and_every_count() -> None:
    analysis = analysed(("B-a O B-b", "B-b O O"), ("O", "O"))
    record = orjson.loads(orjson.dumps(analysis.to_json()))
    assert record["kinds"] == {"type": 1, "boundary": 0, "boundary and type": 0, "missed": 1, "spurious": 0}
    assert record["confusions"][1] == {"gold": "b", "predicted": None, "errors": 1}
    assert Counter(error["kind"] for error in record["errors"]) == {"type": 1, "missed": 1}
    assert record["errors"][0] == {
        "utterance": 1,
        "id": None,
        "kind": "type",
        "gold": {"slot": "a", "start": 0, "end": 2, "text": "w0"},
        "predicted": {"slot": "b", "start": 0, "end": 2, "text": "w0"},
        "unseen_words": [],
        "text": "w0 w1 w2",
    }
    assert record["slots"]["a"] == {"gold": 1, "predicted": 0, "correct": 0, "f1": 0, "share_of_wrong": 1 / 3}
    assert (record["utterances"], record["wrong_utterances"], record["gold"], record["f1"]) == (2, 1, 2, 0)


def asked(*pairs: tuple[str | None, str | None]) -> Analysis:
    """The errors of (gold, predicted) intents; all spans are right."""
    gold, found = ([replace(utterance(["B-a"]), intent=pair[i]) for pair in pairs] for i in (0, 1))
    analysis = analyse(gold, found, SEEN.__contains__)
    accuracy = intent_accuracy(gold, found)
    assert accuracy == pytest.approx(1 - len(analysis.intent_errors) / analysis.intents if analysis.intents else None)
    return analysis


def test_an_intent_is_wrong_by_the_rule_of_intent_accuracy_and_the_most_frequent_confusion_comes_first() -> None:
    analysis = asked(("a#b", "b"), ("a#b", "c#a"), ("a", "b"), ("a", "c"), ("a", "c#a"), (None, "a"), ("a", None))
    assert analysis.intents == 5
    numbers = {pair: [error.number for error in errors] for pair, errors in analysis.intent_confusions().items()}
    assert numbers == {("a", "c"): [4, 5], ("a#b", "c"): [2], ("a", "b"): [3]}
    assert next(iter(numbers)) == ("a", "c")


def test_the_summary_counts_intents_where_they_are_known() -> None:
    spans = "all 2 spans of 2 utterances are right"
    assert asked(("a", "b"), ("a", "a")).summary == f"{spans}; 1 of 2 intents wrong"
    assert asked(("a", "a")).summary == "no error in 1 utterance: all 1 spans and all 1 intents are right"
    assert asked(("a", None)).summary == "no error in 1 utterance: all 1 spans are right"


def test_json_holds_every_wrong_intent_and_none_where_intents_are_not_known() -> None:
    record = orjson.loads(orjson.dumps(asked(("a", "a"), ("a", "b")).to_json()))
    assert record["intents"] == {
        "utterances": 2,
        "wrong": 1,
        "confusions": [{"gold": "a", "predicted": "b", "utterances": 1}],
        "errors": [{"utterance": 2, "id": None, "gold": "a", "predicted": "b", "text": "w0"}],
    }
    assert asked((None, "a")).to_json()["intents"] is None


def test_errors_come_in_the_order_of_the_text() -> None:
    analysis = analysed(("B-a O B-b", "O O B-c"))
    assert [error.kind for error in analysis.errors] == ["missed", "type"]


def test_an_unseen_word_of_a_predicted_span_counts() -> None:
    (error,) = analysed(("O O", "O B-a")).errors
    assert error.unseen == ("w1",)


def test_a_part_without_spans_has_no_f1_to_show() -> None:
    assert Tally(gold=4, predicted=3, correct=2).row == ("57.14", "4", "2", "1")
    assert Tally(gold=4).row == ("0.00", "4", "4", "0")
    assert Tally(predicted=2).row == ("0.00", "0", "0", "2")
    assert Tally().row == ("–", "0", "0", "0")
