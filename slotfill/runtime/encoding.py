"""Words to the arrays a network reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from slotfill.runtime.vocabulary import PADDING, Vocabulary

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]

_ROWS = 6
"""So many rows of a matrix are multiplied at once; a rest of fewer takes as long, or nearly."""


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


def length_buckets(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Indices of utterances of like length, shortest first, in batches of about `most` words, padding included.

    A full batch has a multiple of six rows, also where that makes it larger.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and len(batch) % _ROWS == 0 and lengths[index] * (len(batch) + 1) > most:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def word_mask(lengths: Ids, time: int) -> Mask:
    """Where there is a word, not padding: (batch, time), for (batch,) words in each utterance."""
    found: Mask = np.arange(time) < lengths[:, None]
    return found


def padded(spellings: Sequence[Sequence[int]]) -> Ids:
    """The character ids of words as one array, (words, length), `PADDING` after a word's end."""
    characters = np.full((len(spellings), max(map(len, spellings))), PADDING, dtype=np.int64)
    for row, spelling in zip(characters, spellings, strict=True):
        row[: len(spelling)] = spelling
    return characters


class Encoded:
    """Utterances whose words were looked up once; any of them make a batch.

    Args:
        utterances: the words of each, at least one.
        vocabulary: where they are looked up.
        as_written: see `Vocabulary.lookup`.

    Attributes:
        lengths: (utterances,) words in each.
    """

    def __init__(
        self, utterances: Sequence[Sequence[str]], vocabulary: Vocabulary, *, as_written: bool = False
    ) -> None:
        index: dict[str, int] = {}
        met = [index.setdefault(word, len(index)) for words in utterances for word in words]
        ids, spellings = zip(*map(partial(vocabulary.lookup, as_written=as_written), index), strict=True)
        self._distinct_index = np.array(met, dtype=np.int64)
        self._ids = np.array(ids, dtype=np.int64)
        self._characters = padded(spellings)
        self._sizes = np.array(list(map(len, spellings)), dtype=np.int64)
        self.lengths = np.array(list(map(len, utterances)), dtype=np.int64)
        self._starts = self.lengths.cumsum() - self.lengths

    def places(self, indices: Sequence[int]) -> tuple[Ids, Mask]:
        """Where the words of some utterances lie among all words, (words,), and in their batch, (batch, time)."""
        lengths = self.lengths[indices]
        words = word_mask(lengths, lengths.max())
        return (self._starts[indices][:, None] + np.arange(words.shape[1]))[words], words

    def batch(self, indices: Sequence[int]) -> Batch:
        """One padded batch of some of the utterances, at least one."""
        places, mask = self.places(indices)
        distinct, positions = np.unique(self._distinct_index[places], return_inverse=True)
        words = np.full(mask.shape, PADDING, dtype=np.int64)
        spellings = np.zeros(mask.shape, dtype=np.int64)
        words[mask] = self._ids[distinct][positions]
        spellings[mask] = positions
        characters = self._characters[distinct, : self._sizes[distinct].max()]
        return Batch(words, spellings, characters, self.lengths[indices])


def encode(utterances: Sequence[Sequence[str]], vocabulary: Vocabulary) -> Batch:
    """All of some utterances, at least one, as one padded batch; each holds at least one word."""
    return Encoded(utterances, vocabulary).batch(range(len(utterances)))
