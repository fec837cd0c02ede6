"""The hand's gradients against those of the tagger itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slotfill.config import NetworkConfig
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.lab.experiments.bptt import Example, _agreement, by_autograd, by_hand, by_word, choose, reaches
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.prediction import sequence_loss
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary


def tagger(vocabulary: Vocabulary) -> TaggerNetwork:
    torch.manual_seed(0)
    config = NetworkConfig(
        cell="elman", one_way=True, hidden_size=6, word_size=4, character_size=3, character_filters=4
    )
    return TaggerNetwork.for_vocabulary(config, vocabulary)


def test_the_hand_agrees_with_autograd_and_with_the_taggers_own_training_loss(flights: list[Utterance]) -> None:
    vocabulary = Vocabulary.build(flights)
    example = Example.of(flights[9], tagger(vocabulary), vocabulary)
    hand = by_hand(example)
    ours, theirs = by_word(hand), by_word(by_autograd(example))
    for name in ours:
        assert np.abs(ours[name] - theirs[name]).max() <= 1e-10
    batch = LabelledBatch.encode([flights[9]], vocabulary)
    network = example.network
    sequence_loss(network(*batch.inputs).tags, batch.tags).backward()
    for name, weight in (("V", network.head.tags.weight), ("W", example.cell.recurrent_weight)):
        assert np.abs(ours[name].sum(axis=0) - weight.grad.numpy()).max() <= 1e-10


def test_each_number_of_states_is_told_once() -> None:
    assert [reaches(words) for words in (1, 4, 8, 13)] == [[1], [1, 2, 4], [1, 2, 4, 8], [1, 2, 4, 8, 13]]


def test_the_chosen_utterance_has_most_slots_and_no_unknown_tag(flights: list[Utterance]) -> None:
    vocabulary = Vocabulary.build(flights)
    odd = Utterance(("a", "b", "c"), ("B-x", "B-x", "B-x"))
    long = Utterance(flights[0].words * 9, (flights[0].tags or ()) * 9)
    plain = Utterance(("fly", "to"), ("O", "O"))
    assert choose([plain, odd, long, flights[3]], vocabulary) == flights[3]
    with pytest.raises(DataError, match="no dev utterance"):
        choose([odd, long], vocabulary)


def test_an_utterance_of_more_slots_is_chosen_before_one_of_more_words(flights: list[Utterance]) -> None:
    vocabulary = Vocabulary.build(flights)
    wordy = Utterance(("fly",) * 14, ("O",) * 13 + ("B-toloc.city_name",))
    assert choose([wordy, flights[3]], vocabulary) == flights[3]


def test_one_number_that_differs_is_no_agreement() -> None:
    ours = np.zeros((10, 10, 10))
    theirs = ours.copy()
    theirs[3, 4, 5] = 2e-10
    assert _agreement("", ours, ours).holds
    assert not _agreement("", ours, theirs).holds
