"""Batches of utterances: of like length, and of words looked up once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from slotfill.corpus.utterance import Utterance
from slotfill.runtime.encoding import Encoded, encode, length_buckets
from slotfill.runtime.vocabulary import PADDING, Vocabulary


@given(st.lists(st.integers(1, 30)), st.integers(1, 300))
def test_each_utterance_is_in_one_batch_and_batches_end_with_six_rows_when_full(lengths: list[int], most: int) -> None:
    batches = list(length_buckets(lengths, most))
    order = [index for batch in batches for index in batch]
    assert sorted(order) == list(range(len(lengths)))
    assert [lengths[index] for index in order] == sorted(lengths)
    assert all(len(batch) % 6 == 0 for batch in batches[:-1])
    for batch in batches:
        sixes = (len(batch) - 1) // 6 * 6
        assert not sixes or lengths[batch[sixes]] * (sixes + 1) <= most


def test_a_batch_of_some_is_what_they_make_alone() -> None:
    vocabulary = Vocabulary.build([Utterance(("fly", "to", "oslo"), ("O", "O", "B-city"))])
    utterances = [("fly", "to", "kuala", "lumpur"), ("to",), ("oslo", "to", "fly")]
    encoded = Encoded(utterances, vocabulary)
    assert encoded.lengths.tolist() == [4, 1, 3]
    for indices in ([0], [2, 1], [1, 1, 0]):
        found, alone = encoded.batch(indices), encode([utterances[i] for i in indices], vocabulary)
        np.testing.assert_array_equal(found.words, alone.words)
        np.testing.assert_array_equal(found.lengths, alone.lengths)
        mask = found.words != PADDING
        np.testing.assert_array_equal(found.characters[found.spellings[mask]], alone.characters[alone.spellings[mask]])
