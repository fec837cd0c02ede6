"""Long short-term memory (Hochreiter & Schmidhuber, 1997; with the forget gate of Gers et al., 2000)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from slotfill.network.cell import KERNEL, Cell, State

if TYPE_CHECKING:
    from slotfill.network.graph import Graph


class Lstm(Cell):
    """An additive memory c behind three gates.

    i, f, o = sigmoid(U x_t + W h_{t-1} + b), g = tanh(U x_t + W h_{t-1} + b), each with its own rows of U, W, b in
    torch's order i, f, g, o; c_t = f c_{t-1} + i g; h_t = o tanh(c_t).

    The forget gate's bias starts at `forget_bias` (Jozefowicz et al., 2015), so the memory is at first kept.
    """

    options = frozenset({"forget_bias"})
    gates = 4
    gradient_state = 1
    retaining_value: ClassVar = {"forget": 1}

    def reset_parameters(self) -> None:
        """As in every cell, and the forget gate's bias at its setting."""
        super().reset_parameters()
        nn.init.constant_(self.bias.chunk(4)[1], self.config.forget_bias)

    def initial_state(self, batch: int) -> State:
        """Output and memory, both zeros of shape (batch, hidden)."""
        return super().initial_state(batch) * 2

    def recur(self, projected: Tensor, state: State) -> State:
        """One step; see the class."""
        output, memory = state
        i, f, g, o = (projected + nn.functional.linear(output, self.recurrent_weight)).chunk(4, dim=1)
        memory = f.sigmoid() * memory + i.sigmoid() * g.tanh()
        return o.sigmoid() * memory.tanh(), memory

    def gate_values(self, projected: Tensor, state: State) -> dict[str, Tensor]:
        """The gates i, f and o; see the class."""
        i, f, _, o = (projected + nn.functional.linear(state[0], self.recurrent_weight)).chunk(4, dim=1)
        return {"input": i.sigmoid(), "forget": f.sigmoid(), "output": o.sigmoid()}

    def sequence(self, inputs: Tensor) -> Tensor:
        """All outputs by torch's kernel."""
        weights = [self.input_weight, self.recurrent_weight, self.bias, torch.zeros_like(self.bias)]
        start = [part.unsqueeze(0) for part in self.initial_state(inputs.shape[0])]
        return torch.lstm(inputs, start, weights, **KERNEL, train=self.training)[0]

    def export_step(self, graph: Graph, projected: str, state: tuple[str, ...]) -> tuple[str, ...]:
        """As `recur`."""
        output, memory = state
        i, f, g, o = graph.split(graph.recurrent(projected, output, self.recurrent_weight), 4 * [self.hidden_size])
        kept = graph.node("Mul", graph.node("Sigmoid", f), memory)
        memory = graph.node("Add", kept, graph.node("Mul", graph.node("Sigmoid", i), graph.node("Tanh", g)))
        return graph.node("Mul", graph.node("Sigmoid", o), graph.node("Tanh", memory)), memory


CELL = Lstm
