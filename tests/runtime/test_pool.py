"""Several processes: the same records in the same order, and no process left behind."""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Thread
from typing import cast

import pytest

from slotfill.errors import DataError, SlotfillError
from slotfill.runtime import pool
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.lines import Chunk, OnError
from slotfill.runtime.pool import records
from slotfill.runtime.recorder import Recorder, RecorderConfig, Records


def recorder(model: Path, on_error: OnError = "fail") -> Recorder:
    return Recorder(RecorderConfig(Bundle(model), "jsonl", "in", on_error, tokenized=False, reads="text", asked={}))


def chunks_of(lines: list[bytes], size: int) -> Iterator[Chunk]:
    return (Chunk(1 + start, lines[start : start + size]) for start in range(0, len(lines), size))


def no_process_is_left() -> bool:
    """Whether none is, once the threads that await their ends have seen them."""
    for _ in range(100):
        if not multiprocessing.active_children():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("size", [1, 700])
def test_records_are_those_of_one_process_in_order(model: Path, size: int) -> None:
    lines = [b"fly from oslo to st. louis %d" % (i % 7) if i % 5 else b"\xff" for i in range(20 * size)]
    alone = recorder(model, "record")
    expected = [alone(chunk) for chunk in chunks_of(lines, size)]
    found = list(records(chunks_of(lines, size), alone, jobs=3))
    assert [each.text for each in found] == [each.text for each in expected]
    assert [list(map(str, each.errors)) for each in found] == [list(map(str, each.errors)) for each in expected]
    assert no_process_is_left()


def test_few_lines_start_no_other_process(model: Path) -> None:
    with closing(records(chunks_of([b"fly"] * 50, 10), recorder(model), jobs=2)) as found:
        for each in found:
            assert each.text.count("\n") == 10
            assert no_process_is_left()


@pytest.mark.parametrize(("chunks", "jobs"), [(1, 4), (3, 2)])
def test_a_chunk_of_many_lines_starts_one_other_process_up_to_as_many_as_are_asked_for(
    model: Path, chunks: int, jobs: int
) -> None:
    asked = Event()

    def some_and_later_more() -> Iterator[Chunk]:
        yield from chunks_of([b"fly"] * 200 * chunks, 200)
        asked.wait(60)

    with closing(records(some_and_later_more(), recorder(model), jobs=jobs)) as found:
        for _ in range(chunks):
            next(found)
        time.sleep(1)
        assert len(multiprocessing.active_children()) == 1
        asked.set()


def test_chunks_are_not_read_far_ahead_of_the_records_that_are_taken(model: Path) -> None:
    read = 0

    def counted() -> Iterator[Chunk]:
        nonlocal read
        for chunk in chunks_of([b"fly"] * 500, 1):
            read += 1
            yield chunk

    with closing(records(counted(), recorder(model), jobs=1)) as found:
        next(found)
        time.sleep(0.5)
        assert read <= 5


def test_an_error_in_reading_comes_after_the_records_before_it(model: Path) -> None:
    def broken() -> Iterator[Chunk]:
        yield from chunks_of([b"fly"] * 1000, 200)
        raise DataError("longer than 1 MiB", "in", 1001)

    found = records(broken(), recorder(model), jobs=2)
    assert [next(found).text.count("\n") for _ in range(5)] == [200] * 5
    with pytest.raises(DataError, match="in:1001: longer"):
        next(found)
    assert no_process_is_left()


def test_nothing_is_recorded_any_more_after_the_end() -> None:
    class Slow:
        begun = 0

        def __call__(self, chunk: Chunk) -> Records:
            self.begun = chunk.first
            time.sleep(0.2 * (chunk.first > 1))
            return Records("", [])

    slow = Slow()
    found = records(chunks_of([b"fly"] * 50, 1), cast(Recorder, slow), jobs=1)
    next(found)
    while slow.begun < 2:
        time.sleep(0.01)
    found.close()
    begun = slow.begun
    time.sleep(0.3)
    assert slow.begun == begun


def test_a_chunk_that_takes_long_is_not_waited_for_at_the_end() -> None:
    class Endless:
        at_work = False

        def __call__(self, chunk: Chunk) -> Records:
            while chunk.first > 1:
                self.at_work = True
                time.sleep(0.001)
            return Records("", [])

    endless = Endless()
    found = records(chunks_of([b"fly"] * 50, 1), cast(Recorder, endless), jobs=1)
    next(found)
    while not endless.at_work:
        time.sleep(0.01)
    ending = Thread(target=found.close, daemon=True)
    ending.start()
    ending.join(timeout=20)
    assert not ending.is_alive()
    endless.at_work = False
    time.sleep(0.05)
    assert not endless.at_work


def test_a_process_that_dies_is_told_of(model: Path) -> None:
    killed: list[BaseProcess] = []

    def kill(_: Records) -> None:
        if not killed:  # Asking again would take the dead process' exit code away.
            killed.extend(multiprocessing.active_children())
            for process in killed:
                process.kill()

    found = records(chunks_of([b"fly"] * 1_000_000, 200), recorder(model), jobs=2)
    with pytest.raises(SlotfillError, match=r"a tagging process died \(exit code -9\): try again with fewer --jobs"):
        list(map(kill, found))
    assert no_process_is_left()


@pytest.fixture
def no_python() -> Iterator[None]:
    """What is started in the place of Python ends at once, with 1."""
    resource_tracker.ensure_running()
    multiprocessing.set_executable(shutil.which("false") or "false")
    yield
    multiprocessing.set_executable(sys.executable)


@pytest.mark.usefixtures("no_python")
def test_a_process_that_dies_as_it_starts_is_told_of(model: Path) -> None:
    here = recorder(model)
    here.config = replace(here.config, source=200_000 * "x")  # More than a pipe takes that nobody reads.
    errors: list[SlotfillError] = []

    def work() -> None:
        try:
            deque(records(chunks_of([b"fly"] * 1_000_000, 200), here, jobs=2), maxlen=0)
        except SlotfillError as error:
            errors.append(error)

    working = Thread(target=work, daemon=True)
    working.start()
    working.join(timeout=60)
    assert not working.is_alive()
    assert "a tagging process died (exit code 1)" in str(errors[0])


def test_an_answer_is_in_the_order_of_its_chunk_however_long_it_takes_to_read_it() -> None:
    class Numbered:
        def __call__(self, chunk: Chunk) -> Records:
            return Records(str(chunk.first), [])

    def slowly() -> Iterator[Chunk]:
        for chunk in chunks_of([b"fly"] * 40, 1):
            time.sleep(0.01 * (chunk.first % 2))
            yield chunk

    workers = pool._WorkerPool(slowly(), 3)
    for _ in range(3):
        workers.start_worker(lambda: Numbered())
    found = [int(each.text) for each in iter(workers.next_answer, None)]
    workers.end()
    assert found == list(range(1, 41))


def test_what_is_wrong_with_another_process_is_raised_here(model: Path, tmp_path: Path) -> None:
    here = recorder(model)
    shutil.copytree(model, tmp_path / "gone")
    here.config = replace(here.config, model=Bundle(tmp_path / "gone"))
    shutil.rmtree(tmp_path / "gone")
    with pytest.raises(SlotfillError, match="gone holds no model") as refused:
        deque(records(chunks_of([b"fly"] * 1_000_000, 200), here, jobs=2), maxlen=0)
    assert "Traceback" in "".join(refused.value.__notes__)
    assert no_process_is_left()


def test_a_model_that_is_replaced_or_gone_goes_on_in_every_process(model: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "model")
    here = recorder(tmp_path / "model")
    shutil.rmtree(tmp_path / "model")
    lines = [b"fly to oslo"] * 5000
    with closing(records(chunks_of(lines, 200), here, jobs=2)) as found:
        assert sum(text.count("toloc") for text, _ in found) >= len(lines)
