"""Typing errors in a split."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from benchmarks import misspellings
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


def test_a_line_is_the_mean_over_the_seeds_of_each_text(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trained: list[misspellings.Trial] = []
    scores = [[90.0, 50.0, 70.0], [80.0, 40.0, 60.0], [91.0, 51.0, 71.0], [81.0, 41.0, 61.0]]
    monkeypatch.setattr(misspellings, "run_all", lambda _, each: trained.extend(each) or scores)
    monkeypatch.setattr(sys, "argv", ["misspellings", "--corpus", str(folder), "--seeds", "3,1"])
    misspellings.main()
    assert [(trial.recipe, trial.seed) for trial in trained] == [
        (recipe, seed) for recipe in ("default", "misspellings 0.05") for seed in (3, 1)
    ]
    assert all(trial.gold[0] == trial.dev for trial in trained)
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| flights, default | 85.00 | 45.00 | 65.00 |",
        "| flights, misspellings 0.05 | 86.00 | 46.00 | 66.00 |",
    ]


def slips(outside: bool, seed: int) -> list[Utterance]:
    return with_slips(GOLD, lambda tag: (tag == OUTSIDE) == outside, seed)
