"""What starting and holding a tagger costs: cold starts, memory, files."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.children import child, tag_command
from benchmarks.speed.report import Table
from benchmarks.speed.subject import Subject

UTTERANCE = "fly to taipei"
LINES = (10_000, 1_000_000)
"""Memory is measured of so many."""


def cold_seconds(command: Sequence[str], runs: int) -> float:
    """The median time of a whole process, its files in the cache of the disk."""
    child(command)
    return statistics.median(child(command).seconds for _ in range(runs))


def cold(subject: Subject) -> Table:
    """One utterance from the command line, against Python with what must be loaded."""
    own = [*tag_command(subject.model.folder), UTTERANCE]
    imports = ["numpy", "numpy, onnxruntime", "torch"]
    commands = {f'`slotfill tag "{UTTERANCE}"`': own} | {
        f'`python -c "import {names}"`': [sys.executable, "-c", f"import {names}"] for names in imports
    }
    found = {name: cold_seconds(command, 2 * subject.runs) for name, command in commands.items()}
    own_seconds = next(iter(found.values()))
    rows = [[name, seconds, own_seconds / seconds] for name, seconds in found.items()]
    return Table("Cold start", {"command": "", "seconds": ".3f", "slotfill / this": ".2f"}, rows)


def memory(subject: Subject, counts: Sequence[int]) -> Table:
    """Peak memory of tagging more and more lines."""
    rows = []
    for count in counts:
        taken = child(tag_command(subject.model.folder), subject.file(count))
        rows.append([count, taken.seconds, taken.mebibytes])
    return Table("Peak memory of `slotfill tag`", {"lines": ",", "seconds": ".1f", "MiB": ".0f"}, rows)


def sizes(subject: Subject) -> Table:
    """The model's files."""
    files = sorted(subject.model.folder.iterdir(), key=lambda file: -file.stat().st_size)
    rows = [[file.name, file.stat().st_size / 1024] for file in files]
    rows.append(["all", size_of(subject.model.folder)])
    return Table("On disk", {"file": "", "KiB": ",.0f"}, rows)


def size_of(folder: Path) -> float:
    """The size of all files of a model, in KiB."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / (1 << 10)
