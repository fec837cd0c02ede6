"""Fixtures of the benchmarks' tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import runs
from benchmarks.runs import Job
from benchmarks.speed.subject import Subject
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import open_corpus
from slotfill.corpus.utterance import Utterance
from slotfill.runtime.bundle import Bundle
from tests.conftest import write_corpus


@pytest.fixture(scope="session")
def folder(flights: list[Utterance], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The flights as a corpus on disk; the splits differ in size."""
    made = tmp_path_factory.mktemp("corpus") / "flights"
    return write_corpus(made, train=flights, dev=flights[::3], test=flights[::2])


@pytest.fixture
def job(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A small training, its results in a folder of the test's own."""
    monkeypatch.setattr(runs, "RESULTS", tmp_path / "results")
    network = NetworkConfig(hidden_size=8, word_size=6, character_size=4, character_filters=4)
    return Job(str(folder), tmp_path, network, TrainingConfig(epochs=2, threads=1), kept=True)


@pytest.fixture
def subject(folder: Path, model: Path, tmp_path: Path) -> Subject:
    """A model of flights, to tag 120 lines."""
    corpus = open_corpus(str(folder), Path("data"))
    return Subject(Bundle(model), corpus, str(folder), Path("data"), None, 120, 1, tmp_path)
