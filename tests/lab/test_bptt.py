"""Backpropagation through time by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slotfill.lab.bptt import Array, Weights, backward, forward, lost

TIME, INPUT, HIDDEN, TAGS = 7, 4, 5, 3


@pytest.fixture
def weights() -> Weights:
    draw = np.random.default_rng(0).normal
    shapes = {"U": (HIDDEN, INPUT), "W": (HIDDEN, HIDDEN), "V": (TAGS, HIDDEN), "b1": (HIDDEN,), "b2": (TAGS,)}
    return Weights(**{name: draw(size=shape) for name, shape in shapes.items()})


@pytest.fixture
def inputs() -> Array:
    return np.random.default_rng(1).normal(size=(TIME, INPUT))


TAG_IDS = [int(tag) for tag in np.random.default_rng(2).integers(TAGS, size=TIME)]


def errors(parameters: dict[str, Tensor], inputs: Array, reach: int) -> Tensor:
    """Each word's error; word t's is of a network that starts `reach` words back, at a state without a past."""
    steps = torch.from_numpy(inputs)

    def advance(state: Tensor, x: Tensor) -> Tensor:
        return torch.tanh(parameters["U"] @ x + parameters["W"] @ state + parameters["b1"])

    passed = [torch.zeros(HIDDEN, dtype=torch.float64)]
    for x in steps:
        passed.append(advance(passed[-1], x))
    found = []
    for t, tag in enumerate(TAG_IDS):
        start = max(0, t + 1 - reach)
        state = passed[start].detach()
        for x in steps[start : t + 1]:
            state = advance(state, x)
        scores = parameters["V"] @ state + parameters["b2"]
        found.append(nn.functional.cross_entropy(scores, torch.tensor(tag)))
    return torch.stack(found)


@pytest.mark.parametrize("reach", [1, 2, 4, TIME])
def test_the_sums_of_the_terms_equal_autograd_whole_or_truncated(weights: Weights, inputs: Array, reach: int) -> None:
    parameters = {name: torch.from_numpy(value).requires_grad_() for name, value in vars(weights).items()}
    by_torch = errors(parameters, inputs, reach)
    passed = forward(weights, inputs, TAG_IDS)
    np.testing.assert_allclose(passed.errors, by_torch.detach(), rtol=0, atol=1e-12)
    terms = backward(weights, inputs, TAG_IDS, passed, None if reach == TIME else reach)
    by_torch.sum().backward()
    for name, by_hand in (
        ("V", terms.V.sum(axis=0)),
        ("W", terms.W.sum(axis=(0, 1))),
        ("U", terms.U.sum(axis=(0, 1))),
    ):
        assert np.abs(by_hand - parameters[name].grad.numpy()).max() <= 1e-10, name


def test_each_term_equals_a_difference_quotient(weights: Weights, inputs: Array) -> None:
    passed = forward(weights, inputs, TAG_IDS)
    terms = backward(weights, inputs, TAG_IDS, passed)
    moved = Weights(**(vars(weights) | {"W": weights.W.copy()}))
    moved.W[1, 2] += 1e-6
    quotient = (forward(moved, inputs, TAG_IDS).errors - passed.errors) / 1e-6
    np.testing.assert_allclose(terms.W.sum(axis=1)[:, 1, 2], quotient, rtol=1e-4, atol=1e-6)


def test_an_error_reaches_no_later_state_and_every_earlier_one(weights: Weights, inputs: Array) -> None:
    terms = backward(weights, inputs, TAG_IDS, forward(weights, inputs, TAG_IDS))
    norms = np.linalg.norm(terms.states, axis=2)
    assert (norms[np.tril_indices(TIME)] > 0).all()
    assert not norms[np.triu_indices(TIME, 1)].any()


def test_what_truncation_loses_is_what_truncated_backpropagation_lacks(weights: Weights, inputs: Array) -> None:
    passed = forward(weights, inputs, TAG_IDS)
    terms = backward(weights, inputs, TAG_IDS, passed)
    whole = terms.W.sum(axis=(0, 1))
    for steps in range(1, TIME + 1):
        kept = backward(weights, inputs, TAG_IDS, passed, steps).W.sum(axis=(0, 1))
        missing = np.linalg.norm(whole - kept) / np.linalg.norm(whole)
        assert lost(terms, steps) == pytest.approx(missing, abs=1e-12)
    assert lost(terms, 1) > 0.01
    assert lost(terms, TIME) == pytest.approx(0, abs=1e-12)
