"""The exported network as a function: ids to scores."""

from __future__ import annotations

import onnxruntime

from slotfill.errors import ArtifactError
from slotfill.runtime.decoding import Scores
from slotfill.runtime.encoding import Batch

onnxruntime.set_default_logger_severity(4)  # Its complaints come as exceptions, too.


class Session:
    """An ONNX model ready to run.

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

    @property
    def tags(self) -> int:
        """How many tags the network scores."""
        return int(self._session.get_outputs()[0].shape[2])

    def scores(self, batch: Batch) -> Scores:
        """Tag scores (batch, time, tags); without meaning at padding."""
        result: Scores = self._session.run(["scores"], batch._asdict())[0]
        return result
