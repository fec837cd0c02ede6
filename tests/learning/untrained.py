"""A small network that has learnt nothing, and a batch for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from slotfill.config import NetworkConfig
from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import LabelledBatch
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary

SMALL = NetworkConfig(hidden_size=6, word_size=5, character_size=4, character_filters=3)


def build(utterances: Sequence[Utterance], **settings: Any) -> tuple[TaggerNetwork, Vocabulary, LabelledBatch]:
    """An untrained network in float64, evaluating, and the utterances as one batch."""
    torch.manual_seed(3)
    vocabulary = Vocabulary.build(utterances)
    network = TaggerNetwork.for_vocabulary(replace(SMALL, **settings), vocabulary)
    batch = LabelledBatch.encode(utterances, vocabulary)
    return network.double().eval(), vocabulary, batch
