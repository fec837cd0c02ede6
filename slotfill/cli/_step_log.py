"""`train --steps FILE`: what every step met, while training goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import orjson

from slotfill.cli._console import say
from slotfill.learning.history import Step


@contextmanager
def step_log(path: Path) -> Iterator[Callable[[Step], None]]:
    """A function that adds a step's JSON line to a file, which is begun anew; a reader sees it at once.

    A line that cannot be written is said to be the last, once, and training goes on. Raises `OSError` for a file that
    cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writing = True

    def add(step: Step) -> None:
        nonlocal writing
        if not writing:
            return
        try:
            file.write(orjson.dumps(asdict(step), option=orjson.OPT_APPEND_NEWLINE))
        except OSError as error:
            writing = False
            say(f"{path} ends here, before step {step.step} of epoch {step.epoch}: {error.strerror}")

    with path.open("wb", buffering=0) as file:
        yield add
