"""Runs side by side, told of as they end: what `compare` and `distill` begin with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from slotfill.cli._console import say
from slotfill.config import cores
from slotfill.learning.side_by_side import train_all
from slotfill.legible import counted

if TYPE_CHECKING:
    from slotfill.learning.side_by_side import Run


def train_missing(
    title: str,
    runs: Sequence[Run],
    corpus: str,
    data_dir: Path,
    jobs: int | None,
    corpus_sha256: str,
    option: str,
) -> dict[str, str]:
    """Train the runs that are not finished.

    Args:
        title: what they are, said first.
        runs: in one folder.
        corpus: as `slotfill train` takes it.
        data_dir: where downloaded corpora are.
        jobs: how many at a time; None: as many as the machine has cores.
        corpus_sha256: the digest of what they train on.
        option: that by which their folder was chosen.

    Returns:
        The last words of each run that ended with an error, by its name.
    """
    missing = [run for run in runs if not run.finished(corpus_sha256, option)]
    ended = len(runs) - len(missing)
    say(f"{title}: {counted(len(runs), 'run')}, {ended} of them finished already")

    def tell(run: Run, last_words: str | None) -> None:
        nonlocal ended
        ended += 1
        say(f"{ended} of {len(runs)}: {run.name}: {last_words or 'trained'}")

    try:
        return train_all(missing, corpus, data_dir, jobs or cores(), tell)
    except (KeyboardInterrupt, SystemExit):
        say(f"stopped; finished runs are kept in {runs[0].folder.parent}: the same command goes on from there")
        raise
