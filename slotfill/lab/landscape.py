"""The loss of a trained network around its weights, along two random directions (Li et al., 2018)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call

from slotfill.learning.batches import LabelledBatch
from slotfill.learning.prediction import sequence_loss

Direction = dict[str, Tensor]
"""A change to each parameter, by its name."""


def filter_normalised(network: nn.Module, generator: torch.Generator) -> Direction:
    """A random direction whose every filter is as long as the network's own.

    A filter is a row of a weight: what leads into one unit, or one embedding. Without this, a network with large
    weights would look smoother than one with small weights that computes the same. Biases stay as they are.

    Li, Xu, Taylor, Studer & Goldstein (2018), "Visualizing the loss landscape of neural nets", section 4.
    """
    direction = {}
    for name, parameter in network.named_parameters():
        weight = parameter.detach()
        change = torch.zeros_like(weight)
        if weight.dim() > 1:
            drawn = torch.randn(weight.shape, generator=generator, dtype=weight.dtype).flatten(1)
            lengths = weight.flatten(1).norm(dim=1, keepdim=True)
            change = (drawn / drawn.norm(dim=1, keepdim=True) * lengths).view_as(weight)
        direction[name] = change
    return direction


def losses(
    network: nn.Module, batch: LabelledBatch, first: Direction, second: Direction, offsets: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The loss at weights + a * first + b * second, in nats an utterance: (offsets of b, offsets of a).

    Args:
        network: a tagger, as trained; its weights stay, and it is left in evaluation mode.
        batch: what the loss is measured on.
        first: a direction.
        second: another.
        offsets: the values of a and of b.
    """
    weights = {name: parameter.detach() for name, parameter in network.named_parameters()}
    found = np.empty((len(offsets), len(offsets)))
    network.eval()
    with torch.inference_mode():
        for i, b in enumerate(offsets):
            for j, a in enumerate(offsets):
                moved = {name: weights[name] + a * first[name] + b * second[name] for name in weights}
                found[i, j] = float(sequence_loss(functional_call(network, moved, batch.inputs).tags, batch.tags))
    return found


def steepness(surface: NDArray[np.float64]) -> float:
    """The steepest slope of a surface over its median slope: 1 on a plane, large where flats lie beside cliffs.

    A steep bowl has a large one, too: it tells how much slopes differ, not how often they turn.
    """
    slopes = np.hypot(*np.gradient(surface))
    return float(slopes.max() / np.median(slopes))
