"""A network that somebody forged, its manifest signed anew, is refused when it is opened, or where it tags."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import GraphProto, TensorProto, helper, numpy_helper

import slotfill
from slotfill.errors import ArtifactError
from slotfill.runtime import bundle
from tests.conftest import forged

HALF = "\ud800"
"""Of a character: JSON can spell it, UTF-8 cannot."""
NO_TRANSITIONS = json.dumps({"temperature": 1.0, "transitions": None}).encode()

Change = Callable[[GraphProto], None]


def graph_with(path: Path, change: Change) -> bytes:
    """The content of an ONNX file after a change."""
    loaded = onnx.load(path)
    change(loaded.graph)
    content: bytes = loaded.SerializeToString()
    return content


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"words": [f"w{i}" for i in range(999)], "counts": [1] * 999}, "the last word or character .* Gather"),
        ({"characters": [chr(0x4E00 + i) for i in range(999)]}, "the last word or character .* Gather"),
        ({"tags": ["O", *(f"B-{i}" for i in range(40_000))]}, "model.onnx scores 5 tags, tokenizer.json has 40001"),
        ({"tags": ["O", 1, 2, 3, 4]}, "expected str instance, int found"),
        ({"tags": ["O", "B-a\n", "B-b", "B-c", "B-d"]}, r"tag 'B-a\\n' holds a blank or line end"),
        ({"intents": [HALF]}, "surrogates not allowed"),
        ({"counts": None}, "is not a slotfill tokenizer"),
        ({"intent_separator": 5}, "unknown intent separator"),
    ],
)
def test_a_tokenizer_of_another_network_is_refused_when_it_is_opened(
    model: Path, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    tokenizer = json.dumps(json.loads((model / bundle.TOKENIZER).read_text()) | change).encode()
    folder = forged(model, tmp_path / "forged", {bundle.TOKENIZER: tokenizer, bundle.DECODER: NO_TRANSITIONS})
    with pytest.raises(ArtifactError, match=reason):
        slotfill.load(folder)


@pytest.mark.parametrize("kind", ["words", "characters"])
def test_a_single_word_or_character_that_the_network_lacks_is_refused_when_it_is_opened(
    model: Path, tmp_path: Path, kind: str
) -> None:
    tokenizer = json.loads((model / bundle.TOKENIZER).read_text())
    tokenizer[kind].append("☃")
    tokenizer["counts"] += [1] * (len(tokenizer["words"]) - len(tokenizer["counts"]))
    folder = forged(model, tmp_path / "forged", {bundle.TOKENIZER: json.dumps(tokenizer).encode()})
    with pytest.raises(ArtifactError, match="the last word or character"):
        slotfill.load(folder)


def multiply(factor: float) -> Change:
    """Multiply the scores of tags."""

    def change(graph: GraphProto) -> None:
        next(node for node in graph.node if list(node.output) == ["tags"]).output[0] = "given"
        graph.initializer.append(numpy_helper.from_array(np.array(factor, np.float32), "factor"))
        graph.node.append(helper.make_node("Mul", ["given", "factor"], ["tags"]))

    return change


def keep_time_first(graph: GraphProto) -> None:
    turned = next(node for node in graph.node if node.op_type == "Transpose")
    turned.attribute[0].CopyFrom(helper.make_attribute("perm", [0, 1, 2]))


def want_all_memory(graph: GraphProto) -> None:
    multiply(1)(graph)
    graph.node[-1].input[1] = "sum"
    graph.initializer.append(numpy_helper.from_array(np.array([10**15]), "huge"))
    graph.node.insert(0, helper.make_node("ConstantOfShape", ["huge"], ["zeros"]))
    graph.node.insert(1, helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (multiply(float("nan")), "model.onnx gives scores that are not finite"),
        (multiply(float("inf")), "model.onnx gives scores that are not finite"),
        (keep_time_first, r"model.onnx gives tags of shape \(3, 1, 5\), not \(1, 3, 5\)"),
        (want_all_memory, "model.onnx cannot be run: .*ConstantOfShape"),
    ],
)
@pytest.mark.parametrize("nbest", [None, 3])
@pytest.mark.filterwarnings("error")
def test_a_network_that_gives_no_scores_is_refused_where_it_tags(
    model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], change: Change, reason: str, nbest: int | None
) -> None:
    tagger = slotfill.load(forged(model, tmp_path, {bundle.NETWORK: graph_with(model / bundle.NETWORK, change)}))
    with pytest.raises(ArtifactError, match=reason):
        tagger.tag("fly to oslo", nbest=nbest)
    assert capfd.readouterr().err == ""  # onnxruntime would tell of it, too.


def take_lengths_as_floats(graph: GraphProto) -> None:
    next(value for value in graph.input if value.name == "lengths").type.tensor_type.elem_type = TensorProto.FLOAT
    for node in graph.node:
        node.input[:] = ["whole" if name == "lengths" else name for name in node.input]
    graph.node.insert(0, helper.make_node("Cast", ["lengths"], ["whole"], to=TensorProto.INT64))


def without_columns(graph: GraphProto) -> None:
    del graph.node[:]
    graph.initializer.append(numpy_helper.from_array(np.array([1, 0]), "shape"))
    for value in graph.output:
        value.CopyFrom(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, ["words", 0]))
        graph.node.append(helper.make_node("ConstantOfShape", ["shape"], [value.name]))


def with_a_column_less(graph: GraphProto) -> None:
    (value, *_), sizes = graph.output, {"from": 0, "to": -1, "axis": 1}
    next(node for node in graph.node if value.name in node.output).output[0] = "whole"
    graph.initializer.extend(numpy_helper.from_array(np.array([number]), name) for name, number in sizes.items())
    graph.node.append(helper.make_node("Slice", ["whole", *sizes], [value.name]))
    value.type.tensor_type.shape.dim[-1].dim_value -= 1


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        (bundle.NETWORK, take_lengths_as_floats, r"model.onnx has lengths as tensor\(float\), not int64"),
        (bundle.WORDS, without_columns, "words.onnx has no forward of a fixed width"),
        (bundle.WORDS, with_a_column_less, r"words.onnx gives forward \d+, .*, model.onnx wants forward \d+, "),
    ],
)
def test_a_network_of_another_kind_is_refused_when_it_is_opened(
    model: Path, tmp_path: Path, name: str, change: Change, reason: str
) -> None:
    folder = forged(model, tmp_path / "forged", {name: graph_with(model / name, change)})
    with pytest.raises(ArtifactError, match=reason):
        slotfill.load(folder)
