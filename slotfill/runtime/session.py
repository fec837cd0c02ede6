"""The exported network as a function: ids to scores."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

import numpy as np
import onnxruntime

from slotfill.errors import ArtifactError
from slotfill.runtime.decoding import Scores
from slotfill.runtime.encoding import Batch

onnxruntime.set_default_logger_severity(4)  # Its complaints come as exceptions, too.


Array = TypeVar("Array")


class Outputs(NamedTuple, Generic[Array]):
    """What a network says of a batch, as arrays or tensors.

    Attributes:
        tags: (batch, time, tags) scores of each word's tags; without meaning at padding.
        intents: (batch, intents) scores of what each utterance asks for, logits; no columns where that is not known.
    """

    tags: Array
    intents: Array


class Session:
    """An ONNX model ready to run.

    Attributes:
        tags: how many tags the network scores.
        intents: how many intents.

    Args:
        model: the content of `model.onnx`.
        threads: onnxruntime's threads; one is fastest for small inputs.

    Raises `ArtifactError` if the content is no model with the inputs of `Batch`.
    """

    def __init__(self, model: bytes, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own errors share no public base class
            raise ArtifactError(f"model.onnx cannot be loaded: {str(error).splitlines()[0]}") from error
        inputs = {value.name for value in self._session.get_inputs()}
        if inputs != set(Batch._fields):
            raise ArtifactError(f"model.onnx wants {', '.join(sorted(inputs))}: it is no slotfill network")

        widths = {value.name: value.shape[-1] for value in self._session.get_outputs()}
        if "tags" not in widths:
            raise ArtifactError(f"model.onnx gives {', '.join(sorted(widths))}: it is no slotfill network")
        self.tags, self.intents = int(widths["tags"]), int(widths.get("intents", 0))

    def run(self, batch: Batch) -> Outputs[Scores]:
        """The scores of a batch."""
        if self.intents:
            return Outputs(*self._session.run(["tags", "intents"], batch._asdict()))
        return Outputs(self._session.run(["tags"], batch._asdict())[0], np.empty((len(batch.lengths), 0), np.float32))
