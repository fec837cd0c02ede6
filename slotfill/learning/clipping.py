"""Clipping: where the loss surface is steep, a threshold stands in the gradient's place."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Clipped(NamedTuple):
    """What clipping met: the gradient's L2 norm before it, and whether anything was cut."""

    norm: float
    cut: bool


class Clipping:
    """Cuts gradients by the norm of the whole, by the size of each element, or not at all.

    Args:
        norm: rescale the whole gradient to this L2 norm where it is longer (Pascanu, Mikolov & Bengio, 2013).
        value: put this threshold, with the element's sign, in the place of each larger element.
    """

    def __init__(self, norm: float | None = None, value: float | None = None) -> None:
        self.norm, self.value = norm, value

    def __call__(self, parameters: Iterable[nn.Parameter]) -> Clipped:
        """Cut the parameters' gradients in place.

        A gradient that is not finite is left as it is, for clipping is no protection from it: the norm returned is
        then not finite either.
        """
        gradients: list[Tensor] = [p.grad for p in parameters if p.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        if not math.isfinite(norm):
            return Clipped(norm, cut=False)
        if self.norm is not None and norm > self.norm:
            torch._foreach_mul_(gradients, self.norm / norm)
            return Clipped(norm, cut=True)
        if self.value is not None:
            value = self.value
            cut = any(bool((gradient.abs() > value).any()) for gradient in gradients)
            for gradient in gradients:
                gradient.clamp_(-value, value)
            return Clipped(norm, cut)
        return Clipped(norm, cut=False)
