"""Labelled utterances as tensors, in a seeded order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from slotfill.corpus.utterance import Utterance
from slotfill.runtime.encoding import Encoder
from slotfill.runtime.vocabulary import Vocabulary

NO_TAG = -100
"""The tag id of padding, and of a gold tag that training has not seen: no loss is asked for there."""

_POOL = 20


@dataclass(frozen=True)
class LabelledBatch:
    """A batch of `runtime.encoding` as tensors, with its labels.

    Attributes:
        tags: (batch, time) tag ids, `NO_TAG` where none is known.
        intents: (batch, intents) the share of each intent in what is asked for: the same for each of an utterance's, 1
            in all; 0 in all where none is known.
    """

    words: Tensor
    spellings: Tensor
    characters: Tensor
    lengths: Tensor
    tags: Tensor
    intents: Tensor

    @classmethod
    def encode(cls, utterances: Sequence[Utterance], encoder: Encoder, vocabulary: Vocabulary) -> Self:
        """One batch of labelled utterances."""
        batch = encoder.encode([utterance.words for utterance in utterances])
        tags = np.full(batch.words.shape, NO_TAG, dtype=np.int64)
        for row, utterance in zip(tags, utterances, strict=True):
            row[: len(utterance.words)] = [vocabulary.tag_ids.get(tag, NO_TAG) for tag in utterance.tags or ()]
        intents = np.zeros((len(utterances), len(vocabulary.intents)), dtype=np.float32)
        for row, utterance in zip(intents, utterances, strict=True):
            if known := [vocabulary.intent_ids[name] for name in utterance.intents if name in vocabulary.intent_ids]:
                row[known] = 1 / len(known)
        words, spellings, characters, lengths = map(torch.from_numpy, batch)
        return cls(words, spellings, characters, lengths, torch.from_numpy(tags), torch.from_numpy(intents))

    @property
    def inputs(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What a network reads of it."""
        return self.words, self.spellings, self.characters, self.lengths

    def to(self, device: torch.device) -> LabelledBatch:
        """The same batch on a device."""
        return LabelledBatch(*(tensor.to(device, non_blocking=True) for tensor in vars(self).values()))


def orders(lengths: Sequence[int], batch_size: int, generator: random.Random) -> Iterator[list[int]]:
    """One epoch: every utterance's index once, in batches of a seeded order.

    Utterances are shuffled, words never. Utterances of like length share a batch, so that little is padding: each
    pool of 20 batches is sorted by length before it is cut, and the batches shuffled again.
    """
    order = list(range(len(lengths)))
    generator.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), _POOL * batch_size):
        pool = sorted(order[start : start + _POOL * batch_size], key=lengths.__getitem__)
        batches += [pool[i : i + batch_size] for i in range(0, len(pool), batch_size)]
    generator.shuffle(batches)
    yield from batches
