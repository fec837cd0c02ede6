"""Typing errors in a split."""

from __future__ import annotations

import random

import pytest

from benchmarks.misspellings import misspelt, with_slips
from slotfill.corpus.tags import OUTSIDE
from slotfill.corpus.utterance import Utterance

GOLD = [
    Utterance(("show", "me", "flights", "to", "boston", "tonight"), ("O", "O", "O", "O", "B-city", "B-time")),
    Utterance(("new", "york"), ("B-city", "I-city")),
    Utterance(("747s",), ("O",)),
]


def test_a_slip_swaps_leaves_out_doubles_or_replaces_a_letter_between_the_first_and_the_last() -> None:
    made = {misspelt("abcde", random.Random(seed)) for seed in range(1000)}
    assert made >= {"acbde", "abdce", "acde", "abde", "abbcde", "abccde", "axcde", "abxde"}
    for word in made:
        assert (word[0], word[-1]) == ("a", "e")
        assert len(word) in (4, 5, 6)


@pytest.mark.parametrize(("outside", "places"), [(True, {0: {0, 2}}), (False, {0: {4, 5}, 1: {1}})])
def test_one_word_of_an_utterance_is_misspelt_where_asked_for_if_it_is_long_enough(
    outside: bool, places: dict[int, set[int]]
) -> None:
    met: dict[int, set[int]] = {}
    for seed in range(100):
        for i, (given, found) in enumerate(zip(GOLD, slipped := slips(outside, seed), strict=True)):
            changed = {
                place for place, pair in enumerate(zip(given.words, found.words, strict=True)) if len({*pair}) > 1
            }
            assert len(changed) <= 1
            assert found.tags == given.tags
            if changed:
                met.setdefault(i, set()).update(changed)
        assert slipped == slips(outside, seed)
    assert met == places


def slips(outside: bool, seed: int) -> list[Utterance]:
    return with_slips(GOLD, lambda tag: (tag == OUTSIDE) == outside, seed)
