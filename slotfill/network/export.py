"""The tagger network as ONNX models."""

from __future__ import annotations

import numpy as np
import torch
from onnx import TensorProto

from slotfill.errors import SlotfillError
from slotfill.network.cell import Cell
from slotfill.network.features import CharacterCnn
from slotfill.network.graph import Graph
from slotfill.network.tagger import Head, IntentHead, TaggerNetwork
from slotfill.runtime.encoding import Batch, word_mask
from slotfill.runtime.session import Exported, Session
from slotfill.runtime.vocabulary import PADDING

TOLERANCE = 1e-4
"""Largest difference between a score of the exported network and of the original, relative where above 1.

Where there are scores above `_LARGE`, as of training that exploded, differences may be larger in proportion: small
scores beside them are sums of large numbers that cancel out."""
_LARGE = 100

_DIRECTIONS = ("forward", "backward")


def export(network: TaggerNetwork, samples: list[Batch]) -> Exported:
    """The network, which is on the CPU, as ONNX, after its scores were found equal to its own on every sample.

    Raises `SlotfillError` if a score differs by more than `TOLERANCE`, or is not finite.
    """
    exported = Exported(_words(network), _network(network))
    session = Session(exported)
    network.eval()
    for sample in samples:
        with torch.inference_mode():
            expected = [scores.numpy() for scores in network(*map(torch.from_numpy, sample))]
        words = word_mask(sample.lengths, expected[0].shape[1])
        scored = session.run(sample)
        for found, wanted in ((scored.tags[words], expected[0][words]), (scored.intents, expected[1])):
            if not np.isfinite(found).all():
                raise SlotfillError("a score of the exported network is not finite; not written")
            largest = np.abs(wanted).max(initial=0)
            if not np.allclose(found, wanted, rtol=TOLERANCE, atol=TOLERANCE * max(1, largest / _LARGE)):
                gap = np.abs(found - wanted).max()
                raise SlotfillError(
                    f"the exported network's scores differ from the original's by {gap:.2g}, of {largest:.2g} at most; "
                    "not written: if the losses grew, train with a smaller --learning-rate"
                )
    return exported


def _words(network: TaggerNetwork) -> bytes:
    """(words,) word ids and (words, length) character ids to what each word contributes, (words, size) each.

    That is as far as a word goes without its neighbours: its features, and their products with the input weights of the
    first recurrent layer.
    """
    graph = Graph()
    words = graph.input("words", ["words"])
    characters = graph.input("characters", ["words", "length"])
    embedded = graph.node("Gather", graph.constant(network.features.embedding.weight), words)
    looks = _character_cnn(graph, network.features.characters, characters)
    features = graph.node("Concat", embedded, looks, axis=1)
    for cell, backwards in network.recurrent_layers[0].directions:
        projected = cell.export_projection(graph, features)
        graph.output(_DIRECTIONS[backwards], projected, ["words", cell.exported_size])
    return graph.model()


def _network(network: TaggerNetwork) -> bytes:
    """Tables of what words contribute, (time, batch) rows of them and (batch,) lengths to the scores."""
    graph = Graph()
    rows = graph.input("rows", ["time", "batch"])
    lengths = graph.input("lengths", ["batch"])
    first, *others = network.recurrent_layers
    outputs = []
    for cell, backwards in first.directions:
        table = graph.input(_DIRECTIONS[backwards], ["rows", cell.exported_size], TensorProto.FLOAT)
        outputs.append(_unrolled(graph, cell, rows, lengths, backwards, table))
    hidden = _concatenated(graph, outputs)
    for layer in others:
        outputs = [
            _unrolled(graph, cell, cell.export_projection(graph, hidden), lengths, backwards)
            for cell, backwards in layer.directions
        ]
        hidden = _concatenated(graph, outputs)
    _head(graph, network.head, hidden, lengths)
    return graph.model()


def _concatenated(graph: Graph, outputs: list[str]) -> str:
    return outputs[0] if len(outputs) == 1 else graph.node("Concat", *outputs, axis=2)


def _unrolled(graph: Graph, cell: Cell, inputs: str, lengths: str, backwards: bool, table: str | None = None) -> str:
    """A cell run over (time, batch, size) exported projections, or over (time, batch) rows of a table of such."""

    def step(word: str, state: tuple[str, ...]) -> tuple[str, ...]:
        return cell.export_step(graph, word if table is None else graph.node("Gather", table, word), state)

    sizes = [part.shape[1] for part in cell.initial_state(1)]
    kind = TensorProto.FLOAT if table is None else TensorProto.INT64
    return graph.scan(step, inputs, lengths, sizes, reverse=backwards, kind=kind)


def _head(graph: Graph, head: Head, hidden: str, lengths: str) -> None:
    """The outputs from (time, batch, feature) states, as `Head.forward`."""
    tags = graph.linear(hidden, head.tags.weight, head.tags.bias)
    graph.output("tags", graph.node("Transpose", tags, perm=[1, 0, 2]), ["batch", "time", head.tags.out_features])
    if head.intents is not None:
        intents = _intents(graph, head.intents, hidden, lengths)
        graph.output("intents", intents, ["batch", head.intents.scores.out_features])


def _intents(graph: Graph, head: IntentHead, hidden: str, lengths: str) -> str:
    """(time, batch, feature) states to (batch, intents) scores, as `IntentHead.forward`.

    The scores of a mean of states are the mean of their scores, which are narrower.
    """
    both = torch.cat([head.attention.weight, head.scores.weight])
    attention, scores = graph.split(graph.node("MatMul", hidden, graph.constant(both.t())), [1, len(both) - 1])
    time = graph.node("Gather", graph.node("Shape", scores), graph.integers(0))
    places = graph.node(
        "Unsqueeze", graph.node("Range", graph.integers(0), time, graph.integers(1)), graph.integers([1])
    )
    mask = graph.node("Unsqueeze", graph.node("Less", places, lengths), graph.integers([2]))
    attention, scores = (
        graph.node("Where", mask, values, graph.constant(np.array(otherwise, dtype=np.float32)))
        for values, otherwise in ((attention, -np.inf), (scores, 0.0))
    )
    weighted = graph.node("Mul", graph.node("Softmax", attention, axis=0), scores)
    mean = graph.node("ReduceSum", weighted, graph.integers([0]), keepdims=0)
    return graph.node("Add", mean, graph.constant(head.scores.bias))


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
    mask = graph.node("Cast", graph.node("Greater", characters, graph.integers(PADDING)), to=TensorProto.FLOAT)
    kept = graph.node("Mul", filtered, graph.node("Unsqueeze", mask, graph.integers([1])))
    return graph.node("ReduceMax", kept, axes=[2], keepdims=0)
