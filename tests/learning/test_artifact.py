"""What is saved, and what never is."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor

from slotfill.config import TrainingConfig
from slotfill.corpus.splits import open_corpus
from slotfill.corpus.utterance import Utterance
from slotfill.errors import ArtifactError, SlotfillError
from slotfill.learning import artifact
from slotfill.learning.artifact import load_network, save
from slotfill.learning.loop import train
from slotfill.learning.prediction import predict
from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.tagger import Tagger
from tests.conftest import forged
from tests.learning.small_runs import NETWORK, Silent


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_never_written(flights: list[Utterance], tmp_path: Path, bad: float) -> None:
    config = TrainingConfig(epochs=1, threads=1)
    trained = train(flights, flights, NETWORK, config, Silent())
    with torch.no_grad():
        trained.network.features.embedding.weight[0, 0] = bad
    with pytest.raises(SlotfillError, match=r"weight features.embedding.weight is not finite"):
        save(trained, tmp_path / "model", corpus="flights", training=flights, dev=flights, config=config)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("corpus", ["atis", "snips"])
def test_a_saved_model_tags_real_corpora_as_torch_would(model: Path, shared_data: Path, corpus: str) -> None:
    network, vocabulary = load_network(Bundle(model))
    utterances = open_corpus(str(shared_data / corpus), Path("data")).split("test")
    by_torch = predict(network, vocabulary, utterances).utterances
    tagged = list(Tagger.open(Bundle(model)).tag_all(utterances))
    assert [(one.tags, one.intent) for one in tagged] == [(one.tags, one.intent) for one in by_torch]


def test_weights_of_another_networks_shape_are_told_of_in_one_line(model: Path, tmp_path: Path) -> None:
    weights = safetensors.torch.load_file(model / bundle.WEIGHTS)
    del weights["head.intents.attention.weight"]
    folder = forged(model, tmp_path / "older", {bundle.WEIGHTS: safetensors.torch.save(weights)})
    with pytest.raises(ArtifactError, match=r"^the weights in .*older are not those of its network: made by another"):
        load_network(Bundle(folder))


@pytest.mark.parametrize(
    "change",
    [lambda value: value.half(), lambda value: value.double(), lambda value: value * math.nan, lambda value: value / 0],
    ids=["half", "double", "nan", "infinite"],
)
def test_weights_that_are_no_finite_float32_are_refused(
    model: Path, tmp_path: Path, change: Callable[[Tensor], Tensor]
) -> None:
    weights = safetensors.torch.load_file(model / bundle.WEIGHTS)
    weights["head.tags.bias"] = change(weights["head.tags.bias"])
    folder = forged(model, tmp_path / "forged", {bundle.WEIGHTS: safetensors.torch.save(weights)})
    with pytest.raises(ArtifactError, match=r"^weight head\.tags\.bias in .* holds what is no finite float32"):
        load_network(Bundle(folder))


@pytest.mark.parametrize("setting", ["layers", "hidden_size", "word_size", "character_width"])
def test_a_network_of_another_size_than_its_weights_is_refused_before_it_is_made(
    model: Path, tmp_path: Path, setting: str
) -> None:
    config = Bundle(model).read_json(bundle.CONFIG)
    config["network"][setting] = 1_000_000
    folder = forged(model, tmp_path / "forged", {bundle.CONFIG: json.dumps(config).encode()})
    before = set(sys.modules)
    with pytest.raises(ArtifactError, match=r"forged are not those of its network|1000000 layers, but \d+ weights"):
        load_network(Bundle(folder))
    assert "sympy" not in set(sys.modules) - before


def test_a_saved_model_has_the_temperature_that_dev_asks_for(
    flights: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainingConfig(epochs=1, threads=1)
    trained = train(flights, flights, NETWORK, config, Silent())
    monkeypatch.setattr(artifact, "fit_temperature", lambda *_: 1.75)
    save(trained, tmp_path / "model", corpus="flights", training=flights, dev=flights[:9], config=config)
    assert Bundle(tmp_path / "model").read_json(bundle.DECODER)["temperature"] == 1.75
    assert Bundle(tmp_path / "model").read_json(bundle.METRICS)["training_utterances"] == len(flights)


def test_of_a_large_dev_split_a_sample_is_calibrated_on(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = train(flights, flights, NETWORK, TrainingConfig(epochs=1, threads=1), Silent())
    seen: list[list[Sequence[str]]] = []
    monkeypatch.setattr(
        artifact,
        "fit_temperature",
        lambda _, batches: seen.append([tags for each in batches for tags in each.gold]) or 1.0,
    )
    dev = [*flights, *(replace(one, tags=("O",) * len(one.words)) for one in flights)]
    scores = len(trained.vocabulary.tags) * sum(len(one.words) for one in dev)
    for most in (scores, scores // 4):
        monkeypatch.setattr(artifact, "_CALIBRATED_ON", most)
        artifact._calibrated(trained.network, trained.vocabulary, dev)
    whole, part = seen
    assert len(whole) == len(dev)
    assert len(part) == pytest.approx(len(dev) / 4, abs=1)
    # From the split's beginning and its end: drawn, and not cut off.
    assert len({set(tags) == {"O"} for tags in part}) == 2


def test_parameters_are_numbers_not_tensors(model: Path) -> None:
    network, _ = load_network(Bundle(model))
    told = Bundle(model).read_json(bundle.METRICS)["parameters"]
    assert told == sum(weight.numel() for weight in network.parameters())
