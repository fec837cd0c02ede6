"""Commands as processes of their own, and what they took."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""Where commands run, so that they find this package."""

_LAUNCH = Path(__file__).with_name("launch.py")

ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "BLIS")}


@dataclass(frozen=True)
class Taken:
    """What a process took.

    Attributes:
        seconds: from its start to its end.
        cpu_seconds: of all its threads, and of the processes it waited for.
        mebibytes: the most memory that it held at a time; that of processes it started apart.
    """

    seconds: float
    cpu_seconds: float
    mebibytes: float


def child(command: Sequence[str], text: Path | None = None) -> Taken:
    """Run a command to its end, `text` as its input and its output thrown away; raise `SystemExit` if it fails.

    An interruption ends it and all that it has started.
    """
    launched = [sys.executable, "-S", str(_LAUNCH), str(text or os.devnull), *command]
    with subprocess.Popen(launched, stdout=subprocess.PIPE, cwd=ROOT, process_group=0) as process:
        try:
            told, _ = process.communicate()
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return Taken(*map(float, told.split()))


def output(command: Sequence[str], threads: dict[str, str]) -> bytes:
    """What a command prints, run with these settings of the libraries' threads."""
    return subprocess.check_output(command, env=os.environ | threads, cwd=ROOT)


def median_seconds(run: Callable[[], object], runs: int) -> float:
    """The median time of a call."""
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def tag_command(model: Path, *more: str) -> list[str]:
    """The command that tags stdin with a model, as a user gives it."""
    return [sys.executable, "-m", "slotfill", "tag", "--model", str(model.resolve()), *more]
