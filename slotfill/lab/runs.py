"""Many small trainings side by side: a process a core, a thread a process."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

import torch

from slotfill.config import cores

Key = TypeVar("Key")
Job = TypeVar("Job")
Result = TypeVar("Result")


def run_all(
    function: Callable[[Job], Result], jobs: Sequence[Job], progress: Callable[[int, int], None] | None = None
) -> list[Result]:
    """`function` of each job, in the jobs' order; the first error that one of them raises is raised.

    A job that draws its random numbers from a seed of its own gives the same result wherever and whenever it runs.

    Args:
        function: a module's own function, which other processes can import.
        jobs: what to call it with; the longest first waste least time at the end.
        progress: told how many are done, and of how many, whenever one ends.
    """
    context, others = multiprocessing.get_context("spawn"), set(multiprocessing.active_children())
    with ProcessPoolExecutor(cores(), context, initializer=_begin) as pool:
        try:
            # Not `pool.map`, which cancels what waits: the pool cannot tell a cancelled job that its process is dead.
            waiting = [pool.submit(function, job) for job in jobs]
            for done, each in enumerate(as_completed(waiting), start=1):
                each.result()
                if progress is not None:
                    progress(done, len(jobs))
            return [each.result() for each in waiting]
        except BaseException:
            # Otherwise an interruption waits for all that is queued.
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise


def run_named(
    function: Callable[[Job], Result], jobs: Mapping[Key, Job], progress: Callable[[int, int], None] | None = None
) -> dict[Key, Result]:
    """`run_all` of jobs that have names, which their results keep."""
    return dict(zip(jobs, run_all(function, list(jobs.values()), progress), strict=True))


def _begin() -> None:
    """One thread a process; an interruption is for the process that started this one, and its end is this one's."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
