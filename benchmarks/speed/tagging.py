"""How fast a model tags, and where the time goes."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.speed.children import ONE_THREAD, child, output, tag_command
from benchmarks.speed.report import Table
from benchmarks.speed.subject import Subject
from benchmarks.speed.taggers.slotfill import Slotfill
from slotfill.runtime import recorder
from slotfill.runtime.decoding import Decoder
from slotfill.runtime.projections import Projections
from slotfill.runtime.session import Session
from slotfill.runtime.tagger import Tagger
from slotfill.runtime.vocabulary import Vocabulary

STAGES: dict[str, tuple[Any, str]] = {
    "writing": (recorder.Recorder, "__call__"),
    "reading": (recorder, "utterances"),
    "words": (Tagger, "tokenize"),
    "sorting, batches": (Tagger, "tag_batch"),
    "lookup": (Projections, "look_up"),
    "network": (Session, "scores"),
    "decoding": (Decoder, "decode_all"),
    "intents": (Vocabulary, "intents_of"),
}
"""What of tagging happens in which function, that of the functions it calls apart: writing is what is left of all."""

_REPEATED = 40
"""The lines are tagged so often in a row where start-up counts."""


class Stopwatch:
    """Seconds in each stage; those of a stage within it are its own only.

    Attributes:
        spent: by stage.
    """

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._within = [0.0]

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time added to a stage's."""

        def run(*given: Any, **named: Any) -> Any:
            self._within.append(0.0)
            start = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                taken = time.perf_counter() - start
                self.spent[stage] = self.spent.get(stage, 0.0) + taken - self._within.pop()
                self._within[-1] += taken

        return run

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Time the stages of whatever is tagged meanwhile by taggers that are opened meanwhile."""
        with ExitStack() as stack:
            for stage, (owner, name) in STAGES.items():
                stack.enter_context(patch.object(owner, name, self.timed(stage, getattr(owner, name))))
            yield


def stages(model: Path, lines: Sequence[bytes], runs: int) -> dict[str, float]:
    """Seconds that each stage of tagging these lines takes, the median."""
    watch = Stopwatch()
    profiles = []
    with watch.watching():
        tagger = Slotfill(model)
        for _ in range(1 + runs):
            watch.spent.clear()
            tagger.pass_over(lines)
            profiles.append(dict(watch.spent))
    # In the first run words are met for the first time.
    return {stage: statistics.median(profile[stage] for profile in profiles[1:]) for stage in profiles[0]}


def measured(name: str, model: Path, subject: Subject) -> dict[str, float]:
    """What a loaded tagger of `taggers/` takes in a process of its own, with one thread; see `taggers.__main__`."""
    program = [sys.executable, "-m", "benchmarks.speed.taggers", name, "measure", str(model.resolve())]
    found: dict[str, float] = json.loads(output([*program, str(subject.text), str(subject.runs)], ONE_THREAD))
    return found


def tables(subject: Subject) -> list[Table]:
    """Words a second with one core and with two, one utterance's latency, and each stage's part of the time."""
    spent = stages(subject.model.folder, subject.lines, subject.runs)
    loaded = measured("slotfill", subject.model.folder, subject)
    many = subject.file(_REPEATED * subject.count)
    whole = {
        jobs: statistics.median(
            child(tag_command(subject.model.folder, "--jobs", str(jobs)), many).seconds for _ in range(subject.runs)
        )
        for jobs in (1, 2)
    }
    timings = [
        ("the network alone", subject.words, spent["network"], 1),
        ("one process, model loaded", subject.words, loaded["seconds"], 1),
        ("`slotfill tag`, start-up included", _REPEATED * subject.words, whole[1], 1),
        ("`slotfill tag --jobs 2`, start-up included", _REPEATED * subject.words, whole[2], 2),
    ]
    speeds = [(name, words / seconds, cores) for name, words, seconds, cores in timings]
    rows = [[name, speed, *subject.shares(speed, cores), cores] for name, speed, cores in speeds]
    total = sum(spent.values())
    parts = sorted(spent.items(), key=lambda item: -item[1])
    return [
        Table(
            "Tagging, raw text to JSON lines",
            {"what": "", "words/s": ",.0f", "of the peak": ".0%", "done": ".0%", "cores": ""},
            rows,
            f"Start-up included, {_REPEATED} times as many lines; two processes: {whole[1] / whole[2]:.2f} "
            "times as fast. Of the peak: all operations of recurrent layers and tag scores; done: without those that "
            "are done once for each distinct word.",
        ),
        Table(
            "One utterance of 10 words, model loaded",
            {"median, ms": ".2f", "p99, ms": ".2f"},
            [[loaded["median_ms"], loaded["p99_ms"]]],
        ),
        Table(
            "Where the time goes",
            {"stage": "", "µs a word": ".2f", "share": ".0%"},
            [[stage, 1e6 * seconds / subject.words, seconds / total] for stage, seconds in parts],
        ),
    ]
