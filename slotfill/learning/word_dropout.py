"""Unknown words in training, so that words never seen have a meaning."""

from __future__ import annotations

from dataclasses import replace

import torch

from slotfill.learning.batches import LabelledBatch
from slotfill.runtime.vocabulary import FIRST_CHARACTER, UNKNOWN, Vocabulary

_SPELLED_OUT = 0.5
"""Share of the replaced words that keep their characters; the others look like no word at all."""

_OUTSIDE = 0
"""The tag id of `O`."""


class WordDropout:
    """Replaces words by the unknown word, rare words and the words of slots most.

    A word seen n times in training is replaced with probability alpha / (alpha + n), each time (Kiperwasser & Goldberg,
    2016, "Simple and accurate dependency parsing using bidirectional LSTM feature representations"). That alone would
    show the network few unknown slot values, for those it knows are frequent: a value is replaced as a whole, every
    word of it, with probability `values`, and a single word of one with half of that at least. Half of the words
    replaced get random characters as well, so that a strange look means nothing and the words around a value must tell
    its slot.

    Args:
        vocabulary: what knows how often each word was seen.
        alpha: None: rare words are not replaced.
        values: None: words in slots are like others.
    """

    def __init__(self, vocabulary: Vocabulary, alpha: float | None, values: float | None) -> None:
        counts = torch.tensor(vocabulary.counts, dtype=torch.float32)
        shares = torch.zeros_like(counts) if alpha is None else alpha / (alpha + counts)
        # Ids 0 and 1, padding and unknown, stay what they are.
        self._shares = torch.cat([torch.zeros(2), shares])
        self._values = values or 0.0
        self._begins = torch.tensor([tag.startswith("B") for tag in vocabulary.tags])
        self._characters = len(vocabulary.characters)

    def __call__(self, batch: LabelledBatch) -> LabelledBatch:
        """The batch with some words replaced, drawn from torch's seeded generator; for batches on the CPU."""
        shares = self._shares[batch.words]
        in_slots = batch.tags > _OUTSIDE
        replaced = torch.rand(shares.shape) < torch.where(in_slots, shares.clamp(min=self._values / 2), shares)
        # Values counted through the batch; a word's own is the last that began.
        value = (in_slots & self._begins[batch.tags.clamp(min=0)]).flatten().cumsum(0).view(shares.shape)
        replaced |= in_slots & (torch.rand(value.shape.numel() + 1) < self._values)[value]
        strange = replaced & (torch.rand(shares.shape) >= _SPELLED_OUT)
        rows = batch.characters[batch.spellings[strange]]
        drawn = FIRST_CHARACTER + (torch.rand(rows.shape) * self._characters).long()
        rows = torch.where(rows >= FIRST_CHARACTER, drawn, rows)
        spellings = batch.spellings.masked_scatter(strange, len(batch.characters) + torch.arange(len(rows)))
        return replace(
            batch,
            words=batch.words.masked_fill(replaced, UNKNOWN),
            spellings=spellings,
            characters=torch.cat([batch.characters, rows]),
        )
