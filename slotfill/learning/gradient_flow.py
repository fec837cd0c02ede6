"""The gradient on its way back in time, for every recurrent cell of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from slotfill.learning.batches import LabelledBatch
from slotfill.learning.prediction import sequence_loss
from slotfill.network.cell import Cell, State
from slotfill.network.tagger import TaggerNetwork
from slotfill.network.unroll import Reversal, outputs_of, states

_FEWEST = 0.1


@dataclass(frozen=True)
class Trace:
    """One cell, run over a batch step by step.

    Attributes:
        layer: counted from 1, the one next to the words.
        backwards: from each utterance's last word to its first.
        cell: what was run.
        inputs: (batch, time, input) in the direction of travel, padding after the words.
        states: time + 1 of them, the initial one first; gradients may be asked of each.
    """

    layer: int
    backwards: bool
    cell: Cell
    inputs: Tensor
    states: list[State]


def trace(network: TaggerNetwork, batch: LabelledBatch) -> tuple[list[Trace], Tensor]:
    """Run a network step by step: every cell's trace, and the tag scores, (batch, time, tags).

    The scores are `network`'s own in evaluation mode: nothing is dropped.
    """
    found: list[Trace] = []
    hidden = network.features(batch.words, batch.spellings, batch.characters)
    turn = Reversal(batch.lengths, hidden.shape[1])
    for number, layer in enumerate(network.recurrent_layers, start=1):
        outputs = []
        for cell, backwards in layer.directions:
            inputs = turn(hidden) if backwards else hidden
            passed = states(cell, inputs)
            found.append(Trace(number, backwards, cell, inputs, passed))
            outputs.append(turn(outputs_of(passed)) if backwards else outputs_of(passed))
        hidden = torch.cat(outputs, dim=2)
    return found, network.head(hidden, batch.lengths).tags


def gradient_by_distance(traces: Sequence[Trace], scores: Tensor, batch: LabelledBatch) -> list[tuple[float, ...]]:
    """The gradient's norm by distance back in time, for each trace: ‖∂L_T/∂h_{T-k}‖ / ‖∂L_T/∂h_T‖ for k = 0, 1, ...

    L_T is the cross entropy at the last word that the direction reads; h is the part of the state that the cell carries
    (`Cell.gradient_state`), and its gradient that by all ways. Of an LSTM it is the memory, for the tag's score sees
    the output alone: beside the gradient in that, all that is one word back would look small.
    At each k stands the median over the utterances of more than k words, and the curve ends where these are fewer than
    a tenth. The median: a rectifier's gradient is now and then exactly 0, which no geometric mean survives, and the
    mean of an explosion is that of its largest. Utterances whose L_T has no gradient are left out; without any, the
    curve is empty.
    """
    ends = {False: batch.lengths - 1, True: torch.zeros_like(batch.lengths)}
    rows = torch.arange(len(batch.lengths))
    losses = {
        backwards: sequence_loss(scores[rows, end].unsqueeze(1), batch.tags[rows, end].unsqueeze(1))
        for backwards, end in ends.items()
    }
    return [_median_curve(_norms(one, losses[one.backwards]), batch.lengths) for one in traces]


def _norms(one: Trace, loss: Tensor) -> Tensor:
    """The norm of the loss's gradient in what each state but the initial one carries, (batch, time)."""
    carried = [state[one.cell.gradient_state] for state in one.states[1:]]
    gradients = torch.autograd.grad(loss, carried, retain_graph=True, materialize_grads=True)
    norms: Tensor = torch.stack(gradients, dim=1).norm(dim=2)
    return norms


def _median_curve(norms: Tensor, lengths: Tensor) -> tuple[float, ...]:
    """Medians over utterances by distance from the last word, for norms (batch, time) in the direction of travel."""
    turned = Reversal(lengths, norms.shape[1])(norms.unsqueeze(2)).squeeze(2)
    measured = (turned[:, 0] > 0) & turned.isfinite().all(dim=1)
    shares, lengths = turned[measured] / turned[measured, :1], lengths[measured]
    curve = []
    for distance, column in enumerate(shares.unbind(dim=1)):
        reached = column[lengths > distance]
        if not len(reached) or len(reached) < _FEWEST * len(lengths):
            break
        curve.append(float(reached.median()))
    return tuple(curve)


def decay(curve: Sequence[float]) -> float | None:
    """What a gradient curve is multiplied by a word: exp of the slope of its logarithm; None for fewer than two points.

    The curve counts up to its first 0; a curve that is 0 one word back decays by 0.
    """
    positive = list(curve[: curve.index(0)] if 0 in curve else curve)
    if len(positive) < 2:
        return 0.0 if len(curve) > 1 else None
    slope = np.polyfit(np.arange(len(positive)), np.log(positive), 1)[0]
    return float(np.exp(slope))
