"""Clipping: where the loss surface is steep, a threshold stands in the gradient's place."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

_REMEMBERED = 10_000


class Clipped(NamedTuple):
    """What clipping met: the gradient's L2 norm before it, and whether anything was cut."""

    norm: float
    cut: bool


class Clipping:
    """Cuts gradients by the norm of the whole, by the size of each element, or not at all.

    Args:
        norm: rescale the whole gradient to this L2 norm where it is longer (Pascanu, Mikolov & Bengio, 2013).
        value: put this threshold, with the element's sign, in the place of each larger element.
        percentile: rescale as by `norm`, to this percentile of the norms of the last 10,000 steps, the present one
            included (AutoClip; Seetharaman et al., 2020), whether or not the step is then made.

    Attributes:
        threshold: what the last gradient was held against; None: nothing yet, or clipping is off.
    """

    def __init__(self, norm: float | None = None, value: float | None = None, percentile: float | None = None) -> None:
        self.norm, self.value, self.percentile = norm, value, percentile
        self.threshold = norm if norm is not None else value
        self._norms = np.empty(_REMEMBERED)
        self._seen = 0

    def __call__(self, parameters: Iterable[nn.Parameter]) -> Clipped:
        """Cut the parameters' gradients in place; in training all weights are one parameter (`optimizer.AdamW`).

        A gradient that is not finite is left as it is and not remembered, for clipping is no protection from it: the
        norm returned is then not finite either.
        """
        gradients: list[Tensor] = [p.grad for p in parameters if p.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        if not math.isfinite(norm):
            return Clipped(norm, cut=False)
        if self.percentile is not None:
            self.threshold = self._remember(norm, self.percentile)
        if self.threshold is None:
            return Clipped(norm, cut=False)
        if self.value is None:
            cut = norm > self.threshold
            if cut:
                torch._foreach_mul_(gradients, self.threshold / norm)
            return Clipped(norm, cut)
        value = self.value
        cut = any(bool((gradient.abs() > value).any()) for gradient in gradients)
        for gradient in gradients:
            gradient.clamp_(-value, value)
        return Clipped(norm, cut)

    def _remember(self, norm: float, percentile: float) -> float:
        """Add a norm to those seen, the oldest giving way, and return their percentile."""
        self._norms[self._seen % _REMEMBERED] = norm
        self._seen += 1
        return float(np.percentile(self._norms[: self._seen], percentile))
