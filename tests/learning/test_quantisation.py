"""8-bit weights: in the network where they can be, in nothing else, and only if dev says so."""

from __future__ import annotations

import json
import logging
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from slotfill.corpus.utterance import Utterance
from slotfill.errors import ArtifactError, DataError, SlotfillError
from slotfill.learning import quantisation
from slotfill.learning.quantisation import LossyError, eight_bits, quantise
from slotfill.network.cells import CELLS
from slotfill.network.export import export
from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.session import Session
from slotfill.runtime.tagger import Tagger
from slotfill.scoring.evaluation import Evaluation, evaluate
from tests.network.made import batch, build_network

EIGHT_BITS = (onnx.TensorProto.INT8, onnx.TensorProto.UINT8)


@pytest.mark.parametrize("cell", CELLS.names())
def test_a_network_of_any_cell_scores_nearly_the_same_with_weights_in_8_bits(
    cell: str, caplog: pytest.LogCaptureFixture
) -> None:
    exported = export(build_network(cell=cell, layers=2), [batch([3])])
    with caplog.at_level(logging.WARNING):
        network = eight_bits(exported.network)
    assert not caplog.records
    weights = onnx.load_from_string(network).graph.initializer
    assert any(weight.data_type in EIGHT_BITS and len(weight.dims) > 1 for weight in weights)
    given = batch([5, 5], seed=1)
    before, after = (Session(each).run(given) for each in (exported, exported._replace(network=network)))
    for wanted, found in zip(before, after, strict=True):
        np.testing.assert_allclose(found, wanted, atol=0.05)


def test_a_model_tags_alike_and_all_but_its_network_stays(
    model: Path, flights: list[Utterance], tmp_path: Path
) -> None:
    opened, dev = Bundle(model), flights[::3]
    quantised = quantise(opened, "small", flights, dev)
    bundle.write(tmp_path / "small", quantised.files)
    small = Bundle(tmp_path / "small")
    assert list(Tagger.open(small).tag_all(flights)) == list(Tagger.open(opened).tag_all(flights))
    changed = {name for name in bundle.FILES if small.read(name) != opened.read(name)}
    assert changed == {bundle.NETWORK, bundle.CONFIG, bundle.METRICS, bundle.CARD}
    assert len(small.read(bundle.NETWORK)) < 0.7 * len(opened.read(bundle.NETWORK))
    assert small.read_json(bundle.CONFIG) == opened.read_json(bundle.CONFIG) | {"weights": "int8"}
    assert small.read_json(bundle.METRICS)["dev"] == json.loads(json.dumps(quantised.after.to_json()))
    card = small.read(bundle.CARD).decode()
    assert card.startswith("# small\n")
    assert "parameters, 8-bit weights |" in card


def test_losing_too_much_on_dev_is_refused(
    model: Path, flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ruined(network: bytes) -> bytes:
        graph = onnx.load_from_string(network)
        for weight in graph.graph.initializer:
            if weight.data_type == onnx.TensorProto.FLOAT:
                weight.raw_data = bytes(len(weight.raw_data))
        return graph.SerializeToString()

    monkeypatch.setattr(quantisation, "eight_bits", ruined)
    with pytest.raises(SlotfillError, match=r"dev F1 falls from 100\.00 to \d+\.\d\d; not written") as refused:
        quantise(Bundle(model), "small", flights, flights[::3])
    assert refused.value.exit_code == 1


@pytest.mark.parametrize(("lost", "refused"), [(0.0004, False), (0.0006, True)])
def test_a_twentieth_of_a_point_of_f1_may_be_lost(
    model: Path, flights: list[Utterance], monkeypatch: pytest.MonkeyPatch, lost: float, refused: bool
) -> None:
    losses = iter((0.0, lost))

    def evaluated(*given: Any) -> Evaluation:
        found = evaluate(*given)
        return replace(found, f1=found.f1 - next(losses))

    monkeypatch.setattr(quantisation, "evaluate", evaluated)
    with pytest.raises(LossyError) if refused else nullcontext():
        quantise(Bundle(model), "small", flights, flights[::3])


def test_where_dev_has_no_spans_its_intents_may_not_be_lost(
    model: Path, flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = iter((1.0, 0.9))
    monkeypatch.setattr(
        quantisation, "evaluate", lambda *given: replace(evaluate(*given), support=0, intent_accuracy=next(shares))
    )
    with pytest.raises(LossyError, match=r"dev intents falls from 100\.00 to 90\.00"):
        quantise(Bundle(model), "small", flights, flights[::3])


def test_a_network_that_tags_but_cannot_be_put_into_8_bits_is_told_of(
    model: Path, flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: bytes) -> bytes:
        raise onnx.checker.ValidationError("no shape")

    monkeypatch.setattr(quantisation, "eight_bits", refuse)
    with pytest.raises(ArtifactError, match=r"model\.onnx cannot be put into 8 bits: no shape"):
        quantise(Bundle(model), "small", flights, flights[::3])


def test_another_dev_split_than_that_of_training_is_refused(model: Path, flights: list[Utterance]) -> None:
    with pytest.raises(DataError, match="not the corpus 'flights'"):
        quantise(Bundle(model), "small", flights, flights[::4])


def test_each_output_of_a_matrix_has_a_scale_of_its_own() -> None:
    network = eight_bits(export(build_network(cell="lstm"), [batch([3])]).network)
    weights = onnx.load_from_string(network).graph.initializer
    scales = [weight for weight in weights if weight.name.endswith("_scale")]
    matrices = [weight for weight in weights if weight.data_type in EIGHT_BITS and len(weight.dims) == 2]
    assert sorted(weight.dims[1] for weight in matrices) == sorted(scale.dims[0] for scale in scales)
