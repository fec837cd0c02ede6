"""`slotfill distill`: teachers, then a student."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slotfill.corpus import formats
from slotfill.corpus.utterance import Utterance
from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle
from tests.conftest import Run

SMALL = ("--hidden-size", 12, "--epochs", 3, "--teachers", 2, "--jobs", 2)


@pytest.fixture
def corpus(tmp_path: Path, flights: list[Utterance]) -> Path:
    for name, part in (("train", flights), ("dev", flights[::4])):
        formats.load("jsonl").write(part, tmp_path / "c" / f"{name}.jsonl")
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


def test_an_existing_model_is_refused_before_any_teacher_is_trained(slotfill: Run, corpus: Path) -> None:
    (corpus / "mine").mkdir()
    (corpus / "mine" / "file").write_text("")
    done = slotfill("distill", "c", *SMALL, "--output", "mine")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "slotfill: mine exists and is no model: choose another name\n"
    assert not (corpus / "distill").exists()
