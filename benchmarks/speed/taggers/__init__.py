"""Slotfill and what else a user might pick: one file each, and the file name is the name. Each has `load(folder)`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from slotfill.corpus.formats.jsonl import FORMAT
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import split_words

CHUNK = 4000
"""Lines at a time."""


class Tagger(ABC):
    """A loaded model."""

    @abstractmethod
    def tag(self, utterances: Sequence[Utterance]) -> list[Utterance]:
        """The same utterances with its tags."""

    def records(self, lines: Sequence[bytes]) -> str:
        """Raw lines to JSON lines; text is cut and records are written as slotfill does."""
        texts = [line.decode() for line in lines]
        cut = [Utterance(tuple(split_words(text)), text=text) for text in texts]
        return "".join(map(FORMAT.render, self.tag(cut)))

    def pass_over(self, lines: Sequence[bytes]) -> None:
        """Make the records of all lines, a chunk at a time, and forget them."""
        for start in range(0, len(lines), CHUNK):
            self.records(lines[start : start + CHUNK])
