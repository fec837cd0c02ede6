"""Batches: utterances in a seeded order, words never moved."""

from __future__ import annotations

import random

from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import NO_TAG, LabelledBatch, shuffled_batches
from slotfill.runtime.vocabulary import PADDING, UNKNOWN, Vocabulary


def test_an_epoch_visits_every_utterance_once_in_an_order_its_seed_decides() -> None:
    lengths = [i % 13 + 1 for i in range(1000)]
    one, same, other = (list(shuffled_batches(lengths, 32, random.Random(seed))) for seed in (1, 1, 2))
    assert sorted(index for batch in one for index in batch) == list(range(1000))
    assert one == same
    assert one != other
    generator = random.Random(1)
    assert list(shuffled_batches(lengths, 32, generator)) != list(shuffled_batches(lengths, 32, generator))


def test_utterances_of_like_length_share_a_batch() -> None:
    draw = random.Random(0)
    lengths = [draw.randint(1, 40) for _ in range(2000)]
    padded = sum(
        len(batch) * max(lengths[i] for i in batch) for batch in shuffled_batches(lengths, 32, random.Random(0))
    )
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


def test_utterances_are_shuffled_before_they_are_pooled_and_batches_after() -> None:
    alike = [5] * 640
    one, other = (sorted(map(sorted, shuffled_batches(alike, 32, random.Random(seed)))) for seed in (1, 2))
    assert one != other
    lengths = [i % 13 + 1 for i in range(640)]
    longest = [max(lengths[i] for i in batch) for batch in shuffled_batches(lengths, 32, random.Random(1))]
    assert longest != sorted(longest)


def test_each_intent_asked_for_has_the_same_share_of_those_that_are_known() -> None:
    utterances = [Utterance(("a",), ("O",), intent) for intent in ("x", "x#y", "x#z", "z", None)]
    vocabulary = Vocabulary.build(utterances[:2])
    assert LabelledBatch.encode(utterances, vocabulary).intents.tolist() == [[1, 0], [0.5, 0.5], [1, 0], [0, 0], [0, 0]]
