"""Slotfill beside what else a user might pick, on the same corpus and machine."""

from __future__ import annotations

import statistics
import sys
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.speed.children import child, tag_command
from benchmarks.speed.footprint import UTTERANCE, cold_seconds, size_of
from benchmarks.speed.report import Table
from benchmarks.speed.subject import Subject
from benchmarks.speed.tagging import measured
from benchmarks.speed.training_cache import Training, cached_training
from slotfill.scoring.evaluation import micro_f1

PEERS = {
    "crfsuite": ("pycrfsuite", "python-crfsuite, window features"),
    "spacy": ("spacy", "spaCy, blank `en`"),
}
"""Each peer's module in taggers/: what it imports, and what to call it."""

_PROGRAM = [sys.executable, "-m", "benchmarks.speed.taggers"]


def table(subject: Subject) -> Table:
    """One row a tagger: how accurate it is, and what it costs; peers that are not installed are named in the note."""
    rows = [_row("slotfill", "slotfill", subject, subject.model.folder, subject.training)]
    missing = []
    for peer, (package, name) in PEERS.items():
        if find_spec(package) is None:
            missing.append(name)
            continue
        training = _train(import_module(f"benchmarks.speed.taggers.{peer}"), peer, subject)
        rows.append(_row(peer, name, subject, training.model, training))
    columns = {
        "tagger": "",
        "test F1": ".2%",
        "words/s": ",.0f",
        "slotfill / this": ".1f",
        "median, ms": ".2f",
        "p99, ms": ".2f",
        "cold start, s": ".2f",
        "peak memory, MiB": ".0f",
        "on disk, MiB": ".1f",
        "training, CPU s": ".0f",
    }
    note = "Raw text to JSON lines with one thread, the model loaded; latency is that of one utterance of 10 words."
    if missing:
        note += f" Not installed: {' and '.join(missing)}: `pip install -c constraints.txt -e '.[bench]'`."
    own = rows[0][2]
    return Table("Beside others", columns, [[*row[:3], own / row[2], *row[3:]] for row in rows], note)


def _train(module: ModuleType, peer: str, subject: Subject) -> Training:
    named, data_dir = subject.corpus_name, str(subject.data_dir)
    settings = {"settings": module.SETTINGS, "version": version(module.DISTRIBUTION)}
    return cached_training(
        peer, subject.corpus, settings, lambda model: [*_PROGRAM, peer, "train", str(model), named, data_dir]
    )


def _row(tagger: str, name: str, subject: Subject, model: Path, training: Training | None) -> list[Any]:
    """All columns but the ratio."""
    test = subject.corpus.split("test")
    found = import_module(f"benchmarks.speed.taggers.{tagger}").load(model).tag(test)
    loaded = measured(tagger, model, subject)
    command = tag_command(model) if tagger == "slotfill" else [*_PROGRAM, tagger, "tag", str(model)]
    memory = statistics.median(child(command, subject.text).mebibytes for _ in range(subject.runs))
    return [
        name,
        micro_f1(test, found),
        subject.words / loaded["seconds"],
        loaded["median_ms"],
        loaded["p99_ms"],
        cold_seconds([*command, UTTERANCE], subject.runs),
        memory,
        size_of(model) / 1024,
        training and training.taken.cpu_seconds,
    ]
