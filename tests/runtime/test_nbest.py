"""The n best paths: those that come first when every path is tried."""

from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from slotfill.runtime.decoding import Decoder
from slotfill.runtime.nbest import best_paths
from tests.runtime.paths import TAGS, a_batch, legal_paths, path_score, seeds, with_and_without


def found(decoder: Decoder, scores: np.ndarray, n: int) -> list[tuple[tuple[str, ...], float]]:
    return list(best_paths(decoder, scores[0], decoder.reach(scores, np.array([scores.shape[1]]))[0], n))


@with_and_without
@settings(deadline=None, max_examples=40)
@given(seed=seeds, length=st.integers(1, 4), n=st.integers(1, 30))
def test_the_n_best_are_the_first_of_all_paths_in_order(crf: bool, seed: int, length: int, n: int) -> None:
    scores, transitions = a_batch(seed, [length], crf)
    best = found(Decoder(TAGS, transitions, 0.3), scores, n)
    expected = sorted((path_score(path, scores[0], transitions) for path in legal_paths(length)), reverse=True)[:n]
    np.testing.assert_allclose([score for _, score in best], expected, atol=1e-5)
    assert len({path for path, _ in best}) == len(best)
    for path, score in best:
        np.testing.assert_allclose(path_score(path, scores[0], transitions), score, atol=1e-5)


@with_and_without
def test_the_first_is_what_decoding_finds(crf: bool) -> None:
    scores, transitions = a_batch(3, [40], crf)
    decoder = Decoder(TAGS, transitions)
    assert [found(decoder, scores, 1)[0][0]] == decoder.decode(scores, np.array([40]))


def test_ties_do_not_make_the_search_try_every_path() -> None:
    scores = np.zeros((1, 60, len(TAGS)), np.float32)
    best = found(Decoder(TAGS), scores, 5)
    assert len({path for path, _ in best}) == 5
    assert {score for _, score in best} == {0.0}


def test_of_a_long_utterance_no_more_is_remembered_than_is_asked_for() -> None:
    scores = np.random.default_rng(0).normal(size=(1, 400, len(TAGS))).astype(np.float32) / 1000
    tracemalloc.start()
    best = found(Decoder(TAGS), scores, 60)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [score for _, score in best] == sorted((score for _, score in best), reverse=True)
    # Sixty paths of 400 tags, found and waiting; every continuation that was looked at would be thirty times that.
    assert most < 4 * 2 * 60 * 400 * 8
