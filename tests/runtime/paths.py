"""Scores of a few words at random, and every legal path through them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import strategies as st

from slotfill.corpus.tags import may_follow

TAGS = ("O", "B-a", "I-a", "B-b", "I-b", "I-c", "B-d")
TEMPERATURE = 1.6

seeds = st.integers(0, 2**32)
batches = st.lists(st.integers(1, 4), min_size=1, max_size=4)
with_and_without = pytest.mark.parametrize("crf", [False, True], ids=["plain", "crf"])


def legal_paths(length: int) -> Iterator[tuple[str, ...]]:
    """Every one."""
    for path in product(TAGS, repeat=length):
        if may_follow(path[0], None) and all(may_follow(tag, before) for before, tag in pairwise(path)):
            yield path


def path_score(path: tuple[str, ...], scores: np.ndarray, transitions: np.ndarray | None) -> float:
    """The sum that decoding maximises, for the words of `path`."""
    ids = [TAGS.index(tag) for tag in path]
    total = sum(float(scores[i, tag]) for i, tag in enumerate(ids))
    if transitions is not None:
        total += float(transitions[0, ids[0]])
        total += sum(float(transitions[1 + before, tag]) for before, tag in pairwise(ids))
    return total


def a_batch(seed: int, lengths: list[int], crf: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Scores with nonsense at padding, and transitions or none."""
    random = np.random.default_rng(seed)
    scores = (random.choice([0.1, 3.0]) * random.normal(size=(len(lengths), max(lengths), len(TAGS)))).astype(
        np.float32
    )
    scores[np.arange(max(lengths)) >= np.array(lengths)[:, None]] = np.nan
    return scores, random.normal(size=(1 + len(TAGS), len(TAGS))).astype(np.float32) if crf else None


def probabilities(scores: np.ndarray, transitions: np.ndarray | None, length: int) -> dict[tuple[str, ...], float]:
    """Each legal path's, by trying all."""
    paths = list(legal_paths(length))
    powers = np.exp([path_score(path, scores, transitions) / TEMPERATURE for path in paths])
    return dict(zip(paths, powers / powers.sum(), strict=True))
