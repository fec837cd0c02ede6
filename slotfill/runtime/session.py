"""The exported network as two functions: words to features, features to scores."""

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
FeatureVectors = NDArray[np.float32]


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
        features: the content of `features.onnx`: from words and characters to features.
        network: that of `model.onnx`: from features and lengths to tags and intents.
    """

    features: bytes
    network: bytes


class Session:
    """A network's two ONNX models ready to run.

    Attributes:
        width: how many features a word has.
        tags: how many tags the network scores.
        intents: how many intents.

    Args:
        exported: the models.
        threads: onnxruntime's threads; one is fastest for small inputs.

    Raises `ArtifactError` if one is no such model, or they do not belong together.
    """

    def __init__(self, exported: Exported, threads: int = 1) -> None:
        self._features = _open(exported.features, "features.onnx", {"words", "characters"}, threads)
        self._network = _open(exported.network, "model.onnx", {"features", "lengths"}, threads)
        outputs = self._network.get_outputs()
        self.width = _width(self._features.get_outputs(), "features", "features.onnx")
        self.tags = _width(outputs, "tags", "model.onnx")
        self.intents = _width(outputs, "intents", "model.onnx") if len(outputs) > 1 else 0
        wanted = _width(self._network.get_inputs(), "features", "model.onnx")
        if wanted != self.width:
            raise ArtifactError(f"features.onnx gives {self.width} features, model.onnx wants {wanted}")

    def features(self, words: Ids, characters: Ids) -> FeatureVectors:
        """The features of words, (words, feature).

        Args:
            words: (words,) word ids.
            characters: (words, length) character ids, `PADDING` after a word's end.
        """
        (features,) = self._features.run(["features"], {"words": words, "characters": characters})
        return np.asarray(features)

    def scores(self, features: FeatureVectors, lengths: Ids) -> Outputs[Scores]:
        """The scores of a batch.

        Args:
            features: (time, batch, feature) features; any at padding.
            lengths: (batch,) words in each utterance.
        """
        given = {"features": features, "lengths": lengths}
        if self.intents:
            return Outputs(*self._network.run(["tags", "intents"], given))
        return Outputs(self._network.run(["tags"], given)[0], np.empty((len(lengths), 0), np.float32))

    def run(self, batch: Batch) -> Outputs[Scores]:
        """The scores of a batch, both models run on each of its words."""
        words, spellings = batch.words.T, batch.spellings.T
        features = self.features(words.ravel(), batch.characters[spellings.ravel()])
        return self.scores(features.reshape(*words.shape, self.width), batch.lengths)


def _open(content: bytes, name: str, inputs: set[str], threads: int) -> onnxruntime.InferenceSession:
    """A model ready to run; raise `ArtifactError` if it is none with these inputs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no public base class
        raise ArtifactError(f"{name} cannot be loaded: {str(error).splitlines()[0]}") from error
    found = {value.name for value in session.get_inputs()}
    if found != inputs:
        raise ArtifactError(f"{name} wants {', '.join(sorted(found))}: it is no slotfill network")
    return session


def _width(values: Sequence[onnxruntime.NodeArg], name: str, model: str) -> int:
    """The last dimension of one of a model's inputs or outputs; raise `ArtifactError` if it is not there or open."""
    for value in values:
        if value.name == name and value.shape and isinstance(value.shape[-1], int):
            return value.shape[-1]
    raise ArtifactError(f"{model} has no {name} of a fixed width: it is no slotfill network")
