"""A plain tagger as lecture notes have it, whose loss is the sum of the words' cross entropies."""

from __future__ import annotations

from slotfill.config import NetworkConfig, TrainingConfig

NETWORK = NetworkConfig(crf=False)
TRAINING = TrainingConfig(slot_swap=None, invented_values=None, intent_weight=None, device="cpu", threads=1)
