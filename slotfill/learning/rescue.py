"""Training that does not die: back to the last good weights, at half the rate, and on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from slotfill.errors import DIVERGED, SlotfillError
from slotfill.learning.optimizer import AdamW
from slotfill.legible import counted


class DivergenceError(SlotfillError):
    """Training that no rescue helps any more."""

    def __str__(self) -> str:
        return f"{DIVERGED}: {self.args[0]}. Try a smaller --learning-rate, or clip more closely, as with --clip-norm 1"


@dataclass(frozen=True)
class Rescue:
    """One return to the last good weights.

    Attributes:
        epoch: in which it happened, counted from 1.
        step: of that epoch, counted from 1.
        reason: what was wrong, and the first tensor that was not finite.
        utterances: the first of the batch, as number and text; none where no single batch is to blame.
        learning_rate: the peak rate from here on.
    """

    epoch: int
    step: int
    reason: str
    utterances: tuple[str, ...]
    learning_rate: float

    def __str__(self) -> str:
        batch = f", in the batch that begins with {', '.join(self.utterances)}" if self.utterances else ""
        return (
            f"rescued in epoch {self.epoch}, step {self.step}: {self.reason}{batch}; "
            f"back to the last good weights, learning rate now {self.learning_rate:g}"
        )


def first_non_finite(tensors: Mapping[str, Tensor]) -> str | None:
    """The name of the first tensor that holds NaN or an infinity, if one does."""
    return next((name for name, tensor in tensors.items() if not bool(torch.isfinite(tensor).all())), None)


def name_non_finite(network: nn.Module, loss: float) -> str:
    """What is not finite, in words: a weight of the network, else the gradient nearest the loss, else the loss.

    Where none is, the gradient is so large that its norm is not.
    """
    weights = dict(network.named_parameters())
    if name := first_non_finite(weights):
        return f"weight {name}"
    # A gradient runs from the loss down and infects all below: the last module's is the first to be bad.
    gradients = {name: weight.grad for name, weight in reversed(weights.items()) if weight.grad is not None}
    if name := first_non_finite(gradients):
        return f"gradient of {name}"
    return "the gradient's norm" if math.isfinite(loss) else "loss"


class Rescuer:
    """Keeps good weights with the optimizer's moments, and goes back to them.

    Args:
        optimizer: what trains the weights.
        learning_rate: the peak rate, halved by each rescue.
        limit: rescues before it gives up; None: it never helps.
    """

    def __init__(self, optimizer: AdamW, learning_rate: float, limit: int | None) -> None:
        self._optimizer = optimizer
        self._learning_rate, self._limit = learning_rate, limit
        self.count = 0
        self.keep()

    @property
    def left(self) -> int:
        """How many rescues are left."""
        return (self._limit or 0) - self.count

    @property
    def rate_factor(self) -> float:
        """What is left of the learning rate, 1 at first."""
        return 0.5**self.count

    def keep(self) -> None:
        """From now on, these weights and moments are the last good ones; they must be finite."""
        self._good = self._optimizer.state()

    def rescue(self, epoch: int, step: int, reason: str, utterances: tuple[str, ...] = ()) -> Rescue:
        """Go back to the last good weights and moments, at half the rate.

        Raises `DivergenceError` if the rescues are used up.
        """
        if not self.left:
            after = f" after {counted(self.count, 'rescue')}" if self.count else ""
            raise DivergenceError(f"{reason} (epoch {epoch}, step {step}{after})")
        self.count += 1
        self._optimizer.restore(self._good)
        return Rescue(epoch, step, reason, utterances, self._learning_rate * self.rate_factor)
