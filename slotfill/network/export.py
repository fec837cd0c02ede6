"""The tagger network as ONNX models, made of ONNX's own recurrent operators where they fit."""

from __future__ import annotations

import numpy as np
import torch
from onnx import TensorProto

from slotfill.errors import SlotfillError
from slotfill.network.features import CharacterCnn, WordFeatures
from slotfill.network.graph import Graph
from slotfill.network.tagger import Head, IntentHead, TaggerNetwork
from slotfill.runtime.encoding import Batch
from slotfill.runtime.session import Exported, Session
from slotfill.runtime.vocabulary import PADDING

TOLERANCE = 1e-4
"""Largest difference between a score of the exported network and of the original, relative where above 1."""


def export(network: TaggerNetwork, samples: list[Batch]) -> Exported:
    """The network as ONNX, after its scores were found equal to the network's own on every sample.

    Raises `SlotfillError` if a score differs by more than `TOLERANCE`, or is not finite.
    """
    exported = Exported(_features(network.features), _network(network))
    session = Session(exported)
    network.eval()
    for sample in samples:
        with torch.inference_mode():
            device = next(network.parameters()).device
            tensors = [torch.from_numpy(array).to(device) for array in sample]
            expected = [values.cpu().numpy() for values in network(*tensors)]
        inside = np.arange(expected[0].shape[1]) < sample.lengths[:, None]
        scored = session.run(sample)
        for found, wanted in ((scored.tags[inside], expected[0][inside]), (scored.intents, expected[1])):
            if not np.allclose(found, wanted, rtol=TOLERANCE, atol=TOLERANCE):
                gap = np.abs(found - wanted).max()
                raise SlotfillError(
                    f"the exported network's scores differ from the original's by {gap:.2g}; not written"
                )
    return exported


def _features(features: WordFeatures) -> bytes:
    """(words,) word ids and (words, length) character ids to (words, feature), as `WordFeatures.forward`."""
    graph = Graph()
    words = graph.input("words", ["words"])
    characters = graph.input("characters", ["words", "length"])
    embedded = graph.node("Gather", graph.constant(features.embedding.weight), words)
    looks = _character_cnn(graph, features.characters, characters)
    graph.output("features", graph.node("Concat", embedded, looks, axis=1), ["words", features.size])
    return graph.model()


def _network(network: TaggerNetwork) -> bytes:
    """(time, batch, feature) features and (batch,) lengths to the scores of `TaggerNetwork.forward`."""
    graph = Graph()
    hidden = graph.input("features", ["time", "batch", network.features.size], TensorProto.FLOAT)
    lengths = graph.input("lengths", ["batch"])
    graph.lengths = graph.node("Cast", lengths, to=TensorProto.INT32)
    for layer in network.layers:
        outputs = layer.read(  # type: ignore[operator]
            lambda cell, backwards, inputs=hidden: cell.export(graph, inputs, reverse=backwards)
        )
        hidden = outputs[0] if len(outputs) == 1 else graph.node("Concat", *outputs, axis=2)
    _head(graph, network.head, hidden, lengths)
    return graph.model()


def _head(graph: Graph, head: Head, hidden: str, lengths: str) -> None:
    """The outputs from (time, batch, feature) states, as `Head.forward`."""
    tags = graph.linear(hidden, head.tags.weight, head.tags.bias)
    graph.output("tags", graph.node("Transpose", tags, perm=[1, 0, 2]), ["batch", "time", head.tags.out_features])
    if head.intents is not None:
        intents = _intents(graph, head.intents, hidden, lengths)
        graph.output("intents", intents, ["batch", head.intents.scores.out_features])


def _intents(graph: Graph, head: IntentHead, hidden: str, lengths: str) -> str:
    """(time, batch, feature) states to (batch, intents) scores, as `IntentHead.forward`."""
    time = graph.node("Gather", graph.node("Shape", hidden), graph.integers(0))
    places = graph.node(
        "Unsqueeze", graph.node("Range", graph.integers(0), time, graph.integers(1)), graph.integers([1])
    )
    inside = graph.node("Unsqueeze", graph.node("Less", places, lengths), graph.integers([2]))
    attention = graph.node("MatMul", hidden, graph.constant(head.attention.weight.t()))
    weights = graph.node("Softmax", _where(graph, inside, attention, -np.inf), axis=0)
    weighted = graph.node("Mul", weights, _where(graph, inside, hidden, 0.0))
    mean = graph.node("ReduceSum", weighted, graph.integers([0]), keepdims=0)
    return graph.linear(mean, head.scores.weight, head.scores.bias)


def _where(graph: Graph, inside: str, values: str, otherwise: float) -> str:
    """The values where there is a word, and a number at padding."""
    return graph.node("Where", inside, values, graph.constant(np.array(otherwise, dtype=np.float32)))


def _character_cnn(graph: Graph, cnn: CharacterCnn, characters: str) -> str:
    """(words, length) character ids to (words, filters), as `CharacterCnn.forward`."""
    embedded = graph.node("Gather", graph.constant(cnn.embedding.weight), characters)
    before = (cnn.convolution.kernel_size[0] - 1) // 2
    filtered = graph.node(
        "Relu",
        graph.node(
            "Conv",
            graph.node("Transpose", embedded, perm=[0, 2, 1]),
            graph.constant(cnn.convolution.weight),
            graph.constant(cnn.convolution.bias),  # type: ignore[arg-type]
            pads=[before, cnn.convolution.kernel_size[0] - 1 - before],
        ),
    )
    inside = graph.node("Cast", graph.node("Greater", characters, graph.integers(PADDING)), to=TensorProto.FLOAT)
    kept = graph.node("Mul", filtered, graph.node("Unsqueeze", inside, graph.integers([1])))
    return graph.node("ReduceMax", kept, axes=[2], keepdims=0)
