"""What is said of the cliff, and of the surfaces around taggers."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from slotfill.corpus.utterance import Utterance
from slotfill.lab import notes
from slotfill.lab.experiments import surface
from slotfill.lab.experiments.surface import _Around, _around, judge_cliff, judge_taggers
from slotfill.lab.landscape import Direction
from slotfill.lab.one_unit import Array
from slotfill.learning.batches import LabelledBatch
from slotfill.network.tagger import TaggerNetwork

LOW, HIGH, LONG = (np.full(10, value) for value in (0.001, 0.1, 3.0))


def holds(steep: float = 500, jumps: Array = LONG, plain: Array = HIGH, clipped: Array = LOW) -> list[bool]:
    return [bool(finding.holds) for finding in judge_cliff(steep, jumps, plain, clipped)]


def test_a_cliff_is_steep_throws_most_descents_off_and_clipping_brings_more_of_them_down() -> None:
    assert holds() == [True, True, True]
    assert holds(steep=99) == [False, True, True]
    assert holds(jumps=np.array([0.9] * 5 + [90.0] * 5)) == [True, False, True]
    assert holds(plain=LOW) == [True, True, False]
    assert holds(plain=LOW, clipped=HIGH) == [True, True, False]


def test_a_taggers_surface_is_steeper_only_if_it_is_along_all_directions() -> None:
    assert judge_taggers([3.0, 4.0], [2.0, 2.9]).holds
    assert judge_taggers([3.0, 4.0], [4.1, 5.0]).holds is False
    assert judge_taggers([3.0, 4.0], [2.0, 3.1]).holds is None


def test_each_surface_lies_along_two_directions_of_its_own(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    def flat(_: TaggerNetwork, __: LabelledBatch, first: Direction, second: Direction, offsets: Array) -> Array:
        drawn.extend([first["head.tags.weight"], second["head.tags.weight"]])
        return np.zeros((len(offsets), len(offsets)))

    monkeypatch.setattr(surface, "losses", flat)
    network = replace(notes.NETWORK, hidden_size=4, word_size=4, character_size=4, character_filters=4)
    job = _Around(network, replace(notes.TRAINING, epochs=1), flights, flights[:8], np.zeros(1), pairs=2)
    assert len(_around(job)) == 2
    assert len(drawn) == 4
    assert not any(torch.equal(one, other) for one, other in combinations(drawn, 2))
