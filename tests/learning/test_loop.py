"""Training: seeded, early to stop, and never silent about a gradient that is no number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.errors import SlotfillError, UsageError
from slotfill.learning.loop import Epoch, choose_device, learning_rates, predict, sequence_loss, train
from slotfill.network.cells import CELLS
from slotfill.runtime.encoding import Encoder

NETWORK = NetworkConfig(hidden_size=16, word_size=8, character_size=6, character_filters=6, dropout=0.1)
TRAINING = TrainingConfig(epochs=8, batch_size=8, learning_rate=0.02, threads=1)


class Silent:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.records: list[tuple[Epoch, bool]] = []

    def on_batch(self, epoch: int, done: int, batches: int, loss: float) -> None:
        pass

    def on_epoch(self, record: Epoch, best: bool) -> None:
        self.records.append((record, best))


class InterruptsAfter(Silent):
    """Presses Ctrl-C in an epoch."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self.epoch = epoch

    def on_batch(self, epoch: int, done: int, batches: int, loss: float) -> None:
        if epoch == self.epoch:
            raise KeyboardInterrupt


def weights(flights: Sequence[Utterance], seed: int) -> dict[str, Tensor]:
    config = replace(TRAINING, seed=seed, epochs=2)
    return train(flights, flights[:9], NETWORK, config, Silent()).network.state_dict()


def test_the_loss_is_the_sum_of_the_words_cross_entropies_per_utterance() -> None:
    scores = torch.randn(2, 3, 4)
    tags = torch.tensor([[0, 3, 1], [2, -100, -100]])
    log_shares = scores.log_softmax(dim=2)
    by_hand = -(log_shares[0, 0, 0] + log_shares[0, 1, 3] + log_shares[0, 2, 1] + log_shares[1, 0, 2])
    torch.testing.assert_close(sequence_loss(scores, tags), by_hand / 2)


@pytest.mark.parametrize("cell", CELLS.names())
def test_every_cell_learns_a_small_task(cell: str, flights: list[Utterance]) -> None:
    trained = train(flights, flights, replace(NETWORK, cell=cell), TRAINING, Silent())
    assert trained.best.dev_f1 > 0.95


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(flights: list[Utterance]) -> None:
    one, same, other = weights(flights, 1), weights(flights, 1), weights(flights, 2)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in one if "weight" in name)


def test_the_weights_of_the_best_epoch_are_kept(flights: list[Utterance]) -> None:
    listener = Silent()
    config = replace(TRAINING, learning_rate=0.05, epochs=6)
    trained = train(flights, flights, NETWORK, config, listener)
    tags, loss = predict(trained.network, trained.vocabulary, Encoder(trained.vocabulary), flights)
    assert loss == pytest.approx(trained.best.dev_loss)
    assert trained.best.dev_f1 == max(record.dev_f1 for record in trained.history)
    assert [record for record, best in listener.records if best][-1] == trained.best
    assert len(tags) == len(flights)


def test_training_stops_when_dev_has_not_improved_for_as_long_as_patience_says(flights: list[Utterance]) -> None:
    config = replace(TRAINING, epochs=40, patience=3)
    trained = train(flights, flights, NETWORK, config, Silent())
    assert len(trained.history) == trained.best.epoch + 3


def test_an_interruption_keeps_the_best_so_far(flights: list[Utterance]) -> None:
    trained = train(flights, flights, NETWORK, TRAINING, InterruptsAfter(epoch=3))
    assert isinstance(trained.stopped, KeyboardInterrupt)
    assert len(trained.history) == 2
    assert trained.best in trained.history


def test_an_interruption_before_the_first_epoch_is_through_is_passed_on(flights: list[Utterance]) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(flights, flights, NETWORK, TRAINING, InterruptsAfter(epoch=1))


def test_a_loss_that_is_no_number_ends_training_with_advice(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slotfill.learning.loop.sequence_loss", lambda scores, tags: (scores * float("nan")).sum())
    with pytest.raises(SlotfillError, match=r"training diverged: loss nan.*smaller --learning-rate"):
        train(flights, flights, NETWORK, TRAINING, Silent())


def test_a_dev_tag_that_training_never_shows_is_scored_as_missed(flights: list[Utterance]) -> None:
    odd = Utterance(("fly", "home"), ("O", "B-place"))
    trained = train(flights, [*flights[:9], odd], NETWORK, replace(TRAINING, epochs=2), Silent())
    assert math.isfinite(trained.best.dev_loss)
    assert trained.best.dev_f1 < 1


def test_the_record_of_an_epoch_tells_the_norm_before_clipping_and_the_share_cut(flights: list[Utterance]) -> None:
    config = replace(TRAINING, epochs=1, clip_norm=1e-3)
    (cut,) = train(flights, flights, NETWORK, config, Silent()).history
    assert cut.clipped == 1
    assert cut.largest_gradient_norm >= cut.gradient_norm > 1e-3
    (free,) = train(flights, flights, NETWORK, replace(config, clip_norm=None), Silent()).history
    assert free.clipped == 0


def test_the_rate_rises_to_its_peak_and_falls_to_a_tenth() -> None:
    config = TrainingConfig(learning_rate=1.0, warmup=0.1)
    rates = list(learning_rates(config, 100))
    assert rates[9] == max(rates) == 1
    assert rates[-1] == pytest.approx(0.1)
    assert all(before < after for before, after in pairwise(rates[:10]))
    assert all(before > after for before, after in pairwise(rates[9:]))
    assert list(learning_rates(config, 1)) == [1.0]


@pytest.mark.skipif(torch.cuda.is_available(), reason="has a GPU")
def test_a_gpu_that_is_not_there_is_a_usage_error_and_auto_takes_the_cpu() -> None:
    assert choose_device("auto") == torch.device("cpu")
    with pytest.raises(UsageError, match="finds no GPU"):
        choose_device("cuda")
