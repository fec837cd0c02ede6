"""The moving average of weights."""

from __future__ import annotations

import pytest
import torch

from slotfill.config import NetworkConfig
from slotfill.learning.averaging import WeightAverage
from slotfill.network.tagger import TaggerNetwork


@pytest.fixture
def network() -> TaggerNetwork:
    config = NetworkConfig(hidden_size=2, word_size=2, character_size=2, character_filters=2)
    return TaggerNetwork(config, word_rows=3, character_rows=3, tags=2)


def bias(network: TaggerNetwork, value: float | None = None) -> float:
    """The first of the tags' biases, after it was set where a value is given."""
    if value is not None:
        torch.nn.init.constant_(network.head.tags.bias, value)
    return float(network.head.tags.bias[0].detach())


def test_the_first_weights_are_soon_forgotten_and_the_decay_is_reached(network: TaggerNetwork) -> None:
    bias(network, 0.0)
    average, expected = WeightAverage(network, 0.9), 0.0
    for step in range(1, 200):
        bias(network, float(step))
        average.update()
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
        assert bias(average.network) == pytest.approx(expected, rel=1e-4)
    assert bias(network) == 199


def test_a_restart_begins_at_the_weights_as_they_are(network: TaggerNetwork) -> None:
    average = WeightAverage(network, 0.9)
    bias(network, 5.0)
    average.restart()
    assert bias(average.network) == 5
    bias(network, 7.0)
    average.update()
    assert bias(average.network) == pytest.approx(5 + 2 * 9 / 11)


def test_without_a_decay_the_network_itself_is_kept(network: TaggerNetwork) -> None:
    average = WeightAverage(network, None)
    average.update()
    average.restart()
    assert average.network is network
