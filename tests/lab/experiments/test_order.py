"""Shuffling words, with their tags."""

from __future__ import annotations

from slotfill.corpus.tags import illegal_positions
from slotfill.corpus.utterance import Utterance
from slotfill.lab.experiments.order import ORDERED, SHUFFLED, texts


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
