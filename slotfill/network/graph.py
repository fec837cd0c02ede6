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
    """Nodes and constants in the order they were added.

    Attributes:
        lengths: the name of the (batch,) int32 value that says how many words each utterance has; recurrent
            operators stop there, so padding changes nothing.
    """

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._numbers = count()
        self.lengths = ""

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
        """Add an operator; return the name of its first output."""
        name = self._name(operator.lower())
        self._nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def linear(self, inputs: str, weight: Tensor, bias: Tensor) -> str:
        """Add `inputs weight' + bias`: (..., input) to (..., output) with a weight (output, input)."""
        return self.node("Add", self.node("MatMul", inputs, self.constant(weight.t())), self.constant(bias))

    def recurrent(
        self,
        operator: str,
        inputs: str,
        weights: tuple[Tensor, Tensor, Tensor],
        *,
        reverse: bool,
        **attributes: Any,
    ) -> str:
        """Add ONNX's RNN, LSTM or GRU for one direction.

        Args:
            operator: its name.
            inputs: the name of a (time, batch, input) value.
            weights: (gates * hidden, input), (gates * hidden, hidden) and (2, gates * hidden): the input's, the
                state's and both biases, in ONNX's order of gates.
            reverse: from each utterance's last word to its first.
            attributes: more of the operator's attributes.

        Returns:
            The name of the (time, batch, hidden) outputs.
        """
        given = [self.constant(weight.unsqueeze(0)) for weight in (*weights[:2], weights[2].flatten())]
        outputs = self.node(
            operator,
            inputs,
            *given,
            self.lengths,
            hidden_size=weights[1].shape[1],
            direction="reverse" if reverse else "forward",
            **attributes,
        )
        return self.node("Squeeze", outputs, self.integers([1]))

    def scan(self, step: Callable[..., tuple[str, str]], *inputs: str, hidden_size: int, reverse: bool) -> str:
        """Add ONNX's Scan: a recurrence for which there is no operator, for one direction.

        Args:
            step: given the names of the state, (batch, hidden), and of each input at one word, (batch, feature), adds
                the nodes of one step; returns the names of the state after it and of the output.
            inputs: the names of (time, batch, feature) values.
            hidden_size: width of the state, which starts at zero.
            reverse: from each utterance's last word to its first.

        Returns:
            The name of the (time, batch, feature) outputs.
        """
        given = [self._turn(each) if reverse else each for each in inputs]
        width = self.integers([hidden_size])
        shape = self.node("Concat", self.node("Shape", self.lengths), width, axis=0)
        start = self.node("ConstantOfShape", shape)
        state, *words = names = [self._name("step") for _ in range(1 + len(inputs))]
        around, self._nodes = self._nodes, []
        results = [self.node("Identity", result) for result in step(state, *words)]
        nodes, self._nodes = self._nodes, around
        body = helper.make_graph(nodes, "step", _floats(names), _floats(results))
        last, outputs = self._name("scan"), self._name("scan")
        self._nodes.append(
            helper.make_node("Scan", [start, *given], [last, outputs], body=body, num_scan_inputs=len(given))
        )
        return self._turn(outputs) if reverse else outputs

    def _turn(self, sequence: str) -> str:
        """Each utterance of a (time, batch, feature) value turned around within its own length."""
        lengths = self.node("Cast", self.lengths, to=TensorProto.INT64)
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


def _floats(names: Sequence[str]) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]
