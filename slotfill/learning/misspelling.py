"""Misspelt words in training, so that a slip of the finger is no new word."""

from __future__ import annotations

import numpy as np

from slotfill.learning.batches import LabelledBatch
from slotfill.runtime.encoding import Ids
from slotfill.runtime.vocabulary import FIRST_CHARACTER, OUTSIDE_ID, PADDING, UNKNOWN, Vocabulary

_SHORTEST = 4
"""Characters of the shortest word that is misspelt."""

_ENDS = 2
"""A word's characters stand between two marks."""

_SWAPPED, _LEFT_OUT, _DOUBLED, _REPLACED = range(4)


class Misspelling:
    """Replaces words outside of values by misspelt ones: unknown, and told by what is left of their characters alone.

    Two neighbouring characters change places, one is left out, written twice, or another stands in its place, each as
    often; the first and the last stay (Belinkov & Bisk, 2018, "Synthetic and natural noise both break neural machine
    translation"). Otherwise only rare words were ever unknown in training, many of them values, and a frequent word
    that is mistyped would be taken for one. In a value any word may be new, which word and slot dropout teach.

    Args:
        vocabulary: what knows the characters.
        share: of the words of four characters or more outside of values, misspelt each time; None: none.
        seed: of the draws.
    """

    def __init__(self, vocabulary: Vocabulary, share: float | None, seed: int) -> None:
        self._share = share or 0.0
        self._characters = (
            np.arange(FIRST_CHARACTER, vocabulary.character_rows) if vocabulary.characters else np.array([UNKNOWN])
        )
        self._draw = np.random.default_rng([seed, 1])  # Other draws than word dropout's.

    def __call__(self, batch: LabelledBatch) -> LabelledBatch:
        """The batch with some words misspelt; for batches on the CPU."""
        if not self._share:
            return batch
        words, spellings, characters, tags = (
            tensor.numpy() for tensor in (batch.words, batch.spellings, batch.characters, batch.tags)
        )
        lengths = (characters != PADDING).sum(axis=1)[spellings] - _ENDS
        eligible = (words != PADDING) & (tags <= OUTSIDE_ID) & (lengths >= _SHORTEST)
        misspelt = eligible & (self._draw.random(words.shape) < self._share)
        rows = self._misspelt(characters[spellings[misspelt]], lengths[misspelt])
        return batch.with_unknown(misspelt, misspelt, rows)

    def _misspelt(self, rows: Ids, lengths: Ids) -> Ids:
        """Words' characters, (words, length), with one slip each, (words, length + 1)."""
        slip = self._draw.integers(4, size=(len(rows), 1))
        # Two neighbours that are neither the first nor the last character; a mark stands before the first.
        place = 2 + self._draw.integers(lengths - _SHORTEST + 1).reshape(-1, 1)
        columns = np.arange(rows.shape[1] + 1)
        source = columns + np.select(
            [
                (slip == _SWAPPED) & (columns == place),
                (slip == _SWAPPED) & (columns == place + 1),
                (slip == _LEFT_OUT) & (columns >= place),
                (slip == _DOUBLED) & (columns > place),
            ],
            [1, -1, 1, -1],
        )
        padded = np.pad(rows, ((0, 0), (0, 2)), constant_values=PADDING)
        another = self._draw.choice(self._characters, size=(len(rows), 1))
        found: Ids = np.where(
            (slip == _REPLACED) & (columns == place), another, np.take_along_axis(padded, source, axis=1)
        )
        return found
