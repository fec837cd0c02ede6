"""How much of a tagger's gradient is left some words back, before its training and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.gradient_flow import gradient_by_distance, trace
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary

FARTHEST = 15
"""Words back."""
_FEWEST = 20

Curve = tuple[float, ...]
"""The share of a gradient that is left k words back, k = 0, 1, ...; the median over utterances."""


@dataclass(frozen=True, kw_only=True)
class TaggerRun:
    """A one-way tagger whose gradients are measured before and after its training.

    Attributes:
        network: its shape.
        config: how it is trained.
        training: what it learns from.
        dev: what its best epoch is chosen by.
        measured: utterances to measure it on.
    """

    network: NetworkConfig
    config: TrainingConfig
    training: Sequence[Utterance]
    dev: Sequence[Utterance]
    measured: Sequence[Utterance]


@dataclass(frozen=True)
class Measured:
    """The curves at the start and after training, and dev's F1 then, a fraction."""

    start: Curve
    trained: Curve
    f1: float


def prefixes(utterances: Sequence[Utterance]) -> list[Utterance]:
    """The first words of the longest utterances: `FARTHEST` + 1 each, or as many as 20 utterances have.

    A one-way network reads no further than the word whose loss it is, so that the words after it make no difference.
    Raises `DataError` if there are not 20 utterances of two words.
    """
    lengths = sorted((len(utterance.words) for utterance in utterances), reverse=True)
    size = min(FARTHEST + 1, lengths[_FEWEST - 1]) if len(lengths) >= _FEWEST else 0
    if size < 2:
        raise DataError(f"gradients by distance need {_FEWEST} held-out utterances of two words or more")
    return [Utterance(one.words[:size], (one.tags or ())[:size]) for one in utterances if len(one.words) >= size]


def curve(network: TaggerNetwork, vocabulary: Vocabulary, utterances: Sequence[Utterance]) -> Curve:
    """‖∂L_T/∂h_{T-k}‖ as a share of ‖∂L_T/∂h_T‖ by k; of an LSTM h is the memory.

    It is computed in double precision, which the network is turned to.
    """
    batch = LabelledBatch.encode(utterances, vocabulary)
    (found,) = gradient_by_distance(*trace(network.double().eval(), batch), batch)
    return found


def untrained(run: TaggerRun, radius: float = 1.0) -> Curve:
    """The curve before training, with the recurrent matrix multiplied by `radius`.

    An Elman cell's matrix is orthogonal at first, so that `radius` is then its spectral radius.
    """
    vocabulary = Vocabulary.build(run.training)
    torch.manual_seed(run.config.seed)
    network = TaggerNetwork.for_vocabulary(run.network, vocabulary)
    with torch.no_grad():
        network.get_parameter("layers.0.cells.0.recurrent_weight").mul_(radius)
    return curve(network, vocabulary, run.measured)


def measure(run: TaggerRun) -> Measured:
    """Look at a tagger's gradients, train it, and look again."""
    start = untrained(run)
    trained = train(run.training, run.dev, run.network, run.config, Listener()).raise_if_stopped()
    return Measured(start, curve(trained.network, trained.vocabulary, run.measured), trained.best.dev_f1)
