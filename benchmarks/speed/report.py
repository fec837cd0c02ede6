"""What was measured, as Markdown and JSON, beside the machine and the command."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slotfill.files import atomic_file
from slotfill.runtime.bundle import versions

_VERSIONED = ("numpy", "onnxruntime", "torch")


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        title: what it shows.
        columns: each one's name, and how its values are written, as `format` reads it.
        rows: the values; None: not measured.
        note: how to read it.
    """

    title: str
    columns: dict[str, str]
    rows: Sequence[Sequence[Any]]
    note: str = ""

    def markdown(self) -> str:
        """The table under its title."""
        lines = [f"## {self.title}", ""]
        if self.note:
            lines += [self.note, ""]
        lines += [f"| {' | '.join(self.columns)} |", f"| --- |{' ---: |' * (len(self.columns) - 1)}"]
        for row in self.rows:
            cells = [
                "" if value is None else format(value, "" if isinstance(value, str) else spec)
                for value, spec in zip(row, self.columns.values(), strict=True)
            ]
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"

    def to_json(self) -> dict[str, Any]:
        """The table with a JSON object a row."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "note": self.note, "rows": rows}


def machine() -> dict[str, Any]:
    """Where this runs, and how busy it was before."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        **versions(_VERSIONED),
    }


def command() -> str:
    """What was typed."""
    return shlex.join(["python", "-m", "benchmarks.speed", *sys.argv[1:]])


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    if known.exists():
        for line in known.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@dataclass
class Report:
    """Tables in the order they were measured; each is printed as soon as it is there.

    Attributes:
        subject: what was measured: model and text.
    """

    subject: str
    machine: dict[str, Any] = field(default_factory=machine)
    command: str = field(default_factory=command)
    tables: list[Table] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(self._head(), flush=True)

    def add(self, table: Table) -> None:
        """Keep a table and print it."""
        self.tables.append(table)
        print(table.markdown(), flush=True)

    def _head(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.machine.items())
        return f"# Speed\n\n`{self.command}`\n\n{told}.\n\n{self.subject}\n"

    def write(self, folder: Path) -> None:
        """Write `speed.md` and `speed.json`."""
        found = {
            "command": self.command,
            "machine": self.machine,
            "subject": self.subject,
            "measured": datetime.now(UTC).isoformat(timespec="seconds"),
            "tables": [table.to_json() for table in self.tables],
        }
        with atomic_file(folder / "speed.md") as file:
            file.write("\n".join([self._head(), *(table.markdown() for table in self.tables)]))
        with atomic_file(folder / "speed.json") as file:
            json.dump(found, file, indent=2, ensure_ascii=False)
