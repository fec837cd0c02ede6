"""A small builder of ONNX graphs: values are known by name, weights go in as torch tensors."""

from __future__ import annotations

from collections.abc import Sequence
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
        self.lengths = ""

    def _name(self, kind: str) -> str:
        return f"{kind}_{len(self._nodes) + len(self._constants)}"

    def input(self, name: str, shape: Sequence[str]) -> str:
        """Declare an int64 input of the model; its dimensions are named, not fixed."""
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.INT64, list(shape)))
        return name

    def constant(self, value: Tensor | NDArray[Any]) -> str:
        """Add a constant; return its name."""
        array = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        name = self._name("constant")
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator; return the name of its first output."""
        name = self._name(operator.lower())
        self._nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

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
        return self.node("Squeeze", outputs, self.constant(np.array([1], dtype=np.int64)))

    def model(self, output: str, name: str, shape: Sequence[str]) -> bytes:
        """The finished model: `output`, renamed to `name`, as float32 of the given named dimensions."""
        self._nodes.append(helper.make_node("Identity", [output], [name]))
        result = helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
        graph = helper.make_graph(self._nodes, "slotfill", self._inputs, [result], self._constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="slotfill", ir_version=8
        )
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString()
        return content
