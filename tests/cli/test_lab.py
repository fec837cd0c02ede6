"""`slotfill lab` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import Mock

import pytest
from matplotlib.figure import Figure

from slotfill.cli import _app, lab
from slotfill.corpus.utterance import Utterance
from slotfill.errors import SlotfillError
from slotfill.lab import EXPERIMENTS, claim
from slotfill.lab.experiment import Finding, Outcome, Settings
from slotfill.lab.report import Report
from tests.conftest import Run, write_corpus


def test_without_a_name_it_lists_every_experiment_with_its_claim(slotfill: Run) -> None:
    done = slotfill("lab", COLUMNS="200")
    assert done.returncode == 0
    for name in EXPERIMENTS.names():
        assert f"{name} " in done.stdout
        assert claim(name) in done.stdout
    assert json.loads(slotfill("lab", "--json").stdout).keys() == set(EXPERIMENTS.names())


def test_an_experiment_prints_its_table_and_writes_its_numbers_and_picture(slotfill: Run, tmp_path: Path) -> None:
    done = slotfill("lab", "butterfly", "--quick", "--seed", 3)
    assert done.returncode == 0, done.stderr
    for shown in ("expected", "measured", "holds?", "yes", "20,959", "Source: Bengio"):
        assert shown in done.stdout
    assert "corpus airline, seed 3, quick" in done.stderr
    assert "butterfly is running" in done.stderr
    record = json.loads((tmp_path / "lab" / "butterfly.json").read_text())
    assert (record["seed"], record["quick"], record["corpus"]) == (3, True, "airline")
    assert record["claim"] == claim("butterfly")
    assert all(finding["holds"] for finding in record["findings"])
    assert record["versions"].keys() == {"python", "slotfill", "torch", "numpy", "matplotlib"}
    assert (tmp_path / "lab" / "butterfly.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(file.name for file in (tmp_path / "lab").iterdir()) == ["butterfly.json", "butterfly.png"]


def test_an_experiment_that_is_named_twice_is_run_once(slotfill: Run) -> None:
    assert slotfill("lab", "butterfly", "butterfly").stderr.count("butterfly is running") == 1


def test_an_experiment_is_given_what_was_asked_for(
    flights: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[object, ...]] = []

    def perform(name: str, settings: Settings) -> None:
        given.append((name, settings.seed, settings.quick, settings.corpus.name))
        raise SlotfillError

    monkeypatch.setattr("slotfill.lab.report.perform", perform)
    monkeypatch.chdir(tmp_path)
    write_corpus(tmp_path / "mine" / "atis", train=flights, dev=flights[::4], test=flights[1::4])
    for options in ((), ("--quick",)):
        with pytest.raises(SlotfillError):
            _app.run(["lab", "butterfly", "--seed", "3", "--data-dir", "mine", *options])
    assert given == [("butterfly", 3, False, "atis"), ("butterfly", 3, True, "atis")]


def test_json_is_what_is_written_and_the_folder_can_be_chosen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lab.command(["butterfly"], output=tmp_path / "elsewhere", as_json=True, data_dir=tmp_path)
    assert json.loads(capfd.readouterr().out) == json.loads((tmp_path / "elsewhere" / "butterfly.json").read_text())


def test_a_corpus_without_dev_has_a_tenth_held_out_and_its_notes_are_told(slotfill: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "train.conll").write_text("to O\nrome S-city\n\n" * 30)
    lacking = slotfill("lab", "butterfly", "--corpus", "mine")
    assert (lacking.returncode, lacking.stderr.splitlines()[-1]) == (
        3,
        "slotfill: corpus 'mine' has no split 'test': it has train",
    )
    (tmp_path / "mine" / "test.conll").write_text("to O\nrome S-city\n\n")
    done = slotfill("lab", "butterfly", "--corpus", "mine")
    assert done.returncode == 0, done.stderr
    assert "mine/train.conll: IOBES tags read as BIO" in done.stderr
    assert "mine has no dev split: 3 of its 30 utterances are held out as dev" in done.stderr


def test_a_bad_call_gets_one_clear_line_before_anything_is_run(slotfill: Run, tmp_path: Path) -> None:
    (tmp_path / "slotless.conll").write_text("hello O\n\n" * 30)
    (tmp_path / "one.conll").write_text("to O\nrome B-city\n\n" * 30)
    for arguments, code, reason in (
        (["buterfly"], 2, "choose from"),
        (["butterfly", "--all"], 2, "--all and NAME exclude each other"),
        (["butterfly", "--corpus", "nowhere"], 3, "no such file or folder, and unknown corpus 'nowhere'"),
        (["vanishing", "--corpus", "slotless.conll"], 3, "slotless has no slots: there is nothing to learn"),
        (["bptt", "--corpus", "one.conll"], 3, "one is one file: experiments need train, dev and test apart"),
        (["overfit", "--output", "slotless.conll"], 2, "dir 'slotless.conll' is a file"),
    ):
        done = slotfill("lab", *arguments)
        assert (done.returncode, done.stdout) == (code, "")
        assert reason in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_atis_is_taken_where_it_was_downloaded(slotfill: Run, tmp_path: Path) -> None:
    (tmp_path / "data" / "atis").mkdir(parents=True)
    done = slotfill("lab", "butterfly")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("slotfill: data/atis: no corpus in this folder")


def test_of_trainings_the_last_is_told_of_and_others_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr(lab.time, "monotonic", lambda: now)
    progress = lab._Progress()
    for done in range(1, 6):
        now += 6
        progress(done, 5)
    assert capsys.readouterr().err.splitlines() == [f"{done} of 5 trainings done" for done in (2, 4, 5)]


def test_what_was_not_judged_is_explained_under_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    for holds in (None, True):
        outcome = Outcome([Finding("more is better", "3", holds)], {}, Figure())
        lab._show(Report("adding", "a claim", "a source", Mock(), outcome, 1.0))
        assert ("-: not judged, or too close to call" in capsys.readouterr().out) == (holds is None)
