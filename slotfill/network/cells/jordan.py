"""The Jordan network (Jordan, 1986; for slot filling Mesnil et al., 2013)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from slotfill.network.cell import Cell, State
from slotfill.network.cells.elman import FUNCTIONS, OPERATORS

if TYPE_CHECKING:
    from slotfill.config import NetworkConfig
    from slotfill.network.graph import Graph


class Jordan(Cell):
    """`h_t = f(U x_t + W y_{t-1} + b)`, `y_t = softmax(V h_t + c)`: what is fed back is the output, not the state.

    f is tanh, sigmoid or ReLU; W is `recurrent_weight`. Jordan (1986), "Serial order: a parallel distributed processing
    approach"; Mesnil et al. (2013), "Investigation of recurrent-neural-network architectures and learning methods for
    spoken language understanding".

    In the papers y is the network's output, the probabilities of the tags. A cell does not know the tags, and a network
    may have several cells, so here y is the cell's own: `hidden_size` probabilities, at first all zero, that no label
    is shown to. V and c learn only what helps later words.
    """

    options = frozenset({"activation"})
    gates = 1
    recurs_on_output = False

    def __init__(self, input_size: int, config: NetworkConfig) -> None:
        super().__init__(input_size, config)
        self.output_weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(self.hidden_size, self.hidden_size)))
        self.output_bias = nn.Parameter(torch.zeros(self.hidden_size))

    def initial_state(self, batch: int) -> State:
        """State and output, h and y: both zeros of shape (batch, hidden)."""
        return super().initial_state(batch) * 2

    def recur(self, projected: Tensor, state: State) -> State:
        """One step; see the class."""
        recurrent = nn.functional.linear(state[1], self.recurrent_weight)
        hidden = FUNCTIONS[self.config.activation](projected + recurrent)
        return hidden, nn.functional.linear(hidden, self.output_weight, self.output_bias).softmax(dim=1)

    def export_step(self, graph: Graph, projected: str, state: tuple[str, ...]) -> tuple[str, ...]:
        """As `recur`."""
        recurrent = graph.recurrent(projected, state[1], self.recurrent_weight)
        hidden = graph.node(OPERATORS[self.config.activation], recurrent)
        return hidden, graph.node("Softmax", graph.linear(hidden, self.output_weight, self.output_bias))


CELL = Jordan
