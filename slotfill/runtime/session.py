"""The exported network as two functions: words to their projections, rows of these to scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

Tables = Mapping[str, Table]
"""What is known of words without their neighbours, by what it is for: (rows, width) each."""

_ROWS, _LENGTHS = "rows", "lengths"


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
        words: the content of `words.onnx`: from words and characters to tables, a row a word, of what each contributes
            to the network's sums.
        network: that of `model.onnx`: from such tables, rows of them and lengths to tags and intents.
    """

    words: bytes
    network: bytes


class Inputs(NamedTuple):
    """What a network is given of a batch.

    Attributes:
        tables: what words contribute.
        rows: (time, batch) the row of each word in the tables; any at padding.
        lengths: (batch,) words in each utterance, at least 1.
    """

    tables: Tables
    rows: Ids
    lengths: Ids


class Session:
    """A network's two ONNX models ready to run.

    Attributes:
        widths: of the tables, by name.
        tags: how many tags the network scores.
        intents: how many intents.

    Args:
        exported: the models.
        threads: onnxruntime's threads; one is fastest for small inputs.

    Raises `ArtifactError` if one is no such model, or they do not belong together.
    """

    def __init__(self, exported: Exported, threads: int = 1) -> None:
        self._words = _open(exported.words, "words.onnx", {"words", "characters"}, threads)
        self._network = _open(exported.network, "model.onnx", {_ROWS, _LENGTHS}, threads, tables=True)
        found, inputs, outputs = self._words.get_outputs(), self._network.get_inputs(), self._network.get_outputs()
        tables = [value.name for value in inputs if value.name not in (_ROWS, _LENGTHS)]
        self.widths = {value.name: _width(found, value.name, "words.onnx") for value in found}
        wanted = {name: _width(inputs, name, "model.onnx") for name in tables}
        if self.widths != wanted:
            raise ArtifactError(f"words.onnx gives {_listed(self.widths)}, model.onnx wants {_listed(wanted)}")
        self.tags = _width(outputs, "tags", "model.onnx")
        self.intents = _width(outputs, "intents", "model.onnx") if len(outputs) > 1 else 0

    def tables(self, words: Ids, characters: Ids) -> Tables:
        """What words contribute, a row each.

        Args:
            words: (words,) word ids.
            characters: (words, length) character ids, `PADDING` after a word's end.
        """
        return dict(zip(self.widths, self._words.run(None, {"words": words, "characters": characters}), strict=True))

    def scores(self, inputs: Inputs) -> Outputs[Scores]:
        """The scores of a batch."""
        given = {_ROWS: inputs.rows, _LENGTHS: inputs.lengths, **inputs.tables}
        if self.intents:
            return Outputs(*self._network.run(["tags", "intents"], given))
        return Outputs(self._network.run(["tags"], given)[0], np.empty((len(inputs.lengths), 0), np.float32))

    def inputs(self, batch: Batch) -> Inputs:
        """A batch, with tables of its own: a row for each of its words."""
        words, spellings = batch.words.T, batch.spellings.T
        tables = self.tables(words.ravel(), batch.characters[spellings.ravel()])
        return Inputs(tables, np.arange(words.size).reshape(words.shape), batch.lengths)

    def run(self, batch: Batch) -> Outputs[Scores]:
        """The scores of a batch, both models run on each of its words."""
        return self.scores(self.inputs(batch))


def _open(
    content: bytes, name: str, inputs: set[str], threads: int, *, tables: bool = False
) -> onnxruntime.InferenceSession:
    """A model ready to run; raise `ArtifactError` if it is none with these inputs, and, at that, `tables` beside."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no public base class
        raise ArtifactError(f"{name} cannot be loaded: {str(error).splitlines()[0]}") from error
    found = {value.name for value in session.get_inputs()}
    if not (inputs < found if tables else inputs == found):
        raise ArtifactError(f"{name} wants {', '.join(sorted(found))}: it is no slotfill network")
    return session


def _width(values: Sequence[onnxruntime.NodeArg], name: str, model: str) -> int:
    """The last dimension of one of a model's inputs or outputs; raise `ArtifactError` if it is not there or open."""
    for value in values:
        if value.name == name and value.shape and isinstance(value.shape[-1], int):
            return value.shape[-1]
    raise ArtifactError(f"{model} has no {name} of a fixed width: it is no slotfill network")


def _listed(widths: dict[str, int]) -> str:
    return ", ".join(f"{name} {width}" for name, width in widths.items())
