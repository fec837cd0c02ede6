"""What a network predicts, and what it loses."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.loop import train
from slotfill.learning.prediction import predict, sequence_loss
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.session import Outputs
from slotfill.runtime.vocabulary import Vocabulary
from tests.learning.small_runs import NETWORK, QUIET, Silent, loss_of


def test_the_loss_is_the_sum_of_the_words_cross_entropies_per_utterance() -> None:
    scores = torch.randn(2, 3, 4)
    tags = torch.tensor([[0, 3, 1], [2, -100, -100]])
    log_shares = scores.log_softmax(dim=2)
    by_hand = -(log_shares[0, 0, 0] + log_shares[0, 1, 3] + log_shares[0, 2, 1] + log_shares[1, 0, 2])
    torch.testing.assert_close(sequence_loss(scores, tags), by_hand / 2)


def test_scores_that_are_not_finite_are_decoded_and_their_loss_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(671)  # With these numbers decoding finds no best tag somewhere.
    scores, transitions = (draw.normal(size=size).astype(np.float32) for size in ((4, 6, 5), (6, 5)))
    scores[draw.random(scores.shape) < 0.2] = np.inf
    utterances = [Utterance(tuple("abcdef"), ("O", "B-a", "I-a", "B-b", "I-b", "O"))] * 4
    vocabulary = Vocabulary.build(utterances)
    network = TaggerNetwork.for_vocabulary(NETWORK, vocabulary).requires_grad_(False)
    assert network.crf is not None
    network.crf.transitions.data = torch.from_numpy(transitions)
    outputs = Outputs(torch.from_numpy(scores), torch.zeros(4, 0))
    given = [([0, 1, 2, 3], LabelledBatch.encode(utterances, vocabulary), outputs)]
    monkeypatch.setattr("slotfill.learning.prediction.score", lambda *_: given)
    found = predict(network, vocabulary, utterances)
    assert not math.isfinite(found.loss)
    assert [len(one.tags or ()) for one in found.utterances] == [6] * 4


def test_the_loss_of_a_prediction_is_the_mean_over_utterances_however_they_are_batched(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slotfill.learning.prediction._BATCH", 24)
    trained = train(flights, flights, NETWORK, replace(QUIET, epochs=1), Silent())
    expected = loss_of(trained.network, LabelledBatch.encode(flights, trained.vocabulary))
    assert predict(trained.network, trained.vocabulary, flights).loss == pytest.approx(expected, rel=1e-4)


def test_an_unknown_gold_tag_counts_as_outside_under_a_crf(flights: list[Utterance]) -> None:
    trained = train(flights, flights, NETWORK, replace(QUIET, epochs=2), Silent())
    strange = Utterance(("fly", "home"), ("O", "B-place"))
    one, other = (
        predict(trained.network, trained.vocabulary, [each]).loss
        for each in (strange, replace(strange, tags=("O", "O")))
    )
    assert one == pytest.approx(other)
