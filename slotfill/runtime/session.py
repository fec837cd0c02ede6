"""The exported network as two functions: words to their projections, rows of these to scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from slotfill.errors import ArtifactError
from slotfill.runtime.decoding import Scores
from slotfill.runtime.encoding import Batch, Ids

onnxruntime.set_default_logger_severity(4)  # Its complaints come as exceptions, too.


Array = TypeVar("Array")
Table = NDArray[np.float32]

DIRECTIONS = ("forward", "backward")
"""What reads an utterance; a one-way network has the first only."""


class Outputs(NamedTuple, Generic[Array]):
    """What a network says of a batch, as arrays or tensors.

    Attributes:
        tags: (batch, time, tags) scores of each word's tags; without meaning at padding.
        intents: (batch, intents) scores of what each utterance asks for, logits; no columns where that is not known.
    """

    tags: Array
    intents: Array


class Exported(NamedTuple):
    """A network as two ONNX models, so that what depends on a word alone need not be computed again in each utterance.

    Attributes:
        words: the content of `words.onnx`: from words and characters to what each word contributes to the gates of the
            first recurrent layer, its projections.
        network: that of `model.onnx`: from tables of these, rows of them and lengths to tags and intents.
    """

    words: bytes
    network: bytes


class Inputs(NamedTuple):
    """What a network is given of a batch.

    Attributes:
        tables: (directions, rows, width) projections of words.
        rows: (time, batch) the row of each word; any at padding.
        lengths: (batch,) words in each utterance, at least 1.
    """

    tables: Table
    rows: Ids
    lengths: Ids


class Session:
    """A network's two ONNX models ready to run.

    Attributes:
        directions: the directions in which it reads.
        width: the width of a word's projection for each.
        tags: how many tags the network scores.
        intents: how many intents.

    Args:
        exported: the models.
        threads: onnxruntime's threads; one is fastest for small inputs.

    Raises `ArtifactError` if one is no such model, or they do not belong together.
    """

    def __init__(self, exported: Exported, threads: int = 1) -> None:
        self._words = _open(exported.words, "words.onnx", {"words", "characters"}, threads)
        self._network = _open(exported.network, "model.onnx", {"rows", "lengths", "forward"}, threads)
        found, wanted = self._words.get_outputs(), self._network.get_inputs()
        outputs = self._network.get_outputs()
        self.directions = [value.name for value in found]
        self.width = _width(found, "forward", "words.onnx")
        self.tags = _width(outputs, "tags", "model.onnx")
        self.intents = _width(outputs, "intents", "model.onnx") if len(outputs) > 1 else 0
        for direction in DIRECTIONS:
            have, want = (
                {value.name: value.shape[-1] for value in values}.get(direction, "none") for values in (found, wanted)
            )
            if have != want:
                raise ArtifactError(f"words.onnx gives {have} values a word {direction}, model.onnx wants {want}")

    def project(self, words: Ids, characters: Ids) -> Table:
        """What words contribute to the first layer's gates, (directions, words, width).

        Args:
            words: (words,) word ids.
            characters: (words, length) character ids, `PADDING` after a word's end.
        """
        return np.stack(self._words.run(self.directions, {"words": words, "characters": characters}))

    def scores(self, inputs: Inputs) -> Outputs[Scores]:
        """The scores of a batch."""
        given = {"rows": inputs.rows, "lengths": inputs.lengths}
        given |= zip(self.directions, inputs.tables, strict=True)
        if self.intents:
            return Outputs(*self._network.run(["tags", "intents"], given))
        return Outputs(self._network.run(["tags"], given)[0], np.empty((len(inputs.lengths), 0), np.float32))

    def run(self, batch: Batch) -> Outputs[Scores]:
        """The scores of a batch, both models run on each of its words."""
        words, spellings = batch.words.T, batch.spellings.T
        tables = self.project(words.ravel(), batch.characters[spellings.ravel()])
        return self.scores(Inputs(tables, np.arange(words.size).reshape(words.shape), batch.lengths))


def _open(content: bytes, name: str, inputs: set[str], threads: int) -> onnxruntime.InferenceSession:
    """A model ready to run; raise `ArtifactError` if it is none with these inputs among its own."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no public base class
        raise ArtifactError(f"{name} cannot be loaded: {str(error).splitlines()[0]}") from error
    found = {value.name for value in session.get_inputs()}
    if not inputs <= found:
        raise ArtifactError(f"{name} wants {', '.join(sorted(found))}: it is no slotfill network")
    return session


def _width(values: Sequence[onnxruntime.NodeArg], name: str, model: str) -> int:
    """The last dimension of one of a model's inputs or outputs; raise `ArtifactError` if it is not there or open."""
    for value in values:
        if value.name == name and value.shape and isinstance(value.shape[-1], int):
            return value.shape[-1]
    raise ArtifactError(f"{model} has no {name} of a fixed width: it is no slotfill network")
