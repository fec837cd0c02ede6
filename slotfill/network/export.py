"""The tagger network as an ONNX model, made of ONNX's own recurrent operators where they fit."""

from __future__ import annotations

import numpy as np
import torch

from slotfill.errors import SlotfillError
from slotfill.network.features import CharacterCnn
from slotfill.network.graph import Graph
from slotfill.network.tagger import Head, TaggerNetwork
from slotfill.runtime.encoding import Batch
from slotfill.runtime.session import Session
from slotfill.runtime.vocabulary import PADDING

TOLERANCE = 1e-4
"""Largest difference between a score of the exported network and of the original, relative where above 1."""


def export(network: TaggerNetwork, samples: list[Batch]) -> bytes:
    """The network as ONNX, after its scores were found equal to the network's own on every sample.

    Raises `SlotfillError` if a score differs by more than `TOLERANCE`, or is not finite.
    """
    content = _build(network)
    session = Session(content)
    network.eval()
    for sample in samples:
        with torch.inference_mode():
            device = next(network.parameters()).device
            tensors = [torch.from_numpy(array).to(device) for array in sample]
            expected = [values.cpu().numpy() for values in network(*tensors)]
        inside = np.arange(expected[0].shape[1]) < sample.lengths[:, None]
        exported = session.run(sample)
        for found, wanted in ((exported.tags[inside], expected[0][inside]), (exported.intents, expected[1])):
            if not np.allclose(found, wanted, rtol=TOLERANCE, atol=TOLERANCE):
                gap = np.abs(found - wanted).max()
                raise SlotfillError(
                    f"the exported network's scores differ from the original's by {gap:.2g}; not written"
                )
    return content


def _build(network: TaggerNetwork) -> bytes:
    graph = Graph()
    words = graph.input("words", ["batch", "time"])
    spellings = graph.input("spellings", ["batch", "time"])
    characters = graph.input("characters", ["distinct", "length"])
    graph.lengths = graph.node("Cast", graph.input("lengths", ["batch"]), to=6)  # 6: int32

    looks = _character_cnn(graph, network.features.characters, characters)
    embedded = graph.node("Gather", graph.constant(network.features.embedding.weight), words)
    features = graph.node("Concat", embedded, graph.node("Gather", looks, spellings), axis=2)

    hidden = graph.node("Transpose", features, perm=[1, 0, 2])
    for layer in network.layers:
        outputs = layer.read(  # type: ignore[operator]
            lambda cell, backwards, inputs=hidden: cell.export(graph, inputs, reverse=backwards)
        )
        hidden = outputs[0] if len(outputs) == 1 else graph.node("Concat", *outputs, axis=2)
    _head(graph, network.head, hidden, words)
    return graph.model()


def _head(graph: Graph, head: Head, hidden: str, words: str) -> None:
    """The outputs from (time, batch, feature) states, as `Head.forward`."""
    hidden = graph.node("Transpose", hidden, perm=[1, 0, 2])
    tags = graph.linear(hidden, head.tags.weight, head.tags.bias)
    graph.output("tags", tags, ["batch", "time", head.tags.out_features])
    if head.intents is not None:
        inside = graph.node("Unsqueeze", graph.node("Greater", words, graph.integers(PADDING)), graph.integers([2]))
        nothing = graph.constant(np.array(-np.inf, dtype=np.float32))
        largest = graph.node("ReduceMax", graph.node("Where", inside, hidden, nothing), axes=[1], keepdims=0)
        intents = graph.linear(largest, head.intents.weight, head.intents.bias)
        graph.output("intents", intents, ["batch", head.intents.out_features])


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
    inside = graph.node("Cast", graph.node("Greater", characters, graph.integers(PADDING)), to=1)  # 1: float32
    kept = graph.node("Mul", filtered, graph.node("Unsqueeze", inside, graph.integers([1])))
    return graph.node("ReduceMax", kept, axes=[2], keepdims=0)
