"""`slotfill errors` on gold that a model's own answers were made into, so that its errors are known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from slotfill.cli import errors as errors_command
from slotfill.cli import eval as eval_command
from slotfill.cli._corpus import _tell_unknown
from slotfill.corpus import formats
from slotfill.corpus.utterance import Utterance
from slotfill.runtime import bundle
from slotfill.runtime.tagger import Tagger
from slotfill.runtime.vocabulary import Vocabulary
from slotfill.scoring.error_analysis import analyse
from slotfill.scoring.evaluation import evaluate
from tests.conftest import Run, write_corpus


@pytest.fixture
def answers(model: Path, flights: list[Utterance]) -> list[Utterance]:
    """What the model says of some flights."""
    return Tagger.open(bundle.find(str(model))).tag_batch(flights[:8])


@pytest.fixture
def corpus(tmp_path: Path, answers: list[Utterance]) -> Path:
    """A corpus whose dev split has one error of type and one missed span, all else as the model says."""
    first, second, *rest = answers
    first_tags, second_tags = list(first.tags or ()), list(second.tags or ())
    assert first_tags[2] == "B-fromloc.city_name"
    assert second_tags[0] == "O"
    first_tags[2], second_tags[0] = "B-stoploc.city_name", "B-mode"
    dev = [replace(first, tags=tuple(first_tags)), replace(second, tags=tuple(second_tags)), *rest]
    return write_corpus(tmp_path / "corpora" / "known", train=answers, dev=dev, test=answers)


def test_errors_are_shown_with_examples_legible_without_colour(slotfill: Run, model: Path, corpus: Path) -> None:
    done = slotfill("errors", model, corpus)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 errors in 2 of 8 utterances: 2 of 17 gold spans not found, 1 of 16 predicted")
    assert "1  gold       fly from [stoploc.city_name : boston] to denver" in done.stdout
    assert "predicted  fly from [fromloc.city_name : boston] to denver" in done.stdout
    assert "2  gold  [mode : fly] from" in done.stdout
    assert "\x1b" not in done.stdout
    assert "known, dev: 8 utterances" in done.stderr
    assert "\x1b[1;" in slotfill("errors", model, corpus, NO_COLOR="", FORCE_COLOR="1").stdout
    assert "[mode : fly]" not in slotfill("errors", model, corpus, "--examples", 0).stdout
    costs = done.stdout.partition("Slots by what they cost")[2].partition("Words training has not seen")[0]
    cells = [line.split() for line in costs.splitlines()]
    assert [row[-1] for row in cells if row[:1] in (["mode"], ["stoploc.city_name"])] == ["fly", "boston"]


def test_wrong_intents_are_shown_where_intents_are_known(
    slotfill: Run, model: Path, answers: list[Utterance], tmp_path: Path
) -> None:
    intents = [answer.intent for answer in answers]
    assert all(intents)
    dev = [replace(answers[0], intent="elsewhere"), *answers[1:]]
    write_corpus(tmp_path / "asked", train=answers, dev=dev)
    done = slotfill("errors", model, "asked")
    assert done.returncode == 0, done.stderr
    assert "all 16 spans of 8 utterances are right; 1 of 8 intents wrong" in " ".join(done.stdout.split())
    assert "Kinds" not in done.stdout
    row = f"elsewhere {intents[0]} 1 1 {answers[0].text}"
    assert row in " ".join(done.stdout.split())
    assert answers[0].text not in slotfill("errors", model, "asked", "--examples", 0).stdout


def test_json_has_everything_and_the_page_is_written_beside_it(
    slotfill: Run, model: Path, corpus: Path, tmp_path: Path
) -> None:
    done = slotfill("errors", model, corpus, "--json", "--html", "out/errors.html")
    record = json.loads(done.stdout)
    assert (record["corpus"], record["split"], record["utterances"]) == ("known", "dev", 8)
    assert record["kinds"] == {"type": 1, "boundary": 0, "boundary and type": 0, "missed": 1, "spurious": 0}
    assert [error["utterance"] for error in record["errors"]] == [1, 2]
    assert record["f1"] == pytest.approx(30 / 33)
    assert "wrote out/errors.html" in done.stderr
    written = tmp_path / "out" / "errors.html"
    assert written.read_text("utf-8").count("<article") == 2
    assert list(written.parent.iterdir()) == [written]

    piped = slotfill("errors", model, corpus, "--html", "-")
    assert (piped.returncode, piped.stdout) == (0, written.read_text("utf-8"))
    assert not (tmp_path / "-").exists()
    both = slotfill("errors", model, corpus, "--json", "--html", "-")
    assert (both.returncode, both.stdout) == (2, "")
    assert both.stderr == "slotfill: --json and --html - both go to stdout: choose one, or give --html a file\n"


def test_a_split_without_errors_gets_one_line(slotfill: Run, model: Path, corpus: Path) -> None:
    done = slotfill("errors", model, corpus, "--split", "test")
    assert done.stdout == "no error in 8 utterances: all 16 spans and all 8 intents are right\n"


def test_a_model_trained_without_dev_is_held_against_what_was_held_out(
    slotfill: Run, flights: list[Utterance], tmp_path: Path
) -> None:
    formats.load("jsonl").write(flights, tmp_path / "one.jsonl")
    formats.load("jsonl").write(flights[1:], tmp_path / "other" / "one.jsonl")
    assert slotfill("train", "one.jsonl", "--epochs", 1, "--threads", 1, "--quiet").returncode == 0
    assert "one, valid: 6 utterances" in slotfill("errors", "one", "one.jsonl", "--split", "valid").stderr
    # Without its name the corpus is found where it was, whatever else is called so.
    formats.load("conll").write(flights[1:], tmp_path / "one.conll")
    assert "one, dev: 6 utterances" in slotfill("errors").stderr
    assert "one, dev: 55 utterances" in slotfill("errors", "one", "other/one.jsonl").stderr
    done = slotfill("eval", "one", "one.jsonl")
    assert (done.returncode, done.stdout) == (3, "")
    assert "corpus 'one' has no split 'test': it has train, dev" in done.stderr


def test_labels_that_the_model_was_never_shown_are_named(slotfill: Run, corpus: Path, model: Path) -> None:
    told = "the model does not know 2 of 4 slots: stoploc.city_name, mode\n"
    for command in ("errors", "eval"):
        done = slotfill(command, model, corpus, "--split", "dev")
        assert told in done.stderr
        assert "intents" not in done.stderr
        assert "does not know" not in slotfill(command, model, corpus, "--split", "test").stderr
    other = [replace(one, intent=f"{one.intent}#hello") for one in formats.load("jsonl").read(corpus / "test.jsonl")]
    write_corpus(corpus, test=other)
    assert "the model does not know 1 of 2 intents: hello\n" in slotfill("eval", model, corpus).stderr


def test_a_model_that_knows_no_intents_is_not_said_to_lack_any(
    flights: list[Utterance], capsys: pytest.CaptureFixture[str]
) -> None:
    _tell_unknown(flights, Vocabulary.build(flights, intents=False))
    assert capsys.readouterr().err == ""


def test_names_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    gold = [Utterance(("to", "rome"), ("O", "B-[/to]")), Utterance(("at", "noon"), ("O", "B-time[start]:cat:"))]
    eval_command._show(evaluate(gold, gold, lambda _: True))
    shown = capsys.readouterr().out
    assert "[/to]" in shown
    assert "time[start]:cat:" in shown


def test_what_is_not_there_is_refused(slotfill: Run, corpus: Path, model: Path) -> None:
    assert slotfill("errors", "nowhere", corpus).returncode == 4
    done = slotfill("errors", model, corpus, "--html", corpus)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is a directory" in done.stderr


def shown_of(pairs: list[tuple[str, str]], capsys: pytest.CaptureFixture[str], examples: int = 3) -> str:
    """What is shown of (gold, predicted) tags of the words w0, w1, ..., of which w1 is unseen; blanks are one each."""
    gold, found = (
        [Utterance(tuple(f"w{n}" for n in range(len(pair[i].split()))), tuple(pair[i].split())) for pair in pairs]
        for i in (0, 1)
    )
    errors_command._show(analyse(gold, found, lambda word: word != "w1"), examples)
    return " ".join(capsys.readouterr().out.split())


def test_ten_slots_and_pairs_are_listed_and_it_is_said_how_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    ten = [(f"B-s{i}", "O") for i in range(10)]
    shown = shown_of(ten, capsys)
    assert "the first" not in shown
    shown = shown_of([*ten, ("B-s9x", "O")], capsys)
    assert "Slots taken for others, the first 10 of 11" in shown
    assert "Slots by what they cost, the first 10 of 11" in shown
    assert "s9 - 1 w0" in shown
    assert "s9x - 1 w0" not in shown
    assert "s9x 0.00" not in shown


def test_examples_are_of_different_utterances_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    shown = shown_of([("B-a B-a", "O O"), ("B-a O", "O O"), ("O B-a", "O B-b")], capsys)
    assert " missed 1 gold [a : w0] w1 2 gold [a : w0] w1 Slots" in shown
    assert " a - 3 w0, w1 " in shown
    assert shown.endswith(" with an unseen word 1 gold w0 [a : w1] 3 gold w0 [a : w1] predicted w0 [b : w1]")
