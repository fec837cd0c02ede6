"""A network so small that its whole error surface can be seen: one unit, two weights, fifty steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS, START, TARGET = 50, 0.5, 0.7
"""Of figure 6 in Pascanu, Mikolov & Bengio (2013)."""


class Error(NamedTuple):
    """An error and its gradient; each of the shape of the weights it was asked for."""

    error: Array
    by_w: Array
    by_b: Array

    @property
    def slope(self) -> Array:
        """The gradient's L2 norm."""
        return np.hypot(self.by_w, self.by_b)


def error(w: Array, b: Array, steps: int = STEPS) -> Error:
    """The error of a network of one unit without input, which is to be at a target after some steps.

    x_t = w σ(x_{t-1}) + b, E = (σ(x_T) - 0.7)², σ the logistic function, x_0 = 0.5: equation 8 of Pascanu, Mikolov &
    Bengio (2013). The gradient is carried along forwards: dx_t/dw = σ(x_{t-1}) + w σ'(x_{t-1}) dx_{t-1}/dw.

    Args:
        w: the recurrent weight, of any shape.
        b: the bias, of the same shape.
        steps: T.
    """
    x = np.full_like(w, START)
    x_by_w, x_by_b = np.zeros_like(w), np.zeros_like(w)
    for _ in range(steps):
        squashed = _logistic(x)
        through = w * squashed * (1 - squashed)
        x, x_by_w, x_by_b = w * squashed + b, squashed + through * x_by_w, 1 + through * x_by_b
    end = _logistic(x)
    slope = 2 * (end - TARGET) * end * (1 - end)
    return Error((end - TARGET) ** 2, slope * x_by_w, slope * x_by_b)


def _logistic(x: Array) -> Array:
    # Through tanh, for exp overflows where a descent without clipping ends up.
    result: Array = (1 + np.tanh(x / 2)) / 2
    return result


def descend(starts: Array, rate: float, steps: int, clip_norm: float | None = None) -> Array:
    """The paths of gradient descent on the one unit's error: (steps + 1, starts, 2), w and b at each step.

    Args:
        starts: (starts, 2), w and b.
        rate: the learning rate.
        steps: how many.
        clip_norm: shorten longer gradients to this L2 norm; None: off.
    """
    path = [starts]
    for _ in range(steps):
        found = error(*path[-1].T)
        gradient = np.stack([found.by_w, found.by_b], axis=1)
        if clip_norm is not None:
            gradient *= (clip_norm / np.maximum(found.slope, clip_norm))[:, None]
        path.append(path[-1] - rate * gradient)
    return np.array(path)
