"""What every step met, while training goes on."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from slotfill.cli._step_log import StepLog
from slotfill.files import STDOUT
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


def test_a_file_of_an_earlier_training_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "steps").write_text("of another training\n")
    with StepLog(tmp_path / "steps") as log:
        log(Step(1, 1, 0.5, 1.0, None, clipped=False, learning_rate=0.1, refused=False))
    (line,) = (tmp_path / "steps").read_text().splitlines()
    assert json.loads(line)["step"] == 1


def test_a_line_that_is_written_in_part_is_told_of(tmp_path: Path) -> None:
    program = f"""
import resource, signal
from tests.cli.test_step_log import *
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
with StepLog(Path({str(tmp_path / "steps")!r})) as log:
    for step in range(1, 9):
        log(Step(1, step, 0.5, 1.0, None, clipped=False, learning_rate=0.1, refused=False))
    log.require_whole()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    told = f"{tmp_path / 'steps'} ends before step 4 of epoch 1: File too large"
    assert done.stderr.startswith(f"{told}\n")
    assert done.stderr.endswith(f"SlotfillError: {told}\n")
