"""What every step met, while training goes on."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from slotfill.cli._step_log import STDOUT, StepLog
from slotfill.learning.history import Step


@pytest.mark.parametrize("place", [STDOUT, Path("new/out")], ids=["stdout", "file"])
def test_a_line_can_be_read_as_soon_as_its_step_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("new").mkdir()
    with Path("new/out").open("wb") as stdout:
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stdout))
        with StepLog(place) as log:
            for step in (1, 2):
                log(Step(1, step, 0.5, 1.0, None, clipped=False, learning_rate=0.1, refused=False))
                lines = Path("new/out").read_bytes().splitlines()
                assert [json.loads(line)["step"] for line in lines] == list(range(1, step + 1))
        assert stdout.closed is False
