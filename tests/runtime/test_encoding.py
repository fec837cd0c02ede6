"""Batches of utterances of like length."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slotfill.runtime.encoding import alike


@given(st.lists(st.integers(1, 30)), st.integers(1, 60))
def test_each_utterance_is_in_one_batch_and_none_is_larger_than_asked(lengths: list[int], most: int) -> None:
    batches = list(alike(lengths, most))
    order = [index for batch in batches for index in batch]
    assert sorted(order) == list(range(len(lengths)))
    assert [lengths[index] for index in order] == sorted(lengths)
    for batch in batches:
        assert len(batch) == 1 or len(batch) * lengths[batch[-1]] <= most
