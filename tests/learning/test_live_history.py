"""A run's record while it goes on: seen at once, and nothing of others taken away."""

from __future__ import annotations

import errno
import fcntl
import os
from dataclasses import replace
from pathlib import Path

import pytest

from slotfill.errors import UsageError
from slotfill.learning.live_history import LiveHistory
from slotfill.runtime import bundle
from tests.learning.small_runs import EPOCH


def test_a_pipe_in_the_place_of_a_runs_record_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "mine.partial").mkdir()
    os.mkfifo(tmp_path / "mine.partial" / bundle.HISTORY)
    with pytest.raises(UsageError, match=r"mine\.partial, where the run is to be recorded, holds history\.jsonl"):
        LiveHistory(tmp_path / "mine").__enter__()


def test_a_runs_record_takes_nothing_away_that_lay_there(tmp_path: Path) -> None:
    strange = tmp_path / "mine.partial" / "thesis.txt"
    strange.parent.mkdir()
    strange.write_text("mine")
    with pytest.raises(UsageError, match=r"mine\.partial, where the run is to be recorded, holds thesis.txt"):
        LiveHistory(tmp_path / "mine").__enter__()
    assert [file.name for file in strange.parent.iterdir()] == [strange.name]
    with LiveHistory(tmp_path / "other") as history:
        (history.folder / "notes.txt").write_text("meanwhile")
    assert [file.name for file in history.folder.iterdir()] == ["notes.txt"]


def test_a_run_without_an_epoch_leaves_no_record_where_an_earlier_one_failed(tmp_path: Path) -> None:
    history = LiveHistory(tmp_path / "mine")
    history.folder.mkdir()
    (history.folder / bundle.HISTORY).write_text("of before\n")
    with pytest.raises(KeyboardInterrupt), history:
        raise KeyboardInterrupt
    assert not history.folder.exists()


def test_a_reader_of_a_runs_record_sees_an_epoch_at_once(tmp_path: Path) -> None:
    with LiveHistory(tmp_path / "mine") as history:
        for number in (1, 2):
            history.append(replace(EPOCH, epoch=number))
            assert (history.folder / bundle.HISTORY).read_bytes().count(b"\n") == number


def test_lines_of_an_earlier_run_that_failed_do_not_stay(tmp_path: Path) -> None:
    history = LiveHistory(tmp_path / "m")
    history.folder.mkdir()
    (history.folder / bundle.HISTORY).write_text("of before\n")
    with history:
        history.append(EPOCH)
        assert (history.folder / bundle.HISTORY).read_text().count("\n") == 1


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP])
def test_a_run_is_recorded_where_the_file_system_has_no_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with LiveHistory(tmp_path / "mine") as history:
        history.append(EPOCH)
        assert (history.folder / bundle.HISTORY).read_text()


def test_no_other_run_begins_before_the_record_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unlink, tried = Path.unlink, []

    def look_first(path: Path, missing_ok: bool = False) -> None:
        with pytest.raises(UsageError, match="another run is being recorded"):
            LiveHistory(tmp_path / "mine").__enter__()
        tried.append(path)
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", look_first)
    with LiveHistory(tmp_path / "mine") as history:
        history.append(EPOCH)
    assert tried == [history.folder / bundle.HISTORY]
