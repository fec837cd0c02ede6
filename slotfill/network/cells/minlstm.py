"""The minimal LSTM (Feng et al., 2024): its gates see the input only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from torch import Tensor, nn

from slotfill.network.cell import State
from slotfill.network.cells.mingru import MinGru

if TYPE_CHECKING:
    from slotfill.network.graph import Graph


class MinLstm(MinGru):
    """`h_t = f / (f + i) h_{t-1} + i / (f + i) n`: a `MinGru` whose z is two gates' share, i / (f + i).

    i, f = sigmoid(U x_t + b), n = g(U x_t + b), each with its own rows of U and b in the order i, f, n; g as in
    `MinGru`. Feng et al. (2024), "Were RNNs all we needed?", appendix B.

    The forget gate's bias starts at `forget_bias`, as the LSTM's.
    """

    options = frozenset({"forget_bias"})
    gates = 3
    retaining_value: ClassVar = {"input": 0, "forget": 1}

    def reset_parameters(self) -> None:
        """As in every cell, and the forget gate's bias at its setting."""
        super().reset_parameters()
        nn.init.constant_(self.bias.chunk(3)[1], self.config.forget_bias)

    def split(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        """The gate z and the candidate n before their functions."""
        i, f, n = projected.chunk(3, dim=-1)
        # i / (f + i) = sigmoid(log i - log f), where i and f themselves may underflow.
        return nn.functional.logsigmoid(i) - nn.functional.logsigmoid(f), n

    def gate_values(self, projected: Tensor, state: State) -> dict[str, Tensor]:  # noqa: ARG002 - the contract's
        """The gates i and f; see the class."""
        i, f, _ = projected.chunk(3, dim=-1)
        return {"input": i.sigmoid(), "forget": f.sigmoid()}

    def export_gate(self, graph: Graph, parts: list[str]) -> tuple[str, str]:
        """The names of z, and of n before its function, given those of a projection's parts."""
        i, f, n = parts
        logarithms = [graph.node("Softplus", graph.node("Neg", gate)) for gate in (f, i)]
        return graph.node("Sigmoid", graph.node("Sub", *logarithms)), n


CELL = MinLstm
