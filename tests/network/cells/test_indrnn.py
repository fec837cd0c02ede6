"""The independently recurrent cell against its paper's claims."""

from __future__ import annotations

import torch

from slotfill.config import NetworkConfig
from slotfill.network import cells
from slotfill.network.unroll import states

INPUT, HIDDEN, TIME = 5, 64, 9


def test_recurrent_weights_start_within_the_papers_bound_and_spread() -> None:
    torch.manual_seed(0)
    weight = cells.build(INPUT, NetworkConfig(cell="indrnn", hidden_size=HIDDEN)).recurrent_weight.detach()
    assert weight.shape == (HIDDEN,)
    assert weight.min() >= 0
    assert weight.max() <= 1
    assert weight.std() > 0.2


def test_an_active_units_gradient_is_its_weight_to_the_power_of_the_distance() -> None:
    torch.manual_seed(0)
    cell = cells.build(INPUT, NetworkConfig(cell="indrnn", hidden_size=HIDDEN)).to(torch.float64)
    torch.nn.init.constant_(cell.bias, 100.0)
    passed = states(cell, torch.randn(1, TIME, INPUT, dtype=torch.float64))
    (gradient,) = torch.autograd.grad(passed[-1][0].sum(), passed[1][0])
    torch.testing.assert_close(gradient[0], cell.recurrent_weight.detach() ** (TIME - 1), rtol=1e-12, atol=0)
