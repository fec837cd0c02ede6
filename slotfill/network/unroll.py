"""Run any cell over time."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx

from slotfill.network.cell import Cell, State


def word_mask(lengths: Tensor, time: int) -> Tensor:
    """Where there is a word, not padding: (batch, time), for (batch,) words in each utterance."""
    return torch.arange(time, device=lengths.device) < lengths.unsqueeze(1)


class Reversal:
    """Turns each utterance of a batch around within its own length; twice is not at all.

    Args:
        lengths: (batch,) words in each utterance.
        time: of the batch, padding included.
    """

    def __init__(self, lengths: Tensor, time: int) -> None:
        places = torch.arange(time, device=lengths.device)
        starts = time * torch.arange(len(lengths), device=lengths.device)
        # Counted around the end, so that padding changes places with padding.
        self._rows = ((lengths.unsqueeze(1) - 1 - places) % time + starts.unsqueeze(1)).flatten()

    def __call__(self, sequence: Tensor) -> Tensor:
        """(batch, time, feature) to the same; padding stays behind the words."""
        turned: Tensor = _Rearranged.apply(sequence, self._rows)  # type: ignore[no-untyped-call]
        return turned


class _Rearranged(torch.autograd.Function):
    """Words put in other places in pairs, so that the gradient is put back by doing it again."""

    @staticmethod
    def forward(ctx: FunctionCtx, sequence: Tensor, rows: Tensor) -> Tensor:
        """(batch, time, feature), and for each (batch * time) place the row that comes there."""
        ctx.save_for_backward(rows)
        return sequence.flatten(0, 1).index_select(0, rows).view_as(sequence)

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        """The same of the gradient."""
        (rows,) = ctx.saved_tensors  # type: ignore[attr-defined]
        back: Tensor = _Rearranged.apply(gradient, rows)  # type: ignore[no-untyped-call]
        return back, None


def unroll(cell: Cell, inputs: Tensor, lengths: Tensor, *, backwards: bool = False, bptt: int | None = None) -> Tensor:
    """A cell's outputs at each word, by its fused path unless BPTT is truncated.

    Padding comes after the words in the direction of travel, so it changes nothing at them; outputs at padding are
    without meaning.

    Args:
        cell: what to run.
        inputs: (batch, time, input).
        lengths: (batch,) words in each utterance.
        backwards: from each utterance's last word to its first.
        bptt: cut the words into windows of this many, in the direction of travel; the state passes from one to the
            next, the gradient does not (truncated BPTT; Williams & Peng, 1990). None: one gradient through all words.

    Returns:
        (batch, time, hidden), each output at its word's place.
    """
    if backwards:
        turn = Reversal(lengths, inputs.shape[1])
        return turn(unroll(cell, turn(inputs), lengths, bptt=bptt))
    return cell.sequence(inputs) if bptt is None else cell.loop(inputs, bptt)


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


def outputs_of(passed: Sequence[State]) -> Tensor:
    """A cell's output at each word, (batch, time, hidden), of what `states` returns."""
    return torch.stack([state[0] for state in passed[1:]], dim=1)
