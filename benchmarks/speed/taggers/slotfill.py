"""Slotfill itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.taggers import Tagger
from slotfill.corpus.utterance import Utterance
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.lines import Chunk
from slotfill.runtime.recorder import Recorder, RecorderConfig


class Slotfill(Tagger):
    """What `slotfill tag` runs."""

    def __init__(self, folder: Path) -> None:
        config = RecorderConfig(Bundle(folder), "jsonl", "lines", "fail", tokenized=False, reads="text", asked={})
        self.recorder = Recorder(config)

    def tag(self, utterances: Sequence[Utterance]) -> list[Utterance]:
        """The same utterances with its tags."""
        return self.recorder.tagger.tag_batch(utterances)

    def records(self, lines: Sequence[bytes]) -> str:
        """Raw lines to JSON lines."""
        return self.recorder(Chunk(1, list(lines))).text


load = Slotfill
