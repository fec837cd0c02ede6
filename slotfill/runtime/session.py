"""The exported network as two functions: words to their projections, rows of these to scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from slotfill.errors import ArtifactError
from slotfill.legible import first_line
from slotfill.runtime.bundle import NETWORK, WORDS
from slotfill.runtime.decoding import Scores
from slotfill.runtime.encoding import Batch, Ids

onnxruntime.set_default_logger_severity(4)  # Its complaints come as exceptions, too.


Array = TypeVar("Array")
Table = NDArray[np.float32]

Tables = Mapping[str, Table]
"""What is known of words without their neighbours, by what it is for: (rows, width) each."""

_ROWS, _LENGTHS = "rows", "lengths"
_LARGEST_WIDTH = 1 << 24
"""Of anything a network reads or scores. Wider is no network of ours, and would need all memory for a few words."""


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
        self._words = _open(exported.words, WORDS, {"words", "characters"}, threads)
        self._network = _open(exported.network, NETWORK, {_ROWS, _LENGTHS}, threads, tables=True)
        found, inputs, outputs = self._words.get_outputs(), self._network.get_inputs(), self._network.get_outputs()
        tables = [value.name for value in inputs if value.name not in (_ROWS, _LENGTHS)]
        self.widths = {value.name: _width(found, value.name, WORDS) for value in found}
        wanted = {name: _width(inputs, name, NETWORK) for name in tables}
        if self.widths != wanted:
            raise ArtifactError(f"{WORDS} gives {_listed(self.widths)}, {NETWORK} wants {_listed(wanted)}")
        self.tags = _width(outputs, "tags", NETWORK)
        self.intents = _width(outputs, "intents", NETWORK) if len(outputs) > 1 else 0

    def tables(self, words: Ids, characters: Ids) -> Tables:
        """What words contribute, a row each.

        Args:
            words: (words,) word ids.
            characters: (words, length) character ids, `PADDING` after a word's end.

        Raises `ArtifactError` if the model cannot be run, or gives something else.
        """
        wanted = {name: (len(words), width) for name, width in self.widths.items()}
        return _run(self._words, WORDS, {"words": words, "characters": characters}, wanted)

    def scores(self, inputs: Inputs) -> Outputs[Scores]:
        """The scores of a batch; raise `ArtifactError` if the model cannot be run, or gives something else."""
        time, batch = inputs.rows.shape
        wanted: dict[str, tuple[int, ...]] = {"tags": (batch, time, self.tags)}
        if self.intents:
            wanted["intents"] = (batch, self.intents)
        given: dict[str, NDArray[Any]] = {_ROWS: inputs.rows, _LENGTHS: inputs.lengths, **inputs.tables}
        found = _run(self._network, NETWORK, given, wanted)
        return Outputs(found["tags"], found.get("intents", np.empty((batch, 0), np.float32)))

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
    """A model ready to run.

    Raises `ArtifactError` if it is none with these inputs, of integers, and, at that, `tables` beside; the rest is
    float32.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no public base class
        raise ArtifactError(f"{name} cannot be loaded: {first_line(error)}") from error
    found = {value.name for value in session.get_inputs()}
    if not (inputs < found if tables else inputs == found):
        raise ArtifactError(f"{name} wants {', '.join(sorted(found))}: it is no slotfill network")
    for value in (*session.get_inputs(), *session.get_outputs()):
        kind = "int64" if value.name in inputs else "float"
        if value.type != f"tensor({kind})":
            raise ArtifactError(f"{name} has {value.name} as {value.type}, not {kind}: it is no slotfill network")
    return session


def _run(
    session: onnxruntime.InferenceSession,
    name: str,
    given: Mapping[str, NDArray[Any]],
    wanted: Mapping[str, tuple[int, ...]],
) -> dict[str, Table]:
    """A model's outputs by name; raise `ArtifactError` if it cannot be run, or their shapes are not those wanted."""
    try:
        found = dict(zip(wanted, session.run([*wanted], given), strict=True))
    except Exception as error:  # As above; it may want more memory than there is, too.
        raise ArtifactError(f"{name} cannot be run: {first_line(error)}") from error
    for output, shape in wanted.items():
        if found[output].shape != shape:
            raise ArtifactError(f"{name} gives {output} of shape {found[output].shape}, not {shape}")
    return found


def _width(values: Sequence[onnxruntime.NodeArg], name: str, model: str) -> int:
    """The last dimension of one of a model's inputs or outputs; raise `ArtifactError` if it is not there or open."""
    shape = next((value.shape for value in values if value.name == name), None)
    width = shape[-1] if shape else None
    if not isinstance(width, int) or not 0 < width <= _LARGEST_WIDTH:
        raise ArtifactError(f"{model} has no {name} of a fixed width: it is no slotfill network")
    return width


def _listed(widths: dict[str, int]) -> str:
    return ", ".join(f"{name} {width}" for name, width in widths.items())
