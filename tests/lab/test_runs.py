"""Jobs in processes of their own."""

from __future__ import annotations

import math
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from slotfill.lab.runs import run_all


def test_results_come_in_the_jobs_order_and_each_is_told_of() -> None:
    told: list[tuple[int, int]] = []
    assert run_all(math.sqrt, [16.0, 1.0, 9.0], lambda *done: told.append(done)) == [4.0, 1.0, 3.0]
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_error_of_a_job_is_raised() -> None:
    with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
        run_all(math.sqrt, [4.0, -1.0, 9.0])


def test_an_error_leaves_the_callers_own_processes_alone() -> None:
    own = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    own.start()
    try:
        with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
            run_all(math.sqrt, [-1.0])
        assert own.is_alive()
    finally:
        own.terminate()
        own.join()


def stay(pid_file: Path) -> None:
    pid_file.write_text(str(os.getpid()))
    time.sleep(60)


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.0])
def test_an_interruption_ends_it_though_jobs_wait(tmp_path: Path, seconds: float) -> None:
    jobs = f"[Path({str(tmp_path)!r}) / str(number) for number in range(40)]"
    program = (
        "from tests.lab.test_runs import *; from slotfill.cli._console import run, say; say('it begins')\n"
        f"sys.exit(run(lambda: run_all(stay, {jobs})))"
    )
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) as parent:
        assert parent.stderr is not None
        assert parent.stderr.readline() == "it begins\n"
        time.sleep(seconds)
        parent.terminate()
        try:
            assert (parent.wait(30), parent.stderr.read()) == (143, "")
        finally:
            parent.kill()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="sees in /proc whether a process lives")
def test_a_worker_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    program = f"from tests.lab.test_runs import *; run_all(stay, [Path({str(file)!r})])"
    parent = subprocess.Popen([sys.executable, "-c", program])
    try:
        until(lambda: file.exists() and bool(file.read_text()))
        worker = int(file.read_text())
        assert lives(worker)
    finally:
        parent.kill()
        parent.wait()
    until(lambda: not lives(worker))


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """Whether there is such a process, one that waits for a parent to ask after it not counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
