"""Trainings whose numbers are kept: an interrupted benchmark goes on where it stopped.

Each run's numbers lie in benchmarks/results/ under a digest of its settings and of its corpus. Runs go side by side, a
thread and a core each.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slotfill.cli._console import say
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import WHOLE, Corpus, corpus_digest, open_corpus, split_named, training_splits
from slotfill.corpus.utterance import Utterance
from slotfill.errors import ArtifactError, DataError
from slotfill.files import atomic_file
from slotfill.lab.runs import run_all
from slotfill.learning.artifact import load_network, save
from slotfill.learning.distillation import Teachers
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.tagger import Tagger, load
from slotfill.scoring.evaluation import evaluate

RESULTS = Path(__file__).parent / "results"

CORPORA = "names or folders, separated by commas, each with a test split"
"""What `named` takes, as an option's help."""


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


def named(corpora: str, data_dir: Path) -> list[str]:
    """Corpora, separated by commas, one by one; raise `DataError` if one of them cannot be trained and tested on."""
    found = corpora.split(",")
    for name in found:
        corpus = open_corpus(name, data_dir)
        scored(corpus, "test")
        training_splits(corpus, say)
    return found


def scored(corpus: Corpus, split: str) -> list[Utterance]:
    """The utterances of a split, to score who was trained on the corpus; without a dev split what is held out for it.

    Raises `DataError` if there is none, or if it is the one file that training utterances come from as well.
    """
    if split_named(Path(split)) == "dev":
        return training_splits(corpus, lambda _: None)[1]
    if WHOLE in corpus.splits:
        raise DataError(f"corpus {corpus.name!r} is one file, and trained on: give a folder with train and {split}")
    return corpus.split(split)


def train_and_export(
    corpus: str,
    training: Sequence[Utterance],
    dev: Sequence[Utterance],
    network: NetworkConfig,
    config: TrainingConfig,
    model: Path | None = None,
    teachers: Teachers | None = None,
) -> tuple[Tagger, dict[str, Any]]:
    """The tagger that a user would get, and its `metrics.json`; `model` is the folder that keeps it, if one does.

    Trainings side by side have a core each, as `slotfill compare`'s and teachers', also where there is a GPU.
    """
    config = replace(config, device="cpu")
    trained = train(training, dev, network, config, Listener(), teachers)
    if isinstance(trained.stopped, KeyboardInterrupt | SystemExit):  # A divergence is told in the metrics.
        raise trained.stopped
    with tempfile.TemporaryDirectory() as temporary:
        folder = model or Path(temporary) / "model"
        saved = save(trained, folder, corpus=corpus, training=training, dev=dev, config=config)
        return load(folder), saved.metrics


def result(job: Job) -> dict[str, Any]:
    """The numbers of a run, shares as fractions; from an earlier one with the same settings and corpus if there is one.

    What cannot be read of an earlier one is trained anew. The epoch is chosen by dev; test is scored once, with the
    exported model.
    """
    corpus = open_corpus(job.corpus, job.data_dir)
    known_as = corpus.name, corpus_digest(*corpus.splits.values())
    model = job.place(*known_as)
    file = model.with_name(f"{model.name}.json")
    if not _kept(file, model if job.kept else None):
        test = scored(corpus, "test")
        training, dev = training_splits(corpus, lambda _: None)  # `named` has told.
        teachers = None
        if job.teachers:
            kept = (load_network(Bundle(teacher.place(*known_as))) for teacher in job.teachers)
            teachers = Teachers(*zip(*kept, strict=True))
        tagger, metrics = train_and_export(
            corpus.name, training, dev, job.network, job.training, model if job.kept else None, teachers
        )
        scores = evaluate(test, list(tagger.tag_all(test, confidence=True)), tagger.vocabulary.__contains__)
        numbers = {name: metrics[name] for name in ("seconds", "epochs", "best_epoch", "parameters", "diverged", "dev")}
        with atomic_file(file) as opened:
            opened.write(json.dumps(numbers | {"test": scores.to_json()}))
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _kept(file: Path, model: Path | None) -> bool:
    """Whether an earlier run's numbers, and its model where one is named, can be read."""
    try:
        if model is not None:
            load_network(Bundle(model))
        return isinstance(json.loads(file.read_text()), dict)
    except (FileNotFoundError, ValueError, ArtifactError):
        return False


def results(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """The numbers of several runs, side by side."""
    return run_all(result, jobs)


def mean_percent(found: Sequence[dict[str, Any]], split: str, score: str) -> str:
    """The mean of a score of a split over several runs, for a table; empty if their corpus has no such score."""
    values = [run[split][score] for run in found]
    return "" if None in values else f"{100 * statistics.mean(values):.2f}"
