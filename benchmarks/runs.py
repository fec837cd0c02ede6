"""Trainings whose numbers are kept: an interrupted benchmark goes on where it stopped.

Each run's numbers lie in benchmarks/results/ under a digest of its settings and of its corpus. Runs go side by side, a
thread and a core each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import open_corpus, training_splits
from slotfill.corpus.utterance import Utterance
from slotfill.files import atomic_file
from slotfill.lab.runs import side_by_side
from slotfill.learning.artifact import corpus_digest, save
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.runtime.tagger import Tagger, load
from slotfill.scoring.evaluation import evaluate

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Job:
    """One training, and what it is scored on: its corpus' test split."""

    corpus: str
    data_dir: Path
    network: NetworkConfig
    training: TrainingConfig


def parser(description: str, corpus: str) -> argparse.ArgumentParser:
    """The options that benchmarks share; `corpus` is the default."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--corpus", default=corpus, help="names or folders, separated by commas")
    made.add_argument("--seeds", default=[0, 1, 2], type=_numbers, help="separated by commas")
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
) -> tuple[Tagger, dict[str, Any]]:
    """The tagger that a user would get, and its `metrics.json`."""
    trained = train(training, dev, network, config, Listener())
    with tempfile.TemporaryDirectory() as folder:
        saved = save(trained, Path(folder) / "model", corpus=corpus, training=training, dev=dev, config=config)
        return load(Path(folder) / "model"), saved.metrics


def result(job: Job) -> dict[str, Any]:
    """The numbers of a run, shares as fractions; from an earlier one with the same settings and corpus if there is one.

    The epoch is chosen by dev; test is scored once, with the exported model.
    """
    corpus = open_corpus(job.corpus, job.data_dir)
    settings = [job.network.to_json(), job.training.to_json(), corpus_digest(*corpus.splits.values())]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
    file = RESULTS / f"{corpus.name}-{job.network.cell}-{job.training.seed}-{digest}.json"
    if not file.exists():
        training, dev = training_splits(corpus, print)
        tagger, metrics = train_and_export(corpus.name, training, dev, job.network, job.training)
        test = corpus.split("test")
        scores = evaluate(test, list(tagger.tag_all(test, confidence=True)), tagger.vocabulary.__contains__)
        kept = {name: metrics[name] for name in ("seconds", "epochs", "best_epoch", "parameters", "dev")}
        RESULTS.mkdir(exist_ok=True)
        with atomic_file(file) as opened:
            opened.write(json.dumps(kept | {"test": scores.to_json()}))
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def results(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """The numbers of several runs, side by side."""
    return side_by_side(result, jobs)
