"""Batches: utterances in a seeded order, words never moved."""

from __future__ import annotations

import random

from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import NO_TAG, LabelledBatch, orders
from slotfill.runtime.vocabulary import PADDING, UNKNOWN, Vocabulary


def test_an_epoch_visits_every_utterance_once_in_an_order_its_seed_decides() -> None:
    lengths = [i % 13 + 1 for i in range(1000)]
    one, same, other = (list(orders(lengths, 32, random.Random(seed))) for seed in (1, 1, 2))
    assert sorted(index for batch in one for index in batch) == list(range(1000))
    assert one == same
    assert one != other
    generator = random.Random(1)
    assert list(orders(lengths, 32, generator)) != list(orders(lengths, 32, generator))


def test_utterances_of_like_length_share_a_batch() -> None:
    draw = random.Random(0)
    lengths = [draw.randint(1, 40) for _ in range(2000)]
    padded = sum(len(batch) * max(lengths[i] for i in batch) for batch in orders(lengths, 32, random.Random(0)))
    assert padded < 1.1 * sum(lengths)


def test_words_and_tags_keep_their_places() -> None:
    utterances = [
        Utterance(("to", "oslo", "now"), ("O", "B-city", "O")),
        Utterance(("lima",), ("B-place",)),
    ]
    vocabulary = Vocabulary.build(utterances[:1])
    batch = LabelledBatch.encode(utterances, vocabulary)
    assert batch.words.tolist() == [
        [vocabulary.lookup(word)[0] for word in ("to", "oslo", "now")],
        [UNKNOWN, PADDING, PADDING],
    ]
    assert batch.tags.tolist() == [[0, 1, 0], [NO_TAG] * 3]
    assert batch.lengths.tolist() == [3, 1]
