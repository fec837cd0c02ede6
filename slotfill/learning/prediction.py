"""What a network, as torch has it, says about labelled utterances, and what it loses on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import NO_TAG, Labelled, LabelledBatch
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.decoding import Decoder
from slotfill.runtime.session import Outputs
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


def tag_loss(network: TaggerNetwork, outputs: Outputs[Tensor], batch: LabelledBatch) -> Tensor:
    """The negative log-likelihood of the tags per utterance, in nats; with a CRF, an unknown gold tag counts as `O`."""
    if network.crf is None:
        return sequence_loss(outputs.tags, batch.tags)
    loss: Tensor = network.crf(outputs.tags, batch.tags.clamp(min=0), batch.lengths)
    return loss.mean()


def intent_loss(scores: Tensor, shares: Tensor) -> Tensor:
    """The cross entropy of the intents, in nats, per utterance (mean over the batch).

    Args:
        scores: (batch, intents) logits.
        shares: (batch, intents) of what is asked for, 1 in all, or 0 in all where no loss is asked for.
    """
    return -(shares * scores.log_softmax(dim=1)).sum() / len(shares)


class Prediction(NamedTuple):
    """What a network says of labelled utterances.

    Attributes:
        utterances: the same with the network's tags and intents.
        loss: of the tags they had, in nats per utterance.
    """

    utterances: list[Utterance]
    loss: float


def decoder_of(network: TaggerNetwork, vocabulary: Vocabulary) -> Decoder:
    """What makes tags of the network's scores."""
    return Decoder(vocabulary.tags, None if network.crf is None else network.crf.transitions.numpy(force=True))


def score(
    network: TaggerNetwork, vocabulary: Vocabulary, utterances: Sequence[Utterance]
) -> Iterator[tuple[list[int], LabelledBatch, Outputs[Tensor]]]:
    """Batches of utterances of like length: their places among `utterances`, and their scores without dropout."""
    device = next(network.parameters()).device
    labelled = Labelled(utterances, vocabulary)
    order = labelled.lengths.argsort(kind="stable").tolist()
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(order), _BATCH):
            indices = order[start : start + _BATCH]
            batch = labelled.batch(indices).to(device)
            yield indices, batch, network(*batch.inputs)


def predict(network: TaggerNetwork, vocabulary: Vocabulary, utterances: Sequence[Utterance]) -> Prediction:
    """The network's labels for each utterance."""
    decoder = decoder_of(network, vocabulary)
    found: dict[int, Utterance] = {}
    loss = 0.0
    for indices, batch, outputs in score(network, vocabulary, utterances):
        loss += float(tag_loss(network, outputs, batch)) * len(indices)
        scores = np.nan_to_num(outputs.tags.numpy(force=True))  # Weights that diverged: the loss tells.
        decoded = decoder.decode(scores, batch.lengths.numpy(force=True))
        intents = vocabulary.intents_of(outputs.intents.numpy(force=True))
        for index, tags, intent in zip(indices, decoded, intents, strict=True):
            found[index] = replace(utterances[index], tags=tags, intent=intent)
    return Prediction([found[i] for i in range(len(utterances))], loss / len(utterances))
