"""`slotfill distill`: teachers, then a student."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

from slotfill.cli import _app, _fit, _runs
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.learning.distillation import student_of
from slotfill.learning.history import selection_score_of
from slotfill.learning.side_by_side import Run as Training
from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle
from tests.conftest import Run, forged, write_corpus

SMALL = ("--hidden-size", 12, "--epochs", 3, "--teachers", 2, "--jobs", 2)


@pytest.fixture
def corpus(tmp_path: Path, flights: list[Utterance]) -> Path:
    write_corpus(tmp_path / "c", train=flights, dev=flights[::4])
    return tmp_path


def test_teachers_are_trained_once_and_the_student_is_a_model_like_any(slotfill: Run, corpus: Path) -> None:
    done = slotfill("distill", "c", *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    assert "2 teachers on c: 2 runs, 0 of them finished already" in done.stderr
    assert "teachers' mean dev F1" in done.stderr
    student = Bundle(corpus / "models" / "c-distilled")
    assert json.loads(done.stdout)["model"] == "models/c-distilled"
    assert student.read_json(bundle.CONFIG)["training"]["distillation"] == 1.0
    teacher = Bundle(corpus / "distill" / "c" / "lstm-1")
    assert teacher.read_json(bundle.CONFIG)["training"]["distillation"] is None
    sizes = [model.read_json(bundle.METRICS)["parameters"] for model in (student, teacher)]
    assert sizes[0] == sizes[1]

    again = slotfill("distill", "c", *SMALL, "--quiet", "--force")
    assert again.returncode == 0, again.stderr
    assert "2 runs, 2 of them finished already" in again.stderr

    other = slotfill("distill", "c", *SMALL, "--no-crf", "--output", "other")
    assert other.returncode == 2
    assert (
        "lstm-0 is from another corpus or has other settings: choose another --teachers-dir, or remove it"
        in other.stderr.splitlines()[-1]
    )
    assert not (corpus / "other").exists()


def test_an_existing_model_is_refused_before_any_teacher_is_trained(slotfill: Run, corpus: Path) -> None:
    (corpus / "mine").mkdir()
    (corpus / "mine" / "file").write_text("")
    done = slotfill("distill", "c", *SMALL, "--output", "mine")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "slotfill: mine exists and is no model: choose another name\n"
    assert not (corpus / "distill").exists()


@pytest.mark.slow
def test_the_student_starts_as_the_best_on_dev_and_a_diverged_one_teaches_nobody(slotfill: Run, corpus: Path) -> None:
    assert slotfill("distill", "c", *SMALL).returncode == 0
    worse, better = (corpus / "distill" / "c" / name for name in ("lstm-0", "lstm-1"))
    for teacher, f1 in ((worse, 0.1), (better, 0.9)):
        metrics = Bundle(teacher).read_json(bundle.METRICS)
        change_metrics(teacher, {"dev": metrics["dev"] | {"f1": f1}})
    done = slotfill("distill", "c", *SMALL, "--output", "student")
    assert done.returncode == 0, done.stderr
    assert "teachers' mean dev F1 50.00" in done.stderr
    student, best = (
        selection_score_of(Bundle(each).read_json(bundle.METRICS)["dev"]) for each in (corpus / "student", better)
    )
    assert ("the student does worse on dev than distill/c/lstm-1" in done.stderr) == (student < best)
    assert student != best
    begun, near, far = (embedding(folder) for folder in (corpus / "student", better, worse))
    # A few steps move it a little; the teachers began at random.
    assert np.abs(begun - near).mean() < np.abs(begun - far).mean() / 2

    change_metrics(better, {"diverged": True})
    done = slotfill("distill", "c", *SMALL, "--output", "other")
    assert done.returncode == 1
    assert "lstm-1 diverged in training and cannot teach" in done.stderr.splitlines()[-1]
    assert not (corpus / "other").exists()


def change_metrics(model: Path, changes: dict[str, Any]) -> None:
    metrics = Bundle(model).read_json(bundle.METRICS) | changes
    forged(model, model, {bundle.METRICS: json.dumps(metrics).encode()})


def embedding(model: Path) -> NDArray[np.float32]:
    return safetensors.numpy.load_file(model / bundle.WEIGHTS)["features.embedding.weight"]


def test_teachers_and_student_have_the_settings_that_were_asked_for(
    model: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: list[Any] = []
    asked: dict[str, Any] = {}

    def train_missing(_: str, runs: list[Training], *__: object) -> dict[str, str]:
        taught.extend(runs)
        for run in runs:
            forged(model, run.folder, {})
        return {}

    def fit(*given: Any, **named: Any) -> dict[str, Any]:
        asked.update(named, given=given)
        return Bundle(model).read_json(bundle.METRICS)

    monkeypatch.setattr(_runs, "train_missing", train_missing)
    monkeypatch.setattr(_fit, "fit", fit)
    monkeypatch.chdir(corpus)
    options = "--teachers 3 --teachers-dir kept --cell gru --hidden-size 7 --no-crf --seed 5 --epochs 4 --patience 6"
    assert (
        _app.run(["distill", "c", *options.split(), "--share", "0.5", "--jobs", "2", "--output", "m", "--quiet"]) == 0
    )
    network = NetworkConfig(cell="gru", hidden_size=7, crf=False)
    alone = TrainingConfig(epochs=4, patience=6, threads=1, device="cpu")
    assert taught == [Training(network, replace(alone, seed=seed), Path(f"kept/gru-{seed}")) for seed in range(3)]
    config = TrainingConfig(seed=5, epochs=4, patience=6, distillation=0.5, threads=2)
    folder, name, _, _, *settings = asked["given"]
    assert (folder, name, tuple(settings)) == (Path("m"), "c", student_of(network, config))
    assert (asked["quiet"], asked["as_json"]) == (True, False)


@pytest.mark.parametrize("options", [("--share", 1.5), ("--teachers", 1)])
def test_a_value_out_of_range_is_refused_before_any_teacher_is_trained(
    slotfill: Run, corpus: Path, options: tuple[str, float]
) -> None:
    done = slotfill("distill", "c", *SMALL, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Invalid value for '{options[0]}'" in done.stderr.splitlines()[-1]
    assert not (corpus / "distill").exists()
