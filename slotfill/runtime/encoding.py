"""Words to the arrays a network reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from slotfill.runtime.vocabulary import PADDING, Vocabulary

Ids = NDArray[np.int64]

_REMEMBERED = 100_000


class Batch(NamedTuple):
    """Padded utterances. What depends on a word's spelling alone is kept once for each distinct word.

    Attributes:
        words: (batch, time) word ids, `PADDING` after an utterance's end.
        spellings: (batch, time) for each word the row of `characters` that spells it.
        characters: (distinct words, length) character ids, `PADDING` after a word's end.
        lengths: (batch,) words in each utterance.
    """

    words: Ids
    spellings: Ids
    characters: Ids
    lengths: Ids


def alike(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Indices of utterances of like length, shortest first, in batches of at most `most` words, padding included."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[index] * (len(batch) + 1) > most:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def padded(spellings: Sequence[Sequence[int]]) -> Ids:
    """The character ids of words as one array, (words, length), `PADDING` after a word's end."""
    characters = np.full((len(spellings), max(map(len, spellings))), PADDING, dtype=np.int64)
    for row, spelling in zip(characters, spellings, strict=True):
        row[: len(spelling)] = spelling
    return characters


class Encoder:
    """Looks words up and remembers those it has met.

    Memory is bounded: what is remembered is forgotten when it outgrows 100,000 distinct words.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._forget()

    def _forget(self) -> None:
        self._index: dict[str, int] = {}
        self._ids: list[int] = []
        self._spellings: list[list[int]] = []

    def _remember(self, word: str) -> int:
        index = self._index[word] = len(self._ids)
        word_id, spelling = self._vocabulary.lookup(word)
        self._ids.append(word_id)
        self._spellings.append(spelling)
        return index

    def encode(self, utterances: Sequence[Sequence[str]]) -> Batch:
        """One padded batch of at least one utterance; each holds at least one word."""
        if len(self._ids) > _REMEMBERED:
            self._forget()
        known = self._index
        met = [known[word] if word in known else self._remember(word) for words in utterances for word in words]
        lengths = np.array([len(words) for words in utterances], dtype=np.int64)
        distinct, positions = np.unique(np.array(met, dtype=np.int64), return_inverse=True)
        inside = np.arange(lengths.max()) < lengths[:, None]
        words = np.full(inside.shape, PADDING, dtype=np.int64)
        spellings = np.zeros(inside.shape, dtype=np.int64)
        ids, rows = self._ids, [self._spellings[index] for index in distinct]
        words[inside] = np.array([ids[index] for index in distinct], dtype=np.int64)[positions]
        spellings[inside] = positions
        return Batch(words, spellings, padded(rows), lengths)
