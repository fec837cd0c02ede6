"""Run any cell over time."""

from __future__ import annotations

import torch
from torch import Tensor

from slotfill.network.cell import Cell, State


def reverse(sequence: Tensor, lengths: Tensor) -> Tensor:
    """Turn each utterance around within its own length; padding stays where it is.

    Args:
        sequence: (batch, time, feature).
        lengths: (batch,) words in each utterance.
    """
    places = torch.arange(sequence.shape[1], device=sequence.device)
    turned = lengths[:, None] - 1 - places
    turned = torch.where(turned < 0, places, turned)
    return sequence.gather(1, turned[:, :, None].expand_as(sequence))


def unroll(cell: Cell, inputs: Tensor, lengths: Tensor, *, backwards: bool = False) -> Tensor:
    """A cell's outputs at each word, by its fused path.

    Padding comes after the words in the direction of travel, so it changes nothing at them; outputs at padding are
    without meaning.

    Args:
        cell: what to run.
        inputs: (batch, time, input).
        lengths: (batch,) words in each utterance.
        backwards: from each utterance's last word to its first.

    Returns:
        (batch, time, hidden), each output at its word's place.
    """
    if backwards:
        return reverse(cell.sequence(reverse(inputs, lengths)), lengths)
    return cell.sequence(inputs)


def states(cell: Cell, inputs: Tensor) -> list[State]:
    """Every state, step by step: time + 1 of them, the initial one first. Gradients may be asked of each.

    Args:
        cell: what to run.
        inputs: (batch, time, input).
    """
    passed = [cell.initial_state(inputs.shape[0])]
    for step in inputs.unbind(dim=1):
        passed.append(cell.step(step, passed[-1]))
    return passed
