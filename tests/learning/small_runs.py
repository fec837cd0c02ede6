"""A small training: its settings, an epoch's record, who listens, and what is lost."""

from __future__ import annotations

from dataclasses import replace

import torch

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.history import Epoch, Listener
from slotfill.learning.prediction import tag_loss
from slotfill.learning.rescue import Rescue
from slotfill.network.tagger import TaggerNetwork

NETWORK = NetworkConfig(hidden_size=16, word_size=8, character_size=6, character_filters=6, dropout=0.1)
TRAINING = TrainingConfig(epochs=8, batch_size=8, learning_rate=0.02, threads=1)
QUIET = replace(TRAINING, word_dropout=None, slot_dropout=None, slot_swap=None, invented_values=None)
"""Nothing hidden, nothing swapped."""
EPOCH = Epoch(
    epoch=1,
    loss=1.0,
    dev_loss=1.0,
    dev_f1=0.9,
    dev_intent=None,
    gradient_norm=1.0,
    largest_gradient_norm=1.0,
    clipped=0.0,
    clip_threshold=5.0,
    rescues=0,
    learning_rate=0.004,
    words_per_second=1.0,
    seconds=1.0,
)


class Silent(Listener):
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.records: list[tuple[Epoch, bool]] = []
        self.rescues: list[Rescue] = []

    def on_rescue(self, rescue: Rescue) -> None:
        self.rescues.append(rescue)

    def on_epoch(self, record: Epoch, best: bool) -> None:
        self.records.append((record, best))


class InterruptsAfter(Silent):
    """Presses Ctrl-C in an epoch."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self.epoch = epoch

    def on_batch(self, epoch: int, done: int, batches: int, loss: float) -> None:
        if epoch == self.epoch:
            raise KeyboardInterrupt


def loss_of(network: TaggerNetwork, batch: LabelledBatch) -> float:
    """What a network loses on the tags of a batch."""
    with torch.inference_mode():
        return float(tag_loss(network, network(*batch.inputs), batch))
