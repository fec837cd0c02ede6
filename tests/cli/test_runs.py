"""Runs side by side, as `compare` and `distill` have them trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from slotfill.cli import _runs
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.learning.side_by_side import Run, plan


@pytest.mark.parametrize(("jobs", "at_once"), [(3, 3), (None, 7)])
def test_as_many_run_at_once_as_asked_for_or_as_there_are_cores_and_each_is_told_of(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    jobs: int | None,
    at_once: int,
) -> None:
    asked: list[int] = []

    def train_all(
        runs: Sequence[Run], corpus: str, data_dir: Path, jobs: int, on_end: Callable[[Run, str | None], Any]
    ) -> dict[str, str]:
        asked.append(jobs)
        for run, last_words in zip(runs, (None, "training diverged"), strict=True):
            on_end(run, last_words)
        return {}

    monkeypatch.setattr(_runs, "train_all", train_all)
    monkeypatch.setattr(_runs, "cores", lambda: 7)
    runs = plan([NetworkConfig(cell="gru")], 2, TrainingConfig(threads=1), tmp_path / "runs")
    _runs.train_missing("two runs", runs, "c", tmp_path, jobs, "digest", "--output")
    assert asked == [at_once]
    assert capsys.readouterr().err.splitlines() == [
        "two runs: 2 runs, 0 of them finished already",
        "1 of 2: gru, seed 0: trained",
        "2 of 2: gru, seed 1: training diverged",
    ]
