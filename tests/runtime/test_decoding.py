"""Decoding: always legal, and the best of all legal paths."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from slotfill.corpus.tags import illegal_positions, may_follow
from slotfill.runtime.decoding import Decoder

TAGS = ("O", "B-a", "I-a", "B-b", "I-b", "I-c")


def best_legal_sum(scores: np.ndarray) -> float:
    """By trying every path."""
    return max(
        sum(scores[i, TAGS.index(tag)] for i, tag in enumerate(path))
        for path in product(TAGS, repeat=len(scores))
        if may_follow(path[0], None) and all(may_follow(tag, before) for before, tag in pairwise(path))
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_each_path_is_legal_and_the_best_of_all_legal_ones(seed: int, lengths: list[int]) -> None:
    scores = np.random.default_rng(seed).normal(size=(len(lengths), max(lengths), len(TAGS))).astype(np.float32)
    decoded = Decoder(TAGS).decode(scores, np.array(lengths))
    for path, row, length in zip(decoded, scores, lengths, strict=True):
        assert len(path) == length
        assert not illegal_positions(path)
        total = sum(row[i, TAGS.index(tag)] for i, tag in enumerate(path))
        np.testing.assert_allclose(total, best_legal_sum(row[:length]), rtol=1e-5)


def test_scores_at_padding_are_not_looked_at() -> None:
    scores = np.zeros((1, 4, len(TAGS)), dtype=np.float32)
    scores[0, :2, 1], scores[0, 2:, 4] = 1, np.nan
    assert Decoder(TAGS).decode(scores, np.array([2])) == [("B-a", "B-a")]


def test_a_slot_without_a_beginning_tag_is_never_given() -> None:
    scores = np.zeros((1, 3, len(TAGS)), dtype=np.float32)
    scores[:, :, 5] = 9
    (path,) = Decoder(TAGS).decode(scores, np.array([3]))
    assert "I-c" not in path
