"""The graph builder: Scan against a loop in numpy."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from slotfill.network.graph import Graph

TIME, HIDDEN = 5, 3
WORDS = np.arange(1, 4 * TIME * HIDDEN + 1, dtype=np.float32).reshape(4, TIME, HIDDEN) / 100
LENGTHS = np.array([5, 1, 3, 0])


def scanned(*, reverse: bool, rows: bool) -> np.ndarray:
    """`s = s / 2 - 2 x`, `t = t + 1` and `s + t` as the output, over `WORDS`: through onnxruntime."""
    graph = Graph()
    inputs = graph.input("rows", ["time", "batch"])
    lengths = graph.input("lengths", ["batch"])
    table = graph.constant(WORDS.reshape(-1, HIDDEN))

    def step(word: str, state: tuple[str, ...]) -> tuple[str, ...]:
        _, half, count = state
        x = graph.node("Gather", table, word) if rows else word
        half = graph.node("Sub", graph.node("Mul", half, graph.constant(torch.tensor([0.5]))), graph.node("Add", x, x))
        count = graph.node("Add", count, graph.constant(torch.ones(1)))
        return graph.node("Add", half, count), half, count

    if not rows:
        inputs = graph.node("Gather", table, inputs)
    kind = onnx.TensorProto.INT64 if rows else onnx.TensorProto.FLOAT
    outputs = graph.scan(step, inputs, lengths, [HIDDEN, HIDDEN, 1], reverse=reverse, kind=kind)
    graph.output("out", graph.node("Transpose", outputs, perm=[1, 0, 2]), ["batch", "time", HIDDEN])
    session = onnxruntime.InferenceSession(graph.model(), providers=["CPUExecutionProvider"])
    given = {"rows": np.arange(4 * TIME).reshape(4, TIME).T, "lengths": LENGTHS}
    result: np.ndarray = session.run(["out"], given)[0]
    return result


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_scan_carries_the_state_over_each_utterances_own_words(reverse: bool, rows: bool) -> None:
    found = scanned(reverse=reverse, rows=rows)
    for row, length in enumerate(LENGTHS):
        state = np.zeros(HIDDEN, dtype=np.float32)
        places = range(length)
        for count, place in enumerate(reversed(places) if reverse else places, start=1):
            state = state / 2 - 2 * WORDS[row, place]
            np.testing.assert_allclose(found[row, place], state + count, rtol=0, atol=1e-6)


def test_linear_is_torchs() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(4, 2)
    graph = Graph()
    table = torch.randn(6, 4)
    rows = graph.input("rows", ["batch"])
    inputs = graph.node("Gather", graph.constant(table), rows)
    graph.output("out", graph.linear(inputs, layer.weight, layer.bias), ["batch", 2])
    session = onnxruntime.InferenceSession(graph.model(), providers=["CPUExecutionProvider"])
    found = session.run(["out"], {"rows": np.array([5, 0, 2])})[0]
    np.testing.assert_allclose(found, layer(table[[5, 0, 2]]).detach().numpy(), rtol=1e-5, atol=1e-6)
