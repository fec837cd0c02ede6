"""Training: seeded, early to stop, and never silent about a gradient that is no number."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from statistics import fmean
from typing import Any

import pytest
import torch
from torch import Tensor

from slotfill.config import TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.errors import UsageError
from slotfill.learning import loop
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.clipping import Clipped
from slotfill.learning.history import Epoch, Listener, Step
from slotfill.learning.loop import choose_device, train
from slotfill.learning.prediction import Prediction, predict, tag_loss
from slotfill.learning.rescue import DivergenceError, first_non_finite
from slotfill.learning.schedule import learning_rates
from slotfill.network.cells import CELLS
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import UNKNOWN, Vocabulary
from slotfill.scoring.evaluation import micro_f1
from tests.learning.small_runs import NETWORK, QUIET, TRAINING, InterruptsAfter, Silent, loss_of


def weights(flights: Sequence[Utterance], seed: int) -> dict[str, Tensor]:
    config = replace(TRAINING, seed=seed, epochs=2)
    return train(flights, flights[:9], NETWORK, config, Silent()).network.state_dict()


@pytest.mark.parametrize("cell", CELLS.names())
def test_every_cell_learns_a_small_task(cell: str, flights: list[Utterance]) -> None:
    trained = train(flights, flights, replace(NETWORK, cell=cell), TRAINING, Silent())
    assert trained.best.dev_f1 > 0.95


def test_illegal_tags_are_learnt_as_what_they_spell(flights: list[Utterance]) -> None:
    city = "toloc.city_name"
    odd = [replace(one, tags=tuple(tag.replace(f"B-{city}", f"I-{city}") for tag in one.tags or ())) for one in flights]
    assert odd != flights
    legal, illegal = (train(each, each, NETWORK, TRAINING, Silent()) for each in (flights, odd))
    assert illegal.vocabulary == legal.vocabulary
    assert illegal.best.dev_f1 == legal.best.dev_f1
    for one, other in zip(illegal.network.parameters(), legal.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_intents_are_learnt_beside_the_tags_or_not_at_all(flights: list[Utterance]) -> None:
    asked = [replace(one, intent="to_oslo" if one.words[-1] == "oslo" else "flight#away") for one in flights]
    # Nothing may put another city in the place of the one that tells the intent.
    config = replace(
        TRAINING, slot_swap=None, invented_values=None, slot_dropout=None, word_dropout=None, epochs=16, patience=16
    )
    trained = train(asked, asked, NETWORK, config, Silent())
    found = predict(trained.network, trained.vocabulary, asked).utterances
    assert trained.vocabulary.intents == ("away", "flight", "to_oslo")
    assert all(set(one.intents) <= set(told.intents) for told, one in zip(found, asked, strict=True))
    assert trained.best.dev_intent == 1
    without = train(asked, asked, NETWORK, replace(TRAINING, intent_weight=None, epochs=1), Silent())
    assert without.vocabulary.intents == ()
    assert without.network.head.intents is None


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(flights: list[Utterance]) -> None:
    one, same, other = weights(flights, 1), weights(flights, 1), weights(flights, 2)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in one if "weight" in name)


def test_the_weights_of_the_best_epoch_are_kept(flights: list[Utterance]) -> None:
    listener = Silent()
    config = replace(TRAINING, learning_rate=0.05, epochs=6)
    trained = train(flights, flights, NETWORK, config, listener)
    predicted = predict(trained.network, trained.vocabulary, flights)
    assert predicted.loss == pytest.approx(trained.best.dev_loss)
    assert trained.best.dev_f1 == max(record.dev_f1 for record in trained.history)
    assert [record for record, best in listener.records if best][-1] == trained.best
    assert [utterance.words for utterance in predicted.utterances] == [utterance.words for utterance in flights]


def test_training_stops_when_dev_has_not_improved_for_as_long_as_patience_says(flights: list[Utterance]) -> None:
    config = replace(TRAINING, epochs=40, patience=3)
    trained = train(flights, flights, NETWORK, config, Silent())
    assert len(trained.history) == trained.best.epoch + 3


def test_an_interruption_keeps_the_best_so_far(flights: list[Utterance]) -> None:
    trained = train(flights, flights, NETWORK, TRAINING, InterruptsAfter(epoch=3))
    assert isinstance(trained.stopped, KeyboardInterrupt)
    assert len(trained.history) == 2
    assert trained.best in trained.history


def test_an_interruption_while_weights_are_copied_leaves_an_epoch_with_its_own_weights(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    state_dict, listener = TaggerNetwork.state_dict, Silent()

    def interrupted(self: TaggerNetwork, *args: Any, **kwargs: Any) -> Any:
        if len(listener.records) == 1 and sys._getframe(1).f_code.co_name == "train":
            raise KeyboardInterrupt
        return state_dict(self, *args, **kwargs)

    monkeypatch.setattr(TaggerNetwork, "state_dict", interrupted)
    trained = train(flights, flights, NETWORK, TRAINING, listener)
    assert isinstance(trained.stopped, KeyboardInterrupt)
    assert trained.best.epoch == 1
    assert predict(trained.network, trained.vocabulary, flights).loss == pytest.approx(trained.best.dev_loss)


def test_where_there_is_one_tag_only_rounding_is_no_collapse(monkeypatch: pytest.MonkeyPatch) -> None:
    utterances = [Utterance(("a",) * length, ("O",) * length) for length in range(1, 30)]
    listener = Silent()
    monkeypatch.setattr(loop, "tag_loss", lambda *given: tag_loss(*given) + 1e-6)
    train(utterances, utterances, NETWORK, replace(TRAINING, epochs=1), listener)
    assert not listener.rescues


def test_a_network_that_no_model_could_hold_is_refused_before_training(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_MOST_BYTES", 1000)
    with pytest.raises(UsageError, match="more than the 2 GiB"):
        train(flights, flights, NETWORK, TRAINING, Silent())


@pytest.mark.parametrize("cell", CELLS.names())
def test_a_wide_network_is_refused_before_it_takes_memory(cell: str, flights: list[Utterance]) -> None:
    wide = replace(NETWORK, cell=cell, hidden_size=10**6, word_size=10**6)  # 4 TB and more.
    with pytest.raises(UsageError, match="more than the 2 GiB"):
        train(flights, flights, wide, TRAINING, Silent())


def test_a_networks_weights_are_the_same_where_they_were_counted_first(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    vocabulary = Vocabulary.build(flights)
    started = []
    for wide in (NETWORK.hidden_size + 1, NETWORK.hidden_size):
        monkeypatch.setattr(loop, "_WIDE", wide)
        torch.manual_seed(5)
        started.append(loop._network(NETWORK, vocabulary).state_dict())
    assert all(torch.equal(weight, started[1][name]) for name, weight in started[0].items())


def test_an_interruption_before_the_first_epoch_is_through_is_passed_on(flights: list[Utterance]) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(flights, flights, NETWORK, TRAINING, InterruptsAfter(epoch=1))


Weights = list[Tensor]


def spoil(monkeypatch: pytest.MonkeyPatch, steps: range, bad: float, parameter: str | None = None) -> list[Weights]:
    """Multiply the loss or one gradient by `bad` in these steps, counted from 0; the weights before each step."""
    before: list[Weights] = []
    gradient = loop._Run.gradient

    def spoilt(run: loop._Run, batch: LabelledBatch) -> tuple[float, Clipped]:
        before.append([value.clone() for value in run.network.state_dict().values()])
        if len(before) - 1 not in steps:
            return gradient(run, batch)
        if parameter is not None:
            hook = run.network.get_parameter(parameter).register_hook(lambda found: found * bad)
            try:
                return gradient(run, batch)
            finally:
                hook.remove()
        with monkeypatch.context() as patch:
            patch.setattr(loop, "tag_loss", lambda *given: tag_loss(*given) * bad)
            return gradient(run, batch)

    monkeypatch.setattr(loop._Run, "gradient", spoilt)
    return before


def same(one: Weights, other: Weights) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


STEPS = 7
"""In one epoch of the flights."""
RECURRENT = "layers.0.cells.1.recurrent_weight"


@pytest.mark.parametrize("clipping", [{}, {"clip_norm": None}, {"clip_norm": None, "clip_percentile": 10}], ids=str)
@pytest.mark.parametrize(
    ("bad", "parameter", "named"),
    [
        (math.nan, RECURRENT, f"gradient of {RECURRENT} is not finite"),
        (math.inf, None, "gradient of crf.transitions is not finite (loss inf, gradient norm nan)"),
        (math.nan, None, "gradient of crf.transitions is not finite (loss nan, gradient norm nan)"),
    ],
)
def test_a_bad_step_is_refused_named_and_gone_back_from_at_half_the_rate(
    flights: list[Utterance],
    monkeypatch: pytest.MonkeyPatch,
    clipping: dict[str, Any],
    bad: float,
    parameter: str | None,
    named: str,
) -> None:
    listener, step = Silent(), 2 * STEPS + 3
    before = spoil(monkeypatch, range(step, step + 1), bad, parameter)
    trained = train(flights, flights, NETWORK, replace(TRAINING, **clipping), listener)
    assert not same(before[step], before[2 * STEPS])
    assert same(before[step + 1], before[2 * STEPS])
    (rescue,) = listener.rescues
    assert (rescue.epoch, rescue.step) == (3, 4)
    assert named in rescue.reason
    assert len(rescue.utterances) == 3
    number, text = rescue.utterances[0].split(" ", 1)
    assert repr(flights[int(number) - 1].text) == text
    assert rescue.learning_rate == TRAINING.learning_rate / 2
    assert [record.rescues for record in trained.history] == [0, 0, 1, 0, 0, 0, 0, 0]
    asked = list(learning_rates(TRAINING, 8 * STEPS))
    shares = [
        record.learning_rate / rate for record, rate in zip(trained.history, asked[STEPS - 1 :: STEPS], strict=True)
    ]
    assert shares == [pytest.approx(1)] * 2 + [pytest.approx(0.5)] * 6
    assert all(math.isfinite(value) for record in trained.history for value in record.to_json().values() if value)
    assert first_non_finite(trained.network.state_dict()) is None
    assert trained.stopped is None
    assert trained.best.epoch > 3
    assert trained.best.dev_f1 > 0.5


def test_within_a_long_epoch_weights_are_kept_too(flights: list[Utterance], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_KEPT_EVERY", 2)
    before = spoil(monkeypatch, range(5, 6), math.nan)
    train(flights, flights, NETWORK, replace(TRAINING, epochs=1), Silent())
    assert not same(before[5], before[4])
    assert same(before[6], before[4])


def test_when_no_rescue_is_left_the_best_so_far_is_kept(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Silent()
    spoil(monkeypatch, range(4 * STEPS + 2, 8 * STEPS), math.nan)
    trained = train(flights, flights, NETWORK, replace(TRAINING, rescues=2), listener)
    assert isinstance(trained.stopped, DivergenceError)
    assert len(listener.rescues) == trained.rescues == 2
    assert len(trained.history) == 4
    assert trained.best == max(trained.history, key=lambda record: record.dev_f1)
    assert first_non_finite(trained.network.state_dict()) is None


def test_training_that_was_never_good_is_refused_with_advice(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, range(8 * STEPS), math.nan)
    with pytest.raises(
        DivergenceError, match=r"diverged: gradient of crf.transitions.*after 5 rescues.*--learning-rate"
    ):
        train(flights, flights, NETWORK, TRAINING, Silent())
    with pytest.raises(DivergenceError, match="after 5 rescues"):  # Though an epoch has one step only.
        train(flights, flights, NETWORK, replace(TRAINING, batch_size=56), Silent())


def test_an_epoch_whose_only_step_is_refused_is_begun_again(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Silent()
    spoil(monkeypatch, range(1, 4), math.nan)
    trained = train(flights, flights, NETWORK, replace(TRAINING, batch_size=56), listener)
    assert [rescue.epoch for rescue in listener.rescues] == [2, 2, 2]
    assert [record.rescues for record in trained.history] == [0, 3, 0, 0, 0, 0, 0, 0]
    assert trained.stopped is None


def test_weights_that_the_last_step_ruined_are_not_gone_back_to(flights: list[Utterance]) -> None:
    listener = Silent()
    ruinous = replace(TRAINING, learning_rate=1e4, warmup=0.0, clip_norm=None, epochs=2, batch_size=len(flights))
    with suppress(DivergenceError):
        train(flights, flights, NETWORK, ruinous, listener)
    assert listener.rescues[0].epoch == 1
    assert re.match(r"a loss on dev of .*, more than 100 times that of guessing any tag", listener.rescues[0].reason)


def test_without_rescues_the_first_bad_step_ends_training(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, range(1, 2), math.nan)
    with pytest.raises(DivergenceError, match=r"epoch 1, step 2"):
        train(flights, flights, NETWORK, replace(TRAINING, rescues=None), Silent())


def test_an_epoch_that_its_last_step_ruined_is_not_kept(flights: list[Utterance]) -> None:
    config = replace(TRAINING, learning_rate=1e30, warmup=0.0, epochs=1, batch_size=len(flights))
    listener = Silent()
    with pytest.raises(DivergenceError, match="no epoch of 1 was better than guessing"):
        train(flights, flights, NETWORK, config, listener)
    assert "the loss on dev is not finite" in listener.rescues[0].reason


def test_a_loss_that_was_large_from_the_start_is_no_collapse() -> None:
    letters = "abcd"
    many = [Utterance(tuple(60 * (letters[i % 4] + "x")), ("O",) * 119 + (f"B-{letters[i % 4]}",)) for i in range(40)]
    network = replace(NETWORK, cell="irnn", word_size=32, one_way=True, dropout=0.0)
    for mixed in (many, many + [Utterance(("a", "x"), ("O", "B-a"))] * 40):
        for seed in range(1, 4):  # Of one length are the utterances of a batch, and so the first one tells little.
            listener = Silent()
            config = replace(TRAINING, learning_rate=1e-7, epochs=1, seed=seed)
            trained = train(mixed, mixed, network, config, listener)
            assert trained.history[0].loss > 2 * math.log(5) * sum(len(one.words) for one in mixed) / len(mixed)
            assert not listener.rescues


def test_a_batch_of_long_utterances_since_the_last_good_weights_is_no_collapse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_KEPT_EVERY", 6)
    short = [Utterance(("a",), ("B-x",)), Utterance(("b",), ("B-y",))] * 24
    long = [Utterance(("a", "b") * 30, ("B-x", "B-y") * 30)] * 8
    monkeypatch.setattr(loop, "shuffled_batches", lambda *_: iter([list(range(i, i + 8)) for i in range(0, 56, 8)]))
    listener = Silent()
    train([*short, *long], short, NETWORK, replace(QUIET, learning_rate=1e-6, epochs=1), listener)
    assert not listener.rescues


def lose(monkeypatch: pytest.MonkeyPatch, steps: Sequence[int], loss: float = 1e9) -> None:
    """Let training say that it lost this much in these steps, counted from 0."""
    gradient, count = loop._Run.gradient, iter(range(10**6))

    def told(run: loop._Run, batch: LabelledBatch) -> tuple[float, Clipped]:
        true, clipped = gradient(run, batch)
        return loss if next(count) in steps else true, clipped

    monkeypatch.setattr(loop._Run, "gradient", told)


def test_training_goes_on_as_long_as_its_utterances_need_and_says_so_first(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrainingConfig, "passes", lambda config, utterances: utterances // config.batch_size - 4)
    told: list[int] = []

    class Hears(Silent):
        def on_begin(self, epochs: int) -> None:
            assert not self.records
            told.append(epochs)

    history = train(flights, flights, NETWORK, replace(TRAINING, epochs=None), Hears()).history
    assert told == [len(history)] == [3]
    assert history[-1].learning_rate == pytest.approx(TRAINING.learning_rate / 10)


def test_each_step_is_told_of_also_one_that_is_refused(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Step] = []

    class Hears(Silent):
        def on_step(self, step: Step) -> None:
            told.append(step)

    lose(monkeypatch, [STEPS + 2], math.nan)
    config = replace(TRAINING, epochs=3, clip_norm=1.5)
    history = train(flights, flights, NETWORK, config, Hears()).history
    assert [(step.epoch, step.step) for step in told] == [(i, j) for i in (1, 2, 3) for j in range(1, STEPS + 1)]
    assert [(step.epoch, step.step) for step in told if step.refused] == [(2, 3)]
    assert math.isnan(told[STEPS + 2].loss)
    shares = [1.0] * (STEPS + 3) + [0.5] * (2 * STEPS - 3)
    rates = [share * rate for share, rate in zip(shares, learning_rates(config, 3 * STEPS), strict=True)]
    assert [step.learning_rate for step in told] == pytest.approx(rates)
    for epoch, record in zip((told[:STEPS], told[2 * STEPS :]), history[::2], strict=True):
        assert fmean(step.gradient_norm for step in epoch) == pytest.approx(record.gradient_norm)
        assert fmean(step.clipped for step in epoch) == pytest.approx(record.clipped)
        assert {step.clip_threshold for step in epoch} == {1.5}
        assert fmean(step.loss for step in epoch) == pytest.approx(record.loss)


def test_weights_that_are_gone_back_from_are_the_model_if_dev_says_so(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(monkeypatch, range(STEPS, 2 * STEPS))
    listener = Silent()
    trained = train(flights, flights, NETWORK, replace(TRAINING, epochs=2), listener)
    assert [rescue.epoch for rescue in listener.rescues] == [2]
    assert [record.rescues for record in trained.history] == [0, 1]
    assert trained.best == trained.history[1]
    assert trained.best.dev_f1 > trained.history[0].dev_f1
    assert predict(trained.network, trained.vocabulary, flights).loss == pytest.approx(trained.best.dev_loss)


def test_a_collapse_after_the_last_good_weights_is_seen_though_the_epochs_mean_is_small(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hears(Silent):
        last = 0.0

        def on_batch(self, epoch: int, done: int, batches: int, loss: float) -> None:
            self.last = loss

        def on_epoch(self, record: Epoch, best: bool) -> None:
            super().on_epoch(record, best)
            assert record.loss == pytest.approx(self.last)

    monkeypatch.setattr(loop, "_KEPT_EVERY", 3)
    losses = [3.0] * (2 * STEPS - 1) + [40.0]
    told = iter(losses)
    gradient = loop._Run.gradient
    monkeypatch.setattr(loop._Run, "gradient", lambda run, batch: (next(told), gradient(run, batch)[1]))
    listener = Hears()
    trained = train(flights, flights, NETWORK, replace(TRAINING, epochs=2), listener)
    assert [rescue.epoch for rescue in listener.rescues] == [2]
    assert [record.loss for record in trained.history] == [3.0, pytest.approx((6 * 3 + 40) / 7)]


def test_weights_that_are_gone_back_from_are_no_model_if_they_are_not_better_than_guessing(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    short = [Utterance(one.words[:3], (one.tags or ())[:3], one.intent) for one in flights]
    monkeypatch.setattr(loop, "predict", lambda *given: predict(*given)._replace(loss=math.log(5) * 3.5))
    lose(monkeypatch, range(7 * STEPS, 8 * STEPS))
    trained = train(flights, short, NETWORK, TRAINING, Silent())
    assert trained.history[-1].dev_f1 > trained.history[0].dev_f1
    assert trained.best.epoch < TRAINING.epochs


def test_an_epoch_that_left_the_untrained_weights_is_no_model(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, range(STEPS - 1, STEPS), math.nan)
    with pytest.raises(DivergenceError, match="no epoch of 1 was better than guessing"):
        train(flights, flights, NETWORK, replace(TRAINING, epochs=1), Silent())


def test_without_rescues_training_takes_what_comes(flights: list[Utterance], monkeypatch: pytest.MonkeyPatch) -> None:
    lose(monkeypatch, range(8 * STEPS))
    trained = train(flights, flights, NETWORK, replace(TRAINING, rescues=None), Silent())
    assert trained.stopped is None
    assert len(trained.history) == TRAINING.epochs


def test_after_a_collapse_without_rescues_left_the_last_epoch_is_told_and_may_be_the_model(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(monkeypatch, range(STEPS, 3 * STEPS))
    trained = train(flights, flights, NETWORK, replace(TRAINING, rescues=1), Silent())
    assert isinstance(trained.stopped, DivergenceError)
    assert [record.rescues for record in trained.history] == [0, 1, 0]
    assert trained.rescues == 1
    assert trained.best == max(trained.history, key=lambda record: record.dev_f1)


def test_steps_that_were_taken_back_count_in_no_mean(flights: list[Utterance], monkeypatch: pytest.MonkeyPatch) -> None:
    lose(monkeypatch, [STEPS + 1])
    spoil(monkeypatch, range(STEPS + 3, STEPS + 4), math.nan)
    listener = Silent()
    trained = train(flights, flights, NETWORK, TRAINING, listener)
    assert len(listener.rescues) == 1
    assert trained.history[1].loss < 100


def test_of_an_epoch_whose_last_step_took_all_back_the_steps_are_told(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, range(2 * STEPS - 1, 2 * STEPS), math.nan)
    trained = train(flights, flights, NETWORK, TRAINING, Silent())
    assert len(trained.history) == TRAINING.epochs
    assert 0 < trained.history[1].loss < trained.history[0].loss
    assert trained.history[1].gradient_norm > 0


@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_a_rate_of_ten_is_halved_until_training_works(cell: str, flights: list[Utterance]) -> None:
    listener = Silent()
    config = replace(TRAINING, learning_rate=10.0, epochs=20, patience=20, rescues=9)
    trained = train(flights, flights, replace(NETWORK, cell=cell), config, listener)
    assert len(listener.rescues) >= 3
    assert "twice that of guessing" in listener.rescues[0].reason
    assert trained.best.dev_f1 > 0.3
    assert first_non_finite(trained.network.state_dict()) is None


def test_a_rate_of_ten_without_enough_rescues_is_refused(flights: list[Utterance]) -> None:
    with pytest.raises(DivergenceError, match="twice that of guessing"):
        train(flights, flights, NETWORK, replace(TRAINING, learning_rate=10.0, rescues=1), Silent())
    with pytest.raises(DivergenceError, match="no epoch of 2 was better than guessing"):
        train(flights, flights, NETWORK, replace(TRAINING, learning_rate=10.0, epochs=2), Silent())


def test_patience_none_lets_all_epochs_run(flights: list[Utterance]) -> None:
    config = replace(TRAINING, epochs=40, patience=None, learning_rate=1e-9)
    assert len(train(flights, flights[:5], NETWORK, config, Silent()).history) == 40


def test_intents_weigh_as_asked(flights: list[Utterance]) -> None:
    asked = [replace(one, intent=("fly", "fare")[i % 2]) for i, one in enumerate(flights)]
    heads = [
        train(asked, asked, NETWORK, replace(TRAINING, epochs=1, intent_weight=weight), Silent()).network.head
        for weight in (1.0, 3.0)
    ]
    assert not torch.equal(heads[0].tags.weight, heads[1].tags.weight)


def test_truncation_gives_other_weights_and_the_task_is_learnt(flights: list[Utterance]) -> None:
    one, other = (train(flights, flights, NETWORK, replace(TRAINING, bptt=bptt), Silent()) for bptt in (None, 2))
    assert not torch.equal(one.network.head.tags.weight, other.network.head.tags.weight)
    assert other.best.dev_f1 > 0.95


def test_auto_clipping_learns_and_its_threshold_is_recorded(flights: list[Utterance]) -> None:
    config = replace(TRAINING, clip_norm=None, clip_percentile=10)
    history = train(flights, flights, NETWORK, config, Silent()).history
    assert all(0 < (record.clip_threshold or 0) <= record.largest_gradient_norm for record in history)
    assert history[1].clipped > 0.5
    assert max(record.dev_f1 for record in history) > 0.9


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


@pytest.mark.gpu
@pytest.mark.parametrize("cell", CELLS.names())
def test_training_on_a_gpu_leaves_a_network_on_the_cpu_and_no_warning(
    cell: str, flights: list[Utterance], recwarn: pytest.WarningsRecorder
) -> None:
    trained = train(flights, flights, replace(NETWORK, cell=cell), replace(TRAINING, device="cuda"), Silent())
    assert {weight.device.type for weight in trained.network.state_dict().values()} == {"cpu"}
    found = predict(trained.network, trained.vocabulary, flights)
    assert micro_f1(flights, found.utterances) == pytest.approx(trained.best.dev_f1, abs=0.02)
    assert not recwarn.list


def test_a_gpu_that_is_not_there_is_a_usage_error_and_auto_takes_the_cpu() -> None:
    assert choose_device("auto") == torch.device("cpu")
    with pytest.raises(UsageError, match="finds no GPU"):
        choose_device("cuda")


def watch_steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[LabelledBatch, Clipped]]:
    """What each step will have been given, and what clipping met."""
    steps: list[tuple[LabelledBatch, Clipped]] = []
    gradient = loop._Run.gradient

    def watched(run: loop._Run, batch: LabelledBatch) -> tuple[float, Clipped]:
        loss, clipped = gradient(run, batch)
        steps.append((batch, clipped))
        return loss, clipped

    monkeypatch.setattr(loop._Run, "gradient", watched)
    return steps


def test_the_loss_of_an_epoch_is_the_tags_alone_in_the_mean_over_its_utterances(flights: list[Utterance]) -> None:
    # Each with an intent of its own, whose loss is not 0.
    asked = [replace(one, intent=f"to_{one.words[-1]}") for one in flights]
    config = replace(QUIET, epochs=1, learning_rate=1e-9, weight_decay=0.0, batch_size=40)
    trained = train(asked, asked, replace(NETWORK, dropout=0.0), config, Silent())
    (record,) = trained.history
    expected = loss_of(trained.network, LabelledBatch.encode(asked, trained.vocabulary))
    assert record.loss == pytest.approx(expected, rel=1e-4)
    assert record.dev_loss == pytest.approx(expected, rel=1e-4)


def test_dropout_is_on_in_every_step_and_off_in_every_look_at_dev(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[bool] = []
    forward = TaggerNetwork.forward

    def watched(self: TaggerNetwork, *given: Any, **options: Any) -> Any:
        modes.append(self.training)
        return forward(self, *given, **options)

    monkeypatch.setattr(TaggerNetwork, "forward", watched)
    train(flights, flights[:8], NETWORK, replace(TRAINING, epochs=2), Listener())
    assert modes == [False, *([True] * STEPS + [False]) * 2]  # First, what is lost untrained.


@pytest.mark.parametrize(
    "setting", ["word_dropout", "slot_dropout", "misspellings", "slot_swap", "invented_values", None]
)
def test_training_hides_and_swaps_what_is_asked_for_and_nothing_else(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch, setting: str | None
) -> None:
    steps = watch_steps(monkeypatch)
    asked: dict[str, Any] = {} if setting is None else {setting: 0.9}
    vocabulary = train(flights, flights[:8], NETWORK, replace(QUIET, epochs=1, **asked), Listener()).vocabulary
    met = [batch for batch, _ in steps]
    unknown = torch.cat([batch.words.flatten() for batch in met]) == UNKNOWN
    outside = torch.cat([batch.tags.flatten() for batch in met]) == 0
    assert bool((unknown & outside).any()) == (setting in ("word_dropout", "misspellings"))
    assert bool((unknown & ~outside).any()) == (setting in ("word_dropout", "slot_dropout", "invented_values"))
    shown = sorted(
        tuple(row[:length].tolist()) for batch in met for row, length in zip(batch.words, batch.lengths, strict=True)
    )
    given = sorted(tuple(vocabulary.lookup(word)[0] for word in one.words) for one in flights)
    assert (shown == given) == (setting is None)
    assert (sorted(map(len, shown)) == sorted(map(len, given))) == (setting not in ("slot_swap", "invented_values"))


def test_the_seed_decides_the_order_and_what_is_hidden(flights: list[Utterance]) -> None:
    def made(seed: int) -> tuple[Tensor, list[list[int]]]:
        torch.manual_seed(0)
        run = loop._Run(flights, flights, NETWORK, replace(TRAINING, seed=seed), Listener(), None, None)
        hidden = run.word_dropout(run.labelled.batch(range(len(flights)))).words
        return hidden, [indices for indices, _ in run.batches()]

    (hidden, order), (other_hidden, other_order) = made(1), made(2)
    assert not torch.equal(hidden, other_hidden)
    assert order != other_order


def test_weights_decay_as_asked(flights: list[Utterance]) -> None:
    # No gradient reaches the row of padding, so that decay alone moves it.
    none, much = (
        train(flights, flights, NETWORK, replace(QUIET, epochs=1, weight_decay=decay), Silent()).network.features
        for decay in (0.0, 0.5)
    )
    assert 0 < much.embedding.weight[0].norm() < none.embedding.weight[0].norm()


def test_ill_weights_are_not_kept_within_an_epoch(flights: list[Utterance], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_KEPT_EVERY", 2)
    monkeypatch.setattr(loop.Baseline, "collapse", lambda baseline, steps: "ill")
    before = spoil(monkeypatch, range(5, 6), math.nan)
    with pytest.raises(DivergenceError):
        train(flights, flights, NETWORK, replace(TRAINING, epochs=1), Silent())
    assert same(before[6], before[0])


def test_the_norm_of_an_epoch_is_the_mean_of_its_steps(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = watch_steps(monkeypatch)
    (record,) = train(flights, flights, NETWORK, replace(TRAINING, epochs=1), Silent()).history
    norms = [clipped.norm for _, clipped in steps]
    assert record.gradient_norm == pytest.approx(sum(norms) / len(norms))


def test_weights_are_kept_every_hundred_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    utterances = [Utterance((letter, "x"), (f"B-{letter}", "O")) for letter in "ab"] * 60
    before = spoil(monkeypatch, range(110, 111), math.nan)
    train(utterances, utterances[:4], NETWORK, replace(TRAINING, epochs=1, batch_size=1), Silent())
    assert same(before[111], before[100])


def test_weights_that_are_not_finite_are_gone_back_from_though_neither_loss_nor_gradient_shows_them(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_KEPT_EVERY", 2)
    step, count = loop.AdamW.step, iter(range(10**6))

    def ruins(optimizer: loop.AdamW, rate: float) -> None:
        step(optimizer, rate)
        if next(count) == 3:
            optimizer.weights.data[0] = math.nan  # Of the row of padding.

    monkeypatch.setattr(loop.AdamW, "step", ruins)
    listener = Silent()
    trained = train(flights, flights, NETWORK, replace(TRAINING, epochs=2), listener)
    assert "weight features.embedding.weight is not finite" in listener.rescues[0].reason
    assert first_non_finite(trained.network.state_dict()) is None


def test_after_a_last_step_that_ruined_dev_the_record_is_of_the_weights_gone_back_to(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([False, False, True] + [False] * 9)  # Untrained, after epoch 1, after epoch 2, and so on.

    def told(network: TaggerNetwork, vocabulary: Vocabulary, utterances: Sequence[Utterance]) -> Prediction:
        found = predict(network, vocabulary, utterances)
        return found._replace(loss=math.nan) if next(looks) else found

    monkeypatch.setattr(loop, "predict", told)
    lose(monkeypatch, [2 * STEPS - 1])
    history = train(flights, flights, NETWORK, replace(TRAINING, epochs=3), Silent()).history
    assert [record.rescues for record in history] == [0, 1, 0]
    assert history[1].dev_loss == pytest.approx(history[0].dev_loss)
    assert history[1].loss > 1e6  # All its steps were taken back, and so these are told.


def test_speed_is_of_the_training_words_and_seconds_are_since_training_began(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 10**6, 10))
    monkeypatch.setattr(loop.time, "perf_counter", lambda: float(next(clock)))
    history = train(flights, flights, NETWORK, replace(QUIET, epochs=2), Silent()).history
    words = sum(len(one.words) for one in flights)
    assert [record.words_per_second for record in history] == [words / 10] * 2
    assert [record.seconds for record in history] == [30.0, 60.0]


def test_values_are_swapped_anew_in_each_epoch(flights: list[Utterance], monkeypatch: pytest.MonkeyPatch) -> None:
    shown, labelled = [], loop.Labelled

    def watched(utterances: Sequence[Utterance], vocabulary: Vocabulary, *, as_written: bool) -> loop.Labelled:
        assert as_written  # What is invented is unknown, whatever it looks like.
        shown.append([one.words for one in utterances])
        return labelled(utterances, vocabulary, as_written=as_written)

    monkeypatch.setattr(loop, "Labelled", watched)
    train(flights, flights[:4], NETWORK, replace(QUIET, slot_swap=0.5, epochs=3), Silent())
    plain, first, second, third = shown
    assert plain not in (first, second, third)
    assert first != second != third != first


def test_patience_counts_epochs_before_any_was_good(flights: list[Utterance], monkeypatch: pytest.MonkeyPatch) -> None:
    lose(monkeypatch, range(10**4), 1e12)
    monkeypatch.setattr(loop, "predict", lambda *given: predict(*given)._replace(loss=1e9))
    with pytest.raises(DivergenceError, match="no epoch of 2 was better"):
        train(flights, flights, NETWORK, replace(TRAINING, patience=2, rescues=9), Silent())


def test_a_dev_split_of_illegal_tags_is_lost_on_as_what_they_spell(flights: list[Utterance]) -> None:
    city = "toloc.city_name"
    odd = [replace(one, tags=tuple(tag.replace(f"B-{city}", f"I-{city}") for tag in one.tags or ())) for one in flights]
    legal, illegal = (
        train(flights, dev, NETWORK, replace(TRAINING, epochs=1), Silent()).best.dev_loss for dev in (flights, odd)
    )
    assert illegal == legal


def test_a_last_batch_of_fewer_utterances_is_a_step_like_the_others(flights: list[Utterance]) -> None:
    told: list[tuple[int, int]] = []

    class Hears(Silent):
        def on_batch(self, epoch: int, done: int, batches: int, loss: float) -> None:
            told.append((done, batches))

    history = train(flights[:50], flights[:8], NETWORK, replace(TRAINING, epochs=2), Hears()).history
    assert told == [(done, 7) for done in range(1, 8)] * 2
    asked = list(learning_rates(TRAINING, 14))
    assert [record.learning_rate for record in history] == pytest.approx([asked[6], asked[13]])


def test_the_seed_decides_what_is_misspelt(flights: list[Utterance]) -> None:
    def misspelt(seed: int) -> Tensor:
        config = replace(TRAINING, seed=seed, misspellings=0.5)
        run = loop._Run(flights, flights, NETWORK, config, Listener(), None, None)
        return run.misspelling(run.labelled.batch(range(len(flights)))).words

    assert torch.equal(misspelt(1), misspelt(1))
    assert not torch.equal(misspelt(1), misspelt(2))


def test_as_many_threads_are_used_as_are_asked_for_or_there_are(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", told.append)
    monkeypatch.setattr(loop, "cores", lambda: 3)
    for threads in (2, None):
        train(flights[:8], flights[:8], NETWORK, replace(QUIET, threads=threads, epochs=1), Silent())
    assert told == [2, 3]


def test_the_share_that_was_cut_is_of_the_steps_that_stood(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, range(1), math.nan)
    (record,) = train(flights, flights, NETWORK, replace(TRAINING, epochs=1, clip_norm=1e-3), Silent()).history
    assert (record.rescues, record.clipped) == (1, 1.0)


def test_a_network_whose_training_was_interrupted_drops_nothing(flights: list[Utterance]) -> None:
    assert not train(flights, flights, NETWORK, TRAINING, InterruptsAfter(epoch=2)).network.training


def test_steps_made_beyond_those_planned_have_the_last_rate(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, range(1, 4), math.nan)
    config = replace(TRAINING, batch_size=56)
    history = train(flights, flights, NETWORK, config, Silent()).history
    *_, last = learning_rates(config, config.epochs or 0)
    assert [record.learning_rate for record in history[-3:]] == pytest.approx([last / 8] * 3)


def test_a_step_tells_the_threshold_that_its_gradient_was_held_against(flights: list[Utterance]) -> None:
    told: list[float | None] = []

    class Hears(Silent):
        def on_step(self, step: Step) -> None:
            told.append(step.clip_threshold)

    config = replace(TRAINING, epochs=1, clip_norm=None)
    train(flights, flights, NETWORK, replace(config, clip_value=0.5), Hears())
    assert told == [0.5] * STEPS
    (record,) = train(flights, flights, NETWORK, replace(config, clip_percentile=10.0), Hears()).history
    assert len(set(told[STEPS:])) > 1
    assert told[-1] == record.clip_threshold
