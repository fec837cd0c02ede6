"""AdamW over all weights of a network at once."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch.optim.adamw import adamw

_BETAS = 0.9, 0.999
_EPSILON = 1e-8


class AdamW:
    """Adam with decoupled weight decay (Loshchilov & Hutter, 2019), torch's own kernel.

    A network's weights become parts of one vector, their gradients parts of another, so that clearing, clipping and
    stepping are one call each, however many weights there are. `torch.optim.AdamW` would do the same, but loads torch's
    compiler to begin with, which takes more than half as long as an epoch on a small corpus.

    Args:
        network: what is trained, on its device already; its weights must not be replaced by others afterwards.
        weight_decay: share of each weight that is taken off it, times the rate.

    Attributes:
        weights: all of them, (parameters,).
        gradient: theirs, (parameters,); the `grad` of `weights`.
    """

    def __init__(self, network: nn.Module, weight_decay: float) -> None:
        own = list(network.parameters())
        self.weights = nn.Parameter(parameters_to_vector(own).detach())
        self.gradient = self.weights.grad = torch.zeros_like(self.weights)
        vector_to_parameters(self.weights, own)
        for weight, gradient in zip(own, torch.split(self.gradient, [weight.numel() for weight in own]), strict=True):
            weight.grad = gradient.view_as(weight)
        self._decay = weight_decay
        self._state = [torch.zeros_like(self.gradient), torch.zeros_like(self.gradient), self.gradient.new_zeros(())]

    def clear(self) -> None:
        """Set the gradient to zero."""
        self.gradient.zero_()

    def step(self, rate: float) -> None:
        """Move the weights by the gradient that they hold."""
        mean, square, steps = self._state
        with torch.no_grad():
            adamw(
                [self.weights],
                [self.gradient],
                [mean],
                [square],
                [],
                [steps],
                fused=True,
                amsgrad=False,
                beta1=_BETAS[0],
                beta2=_BETAS[1],
                lr=rate,
                weight_decay=self._decay,
                eps=_EPSILON,
                maximize=False,
            )

    def state(self) -> list[Tensor]:
        """A copy of the weights, of the moments, and of how many steps were made."""
        return [part.detach().clone() for part in (self.weights, *self._state)]

    def restore(self, state: list[Tensor]) -> None:
        """Go back to what `state` returned."""
        for part, kept in zip((self.weights, *self._state), state, strict=True):
            part.detach().copy_(kept)
