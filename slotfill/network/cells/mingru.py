"""The minimal gated recurrent unit (Feng et al., 2024): its gate sees the input only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from slotfill.network.cell import Cell, State

if TYPE_CHECKING:
    from slotfill.network.graph import Graph


class MinGru(Cell):
    """`h_t = (1 - z) h_{t-1} + z n`: a mean of candidates n > 0, weighted by a gate z that never sees the state.

    z = sigmoid(U x_t + b), n = g(U x_t + b), each with its own rows of U and b; g(a) = a + 1/2 for a >= 0, else
    sigmoid(a). Feng et al. (2024), "Were RNNs all we needed?", appendix B, in the log-space form, whose g keeps states
    positive, step by step and in parallel. The state starts at zero, where their parallel form starts at g of one.

    As no gate needs the state, `scan` computes all words at once. On a GPU that saves launches for each word; on a CPU
    it gains nothing, and a loop is several times faster and closer to exact.
    """

    gates = 2
    retaining_value: ClassVar = {"update": 0}
    has_recurrent_matrix = False

    def split(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        """The gate z and the candidate n before their functions."""
        z, n = projected.chunk(2, dim=-1)
        return z, n

    def recur(self, projected: Tensor, state: State) -> State:
        """One step; see the class."""
        update, candidate = self._values(projected)
        return (torch.lerp(state[0], candidate, update),)

    def gate_values(self, projected: Tensor, state: State) -> dict[str, Tensor]:  # noqa: ARG002 - the contract's
        """The gate z; see the class."""
        return {"update": self._values(projected)[0]}

    def _values(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        z, n = self.split(projected)
        return z.sigmoid(), torch.where(n >= 0, n + 0.5, n.sigmoid())

    def sequence(self, inputs: Tensor) -> Tensor:
        """All outputs: by the scan when training on a GPU, else by a loop over ready gates and candidates."""
        projected = self.project(inputs)
        if inputs.is_cuda and self.training:
            return self.scan(projected)
        (state,), outputs = self.initial_state(inputs.shape[0]), []
        for update, candidate in zip(*(part.unbind(dim=1) for part in self._values(projected)), strict=True):
            state = torch.lerp(state, candidate, update)
            outputs.append(state)
        return torch.stack(outputs, dim=1)

    def scan(self, projected: Tensor) -> Tensor:
        """All outputs, (batch, time, hidden), for (batch, time, gates * hidden), with no loop over time.

        With A_t the product of all 1 - z up to t, h_t = A_t (z_1 n_1 / A_1 + ... + z_t n_t / A_t): two prefix sums,
        of logarithms because A_t soon underflows (Heinsen, 2023, "Efficient parallelization of a ubiquitous sequential
        computation"). Its relative error is about -log A_t roundings.
        """
        z, n = self.split(projected)
        # The rectifier keeps the gradient of the branch not taken finite.
        candidate = torch.where(n >= 0, (n.relu() + 0.5).log(), nn.functional.logsigmoid(n))
        kept = nn.functional.logsigmoid(-z).cumsum(dim=1)
        added = nn.functional.logsigmoid(z) + candidate
        return (kept + torch.logcumsumexp(added - kept, dim=1)).exp()

    def export_projection(self, graph: Graph, inputs: str) -> str:
        """The gate z and the candidate n, side by side: neither needs the state."""
        parts = graph.split(super().export_projection(graph, inputs), self.gates * [self.hidden_size])
        update, candidate = self.export_gate(graph, parts)
        below = graph.node("Sigmoid", graph.node("Min", candidate, graph.constant(torch.zeros(1))))
        return graph.node("Concat", update, graph.node("Add", graph.node("Relu", candidate), below), axis=-1)

    @property
    def exported_size(self) -> int:
        """The width of gate and candidate."""
        return 2 * self.hidden_size

    def export_step(self, graph: Graph, projected: str, state: tuple[str, ...]) -> tuple[str, ...]:
        """As `recur`."""
        update, candidate = graph.split(projected, 2 * [self.hidden_size])
        return (graph.mix(state[0], candidate, update),)

    def export_gate(self, graph: Graph, parts: list[str]) -> tuple[str, str]:
        """The names of z, and of n before its function, given those of a projection's parts."""
        return graph.node("Sigmoid", parts[0]), parts[1]


CELL = MinGru
