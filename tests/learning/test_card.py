"""The model card says what the metrics say."""

from __future__ import annotations

from pathlib import Path

from slotfill.learning.artifact import load_network
from slotfill.learning.card import card
from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle


def test_the_scores_of_a_card_are_those_of_the_metrics(model: Path) -> None:
    metrics = Bundle(model).read_json(bundle.METRICS)
    network, vocabulary = load_network(Bundle(model))
    dev = metrics["dev"] | {"f1": 0.9, "interval": [0.8, 0.95], "exact_match": 0.7, "intent_accuracy": 0.6}
    text = card("mine", vocabulary, network.config, 3, metrics | {"dev": dev, "best_epoch": 5, "epochs": 7})
    assert "90.00 (conlleval; 95% interval 80.00 to 95.00), exact match 70.00, intent 60.00 |" in text
    assert "seed 3, best of 7 epochs on dev: epoch 5," in text
