"""What a network in training says about labelled utterances, and what it loses on them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import NO_TAG, LabelledBatch
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.decoding import Decoder
from slotfill.runtime.encoding import Encoder
from slotfill.runtime.vocabulary import Vocabulary

_BATCH = 128


def sequence_loss(scores: Tensor, tags: Tensor) -> Tensor:
    """The sum of the words' cross entropies, in nats, per utterance (mean over the batch).

    Args:
        scores: (batch, time, tags).
        tags: (batch, time) tag ids, `NO_TAG` where no loss is asked for.
    """
    total = nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=NO_TAG, reduction="sum")
    return total / len(tags)


def predict(
    network: TaggerNetwork, vocabulary: Vocabulary, encoder: Encoder, utterances: Sequence[Utterance]
) -> tuple[list[tuple[str, ...]], float]:
    """The network's tags for each utterance, and the loss per utterance."""
    device = next(network.parameters()).device
    decoder = Decoder(vocabulary.tags)
    order = sorted(range(len(utterances)), key=lambda i: len(utterances[i].words))
    tags: dict[int, tuple[str, ...]] = {}
    loss = 0.0
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(order), _BATCH):
            indices = order[start : start + _BATCH]
            batch = LabelledBatch.encode([utterances[i] for i in indices], encoder, vocabulary).to(device)
            scores = network(batch.words, batch.spellings, batch.characters, batch.lengths)
            loss += float(sequence_loss(scores, batch.tags)) * len(indices)
            decoded = decoder.decode(scores.cpu().numpy(), batch.lengths.cpu().numpy())
            tags.update(zip(indices, decoded, strict=True))
    return [tags[i] for i in range(len(utterances))], loss / len(utterances)
