"""What 8-bit weights gain and cost: `slotfill export --int8`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.speed.footprint import size_of
from benchmarks.speed.report import Table
from benchmarks.speed.subject import Subject
from benchmarks.speed.tagging import measured, stages
from slotfill.cli._console import say
from slotfill.corpus.splits import training_splits
from slotfill.errors import DataError, UsageError
from slotfill.learning.quantisation import LossyError, quantise
from slotfill.runtime.bundle import NETWORK, write


def table(subject: Subject) -> Table:
    """One row a form of the model; without numbers where 8-bit weights are refused."""
    title, note = "8-bit weights", "`slotfill export --int8`; raw text to JSON lines with one thread."
    try:
        quantised = quantise(subject.model, "int8", *training_splits(subject.corpus, say))
    except (LossyError, DataError, UsageError) as refused:  # A model of another corpus or of 8 bits, say.
        return Table(title, {"weights": "", "refused": ""}, [["8 bits", str(refused)]], note)
    folder = subject.folder / "int8"
    write(folder, quantised.files)
    columns = {
        "weights": "",
        "dev F1": ".2%",
        "the network alone, words/s": ",.0f",
        "one process, model loaded, words/s": ",.0f",
        f"{NETWORK}, KiB": ",.0f",
        "on disk, KiB": ",.0f",
    }
    rows = [
        _row("as trained", quantised.before.f1, subject.model.folder, subject),
        _row("8 bits", quantised.after.f1, folder, subject),
    ]
    return Table(title, columns, rows, note)


def _row(name: str, f1: float, model: Path, subject: Subject) -> list[Any]:
    return [
        name,
        f1,
        subject.words / stages(model, subject.lines, subject.runs)["network"],
        subject.words / measured("slotfill", model, subject)["seconds"],
        (model / NETWORK).stat().st_size / 1024,
        size_of(model),
    ]
