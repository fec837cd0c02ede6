"""What is saved, and what never is."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from slotfill.config import TrainingConfig
from slotfill.corpus.splits import open_corpus
from slotfill.corpus.utterance import Utterance
from slotfill.errors import SlotfillError
from slotfill.learning.artifact import corpus_digest, load_network, save
from slotfill.learning.loop import train
from slotfill.learning.prediction import predict
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.tagger import Tagger
from tests.learning.test_loop import NETWORK, Silent


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


def test_a_corpus_is_known_by_its_words_tags_and_splits(flights: list[Utterance]) -> None:
    one = corpus_digest(flights, flights[:2])
    assert one == corpus_digest(list(flights), flights[:2])
    assert len({one, corpus_digest(flights, flights[:3]), corpus_digest(flights[1:], flights[:2])}) == 3
