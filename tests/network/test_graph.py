"""The graph builder: Scan against a loop in numpy."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from slotfill.network.graph import Graph

TIME, HIDDEN = 5, 3
WORDS = np.arange(1, 4 * TIME * HIDDEN + 1, dtype=np.float32).reshape(4, TIME, HIDDEN) / 100
LENGTHS = np.array([5, 1, 3, 0])


def scanned(*, reverse: bool) -> np.ndarray:
    """`s = s / 2 + x - y` with y = 3 x, and `s + 1` as the output, over `WORDS`: through onnxruntime."""
    graph = Graph()
    rows = graph.input("rows", ["batch", "time"])
    graph.lengths = graph.node("Cast", graph.input("lengths", ["batch"]), to=6)
    words = graph.node("Gather", graph.constant(WORDS.reshape(-1, HIDDEN)), rows)
    words = graph.node("Transpose", words, perm=[1, 0, 2])
    tripled = graph.node("Mul", words, graph.constant(torch.tensor([3.0])))

    def step(state: str, x: str, y: str) -> tuple[str, str]:
        half = graph.node("Mul", state, graph.constant(torch.tensor([0.5])))
        after = graph.node("Add", half, graph.node("Sub", x, y))
        return after, graph.node("Add", after, graph.constant(torch.ones(1)))

    outputs = graph.scan(step, words, tripled, hidden_size=HIDDEN, reverse=reverse)
    graph.output("out", graph.node("Transpose", outputs, perm=[1, 0, 2]), ["batch", "time", HIDDEN])
    session = onnxruntime.InferenceSession(graph.model(), providers=["CPUExecutionProvider"])
    given = {"rows": np.arange(4 * TIME).reshape(4, TIME), "lengths": LENGTHS}
    result: np.ndarray = session.run(["out"], given)[0]
    return result


@pytest.mark.parametrize("reverse", [False, True])
def test_a_scan_carries_the_state_over_each_utterances_own_words(reverse: bool) -> None:
    found = scanned(reverse=reverse)
    for row, length in enumerate(LENGTHS):
        state = np.zeros(HIDDEN, dtype=np.float32)
        places = range(length)
        for place in reversed(places) if reverse else places:
            state = state / 2 - 2 * WORDS[row, place]
            np.testing.assert_allclose(found[row, place], state + 1, rtol=0, atol=1e-6)


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
