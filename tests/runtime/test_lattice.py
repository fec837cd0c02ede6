"""The lattice: its probabilities are those that come from trying every path."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings

from slotfill.corpus.tags import Segment, segments
from slotfill.runtime.decoding import Decoder
from slotfill.runtime.lattice import Lattice
from tests.runtime.paths import TAGS, TEMPERATURE, a_batch, batches, probabilities, seeds, with_and_without


@with_and_without
@settings(deadline=None, max_examples=25)
@given(seed=seeds, lengths=batches)
def test_a_span_is_as_probable_as_all_paths_that_have_exactly_it(crf: bool, seed: int, lengths: list[int]) -> None:
    scores, transitions = a_batch(seed, lengths, crf)
    lattice = Lattice(Decoder(TAGS, transitions, TEMPERATURE), scores, np.array(lengths))
    assert lattice.slots == [None, "a", "b", "d"]
    asked, expected = [], []
    for row, length in enumerate(lengths):
        each = probabilities(scores[row], transitions, length)
        for start, end in combinations(range(length + 1), 2):
            asked.append((row, Segment("", start, end)))
            outside = sum(p for path, p in each.items() if set(path[start:end]) == {"O"})
            spans = [
                sum(p for path, p in each.items() if Segment(slot, start, end) in segments(path))
                for slot in ("a", "b", "d")
            ]
            expected.append([outside, *spans])
    np.testing.assert_allclose(lattice.slot_probabilities(asked), expected, atol=1e-6)


@with_and_without
@settings(deadline=None, max_examples=25)
@given(seed=seeds, lengths=batches)
def test_a_tag_is_as_probable_as_all_paths_through_it(crf: bool, seed: int, lengths: list[int]) -> None:
    scores, transitions = a_batch(seed, lengths, crf)
    found = Lattice(Decoder(TAGS, transitions, TEMPERATURE), scores, np.array(lengths)).tag_probabilities()
    for row, length in enumerate(lengths):
        each = probabilities(scores[row], transitions, length)
        expected = np.zeros((length, len(TAGS)))
        for path, p in each.items():
            expected[np.arange(length), [TAGS.index(tag) for tag in path]] += p
        np.testing.assert_allclose(found[row, :length], expected, atol=1e-6)


@with_and_without
def test_large_scores_and_long_utterances_neither_overflow_nor_lose_probability(crf: bool) -> None:
    scores, transitions = a_batch(1, [2000, 3], crf)
    large = None if transitions is None else 50 * transitions
    found = Lattice(Decoder(TAGS, large), 100 * scores, np.array([2000, 3])).tag_probabilities()
    np.testing.assert_allclose(found[0].sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found[1, :3].sum(axis=1), 1, atol=1e-6)


def test_no_spans_give_an_empty_table() -> None:
    lattice = Lattice(Decoder(TAGS), np.zeros((1, 2, len(TAGS)), np.float32), np.array([2]))
    assert lattice.slot_probabilities([]).shape == (0, 4)
    assert lattice.span_probabilities([]).shape == (0,)
