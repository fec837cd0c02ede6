"""The contract of a recurrent cell. Each file in `cells/` holds one subclass, named there as `CELL`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn

from slotfill.config import NetworkConfig

if TYPE_CHECKING:
    from slotfill.network.graph import Graph

State = tuple[Tensor, ...]
"""What a cell carries from one step to the next; the first tensor, (batch, hidden), is its output."""

KERNEL: Any = {"has_biases": True, "num_layers": 1, "dropout": 0.0, "bidirectional": False, "batch_first": True}
"""What torch's kernels are told beside inputs, state and weights: one layer in one direction, (batch, time, input)."""


class Cell(nn.Module, ABC):
    """One step of a recurrent network. Time belongs to `unroll`.

    A step has two parts: `project` looks at the inputs only, so all steps' projections can be one matrix product;
    `recur` brings in the state.

    Attributes:
        options: the settings of `NetworkConfig` that only some cells read, among them this one.
        gates: how many hidden-sized vectors a projection holds.
        has_recurrent_matrix: whether the state reaches each gate through a matrix, the rows of `recurrent_weight`.
        recurs_on_output: whether it is the output itself that these multiply, and nothing made of it by other weights.
        gradient_state: which part of the state a gradient goes back along: an LSTM's memory (1), others' output (0).
        retaining_value: of the gates that let the old state pass, the end of their range, 0 or 1, at which they keep it
            all.
    """

    options: ClassVar[frozenset[str]] = frozenset()
    gates: ClassVar[int]
    has_recurrent_matrix: ClassVar[bool] = True
    recurs_on_output: ClassVar[bool] = True
    gradient_state: ClassVar[int] = 0
    retaining_value: ClassVar[Mapping[str, int]] = {}

    def __init__(self, input_size: int, config: NetworkConfig) -> None:
        super().__init__()
        self.hidden_size, self.config = config.hidden_size, config
        rows = self.gates * self.hidden_size
        self.input_weight = nn.Parameter(torch.empty(rows, input_size))
        if self.has_recurrent_matrix:
            self.recurrent_weight = nn.Parameter(torch.empty(rows, self.hidden_size))
        self.bias = nn.Parameter(torch.empty(rows))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start each gate's input weights uniform (Glorot & Bengio, 2010), its recurrent ones orthogonal, biases 0."""
        for weight in self.input_weight.chunk(self.gates):
            nn.init.xavier_uniform_(weight)
        if self.has_recurrent_matrix:
            for weight in self.recurrent_weight.chunk(self.gates):
                nn.init.orthogonal_(weight)
        nn.init.zeros_(self.bias)

    def initial_state(self, batch: int) -> State:
        """The state before the first word: zeros of shape (batch, hidden)."""
        return (self.bias.new_zeros(batch, self.hidden_size),)

    def project(self, inputs: Tensor) -> Tensor:
        """What the inputs, (..., input), contribute to each gate: (..., gates * hidden)."""
        return nn.functional.linear(inputs, self.input_weight, self.bias)

    @abstractmethod
    def recur(self, projected: Tensor, state: State) -> State:
        """The state after one step.

        Args:
            projected: (batch, gates * hidden), from `project`.
            state: the state before it.
        """

    def gate_values(self, projected: Tensor, state: State) -> dict[str, Tensor]:  # noqa: ARG002 - for cells with gates
        """The gates of one step by name, each (batch, hidden) between 0 and 1; arguments as in `recur`.

        Empty here: a cell with gates names them.
        """
        return {}

    def step(self, inputs: Tensor, state: State) -> State:
        """The state after seeing `inputs`, (batch, input)."""
        return self.recur(self.project(inputs), state)

    def sequence(self, inputs: Tensor) -> Tensor:
        """All outputs, (batch, time, hidden), for inputs (batch, time, input): the fused path.

        Here: `loop`. A cell for which torch has a kernel calls that.
        """
        return self.loop(inputs)

    def loop(self, inputs: Tensor, window: int | None = None) -> Tensor:
        """All outputs as `sequence` has them, by one matrix product for all projections, then step by step.

        Args:
            inputs: (batch, time, input).
            window: steps after which the state is detached, so that no gradient passes; None: never.
        """
        state, outputs = self.initial_state(inputs.shape[0]), []
        for time, projected in enumerate(self.project(inputs).unbind(dim=1)):
            if window and time % window == 0:
                state = tuple(part.detach() for part in state)
            state = self.recur(projected, state)
            outputs.append(state[0])
        return torch.stack(outputs, dim=1)

    def export_projection(self, graph: Graph, inputs: str) -> str:
        """Add `project` to an ONNX graph, with what follows from it alone.

        From the name of its inputs, (..., input), to that of what `export_step` is given, (..., `exported_size`).
        """
        return graph.linear(inputs, self.input_weight, self.bias)

    @property
    def exported_size(self) -> int:
        """The width of what `export_projection` gives."""
        return self.gates * self.hidden_size

    @abstractmethod
    def export_step(self, graph: Graph, projected: str, state: tuple[str, ...]) -> tuple[str, ...]:
        """Add `recur` to an ONNX graph.

        Args:
            graph: the graph under construction.
            projected: the name of one word's part of what `export_projection` gave, (batch, `exported_size`).
            state: the names of the parts of the state.

        Returns:
            The names of the parts after the step.
        """
