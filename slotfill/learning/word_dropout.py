"""Unknown words in training, so that words never seen have a meaning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.slot_values import shared_values
from slotfill.runtime.vocabulary import FIRST_CHARACTER, FIRST_WORD, OUTSIDE_ID, Vocabulary

_SPELLED_OUT = 0.5
"""Share of the replaced words that keep their characters; the others look like no word at all."""

_WHOLE = 0.5
"""Share of the values drawn that lose every word."""
_OF_THE_OTHERS = 0.5
"""Share of the words that each of the other values drawn loses."""


class WordDropout:
    """Replaces words by the unknown word: rare words, and the values of slots that share theirs with other slots.

    A word seen n times in training is replaced with probability alpha / (alpha + n), each time (Kiperwasser & Goldberg,
    2016, "Simple and accurate dependency parsing using bidirectional LSTM feature representations"). That alone would
    show the network few unknown slot values, for those it knows are frequent: a value is drawn with probability
    `values` times the share of its slot's values that other slots have, too. Of half of those drawn every word is
    replaced, of the others each word with probability 1/2, for a new name may be made of words that are known. Where a
    city may be the one to leave or to reach, the words around it tell, and what it is called says nothing; the name of
    an airline says that it is one, and is left to be learnt. Half of the words replaced get random characters as well,
    so that a strange look means nothing.

    Args:
        vocabulary: what knows how often each word was seen.
        training: labelled utterances, where the values of slots are looked up.
        alpha: None: rare words are not replaced.
        values: None: words in slots are like others.
        seed: of the draws.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        training: Sequence[Utterance],
        alpha: float | None,
        values: float | None,
        seed: int,
    ) -> None:
        counts = np.array(vocabulary.counts, dtype=np.float64)
        shares = np.zeros_like(counts) if alpha is None else alpha / (alpha + counts)
        # Ids 0 and 1, padding and unknown, stay what they are.
        self._shares = np.concatenate([np.zeros(FIRST_WORD), shares])
        shared = shared_values(training)
        self._values = np.array([(values or 0.0) * shared.get(tag[2:], 0.0) for tag in vocabulary.tags])
        self._begins = np.array([tag.startswith("B") for tag in vocabulary.tags])
        self._characters = len(vocabulary.characters)
        self._draw = np.random.default_rng(seed)

    def __call__(self, batch: LabelledBatch) -> LabelledBatch:
        """The batch with some words replaced; for batches on the CPU."""
        draw = self._draw.random
        words, spellings, characters, tags = (
            tensor.numpy() for tensor in (batch.words, batch.spellings, batch.characters, batch.tags)
        )
        tags = np.maximum(tags, OUTSIDE_ID)  # What has no tag counts as outside.
        replaced = draw(words.shape) < self._shares[words]
        # Values counted through the batch; a word's own is the last that began.
        value = self._begins[tags].cumsum().reshape(words.shape)
        drawn, whole = draw((2, words.size + 1))[:, value]
        replaced |= (drawn < self._values[tags]) & ((whole < _WHOLE) | (draw(words.shape) < _OF_THE_OTHERS))
        strange = replaced & (draw(words.shape) >= _SPELLED_OUT)
        rows = characters[spellings[strange]]
        random = FIRST_CHARACTER + (draw(rows.shape) * self._characters).astype(np.int64)
        rows = np.where(rows >= FIRST_CHARACTER, random, rows)
        return batch.with_unknown(replaced, strange, rows)
