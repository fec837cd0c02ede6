"""`train --steps FILE`: what every step met, while training goes on."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Self

import orjson

from slotfill.cli._console import say
from slotfill.errors import SlotfillError
from slotfill.files import STDOUT
from slotfill.learning.history import Step


class StepLog:
    """Adds a step's JSON line to a file, begun anew, or to stdout; a reader sees it at once.

    A line that cannot be written is said to be the last, once, and training goes on. To be entered: raises `OSError`
    for a file that cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._ended = path, ""

    def __enter__(self) -> Self:
        self._file: IO[bytes] = sys.stdout.buffer
        if self._path != STDOUT:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._path != STDOUT:
            with suppress(OSError):  # A line that cannot be written is told of already.
                self._file.close()

    def __call__(self, step: Step) -> None:
        """Add a line."""
        if self._ended:
            return
        try:
            self._file.write(orjson.dumps(asdict(step), option=orjson.OPT_APPEND_NEWLINE))
            self._file.flush()
        except OSError as error:
            self._ended = f"{self._path} ends before step {step.step} of epoch {step.epoch}: {error.strerror}"
            say(self._ended)

    def require_whole(self) -> None:
        """Raise `SlotfillError` if a line could not be written."""
        if self._ended:
            raise SlotfillError(self._ended)
