"""The gated recurrent unit (Cho et al., 2014), in the form torch and cuDNN compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from slotfill.network.cell import KERNEL, Cell, State

if TYPE_CHECKING:
    from slotfill.config import NetworkConfig
    from slotfill.network.graph import Graph


class Gru(Cell):
    """Two gates and no separate memory.

    r, z = sigmoid(U x_t + W h_{t-1} + b), n = tanh(U x_t + b + r (W h_{t-1} + b')), each with its own rows of U, W,
    b in torch's order r, z, n; h_t = (1 - z) n + z h_{t-1}. The reset gate r acts after the matrix product, and so the
    candidate has a second bias, b'.
    """

    gates = 3
    retaining_value: ClassVar = {"update": 1}

    def __init__(self, input_size: int, config: NetworkConfig) -> None:
        super().__init__(input_size, config)
        self.candidate_bias = nn.Parameter(torch.zeros(config.hidden_size))

    def _recurrent_bias(self) -> Tensor:
        return torch.cat([self.candidate_bias.new_zeros(2 * self.hidden_size), self.candidate_bias])

    def recur(self, projected: Tensor, state: State) -> State:
        """One step; see the class."""
        recurrent = nn.functional.linear(state[0], self.recurrent_weight, self._recurrent_bias())
        (r, z, n), (hr, hz, hn) = projected.chunk(3, dim=1), recurrent.chunk(3, dim=1)
        update = (z + hz).sigmoid()
        candidate = (n + (r + hr).sigmoid() * hn).tanh()
        return ((1 - update) * candidate + update * state[0],)

    def gate_values(self, projected: Tensor, state: State) -> dict[str, Tensor]:
        """The gates r and z; see the class."""
        r, z, _ = (projected + nn.functional.linear(state[0], self.recurrent_weight)).chunk(3, dim=1)
        return {"reset": r.sigmoid(), "update": z.sigmoid()}

    def sequence(self, inputs: Tensor) -> Tensor:
        """All outputs by torch's kernel."""
        weights = [self.input_weight, self.recurrent_weight, self.bias, self._recurrent_bias()]
        start = self.initial_state(inputs.shape[0])[0].unsqueeze(0)
        return torch.gru(inputs, start, weights, **KERNEL, train=self.training)[0]

    def export_step(self, graph: Graph, projected: str, state: tuple[str, ...]) -> tuple[str, ...]:
        """As `recur`."""
        recurrent = graph.linear(state[0], self.recurrent_weight, self._recurrent_bias())
        (r, z, n), (hr, hz, hn) = (graph.split(gates, 3 * [self.hidden_size]) for gates in (projected, recurrent))
        update = graph.node("Sigmoid", graph.node("Add", z, hz))
        reset = graph.node("Sigmoid", graph.node("Add", r, hr))
        candidate = graph.node("Tanh", graph.node("Add", n, graph.node("Mul", reset, hn)))
        return (graph.mix(candidate, state[0], update),)


CELL = Gru
