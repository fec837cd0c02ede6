"""The network of one unit."""

from __future__ import annotations

import numpy as np
import torch

from slotfill.lab.one_unit import STEPS, descend, error


def test_the_error_and_its_gradient_equal_autograd() -> None:
    w, b = (
        torch.tensor(values, dtype=torch.float64, requires_grad=True) for values in ([4.0, 5.2, 6], [-2.0, -2.6, 1])
    )
    x = torch.full_like(w, 0.5)
    for _ in range(STEPS):
        x = w * x.sigmoid() + b
    by_torch = (x.sigmoid() - 0.7) ** 2
    by_torch.sum().backward()
    found = error(w.detach().numpy(), b.detach().numpy())
    for ours, theirs in zip(found, (by_torch.detach(), w.grad, b.grad), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-15)


def test_the_gradient_stays_finite_wherever_descent_is_thrown() -> None:
    found = error(np.array([2e3, -2e3]), np.array([-4e3, 4e3]))
    assert np.isfinite(found).all()


def test_descent_follows_the_gradient_and_clipping_bounds_its_steps() -> None:
    starts = np.array([[5.5, -2.0], [4.69, -2.42]])
    plain, clipped = descend(starts, 0.5, 30), descend(starts, 0.5, 30, clip_norm=0.01)
    first = error(*starts.T)
    np.testing.assert_allclose(plain[1], starts - 0.5 * np.stack([first.by_w, first.by_b], axis=1))
    steps = np.linalg.norm(np.diff(clipped, axis=0), axis=2)
    assert steps.max() <= 0.5 * 0.01 + 1e-12
    assert np.linalg.norm(np.diff(plain, axis=0), axis=2).max() > 1
    longest = np.linalg.norm(np.diff(plain, axis=0), axis=2).max() / 0.5
    np.testing.assert_array_equal(descend(starts, 0.5, 30, clip_norm=1.01 * longest), plain)
