"""Shuffling words, with their tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from matplotlib.figure import Figure

from slotfill.corpus.tags import illegal_positions
from slotfill.corpus.utterance import Utterance
from slotfill.lab import notes
from slotfill.lab.experiments import order
from slotfill.lab.experiments.order import ORDERED, SHUFFLED, Readings, _Run, _slots, _train_and_read, judge, texts
from slotfill.learning.loop import Trained, train
from slotfill.scoring.evaluation import Evaluation, evaluate


def test_shuffling_moves_words_and_tags_together_and_changes_nothing_else(flights: list[Utterance]) -> None:
    found = texts(flights, seed=0)
    assert [one.words for one in found[ORDERED]] == [one.words for one in flights]
    moved = 0
    for ordered, shuffled in zip(found[ORDERED], found[SHUFFLED], strict=True):
        pairs = (sorted(zip(one.words, one.tags or (), strict=True)) for one in (ordered, shuffled))
        assert next(pairs) == next(pairs)
        moved += ordered.words != shuffled.words
    assert moved > len(flights) / 2


def test_no_order_is_illegal_and_every_word_keeps_its_slot(flights: list[Utterance]) -> None:
    found = texts(flights, seed=0)
    assert any(tag.startswith("I-") for one in flights for tag in one.tags or ())
    for original, ordered in zip(flights, found[ORDERED], strict=True):
        assert [tag[2:] for tag in ordered.tags or ()] == [tag[2:] for tag in original.tags or ()]
    for one in (*found[ORDERED], *found[SHUFFLED]):
        assert not illegal_positions(one.tags or ())


def test_the_seed_decides_the_order(flights: list[Utterance]) -> None:
    assert texts(flights, seed=3) == texts(flights, seed=3)
    assert texts(flights, seed=3)[SHUFFLED] != texts(flights, seed=4)[SHUFFLED]


@pytest.mark.parametrize(
    ("shuffled", "holds"),
    [([(0.5, 0.6), (0.6, 0.7)], True), ([(0.5, 0.6), (0.6, 0.75)], False), ([(0.9, 1.0), (0.9, 1.0)], False)],
    ids=["worse", "not with every seed", "better"],
)
def test_shuffled_words_are_worse_if_the_intervals_of_every_seed_are_apart(
    flights: list[Utterance], shuffled: list[tuple[float, float]], holds: bool
) -> None:
    evaluation = evaluate(flights, flights, lambda _: True)

    def scores(intervals: list[tuple[float, float]]) -> list[Evaluation]:
        return [replace(evaluation, interval=interval) for interval in intervals]

    readings: Readings = {
        (ORDERED, ORDERED): scores([(0.7, 0.8), (0.75, 0.85)]),
        (SHUFFLED, ORDERED): scores(shuffled),
    }
    (finding,) = judge(readings)
    assert finding.holds is holds
    assert ("not below" in finding.measured) is not holds
    assert f"trained {SHUFFLED}, reading {ORDERED}" in finding.expected


def test_a_slot_that_one_tagger_made_up_has_no_place_in_the_picture(flights: list[Utterance]) -> None:
    gold = [Utterance(("fly", "to", "oslo"), ("O", "O", "B-city"))]
    right, invents = (
        evaluate(gold, [replace(gold[0], tags=tags)], lambda _: True)
        for tags in (gold[0].tags, ("O", "B-day", "B-city"))
    )
    axes = Figure().subplots()
    _slots(axes, [invents, right], [right, right])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["city"]


def test_the_epoch_is_chosen_by_the_kind_of_text_that_is_learnt_from(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []

    def watched(training: Sequence[Utterance], dev: Sequence[Utterance], *more: Any) -> Trained:
        given.append((training, dev))
        return train(training, dev, *more)

    monkeypatch.setattr(order, "train", watched)
    training, dev = texts(flights[:20], 0), texts(flights[20:30], 0)
    for kind in (ORDERED, SHUFFLED):
        read = _train_and_read(_Run(kind, training, dev, replace(notes.TRAINING, epochs=1)))
        assert list(read) == [ORDERED, SHUFFLED]
    assert given == [(training[kind], dev[kind]) for kind in (ORDERED, SHUFFLED)]
