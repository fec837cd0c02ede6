"""The network: what a word's scores may and may not depend on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from slotfill.config import NetworkConfig
from slotfill.network.cells import CELLS
from slotfill.network.export import export
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.encoding import Batch
from slotfill.runtime.session import Session
from tests.network.made import batch, build_network


def scores(network: TaggerNetwork, given: Batch) -> Tensor:
    with torch.inference_mode():
        result: Tensor = network(*map(torch.from_numpy, given)).tags
    return result


def test_an_utterance_scores_the_same_alone_and_in_company() -> None:
    network, given = build_network(layers=2), batch([2, 6, 4])
    together = scores(network, given)
    for row, length in enumerate(given.lengths):
        alone = Batch(
            given.words[[row], :length], given.spellings[[row], :length], given.characters, np.array([length])
        )
        torch.testing.assert_close(scores(network, alone)[0], together[row, :length])


def test_intents_are_those_of_the_words_and_not_of_padding() -> None:
    network, given = build_network(), batch([2, 6, 4])
    with torch.inference_mode():
        together = network(*map(torch.from_numpy, given)).intents
        for row, length in enumerate(given.lengths):
            alone = [torch.from_numpy(part) for part in (given.words[[row], :length], given.spellings[[row], :length])]
            expected = network(*alone, torch.from_numpy(given.characters), torch.tensor([length])).intents
            torch.testing.assert_close(together[[row]], expected)


def test_not_even_an_infinite_state_at_padding_changes_an_intent() -> None:
    head, hidden = build_network().head, torch.randn(1, 3, 16)
    expected = head(hidden[:, :2], torch.tensor([2])).intents
    hidden[:, 2] = torch.inf
    torch.testing.assert_close(head(hidden, torch.tensor([2])).intents, expected)


def test_a_longer_character_padding_changes_no_score() -> None:
    network, given = build_network(), batch([3, 5])
    padded = given._replace(characters=np.pad(given.characters, ((0, 0), (0, 9))))
    torch.testing.assert_close(scores(network, given), scores(network, padded))


@pytest.mark.parametrize("one_way", [True, False])
def test_only_a_one_way_network_is_blind_to_later_words(one_way: bool) -> None:
    network, given = build_network(one_way=one_way), batch([6])
    changed = given._replace(words=given.words.copy())
    changed.words[0, 5] = 2 + (changed.words[0, 5] - 1) % 28
    difference = (scores(network, given) - scores(network, changed)).abs().sum(dim=2)[0]
    assert difference[5] > 0
    assert bool((difference[:5] == 0).all()) is one_way


def test_a_state_that_grows_beyond_all_numbers_at_padding_changes_no_exported_score() -> None:
    network = build_network(cell="irnn")
    with torch.no_grad():
        for cell in network.layers[0].cells:
            cell.recurrent_weight.mul_(10)
    session = Session(export(network, [batch([2])]))
    long = batch([2, 90])
    short = Batch(long.words[:1, :2], long.spellings[:1, :2], long.characters, long.lengths[:1])
    expected, found = session.run(short), session.run(long)
    assert not np.isfinite(found.tags).all()
    np.testing.assert_allclose(found.tags[0, :2], expected.tags[0], rtol=1e-4)
    np.testing.assert_allclose(found.intents[0], expected.intents[0], rtol=1e-4)


@pytest.mark.parametrize("cell", CELLS.names())
@pytest.mark.parametrize(
    "options", [{}, {"layers": 2, "one_way": True}, {"character_width": 4}, {"activation": "sigmoid"}], ids=str
)
def test_the_exported_network_scores_as_the_original(cell: str, options: dict[str, Any]) -> None:
    network = build_network(cell=cell, **options)
    session = Session(export(network, [batch([3, 1, 7])]))
    for lengths in ([1], [9, 2, 9, 5], [4] * 20):
        given = batch(lengths, seed=1)
        expected, found = scores(network, given).numpy(), session.run(given).tags
        for row, length in enumerate(lengths):
            np.testing.assert_allclose(found[row, :length], expected[row, :length], rtol=1e-4, atol=1e-5)
    assert session.tags == 5


def test_in_training_features_and_the_states_of_every_layer_are_dropped() -> None:
    network = build_network(layers=2, dropout=0.5).train()
    shares: list[float] = []
    for module in (*network.layers, network.head):
        module.register_forward_pre_hook(lambda _, given: shares.append(float((given[0] == 0).float().mean())))
    torch.manual_seed(0)
    network(*map(torch.from_numpy, batch([30] * 20)))
    assert shares == pytest.approx([0.5] * 3, abs=0.1)


def test_random_starts_are_scaled_by_their_widths() -> None:
    torch.manual_seed(0)
    network = TaggerNetwork(NetworkConfig(hidden_size=32, word_size=64), word_rows=200, character_rows=10, tags=3)
    assert float(network.features.embedding.weight.detach().std()) == pytest.approx(64**-0.5, rel=0.05)
    for cell in network.layers[0].cells:
        for weight in cell.input_weight.chunk(4):
            assert float(weight.detach().abs().max()) == pytest.approx(
                (6 / (32 + network.features.size)) ** 0.5, rel=0.05
            )
