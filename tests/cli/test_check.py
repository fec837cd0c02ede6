"""`slotfill check`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from slotfill.cli import check as cli
from slotfill.corpus import formats
from slotfill.corpus.utterance import Utterance


@pytest.fixture
def corpus(tmp_path: Path) -> str:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "train.conll").write_text("to O\ntaipei S-city\n\nto O\ntaipei O\n\n5pm S-date\n")
    (tmp_path / "mine" / "test.conll").write_text("[to] O\nrome I-date\n\nto O\ntaipei B-city\n")
    return str(tmp_path / "mine")


def test_findings_are_told_in_sentences(
    corpus: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "200")
    cli.command(corpus)
    told = capsys.readouterr().out
    for finding in (
        "train.conll: IOBES tags read as BIO",
        "1 of 3 train utterances repeat an earlier one",
        "1 of 3 train utterances have words that `slotfill tag` would cut otherwise (pass it words cut as here",
        "1 of 2 test utterances have words that `slotfill tag` would cut otherwise",
        "tags in test that train never shows: I-date",
        "illegal tags in test (I- that continues nothing): 1, in utterances 1",
        "1 of 2 test utterances also occur in train (1 different)",
        "same words, different tags: train 1, train 2, test 2: to taipei",
    ):
        assert finding in told


def test_what_train_never_shows_is_told_with_its_share(
    corpus: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "200")
    cli.command("mine", data_dir=Path(corpus).parent)
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "test 1 (25.00%) 2 (50.00%) 0 (0.00%)" in shown


def test_findings_in_a_single_file_name_no_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "one.conll"
    path.write_text("to O\n5pm O\n\nto O\n5pm O\n")
    cli.command(str(path))
    told = capsys.readouterr().out
    for finding in (
        "no utterance has a slot",
        "1 of 2 utterances repeat an earlier one",
        "• words that it would cut: 5pm",
    ):
        assert finding in told


def test_each_number_stands_under_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "200")
    path = tmp_path / "mine.data"
    path.write_text(
        "# intent = go\nto O\nnew B-city\nyork I-city\non O\nmonday B-day\nat O\nnoon B-time\n\n"
        "# intent = go#stay\nto O\nrome B-city\n\nhello O\n\nhello O\n"
    )
    cli.command(str(path), from_format="conll")
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "split utterances words different slots tags intents longest" in shown
    assert "all 4 11 9 3 5 2 7" in shown
    assert "• 1 of 4 utterances have several intents, by # or +" in shown


def test_a_line_lists_six_and_says_how_many_more_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "200")
    words = [f"w{i}" for i in range(7)]
    (tmp_path / "train.conll").write_text("\n\n".join(f"{word} O\n\n{word} O" for word in words))
    (tmp_path / "test.conll").write_text("\n\n".join(f"{word} B-s{word}" for word in words))
    for hidden in (1, 0):
        cli.command(str(tmp_path))
        told = capsys.readouterr().out
        assert f"{7 if hidden else 6} of {7 if hidden else 6} test utterances also occur in train" in told
        assert "train has no slots" in told
        assert told.count("same words, different tags") == 6
        assert ("1 more sentence with different labels: see --json" in told) == bool(hidden)
        assert ("B-sw5 and 1 more" in told) == bool(hidden)
        assert "intents in test" not in told
        (tmp_path / "test.conll").write_text("\n\n".join(f"{word} B-s{word}" for word in words[:6]))


def test_a_clean_corpus_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "clean.conll"
    path.write_text("to O\nrome B-city\n")
    cli.command(str(path))
    assert "Nothing found that would mislead" in capsys.readouterr().out


def test_json_is_one_object_on_stdout_and_findings_are_no_error(corpus: str):
    command = [sys.executable, "-m", "slotfill", "check", corpus, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["splits"]["test"]["unseen"]["words"] == {"types": ["[to]", "rome"], "share": 0.5}


def test_a_ragged_line_ends_with_3_and_one_line(tmp_path: Path):
    path = tmp_path / "bad.conll"
    path.write_text("to O\nx y O\n")
    command = [sys.executable, "-m", "slotfill", "check", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"slotfill: {path}:2: 3 columns, but 2 in the lines before\n"


def test_utterances_without_an_intent_are_told_of_where_others_have_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    asked, unknown = (Utterance((word,), ("O",), intent) for word, intent in (("pay", "pay"), ("go", None)))
    for name, utterances in (("part", [asked, unknown]), ("none", [unknown]), ("all", [asked])):
        formats.load("jsonl").write(utterances, tmp_path / f"{name}.jsonl")
        cli.command(str(tmp_path / f"{name}.jsonl"))
        assert ("• 1 of 2 utterances have no intent" in capsys.readouterr().out) == (name == "part")
