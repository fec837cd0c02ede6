"""minLSTM: whose gate is which."""

from __future__ import annotations

import torch

from slotfill.config import NetworkConfig
from slotfill.network import cells


def test_its_gates_are_told_by_their_names() -> None:
    cell = cells.build(3, NetworkConfig(cell="minlstm", hidden_size=2))
    gates = cell.gate_values(torch.tensor([[9.0, 9.0, -9.0, -9.0, 0.0, 0.0]]), cell.initial_state(1))
    assert gates["input"].min() > 0.9
    assert gates["forget"].max() < 0.1
