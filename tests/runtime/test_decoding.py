"""Decoding: always legal, and the best of all legal paths."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotfill.corpus.tags import illegal_positions, may_follow
from slotfill.runtime.decoding import Decoder
from tests.runtime.paths import TAGS, a_batch, batches, legal_paths, path_score, seeds, with_and_without


@with_and_without
@settings(deadline=None, max_examples=40)
@given(seed=seeds, lengths=batches)
def test_each_path_is_legal_and_the_best_of_all_legal_ones(crf: bool, seed: int, lengths: list[int]) -> None:
    scores, transitions = a_batch(seed, lengths, crf)
    decoded = Decoder(TAGS, transitions).decode(scores, np.array(lengths))
    for path, row, length in zip(decoded, scores, lengths, strict=True):
        assert len(path) == length
        assert not illegal_positions(path)
        best = max(path_score(other, row, transitions) for other in legal_paths(length))
        np.testing.assert_allclose(path_score(path, row, transitions), best, atol=1e-5)


@with_and_without
@settings(deadline=None, max_examples=40)
@given(seed=seeds, lengths=st.lists(st.integers(1, 30), min_size=1, max_size=8))
def test_an_utterance_gets_the_same_tags_alone_and_in_a_batch(crf: bool, seed: int, lengths: list[int]) -> None:
    scores, transitions = a_batch(seed, lengths, crf)
    decoder = Decoder(TAGS, transitions)
    together = decoder.decode(scores, np.array(lengths))
    alone = [
        decoder.decode(row[None, :length], np.array([length]))[0] for row, length in zip(scores, lengths, strict=True)
    ]
    assert together == alone


@settings(deadline=None, max_examples=40)
@given(seed=seeds, spread=st.floats(0, 20))
def test_pruning_changes_no_score(seed: int, spread: float) -> None:
    random = np.random.default_rng(seed)
    scores = 5 * random.normal(size=(3, 12, len(TAGS))).astype(np.float32)
    decoder = Decoder(TAGS, spread * random.normal(size=(1 + len(TAGS), len(TAGS))))
    best = scores[:, 0] + decoder.starts
    for time in range(1, 12):
        best = (best[:, :, None] + decoder.steps).max(axis=1) + scores[:, time]
    np.testing.assert_allclose(decoder.reach(scores, np.full(3, 12))[:, -1], best, rtol=1e-9)


@with_and_without
@settings(deadline=None, max_examples=60)
@given(seed=seeds, lengths=st.lists(st.integers(1, 30), min_size=1, max_size=8), sharpness=st.floats(0.1, 30))
def test_a_search_of_unsure_stretches_finds_what_one_of_everything_would_find(
    crf: bool, seed: int, lengths: list[int], sharpness: float
) -> None:
    scores, transitions = a_batch(seed, lengths, crf)
    decoder = Decoder(TAGS, transitions)
    scores = np.float32(sharpness) * scores
    whole = scores.astype(np.float64)
    whole[:, 0] += decoder.starts
    searched = decoder._viterbi(whole, np.array(lengths))
    expected = [tuple(TAGS[tag] for tag in path[:length]) for path, length in zip(searched, lengths, strict=True)]
    assert decoder.decode(scores, np.array(lengths)) == expected


@with_and_without
@pytest.mark.parametrize("spread", [0.3, 1.0, 2.0, 4.0])
def test_of_thousands_of_close_calls_none_is_decided_wrongly(crf: bool, spread: float) -> None:
    random, count, time = np.random.default_rng(0), 4000, 5
    lengths = random.integers(1, 1 + time, count)
    scores = spread * random.normal(size=(count, time, len(TAGS))).astype(np.float32)
    for sharpness in (1.0, 2.0):
        decoder = Decoder(TAGS, sharpness * random.normal(size=(1 + len(TAGS), len(TAGS))) if crf else None)
        whole = scores.astype(np.float64)
        whole[:, 0] += decoder.starts
        searched = decoder._viterbi(whole, lengths)
        expected = [tuple(TAGS[tag] for tag in path[:length]) for path, length in zip(searched, lengths, strict=True)]
        assert decoder.decode(scores, lengths) == expected


@with_and_without
@settings(deadline=None, max_examples=30)
@given(seed=seeds, shapes=st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=5), min_size=1, max_size=4))
def test_batches_decoded_together_get_the_tags_they_get_apart(crf: bool, seed: int, shapes: list[list[int]]) -> None:
    batches = [(a_batch(seed + i, lengths, crf)[0], np.array(lengths)) for i, lengths in enumerate(shapes)]
    decoder = Decoder(TAGS, a_batch(seed, [1], crf)[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("slotfill.runtime.decoding._VITERBI_WORDS", 20)
        assert decoder.decode_all(batches) == [path for batch in batches for path in decoder.decode(*batch)]


def test_clear_words_need_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = Decoder(TAGS, np.random.default_rng(0).normal(size=(1 + len(TAGS), len(TAGS))))
    monkeypatch.setattr(decoder, "_viterbi", None)
    path = ("O", "B-a", "I-a", "B-d")
    scores = 20 * np.eye(len(TAGS), dtype=np.float32)[[TAGS.index(tag) for tag in path]]
    assert decoder.decode(scores[None], np.array([4])) == [path]


def test_transitions_decide_where_words_do_not() -> None:
    transitions = np.zeros((1 + len(TAGS), len(TAGS)))
    transitions[0, TAGS.index("B-a")] = transitions[1 + TAGS.index("B-a"), TAGS.index("B-d")] = 1
    assert Decoder(TAGS, transitions).decode(np.zeros((1, 2, len(TAGS)), np.float32), np.array([2])) == [("B-a", "B-d")]


@pytest.mark.parametrize("pair", [("O", "B-b"), ("B-a", "B-d"), ("O", "B-d")], ids=["before", "after", "both"])
@pytest.mark.parametrize("more", [0.1, -0.1], ids=["enough", "too little"])
def test_a_transition_wins_if_it_is_worth_more_than_the_leads_of_the_words_that_it_changes(
    pair: tuple[str, str], more: float
) -> None:
    best, lead = ("B-a", "B-b"), 1.0
    scores = lead * np.eye(len(TAGS), dtype=np.float32)[[TAGS.index(tag) for tag in best]]
    changed = sum(tag != other for tag, other in zip(pair, best, strict=True))
    transitions = np.zeros((1 + len(TAGS), len(TAGS)))
    transitions[1 + TAGS.index(pair[0]), TAGS.index(pair[1])] = changed * lead + more
    expected = pair if more > 0 else best
    assert Decoder(TAGS, transitions).decode(scores[None], np.array([2])) == [expected]


def test_a_slot_without_a_beginning_tag_is_never_given() -> None:
    scores = np.zeros((1, 3, len(TAGS)), dtype=np.float32)
    scores[:, :, TAGS.index("I-c")] = 9
    (path,) = Decoder(TAGS).decode(scores, np.array([3]))
    assert "I-c" not in path


def test_what_is_legal_is_what_the_tags_say() -> None:
    decoder = Decoder(TAGS)
    np.testing.assert_array_equal(np.isfinite(decoder.starts), [may_follow(tag, None) for tag in TAGS])
    legal = [[may_follow(tag, before) for tag in TAGS] for before in TAGS]
    np.testing.assert_array_equal(np.isfinite(decoder.steps), legal)


@with_and_without
def test_a_decoder_survives_json(crf: bool) -> None:
    scores, transitions = a_batch(0, [20, 7], crf)
    decoder = Decoder(TAGS, transitions, temperature=1.7)
    read = Decoder.from_json(decoder.to_json(), TAGS)
    assert (read.temperature, read.has_transitions) == (1.7, crf)
    np.testing.assert_array_equal(read.steps, decoder.steps)
    np.testing.assert_array_equal(read.starts, decoder.starts)
    assert read.decode(scores, np.array([20, 7])) == decoder.decode(scores, np.array([20, 7]))


def encoded(*shape: int, value: float = 0.0) -> str:
    return base64.b64encode(np.full(shape, value, "<f4").tobytes()).decode()


def test_a_temperature_that_is_none_is_refused() -> None:
    for temperature in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            Decoder(TAGS).with_temperature(temperature)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"temperature": 0.0}, "above 0"),
        ({"temperature": float("nan")}, "above 0"),
        ({"temperature": float("inf")}, "above 0"),
        ({"temperature": 1}, "not a number with a point"),
        ({"temperature": "1.0"}, "not a number with a point"),
        ({"transitions": encoded(7, 7)}, "196 bytes of transitions do not fit 7 tags"),
        ({"transitions": encoded(8, 7, value=float("nan"))}, "not finite"),
        ({"transitions": "?"}, "base64"),
        ({"transitions": [0.0]}, "bytes-like"),
    ],
)
def test_a_decoder_that_cannot_be_is_refused(change: dict[str, Any], reason: str) -> None:
    values = {"temperature": 1.0, "transitions": encoded(8, 7)}
    assert Decoder.from_json(values, TAGS).has_transitions
    with pytest.raises((ValueError, TypeError), match=reason):
        Decoder.from_json(values | change, TAGS)


def test_transitions_for_other_tags_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(3, 2\) do not fit 7 tags"):
        Decoder(TAGS, np.zeros((3, 2)))


def test_transitions_are_added_in_double_precision() -> None:
    assert Decoder(("O", "B-a", "I-a"), np.zeros((4, 3), np.float32)).steps.dtype == np.float64
