"""Labelled utterances as tensors, in a seeded order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from slotfill.corpus.utterance import Utterance
from slotfill.runtime.encoding import Encoded, Ids, Mask
from slotfill.runtime.vocabulary import PADDING, UNKNOWN, Vocabulary

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
    def encode(cls, utterances: Sequence[Utterance], vocabulary: Vocabulary) -> LabelledBatch:
        """All of some labelled utterances as one batch."""
        return Labelled(utterances, vocabulary).batch(range(len(utterances)))

    @property
    def inputs(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What a network reads of it."""
        return self.words, self.spellings, self.characters, self.lengths

    def with_unknown(self, unknown: Mask, respelt: Mask, characters: Ids) -> LabelledBatch:
        """A batch in which some words are the unknown word, and some are spelt otherwise; for batches on the CPU.

        The arrays are small, and numpy's calls on such cost a fraction of torch's.

        Args:
            unknown: (batch, time).
            respelt: (batch, time).
            characters: (words, length) of each word that is respelt; not shorter than those of the batch.
        """
        words, spellings, known = (tensor.numpy() for tensor in (self.words, self.spellings, self.characters))
        spellings = spellings.copy()
        spellings[respelt] = len(known) + np.arange(len(characters))
        room = characters.shape[1] - known.shape[1]
        known = np.pad(known, ((0, 0), (0, room)), constant_values=PADDING) if room else known
        return replace(
            self,
            words=torch.from_numpy(np.where(unknown, UNKNOWN, words)),
            spellings=torch.from_numpy(spellings),
            characters=torch.from_numpy(np.concatenate([known, characters])),
        )

    def to(self, device: torch.device) -> LabelledBatch:
        """A copy of the batch on a device, in memory of torch's own.

        What an interrupted backward pass leaves is freed after Python's end, and there torch 2.6 waits for ever
        to give numpy its memory back.
        """
        return LabelledBatch(*(tensor.to(device, non_blocking=True, copy=True) for tensor in vars(self).values()))


class Labelled:
    """Labelled utterances whose words and labels were looked up once; any of them make a batch.

    Args:
        utterances: at least one.
        vocabulary: where they are looked up.
        as_written: see `Vocabulary.lookup`.

    Attributes:
        lengths: (utterances,) words in each.
    """

    def __init__(self, utterances: Sequence[Utterance], vocabulary: Vocabulary, *, as_written: bool = False) -> None:
        self._words = Encoded([utterance.words for utterance in utterances], vocabulary, as_written=as_written)
        self.lengths = self._words.lengths
        known = vocabulary.tag_ids
        self._tags = np.array(
            [
                known.get(tag, NO_TAG)
                for utterance in utterances
                for tag in utterance.tags or [""] * len(utterance.words)
            ],
            dtype=np.int64,
        )
        self._intents = np.zeros((len(utterances), len(vocabulary.intents)), dtype=np.float32)
        for row, utterance in zip(self._intents, utterances, strict=True):
            if named := [vocabulary.intent_ids[name] for name in utterance.intents if name in vocabulary.intent_ids]:
                row[named] = 1 / len(named)

    def batch(self, indices: Sequence[int]) -> LabelledBatch:
        """Some of the utterances, at least one, as one batch."""
        places, mask = self._words.places(indices)
        tags = np.full(mask.shape, NO_TAG, dtype=np.int64)
        tags[mask] = self._tags[places]
        arrays = (*self._words.batch(indices), tags, self._intents[indices])
        return LabelledBatch(*map(torch.from_numpy, arrays))


def shuffled_batches(lengths: Sequence[int], batch_size: int, generator: random.Random) -> Iterator[list[int]]:
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
