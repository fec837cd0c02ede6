"""The loss around a trained network."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slotfill.config import NetworkConfig
from slotfill.corpus.utterance import Utterance
from slotfill.lab.landscape import filter_normalised, losses, steepness
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.prediction import sequence_loss
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary


@pytest.fixture
def network(flights: list[Utterance]) -> TaggerNetwork:
    torch.manual_seed(0)
    vocabulary = Vocabulary.build(flights)
    config = NetworkConfig(hidden_size=5, word_size=4, character_size=3, character_filters=4, crf=False)
    return TaggerNetwork.for_vocabulary(config, vocabulary).eval()


def test_every_filter_of_a_direction_is_as_long_as_the_networks_own(network: TaggerNetwork) -> None:
    direction = filter_normalised(network, torch.Generator().manual_seed(0))
    for name, parameter in network.named_parameters():
        change = direction[name]
        if parameter.dim() == 1:
            assert not change.any(), name
        else:
            lengths = (part.flatten(1).norm(dim=1) for part in (change, parameter.detach()))
            torch.testing.assert_close(*lengths)
            assert not torch.equal(change, parameter.detach())


def test_directions_come_from_the_generator_alone(network: TaggerNetwork) -> None:
    one, same, other = (filter_normalised(network, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["head.tags.weight"], other["head.tags.weight"])


def test_the_middle_is_the_loss_itself_and_the_network_is_left_alone(
    network: TaggerNetwork, flights: list[Utterance]
) -> None:
    vocabulary = Vocabulary.build(flights)
    batch = LabelledBatch.encode(flights[:6], vocabulary)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    first, second = (filter_normalised(network, torch.Generator().manual_seed(seed)) for seed in (0, 1))
    surface = losses(network, batch, first, second, np.array([-0.5, 0, 0.5]))
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())

    def loss() -> float:
        with torch.no_grad():
            return float(sequence_loss(network(*batch.inputs).tags, batch.tags))

    assert surface[1, 1] == pytest.approx(loss(), rel=1e-6)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter += 0.5 * first[name] - 0.5 * second[name]
    assert surface[0, 2] == pytest.approx(loss(), rel=1e-5)


def test_a_plane_has_one_slope_and_a_cliff_is_steep_beside_flats() -> None:
    x, y = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 21))
    assert steepness(3 * x - y) == pytest.approx(1)
    assert steepness(0.1 * x + np.tanh(50 * y)) > 50
