"""Plain gradient descent on a tagger, which nothing but clipping holds back."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from slotfill.config import NetworkConfig
from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import Labelled, shuffled_batches
from slotfill.learning.clipping import Clipping
from slotfill.learning.prediction import predict, sequence_loss
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary
from slotfill.scoring.evaluation import micro_f1


@dataclass(frozen=True, kw_only=True)
class DescentRun:
    """One tagger, trained by stochastic gradient descent with neither momentum, decay nor rescue.

    Attributes:
        network: its shape.
        training: what it learns from.
        dev: what it is scored on at the end.
        clip: the settings of its `Clipping`.
        learning_rate: the same at every step.
        epochs: passes over `training`.
        batch_size: utterances a step.
        seed: of the weights, the order and dropout.
    """

    network: NetworkConfig
    training: Sequence[Utterance]
    dev: Sequence[Utterance]
    clip: Mapping[str, float]
    learning_rate: float
    epochs: int
    batch_size: int
    seed: int


@dataclass(frozen=True)
class Descended:
    """How a run ended.

    Attributes:
        f1: on dev, a fraction; None if the loss, the gradient or the weights stopped being finite.
        steps: done until then.
        clipped: share of them whose gradient was cut.
    """

    f1: float | None
    steps: int
    clipped: float


def descend(run: DescentRun) -> Descended:
    """Train by w <- w - rate · gradient until the epochs are over or a number is no longer finite."""
    torch.manual_seed(run.seed)
    vocabulary = Vocabulary.build(run.training)
    network = TaggerNetwork.for_vocabulary(run.network, vocabulary)
    parameters = list(network.parameters())
    descent, clipping = torch.optim.SGD(parameters, lr=run.learning_rate), Clipping(**run.clip)
    labelled, shuffling = Labelled(run.training, vocabulary), random.Random(run.seed)
    steps = cuts = 0
    for _ in range(run.epochs):
        for indices in shuffled_batches(labelled.lengths.tolist(), run.batch_size, shuffling):
            batch = labelled.batch(indices)
            descent.zero_grad()
            loss = sequence_loss(network(*batch.inputs).tags, batch.tags)
            loss.backward()  # type: ignore[no-untyped-call]
            norm, cut = clipping(parameters)
            if not (math.isfinite(norm) and bool(loss.isfinite())):
                return Descended(None, steps, cuts / max(steps, 1))
            descent.step()
            steps += 1
            cuts += cut
    found = predict(network, vocabulary, run.dev)
    f1 = micro_f1(run.dev, found.utterances) if math.isfinite(found.loss) else None
    return Descended(f1, steps, cuts / steps)
