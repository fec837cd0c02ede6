"""`slotfill noise` as a user runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from slotfill.cli import noise
from slotfill.corpus import formats
from slotfill.corpus.splits import held_out
from slotfill.corpus.utterance import Utterance
from slotfill.learning.annotation_findings import SpanFinding
from slotfill.learning.annotation_noise import deal
from tests.conftest import Run


@pytest.fixture
def corpus(tmp_path: Path, flights: list[Utterance]) -> Path:
    path = tmp_path / "flights.jsonl"
    formats.load("jsonl").write(flights, path)
    return path


def test_findings_are_shown_as_given_and_as_suggested_and_nothing_is_changed(slotfill: Run, corpus: Path) -> None:
    before = corpus.read_bytes()
    done = slotfill("noise", corpus, "--folds", 2, "--epochs", 2, "--threads", 1, "--limit", 3)
    assert done.returncode == 0, done.stderr
    header, _, text, given, suggested, *rest = (line.split() for line in done.stdout.splitlines() if line.strip())
    assert header == ["#", "utterance", "p", "text"]
    assert text[0] == "1"
    assert text[2:] == json.loads(before.splitlines()[int(text[1]) - 1])["tokens"]
    assert (given[0], suggested[0]) == ("given", "suggested")
    assert given[2:] != suggested[2:]
    assert [line[0] for line in rest if line[0].isdigit()] == ["2", "3"]
    assert "fold 2 of 2: 28 of 56 utterances of flights, train" in done.stderr
    assert "epoch  2/2" in done.stderr
    spans, intents = done.stderr.splitlines()[-2:]
    assert spans.startswith("3 of ")
    assert intents == "0 of 0 intents in doubt shown"
    assert corpus.read_bytes() == before


def test_json_is_one_object_with_every_finding(slotfill: Run, corpus: Path) -> None:
    done = slotfill("noise", corpus, "--folds", 2, "--epochs", 2, "--threads", 1, "--json", "--quiet", "--limit", 1)
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    assert {
        name: record[name]
        for name in ("corpus", "split", "utterances", "folds", "seed", "unjudged_words", "unjudged_intents")
    } == {
        "corpus": "flights",
        "split": "train",
        "utterances": 56,
        "folds": 2,
        "seed": 0,
        "unjudged_words": 0,
        "unjudged_intents": 0,
    }
    assert record["intent_findings"] == []
    assert len(record["findings"]) > 1
    shares = [each["given_probability"] for each in record["findings"]]
    assert shares == sorted(shares)
    for each in record["findings"]:
        assert each["text"][each["start"] : each["end"]] == " ".join(each["words"])
        assert each["given"] != each["suggested"]


def test_intents_in_doubt_are_told_after_the_spans(slotfill: Run, flights: list[Utterance], tmp_path: Path) -> None:
    fares = [Utterance(("fares", *each.words[1:]), each.tags, intent="fare") for each in flights]
    swapped = [replace(fares[0], intent="flight"), replace(fares[1], intent="fair"), *fares[2:]]
    formats.load("jsonl").write([*flights, *swapped], tmp_path / "asked.jsonl")
    done = slotfill("noise", "asked.jsonl", "--folds", 2, "--epochs", 12, "--threads", 1, "--limit", 1)
    assert done.returncode == 0, done.stderr
    *_, text, given, suggested = (line.split() for line in done.stdout.splitlines() if line.strip())
    assert text == ["1", str(len(flights) + 1), *fares[0].words]
    assert (given[0], given[2:]) == ("given", ["flight"])
    assert (suggested[0], suggested[2:]) == ("suggested", ["fare"])
    assert "not judged, as their tagger has not learnt them: 1 intent\n" in done.stderr
    assert "intents in doubt shown" in done.stderr.splitlines()[-1]


def test_a_tag_that_is_held_out_for_dev_alone_is_not_said_to_be_in_no_other_fold(slotfill: Run, tmp_path: Path) -> None:
    plain = [Utterance(("to", f"city{i}"), ("O", "B-city")) for i in range(10)]
    rare = [Utterance(("by", name), ("O", "B-line")) for name in ("delta", "united")]
    utterances, seed = [rare[0], *plain, rare[1]], 19
    folds = [[utterances[i] for i in fold] for fold in deal(utterances, 2, seed)]
    assert all(any(one in fold for one in rare) for fold in folds)
    assert sum(one in rare for fold in folds for one in held_out(fold, seed)[1]) == 1
    formats.load("jsonl").write(utterances, tmp_path / "lines.jsonl")
    done = slotfill("noise", "lines.jsonl", "--folds", 2, "--epochs", 1, "--threads", 1, "--seed", seed, "--quiet")
    assert "not judged, as their tagger has not learnt their tag: 1 word\n" in done.stderr


def test_one_fold_and_too_few_utterances_are_refused(slotfill: Run, tmp_path: Path) -> None:
    assert slotfill("noise", "--folds", 1).returncode == 2
    (tmp_path / "few.conll").write_text("to O\nrome B-city\n\nto O\nrome O\n")
    done = slotfill("noise", "few.conll", "--folds", 2)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "slotfill: too few different utterances for 2 folds: 1\n"


def test_ctrl_c_ends_it_without_a_traceback(corpus: Path) -> None:
    program = [sys.executable, "-m", "slotfill", "noise", str(corpus), "--epochs", "5000", "--threads", "1"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("epoch    2/"):
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        said = process.stderr.read()
        assert process.stdout is not None
        assert process.stdout.read() == ""
    assert said.endswith("slotfill: interrupted\n")
    assert "Traceback" not in said


def test_a_finding_shows_the_words_in_doubt_the_probabilities_and_who_labelled_otherwise(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words, given, suggested = ("new", "york"), ("B-a", "O"), ("B-a", "I-a")
    alone = SpanFinding(7, None, "to new york", given, suggested, 0.0004, 0.5, (), 3, 11, words)
    monkeypatch.setenv("COLUMNS", "200")
    noise._show([alone, replace(alone, utterance=9, given_probability=0.001, twins=(2, 12))], noise._span)
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert shown[2:] == [
        "1 7 to new york",
        "given <0.001 [a : new] york",
        "suggested 0.500 [a : new york]",
        "2 9 to new york",
        "given 0.001 [a : new] york",
        "suggested 0.500 [a : new york]",
        "labelled as suggested in 2, 12: the same words",
    ]
    text, *_ = noise._span(alone)
    assert [(text.plain[part.start : part.end], part.style) for part in text.spans] == [("new york", "bold")]
