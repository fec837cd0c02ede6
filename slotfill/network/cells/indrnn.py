"""The independently recurrent network (Li et al., 2018)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from slotfill.network.cell import Cell, State

if TYPE_CHECKING:
    from slotfill.config import NetworkConfig
    from slotfill.network.graph import Graph


class IndRnn(Cell):
    """`h_t = max(0, W x_t + u * h_{t-1} + b)`: each unit sees its own past only, through one number.

    Li et al. (2018), "Independently recurrent neural network (IndRNN): building a longer and deeper RNN". Over k words
    the gradient of an active unit is multiplied by u^k. The paper therefore keeps |u| <= g^(1/T), so that over T words
    it grows g-fold at most. Here u, `recurrent_weight`, starts uniform between 0 and 1, within that bound for every T,
    and training may move it; clipping is left to `--clip-norm`.
    """

    gates = 1
    has_recurrent_matrix = False

    def __init__(self, input_size: int, config: NetworkConfig) -> None:
        super().__init__(input_size, config)
        self.recurrent_weight = nn.Parameter(torch.rand(config.hidden_size))

    def recur(self, projected: Tensor, state: State) -> State:
        """One step; see the class."""
        return (torch.addcmul(projected, self.recurrent_weight, state[0]).relu(),)

    def export_step(self, graph: Graph, projected: str, state: tuple[str, ...]) -> tuple[str, ...]:
        """As `recur`."""
        recurrent = graph.node("Mul", state[0], graph.constant(self.recurrent_weight))
        return (graph.node("Relu", graph.node("Add", projected, recurrent)),)


CELL = IndRnn
