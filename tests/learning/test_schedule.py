"""The learning rate of each step."""

from __future__ import annotations

from itertools import pairwise

import pytest

from slotfill.config import TrainingConfig
from slotfill.learning.schedule import learning_rates


def test_the_rate_rises_to_its_peak_and_falls_to_a_tenth() -> None:
    config = TrainingConfig(learning_rate=1.0, warmup=0.1)
    rates = list(learning_rates(config, 100))
    assert rates[9] == max(rates) == 1
    assert rates[-1] == pytest.approx(0.1)
    assert all(before < after for before, after in pairwise(rates[:10]))
    assert all(before > after for before, after in pairwise(rates[9:]))
    assert list(learning_rates(config, 1)) == [1.0]


def test_the_rate_falls_along_half_a_cosine() -> None:
    rates = list(learning_rates(TrainingConfig(learning_rate=1.0, warmup=0.1), 100))
    assert rates[39] == pytest.approx(1 - 0.9 * 0.25)  # A third of the way: (1 - cos 60°) / 2.
