"""What a training's losses are held against: that of guessing, or of an untrained network that loses more."""

from __future__ import annotations

import math

import pytest

from slotfill.learning.baseline import Baseline
from slotfill.learning.history import Steps

GUESS = math.log(5)


def steps_of(loss: float, words: int = 10) -> Steps:
    """Two utterances of so many words together, each of this loss."""
    return Steps(steps=1, utterances=2, words=words, loss=2 * loss)


@pytest.mark.parametrize(("untrained", "unlearnt"), [(1.0, GUESS), (2 * GUESS, GUESS), (7.0, 7.0)])
def test_a_collapse_is_more_than_twice_the_loss_of_what_has_learnt_nothing(untrained: float, unlearnt: float) -> None:
    baseline = Baseline(5, untrained, dev_words=8)
    assert baseline.collapse(steps_of(2 * 5 * unlearnt)) is None
    found = baseline.collapse(steps_of(2 * 5 * unlearnt + 0.1))
    name = "guessing any tag" if unlearnt == GUESS else "the untrained network"
    assert found == f"a mean loss of {10 * unlearnt + 0.1:.4g}, more than twice that of {name}, {5 * unlearnt:.4g}"


def test_the_loss_of_steps_is_held_against_their_own_words_and_that_on_dev_against_devs() -> None:
    baseline = Baseline(5, 0.5, dev_words=8)
    assert baseline.collapse(steps_of(12 * GUESS, words=12)) is None
    assert baseline.collapse(steps_of(12 * GUESS, words=11))
    assert baseline.guessing_on_dev == pytest.approx(8 * GUESS)
    assert baseline.ruin(800 * GUESS) is None
    assert baseline.ruin(801 * GUESS) == (
        f"a loss on dev of {801 * GUESS:.4g}, more than 100 times that of guessing any tag, {8 * GUESS:.4g}"
    )


@pytest.mark.parametrize(("tags", "untrained"), [(5, None), (1, 0.0)], ids=["unchecked", "one-tag"])
def test_no_loss_is_too_large_where_none_is_checked_or_there_is_one_tag_only(
    tags: int, untrained: float | None
) -> None:
    baseline = Baseline(tags, untrained, dev_words=8)
    assert (baseline.collapse(steps_of(1e9)), baseline.ruin(1e9)) == (None, None)


def test_no_steps_have_not_collapsed() -> None:
    assert Baseline(5, 0.5, dev_words=8).collapse(Steps()) is None
