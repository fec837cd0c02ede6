"""Records made by several processes, in the lines' order.

This process is one of them and tags from the start; each chunk of many lines starts another until all are there. So a
line typed by hand waits for none of them, and neither does the beginning of a file. Each has a thread here that takes a
chunk whenever its process is free.
"""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from queue import Empty, Queue
from threading import Lock, Semaphore, Thread, get_ident

from slotfill.errors import SlotfillError
from slotfill.runtime.lines import Chunk
from slotfill.runtime.recorder import Recorder, RecorderConfig, Records

_MANY = 100
"""So many lines at once are worth other processes."""

_PATIENCE = 0.2
"""Seconds."""

_AHEAD = 2
"""Chunks a process that may be on their way, so that memory stays bounded."""


def records(chunks: Iterator[Chunk], recorder: Recorder, jobs: int) -> Generator[Records]:
    """Yield what becomes of each chunk, in order, as soon as it is known.

    Args:
        chunks: the lines; other threads read them.
        recorder: what makes the records; other processes make one like it.
        jobs: how many processes, this one included.

    Raises what reading or recording a chunk raises, after the records before it; `SlotfillError` if a process dies.
    """
    # Started by another thread, it would unblock Ctrl-C there, and for the processes which that thread starts.
    resource_tracker.ensure_running()
    workers = _WorkerPool(chunks, jobs)
    try:
        workers.start_worker(lambda: workers.local_worker(recorder))
        for _ in range(jobs - 1):
            workers.start_worker(lambda: workers.process_worker(recorder.config))
        while (found := workers.next_answer()) is not None:
            yield found
    finally:
        workers.end()


class _WorkerPool:
    """Threads that take chunks in turns.

    Attributes:
        answers: what becomes of each chunk, in order; None after the last one.
    """

    def __init__(self, chunks: Iterator[Chunk], jobs: int) -> None:
        self.answers: Queue[Future[Records | None]] = Queue(_AHEAD * jobs)
        self._chunks, self._reading, self._starting, self._recording = chunks, Lock(), Lock(), Lock()
        self._many = Semaphore(0)
        self._recorder = 0
        self._processes: list[_WorkerProcess] = []

    def start_worker(self, begin: Callable[[], Callable[[Chunk], Records]]) -> None:
        """Start a thread that deals with chunks by what `begin` gives."""
        # A daemon, for it may be waiting for input when all else has ended.
        Thread(target=self._serve, args=[begin], daemon=True).start()

    def local_worker(self, recorder: Recorder) -> Callable[[Chunk], Records]:
        """`recorder`, at work only until the end: Python's end aborts a process whose thread runs C++."""

        def record(chunk: Chunk) -> Records:
            with self._recording:
                self._recorder = get_ident()
                return recorder(chunk)

        return record

    def process_worker(self, config: RecorderConfig) -> _WorkerProcess:
        """Wait for a chunk of many lines that no other process was started for, then start one."""
        self._many.acquire()
        with self._starting:
            process = _WorkerProcess()
            self._processes.append(process)
        process(config)
        return process

    def next_answer(self) -> Records | None:
        """What becomes of the next chunk.

        It is waited for a little at a time: a signal that comes just before a wait does not end that wait.
        """
        while True:
            with suppress(Empty):
                answer = self.answers.get(timeout=_PATIENCE)
                break
        while not wait([answer], timeout=_PATIENCE).done:
            pass
        return answer.result()

    def end(self) -> None:
        """Stop the other processes, whatever they do, and this one's thread at its next step in Python."""
        self._starting.acquire()  # For good, as the next one: none is to start any more.
        for process in self._processes:
            process.end()
        if not self._recording.acquire(blocking=False):
            _raise_in(self._recorder)  # A chunk may take a minute, of which a run of the network is a moment.
            self._recording.acquire()

    def _serve(self, begin: Callable[[], Callable[[Chunk], Records]]) -> None:
        # Ctrl-C is for the main thread; processes started here inherit that.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        answer: Future[Records | None] = Future()
        try:
            record = begin()
            while True:
                answer = Future()
                with self._reading:
                    self.answers.put(answer)
                    chunk = next(self._chunks, None)
                if chunk is None:
                    answer.set_result(None)
                    return
                if len(chunk.lines) >= _MANY:
                    self._many.release()
                answer.set_result(record(chunk))
        except BaseException as error:
            answer.set_exception(error)
            self.answers.put(answer)  # `begin` fails before its answer is awaited.


def _raise_in(thread: int) -> None:
    """Let `SystemExit` be raised where another thread stands in Python."""
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(SystemExit))


class _WorkerProcess:
    """Another process with a recorder of its own. It ends by itself when this process is gone."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        # The config goes by our own pipe, which breaks when the process dies. That of arguments, whose other end is
        # open here as well, would wait for ever.
        self._process = context.Process(target=_worker_main, args=[theirs], daemon=True)
        self._process.start()
        theirs.close()

    def __call__(self, asked: RecorderConfig | Chunk) -> Records:
        """The records of a chunk, as `Recorder` makes them; of the config, which comes first, none: it is ready."""
        with suppress(ConnectionError):  # The answer tells that the process is dead.
            self._pipe.send(asked)
        try:
            answer: Records | Exception = self._pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            code = self._process.exitcode
            raise SlotfillError(f"a tagging process died (exit code {code}): try again with fewer --jobs") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def end(self) -> None:
        """Stop the process."""
        self._process.kill()
        self._process.join()


def _worker_main(pipe: Connection) -> None:
    """What the other process does: records for chunks, until nobody asks any more."""
    with suppress(EOFError, ConnectionError):
        try:
            recorder = Recorder(pipe.recv())
            pipe.send(Records("", []))
            while True:
                pipe.send(recorder(pipe.recv()))
        except Exception as error:
            error.add_note(traceback.format_exc())
            pipe.send(error)
