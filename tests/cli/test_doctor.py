"""`slotfill doctor` on a model that is well, and on one that was made ill."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch

from slotfill.cli._screen import Screen
from slotfill.cli.doctor import _bars, _half_life, _healthy, _show_cells, _show_training
from slotfill.corpus import formats
from slotfill.corpus.utterance import Utterance
from slotfill.learning.diagnostics import CellExamination, Course, Examination, Fit
from slotfill.runtime import bundle
from tests.conftest import Run, forged, write_corpus


def test_a_healthy_model_gets_a_report_and_no_diagnosis(slotfill: Run, model: Path, corpus: Path) -> None:
    done = slotfill("doctor", model, corpus)
    assert done.returncode == 0, done.stderr
    assert "nothing found" in done.stdout
    assert "layer 1, backwards" in done.stdout
    assert "on training utterances" in done.stdout
    assert "of the steps clipped" in done.stdout
    assert "dev: 19 of 19 utterances" in done.stderr


def test_its_table_fits_eighty_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    cell = CellExamination(12, "backwards", "jordan", (1.0, *[1e-5] * 10), 0.03, (1.3,), {"a": 1.0}, 1.0)
    _show_cells(Screen(), Examination(1, (cell,)))
    shown = capsys.readouterr().out
    assert "…" not in shown
    row = next(line.split() for line in shown.splitlines() if "layer 12" in line)
    assert row[2:5] + row[6:] == ["backwards", "1.30", "0.03", "<0.01%", "100%", "100%"]


def test_an_ill_model_is_diagnosed_in_words_and_as_json(slotfill: Run, model: Path, corpus: Path) -> None:
    weights = safetensors.torch.load_file(model / bundle.WEIGHTS)
    for name, value in weights.items():
        if name.endswith("cells.0.bias"):
            value.chunk(4)[1].fill_(-30)
        if name.endswith("cells.0.recurrent_weight"):
            value.mul_(0.01)
    ill = forged(model, corpus.parent / "ill", {bundle.WEIGHTS: safetensors.torch.save(weights)})

    record = json.loads(slotfill("doctor", ill, corpus, "--json").stdout)
    assert record["model"] == str(ill)
    assert (record["corpus"], record["split"], record["utterances"]) == ("flights", "dev", 19)
    (vanishing,) = [each for each in record["diagnoses"] if each["name"] == "vanishing gradient"]
    assert vanishing["severity"] == "serious"
    assert vanishing["finding"].startswith("layer 1, forwards: the gradient falls by a factor of 0.")
    assert record["cells"][0]["left"] < 0.001 < record["cells"][1]["left"]
    assert record["fit"]["training_f1"] <= 1
    shown = slotfill("doctor", ill, corpus).stdout
    assert "vanishing gradient (serious): layer 1, forwards" in shown
    assert "to change: raise --forget-bias" in shown


def test_the_corpus_must_be_there_and_the_model_whole(slotfill: Run, model: Path, corpus: Path) -> None:
    done = slotfill("doctor", model)
    assert (done.returncode, done.stdout) == (3, "")
    assert "name the corpus in the call, after the model\n" in done.stderr
    broken = Path(shutil.copytree(model, corpus.parent / "broken"))
    (broken / bundle.WEIGHTS).write_bytes(b"no weights")
    done = slotfill("doctor", broken, corpus)
    assert (done.returncode, done.stdout) == (4, "")
    assert "is damaged" in done.stderr


def test_on_another_corpus_nothing_is_compared_with_training(
    slotfill: Run, model: Path, corpus: Path, flights: list[Utterance]
) -> None:
    other = corpus.parent / "other" / "flights.jsonl"
    formats.load("jsonl").write(flights, other)
    done = slotfill("doctor", model, other, "--json")
    record = json.loads(done.stdout)
    assert (record["fit"], record["utterances"]) == (None, len(flights))
    assert "the model was trained on flights, not on this corpus" in done.stderr


@pytest.mark.parametrize("command", ["doctor", "eval", "errors"])
def test_another_corpus_of_the_same_name_is_not_taken_for_the_models_own(
    slotfill: Run, model: Path, tmp_path: Path, flights: list[Utterance], command: str
) -> None:
    write_corpus(tmp_path / "flights", train=flights[:5])
    done = slotfill(command, model)
    assert (done.returncode, done.stdout) == (3, "")
    assert "'flights' has changed since the model was trained on it, or is another corpus of that name" in done.stderr


@pytest.mark.parametrize(("clipping", "told"), [(True, "25% of the steps clipped; "), (False, "no clipping; ")])
def test_steps_that_nothing_could_clip_are_not_counted(
    capsys: pytest.CaptureFixture[str], clipping: bool, told: str
) -> None:
    course = Course(clipping, False, None, None, 0.25, 1.0, 2.0, 0, False, 0.0)
    _show_training(Screen(), Examination(1, (), course=course))
    assert capsys.readouterr().out.startswith(told)


def test_bars_show_the_share_of_the_largest() -> None:
    assert _bars((1.0, 0.5, 0.25, 0.0)) == "█▄▂ "
    assert _bars((1.0, 2.0)) == "▄█"
    assert _bars(()) == ""


def test_healthy_is_called_what_was_measured_and_no_more() -> None:
    cell = CellExamination(1, "forwards", "lstm", (1.0, 0.5), 0.5, (0.9,), {}, 0.0)
    unknown = replace(cell, decay=None)
    fit = Fit(1.0, 1.0)
    assert _healthy(Examination(1, (unknown, cell), fit)) == "gradient, units and scores look healthy"
    assert _healthy(Examination(1, (unknown,), fit)) == "units and scores look healthy; gradient could not be examined"
    assert _healthy(Examination(1, (cell,))) == "gradient and units look healthy; scores could not be examined"
    assert _healthy(Examination(1, (unknown,))) == "units look healthy; gradient and scores could not be examined"


@pytest.mark.parametrize(("gradient", "told"), [((1.0, 0.9, 0.8), "> 2"), ((1.0, 0.5, 0.2), "1.00"), ((), "–")])
def test_a_half_life_beyond_what_was_measured_is_told_by_that(gradient: tuple[float, ...], told: str) -> None:
    decay = 0.9 if gradient else None
    cell = CellExamination(1, "forwards", "lstm", gradient, decay, (), {}, 0.0)
    assert _half_life(cell) == told
