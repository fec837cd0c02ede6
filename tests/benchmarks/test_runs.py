"""Trainings whose numbers are kept, and students of kept trainings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import runs
from benchmarks.distillation import student, teachers_of
from benchmarks.runs import Job
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus import formats
from slotfill.corpus.splits import corpus_digest, open_corpus
from slotfill.corpus.utterance import Utterance
from slotfill.learning.distillation import Teachers

SMALL = NetworkConfig(hidden_size=8, word_size=6, character_size=4, character_filters=4)


@pytest.fixture
def teachers(tmp_path: Path, flights: list[Utterance], monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Two, not yet trained, on a small corpus."""
    monkeypatch.setattr(runs, "RESULTS", tmp_path / "results")
    for name, part in (("train", flights), ("dev", flights[::4]), ("test", flights[::3])):
        formats.load("jsonl").write(part, tmp_path / "c" / f"{name}.jsonl")
    corpus = str(tmp_path / "c")
    return [Job(corpus, tmp_path, SMALL, TrainingConfig(seed=seed, epochs=2, threads=1), kept=True) for seed in (0, 1)]


def known_as(job: Job) -> tuple[str, str]:
    corpus = open_corpus(job.corpus, job.data_dir)
    return corpus.name, corpus_digest(*corpus.splits.values())


def test_a_run_is_trained_once_and_its_model_kept_where_asked_for(teachers: list[Job]) -> None:
    job = teachers[0]
    place = job.place(*known_as(job))
    numbers = runs.result(replace(job, kept=False))
    assert not place.exists()
    assert runs.result(job) | {"seconds": 0} == numbers | {"seconds": 0}
    assert (place / "model.onnx").exists()
    marked = place.with_name(f"{place.name}.json")
    marked.write_text('{"marked": true}')
    assert runs.result(job) == {"marked": True}


def test_no_two_students_share_a_teacher(tmp_path: Path) -> None:
    groups = [teachers_of("c", tmp_path, seed, 3) for seed in (0, 1, 4)]
    assert [[job.training.seed for job in group] for group in groups] == [[0, 1, 2], [3, 4, 5], [12, 13, 14]]
    assert all(job.kept and job.network == NetworkConfig() for group in groups for job in group)


def test_a_student_starts_as_the_teacher_that_does_best_on_dev_and_learns_from_all(
    teachers: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def scores(f1: float, intent: float | None) -> dict[str, dict[str, float | None]]:
        return {"dev": {"f1": f1, "intent_accuracy": intent}}

    assert student(teachers, [scores(0.9, 0.8), scores(0.8, 0.95)], 3).teachers == (teachers[1], teachers[0])
    assert student(teachers, [scores(0.9, None), scores(0.8, None)], 3).teachers == tuple(teachers)
    one = student(teachers, [scores(0.9, 0.9), scores(0.8, 0.9)], 3)
    assert (one.training.seed, one.training.distillation) == (3, 1.0)
    corpus = known_as(one)
    assert one.place(*corpus) != replace(one, teachers=one.teachers[::-1]).place(*corpus)
    for teacher in teachers:
        runs.result(teacher)
    begun: list[Teachers] = []
    monkeypatch.setattr(Teachers, "begin", lambda self, _: begun.append(self))
    runs.result(one)
    assert len(begun) == 1
