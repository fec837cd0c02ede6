"""Backpropagation through time by hand, every term of it, in float64.

The network is s_t = tanh(U x_t + W s_{t-1} + b1), o_t = softmax(V s_t + b2), with the error E_t = -log o_t[y_t] at each
word t = 1 ... T, and s_0 = 0. W acts at every word, so the gradient of one error has a term for each earlier word k:

    ∂E_t/∂V = (o_t - 1[y_t]) s_tᵀ
    ∂E_t/∂W = Σ_{k≤t} d_tk s_{k-1}ᵀ     with  d_tk = (1 - s_k²) ∂E_t/∂s_k  element by element
    ∂E_t/∂U = Σ_{k≤t} d_tk x_kᵀ

    ∂E_t/∂s_t = Vᵀ (o_t - 1[y_t]),      ∂E_t/∂s_{k-1} = Wᵀ d_tk

and the gradient of the whole error E = Σ_t E_t is the sum of these over t (Werbos, 1990).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """The network's: U (hidden, input), W (hidden, hidden), V (tags, hidden), b1 (hidden,), b2 (tags,)."""

    U: Array
    W: Array
    V: Array
    b1: Array
    b2: Array


class Passed(NamedTuple):
    """What the forward pass leaves.

    Attributes:
        states: (T + 1, hidden), s_0 first.
        shares: (T, tags), o_t.
        errors: (T,), E_t in nats.
    """

    states: Array
    shares: Array
    errors: Array


class Terms(NamedTuple):
    """Every term of the gradients; word t's error comes first in each shape, counted from 0.

    Attributes:
        V: (T, tags, hidden), ∂E_t/∂V.
        W: (T, T, hidden, hidden), d_tk s_{k-1}ᵀ; zero for k > t.
        U: (T, T, hidden, input), d_tk x_kᵀ; zero for k > t.
        states: (T, T, hidden), ∂E_t/∂s_k; zero for k > t.
    """

    V: Array
    W: Array
    U: Array
    states: Array


def forward(weights: Weights, inputs: Array, tags: list[int]) -> Passed:
    """Run the network over one utterance: inputs x_t (T, input), gold tags y_t."""
    states = [np.zeros(len(weights.W))]
    shares = []
    for x in inputs:
        states.append(np.tanh(weights.U @ x + weights.W @ states[-1] + weights.b1))
        scores = weights.V @ states[-1] + weights.b2
        powers = np.exp(scores - scores.max())
        shares.append(powers / powers.sum())
    errors = [-np.log(share[tag]) for share, tag in zip(shares, tags, strict=True)]
    return Passed(np.array(states), np.array(shares), np.array(errors))


def backward(weights: Weights, inputs: Array, tags: list[int], passed: Passed, steps: int | None = None) -> Terms:
    """Every term of the three gradients.

    Args:
        weights: the network's.
        inputs: (T, input).
        tags: gold.
        passed: from `forward`.
        steps: truncate: each error reaches this many states, its own included, and no earlier one. None: all.
    """
    time, (hidden, size) = len(inputs), weights.U.shape
    terms = Terms(
        V=np.zeros((time, *weights.V.shape)),
        W=np.zeros((time, time, hidden, hidden)),
        U=np.zeros((time, time, hidden, size)),
        states=np.zeros((time, time, hidden)),
    )
    for t in range(time):
        wrong = passed.shares[t].copy()
        wrong[tags[t]] -= 1
        state = passed.states[t + 1]
        terms.V[t] = np.outer(wrong, state)
        gradient = weights.V.T @ wrong
        for k in range(t, max(-1, t - (steps or time)), -1):
            before, state = passed.states[k], passed.states[k + 1]
            through = (1 - state**2) * gradient
            terms.states[t, k] = gradient
            terms.W[t, k] = np.outer(through, before)
            terms.U[t, k] = np.outer(through, inputs[k])
            gradient = weights.W.T @ through
    return terms


def lost(terms: Terms, steps: int) -> float:
    """The relative error of ∂E/∂W, in the Frobenius norm, when every error reaches `steps` states only."""
    time = len(terms.W)
    whole = terms.W.sum(axis=(0, 1))
    kept = sum(terms.W[t, max(0, t + 1 - steps) : t + 1].sum(axis=0) for t in range(time))
    return float(np.linalg.norm(kept - whole) / np.linalg.norm(whole))
