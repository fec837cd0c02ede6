"""`train --steps FILE`: what every step met, while training goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import IO

import orjson

from slotfill.cli._console import say
from slotfill.errors import SlotfillError
from slotfill.learning.history import Step

STDOUT = Path("-")


@contextmanager
def step_log(path: Path) -> Iterator[Callable[[Step], None]]:
    """A function that adds a step's JSON line to a file, begun anew, or to stdout (`-`); a reader sees it at once.

    A line that cannot be written is said to be the last, once, and training goes on. Raises `OSError` for a file that
    cannot be opened, and at the end `SlotfillError` for one that ends before the last step.
    """
    ended = ""

    def add(step: Step) -> None:
        nonlocal ended
        if ended:
            return
        try:
            file.write(orjson.dumps(asdict(step), option=orjson.OPT_APPEND_NEWLINE))
            file.flush()
        except OSError as error:
            ended = f"{path} ends before step {step.step} of epoch {step.epoch}: {error.strerror}"
            say(ended)

    with _opened(path) as file:
        yield add
    if ended:
        raise SlotfillError(ended)


def _opened(path: Path) -> AbstractContextManager[IO[bytes]]:
    if path == STDOUT:
        return nullcontext(sys.stdout.buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb", buffering=0)
