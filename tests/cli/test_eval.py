"""`slotfill eval`: what is shown where there is little to score."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from slotfill.cli import _corpus
from slotfill.cli import eval as eval_command
from slotfill.corpus.utterance import Utterance
from slotfill.runtime.bundle import Bundle
from slotfill.scoring.evaluation import evaluate
from tests.conftest import Run, write_corpus

SMALL = ("--epochs", 2, "--hidden-size", 8, "--threads", 1, "--quiet", "--output", "m")


@pytest.mark.slow
def test_a_corpus_without_slots_has_intents_and_no_f1(slotfill: Run, tmp_path: Path) -> None:
    asked = [Utterance((verb, "it"), ("O", "O"), intent=verb) for verb in ("book", "pay")] * 20
    write_corpus(tmp_path / "c", train=asked, dev=asked, test=asked)
    trained = slotfill("train", "c", *(each for each in SMALL if each != "--quiet"))
    assert trained.returncode == 0
    assert "dev intents" in trained.stderr.splitlines()[-1]
    shown = slotfill("eval", "m", "c").stdout
    assert "F1" not in shown.replace("so there is no F1", "")
    assert "exact match" in shown
    assert "intent" in shown
    scores = json.loads(slotfill("eval", "m", "c", "--json").stdout)
    assert [scores[name] for name in ("f1", "precision", "recall", "f1_strict", "interval")] == [None] * 5
    assert json.loads(slotfill("doctor", "m", "c", "--json").stdout)["fit"] is None


def test_each_number_stands_beside_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    both = [  # gold, predicted
        ("B-a O x", "B-a O x"),
        ("B-a B-b x", "B-a O x"),
        ("B-b O y", "B-b O y"),
        ("O O y", "O O x"),
        ("O O x", "O O y"),
    ]
    gold, predicted = (
        [Utterance(("one", "two"), (first, second), intent) for first, second, intent in map(str.split, side)]
        for side in zip(*both, strict=True)
    )
    eval_command._show(evaluate(gold, predicted, lambda _: True))
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for line in (
        "precision, recall 100.00, 75.00",
        "F1, strict IOB2 85.71",
        "exact match 80.00 of 5 utterances",
        "intent 60.00 the most likely one is correct",
        "sentence 40.00 every span and the intent right",
        "spans 4 one span is 25 points of recall",
        "a 100.00 100.00 100.00 2",
        "b 100.00 50.00 66.67 2",
    ):
        assert line in shown
    assert shown[0].startswith("F1 85.71 95% interval ")
    assert not any(line.startswith("all intents") for line in shown)

    several = [replace(one, intent=f"{one.intent}#z") for one in gold]
    eval_command._show(evaluate(several, predicted, lambda _: True))
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "all intents 0.00 all of them correct, and no other" in shown


def test_slots_of_most_gold_spans_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    gold = [Utterance(("one", "two"), tags) for tags in (("B-z", "B-b"), ("B-z", "B-a"))]
    eval_command._show(evaluate(gold, gold, lambda _: True))
    first = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert first[-3:] == ["z", "a", "b"]


def test_of_a_single_span_one_is_all(slotfill: Run, model: Path, tmp_path: Path) -> None:
    one = [Utterance(("fly", "to", "oslo"), ("O", "O", "B-toloc.city_name"))]
    write_corpus(tmp_path / "c", train=one, dev=one, test=one)
    shown = slotfill("eval", model, "c").stdout
    assert any(line.rstrip().endswith("one span is 100 points of recall") for line in shown.splitlines())
    assert "calibration error" in shown


def test_a_corpus_that_has_changed_since_training_is_told_of(
    model: Path, flights: list[Utterance], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = "flights has changed since the model was trained on it: some of this may be what it was trained on\n"
    for training, expected in ((flights, ""), (flights[1:], told)):
        corpus = write_corpus(tmp_path / "flights", train=training, dev=flights[::3])
        held = _corpus.open_for(Bundle(model), str(corpus), tmp_path)
        assert (held.own, capsys.readouterr().err) == (not expected, expected)


def test_where_only_some_intents_are_known_it_is_said_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    gold = [Utterance(("a",), ("B-x",), intent) for intent in ("book", None, None)]
    scores = evaluate(gold, [replace(one, intent="pay") for one in gold], lambda _: True)
    assert (scores.intent_support, scores.to_json()["intent_support"]) == (1, 1)
    eval_command._show(scores)
    shown = capsys.readouterr().out
    assert "the most likely one is correct, of 1 known" in shown
    assert "every span and the intent right, of 1 known" in shown
    eval_command._show(evaluate(gold[:1], gold[:1], lambda _: True))
    assert "known" not in capsys.readouterr().out
