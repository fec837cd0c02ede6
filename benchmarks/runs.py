"""Trainings whose numbers are kept: an interrupted benchmark goes on where it stopped.

Each run's numbers lie in benchmarks/results/ under a digest of its settings and of its corpus. Runs go side by side, a
thread and a core each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import corpus_digest, open_corpus, training_splits
from slotfill.corpus.utterance import Utterance
from slotfill.files import atomic_file
from slotfill.lab.runs import side_by_side
from slotfill.learning.artifact import load_network, save
from slotfill.learning.distillation import Teachers
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.tagger import Tagger, load
from slotfill.scoring.evaluation import evaluate

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Job:
    """One training, and what it is scored on: its corpus' test split.

    Attributes:
        teachers: kept trainings that it learns from; it starts as the first.
        kept: whether its model stays in benchmarks/results/, too.
    """

    corpus: str
    data_dir: Path
    network: NetworkConfig
    training: TrainingConfig
    teachers: tuple[Job, ...] = ()
    kept: bool = False

    def place(self, corpus: str, corpus_sha256: str) -> Path:
        """Where its numbers lie, with the suffix .json, and its model, without; for a corpus' name and digest."""
        settings = [self.network.to_json(), self.training.to_json(), corpus_sha256]
        settings += [teacher.place(corpus, corpus_sha256).name for teacher in self.teachers]
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
        return RESULTS / f"{corpus}-{self.network.cell}-{self.training.seed}-{digest}"


def parser(description: str, corpus: str, seeds: Sequence[int] = (0, 1, 2)) -> argparse.ArgumentParser:
    """The options that benchmarks share; `corpus` and `seeds` are the defaults."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--corpus", default=corpus, help="names or folders, separated by commas")
    made.add_argument("--seeds", default=list(seeds), type=_numbers, help="separated by commas")
    made.add_argument("--data-dir", default="data", type=Path)
    return made


def _numbers(given: str) -> list[int]:
    return [int(number) for number in given.split(",")]


def train_and_export(
    corpus: str,
    training: Sequence[Utterance],
    dev: Sequence[Utterance],
    network: NetworkConfig,
    config: TrainingConfig,
    model: Path | None = None,
    teachers: Teachers | None = None,
) -> tuple[Tagger, dict[str, Any]]:
    """The tagger that a user would get, and its `metrics.json`; `model` is the folder that keeps it, if one does."""
    trained = train(training, dev, network, config, Listener(), teachers)
    with tempfile.TemporaryDirectory() as temporary:
        folder = model or Path(temporary) / "model"
        saved = save(trained, folder, corpus=corpus, training=training, dev=dev, config=config)
        return load(folder), saved.metrics


def result(job: Job) -> dict[str, Any]:
    """The numbers of a run, shares as fractions; from an earlier one with the same settings and corpus if there is one.

    The epoch is chosen by dev; test is scored once, with the exported model.
    """
    corpus = open_corpus(job.corpus, job.data_dir)
    known_as = corpus.name, corpus_digest(*corpus.splits.values())
    model = job.place(*known_as)
    file = model.with_name(f"{model.name}.json")
    if not file.exists() or (job.kept and not model.exists()):
        training, dev = training_splits(corpus, print)
        teachers = None
        if job.teachers:
            kept = (load_network(Bundle(teacher.place(*known_as))) for teacher in job.teachers)
            teachers = Teachers(*zip(*kept, strict=True))
        tagger, metrics = train_and_export(
            corpus.name, training, dev, job.network, job.training, model if job.kept else None, teachers
        )
        test = corpus.split("test")
        scores = evaluate(test, list(tagger.tag_all(test, confidence=True)), tagger.vocabulary.__contains__)
        numbers = {name: metrics[name] for name in ("seconds", "epochs", "best_epoch", "parameters", "dev")}
        RESULTS.mkdir(exist_ok=True)
        with atomic_file(file) as opened:
            opened.write(json.dumps(numbers | {"test": scores.to_json()}))
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def results(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """The numbers of several runs, side by side."""
    return side_by_side(result, jobs)


def mean_percent(found: Sequence[dict[str, Any]], split: str, score: str) -> str:
    """The mean of a score of a split over several runs, for a table; empty if their corpus has no such score."""
    values = [run[split][score] for run in found]
    return "" if None in values else f"{100 * statistics.mean(values):.2f}"
