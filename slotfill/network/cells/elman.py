"""The simple recurrent network (Elman, 1990)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from slotfill.network.cell import KERNEL, Cell, State

if TYPE_CHECKING:
    from slotfill.network.graph import Graph

FUNCTIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}
OPERATORS = {"tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "Relu"}


class Elman(Cell):
    """`s_t = f(U x_t + W s_{t-1} + b)` with f tanh, sigmoid or ReLU (Elman, 1990, "Finding structure in time").

    U is `input_weight`, W `recurrent_weight`.
    """

    options = frozenset({"activation"})
    gates = 1

    @property
    def activation(self) -> str:
        """The name of f."""
        return self.config.activation

    def recur(self, projected: Tensor, state: State) -> State:
        """One step; see the class."""
        recurrent = nn.functional.linear(state[0], self.recurrent_weight)
        return (FUNCTIONS[self.activation](projected + recurrent),)

    def sequence(self, inputs: Tensor) -> Tensor:
        """All outputs by torch's kernel; torch has none for the sigmoid, which takes the loop."""
        if self.activation == "sigmoid":
            return self.loop(inputs)
        kernel = torch.rnn_tanh if self.activation == "tanh" else torch.rnn_relu
        weights = [self.input_weight, self.recurrent_weight, self.bias, torch.zeros_like(self.bias)]
        start = self.initial_state(inputs.shape[0])[0].unsqueeze(0)
        return kernel(inputs, start, weights, **KERNEL, train=self.training)[0]

    def export_step(self, graph: Graph, projected: str, state: tuple[str, ...]) -> tuple[str, ...]:
        """As `recur`."""
        return (graph.node(OPERATORS[self.activation], graph.recurrent(projected, state[0], self.recurrent_weight)),)


CELL = Elman
