"""Students of kept trainings."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import runs
from benchmarks.distillation import main, student, teachers_of
from benchmarks.runs import Job
from slotfill.config import NetworkConfig
from slotfill.errors import SlotfillError
from slotfill.learning.distillation import Teachers
from tests.benchmarks.numbers import run


@pytest.fixture
def teachers(job: Job) -> list[Job]:
    """Two, not yet trained."""
    return [replace(job, training=replace(job.training, seed=seed)) for seed in (0, 1)]


def scores(f1: float, intent: float | None) -> dict[str, Any]:
    return {"dev": {"f1": f1, "intent_accuracy": intent}}


def test_no_two_students_share_a_teacher(tmp_path: Path) -> None:
    groups = [teachers_of("c", tmp_path, seed, 3) for seed in (0, 1, 4)]
    assert [[job.training.seed for job in group] for group in groups] == [[0, 1, 2], [3, 4, 5], [12, 13, 14]]
    assert all(job.kept and job.network == NetworkConfig() for group in groups for job in group)


def test_a_student_starts_as_the_teacher_that_does_best_on_dev_and_learns_from_all(
    teachers: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert student(teachers, [scores(0.9, 0.8), scores(0.8, 0.95)], 3).teachers == (teachers[1], teachers[0])
    assert student(teachers, [scores(0.9, None), scores(0.8, None)], 3).teachers == tuple(teachers)
    one = student(teachers, [scores(0.9, 0.9), scores(0.8, 0.9)], 3)
    assert (one.training.seed, one.training.distillation) == (3, 1.0)
    assert one.place("c", "digest") != replace(one, teachers=one.teachers[::-1]).place("c", "digest")
    for teacher in teachers:
        runs.result(teacher)
    begun: list[Teachers] = []
    monkeypatch.setattr(Teachers, "begin", lambda self, _: begun.append(self))
    runs.result(one)
    assert len(begun) == 1


def test_a_corpus_has_a_row_of_all_teachers_and_one_of_their_students(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[list[Job]] = []

    def results(jobs: list[Job]) -> list[dict[str, Any]]:
        asked.append(jobs)
        return [run((80 + job.training.seed) / 100, 2, 0.9) for job in jobs]

    monkeypatch.setattr(runs, "results", results)
    monkeypatch.setattr(sys, "argv", ["distillation", "--corpus", str(folder), "--seeds", "0,3", "--teachers", "2"])
    main()
    _, _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[:3] for row in rows] == [["| flights", "teachers", "4"], ["| flights", "students", "2"]]
    assert [job.training.seed for job in asked[0]] == [0, 1, 6, 7]
    assert [(job.training.seed, [each.training.seed for each in job.teachers]) for job in asked[1]] == [
        (0, [1, 0]),
        (3, [7, 6]),
    ]


def test_a_teacher_that_diverged_teaches_nobody(teachers: list[Job]) -> None:
    found = [scores(0.9, 0.9) | {"diverged": False}, scores(0.8, 0.8) | {"diverged": True}]
    with pytest.raises(SlotfillError, match=r"the teacher of seed 1 on .* diverged"):
        student(teachers, found, 0)
