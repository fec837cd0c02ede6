"""A small builder of ONNX graphs: values are known by name, weights go in as torch tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

OPSET = 17


class Graph:
    """Nodes and constants in the order they were added."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._numbers = count()

    def _name(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers)}"

    def input(self, name: str, shape: Sequence[str | int], kind: int = TensorProto.INT64) -> str:
        """Declare an input of the model; its dimensions are named, or fixed where they are numbers."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, list(shape)))
        return name

    def constant(self, value: Tensor | NDArray[Any]) -> str:
        """Add a constant; return its name."""
        array = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        name = self._name("constant")
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def integers(self, values: int | list[int]) -> str:
        """Add an int64 constant; return its name."""
        return self.constant(np.array(values, dtype=np.int64))

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator of one output; return its name."""
        name = self._name(operator.lower())
        self._nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def split(self, value: str, sizes: Sequence[int]) -> list[str]:
        """Cut a value's last dimension into pieces of these sizes; return their names."""
        names = [self._name("split") for _ in sizes]
        self._nodes.append(helper.make_node("Split", [value, self.integers(list(sizes))], names, axis=-1))
        return names

    def linear(self, inputs: str, weight: Tensor, bias: Tensor) -> str:
        """Add `inputs weight' + bias`: (..., input) to (..., output) with a weight (output, input)."""
        return self.node("Add", self.node("MatMul", inputs, self.constant(weight.t())), self.constant(bias))

    def recurrent(self, projected: str, state: str, weight: Tensor) -> str:
        """Add `projected + state weight'`: what a state, (batch, hidden), adds to the gates' projection."""
        return self.node("Add", projected, self.node("MatMul", state, self.constant(weight.t())))

    def mix(self, start: str, end: str, share: str) -> str:
        """Add `(1 - share) start + share end`, as torch's `lerp`."""
        return self.node("Add", start, self.node("Mul", share, self.node("Sub", end, start)))

    def scan(
        self,
        step: Callable[[str, tuple[str, ...]], tuple[str, ...]],
        inputs: str,
        lengths: str,
        sizes: Sequence[int],
        *,
        reverse: bool,
        kind: int = TensorProto.FLOAT,
    ) -> str:
        """Add ONNX's Scan: a recurrence over time, for one direction.

        Args:
            step: given the names of one word's input, (batch, ...), and of each part of the state, (batch, size), adds
                the nodes of one step; returns the names of the state after it, whose first part is the output.
            inputs: the name of a (time, batch, ...) value.
            lengths: the name of the (batch,) int64 value that says how many words each utterance has.
            sizes: the width of each part of the state, which starts at zero.
            reverse: from each utterance's last word to its first.
            kind: the type of the inputs' elements.

        Returns:
            The name of the (time, batch, size) outputs.
        """
        batch = self.node("Shape", lengths)
        starts = [
            self.node("ConstantOfShape", self.node("Concat", batch, self.integers([size]), axis=0)) for size in sizes
        ]
        word, *state = [self._name("step") for _ in range(1 + len(sizes))]
        around, self._nodes = self._nodes, []
        after = step(word, tuple(state))
        results = [*after, self.node("Identity", after[0])]
        nodes, self._nodes = self._nodes, around
        body = helper.make_graph(nodes, "step", [*_values(state), *_values([word], kind)], _values(results))
        *_, outputs = lasts = [self._name("scan") for _ in results]
        given = self._turn(inputs, lengths) if reverse else inputs
        self._nodes.append(helper.make_node("Scan", [*starts, given], lasts, body=body, num_scan_inputs=1))
        return self._turn(outputs, lengths) if reverse else outputs

    def _turn(self, sequence: str, lengths: str) -> str:
        """Each utterance of a (time, batch, ...) value turned around within its own length."""
        return self.node("ReverseSequence", sequence, lengths, time_axis=0, batch_axis=1)

    def output(self, name: str, value: str, shape: Sequence[str | int]) -> None:
        """Declare a float32 output of the model; its dimensions are named, or fixed where they are numbers."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))

    def model(self) -> bytes:
        """The finished model."""
        graph = helper.make_graph(self._nodes, "slotfill", self._inputs, self._outputs, self._constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="slotfill", ir_version=8
        )
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString()
        return content


def _values(names: Sequence[str], kind: int = TensorProto.FLOAT) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, kind, None) for name in names]
