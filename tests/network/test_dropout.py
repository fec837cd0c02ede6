"""Dropout."""

from __future__ import annotations

import pytest
import torch

from slotfill.network.dropout import Dropout


def test_its_share_is_dropped_and_the_mean_is_kept() -> None:
    torch.manual_seed(0)
    found = Dropout(0.3)(torch.ones(100, 1000))
    assert float((found == 0).float().mean()) == pytest.approx(0.3, abs=0.01)
    assert float(found.mean()) == pytest.approx(1, abs=0.01)
    assert found.unique().tolist() == [0, pytest.approx(1 / 0.7)]


def test_the_gradient_flows_through_what_is_kept_alone() -> None:
    inputs = torch.randn(50, 50, requires_grad=True)
    found = Dropout(0.5)(inputs)
    found.sum().backward()
    assert inputs.grad is not None
    torch.testing.assert_close(inputs.grad, (found != 0) * 2.0)


def test_in_evaluation_nothing_is_dropped() -> None:
    inputs = torch.randn(3, 4)
    assert Dropout(0.9).eval()(inputs) is inputs


def test_any_shape_can_be_dropped_from() -> None:
    for shape in ((1, 1, 1), (3, 5), (2, 3, 7)):
        assert Dropout(0.5)(torch.ones(shape)).shape == shape
