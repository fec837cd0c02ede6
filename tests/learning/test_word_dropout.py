"""Word dropout: rare words and slot values are unknown now and then."""

from __future__ import annotations

import torch

from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import NO_TAG, LabelledBatch
from slotfill.learning.word_dropout import WordDropout
from slotfill.runtime.vocabulary import PADDING, UNKNOWN, WORD_END, WORD_START, Vocabulary

VOCABULARY = Vocabulary(
    words=("often", "twice", "once"), counts=(999, 2, 1), characters=("a", "b"), tags=("O", "B-city", "I-city")
)
ROWS = 20_000
# Another slot has the same value: what it is called says nothing.
SHARED = [Utterance(("often",), ("B-city",)), Utterance(("often",), ("B-town",))]


def batch() -> LabelledBatch:
    """Columns: padding, unknown, often outside and in a slot, twice, once."""
    words = torch.tensor([PADDING, UNKNOWN, 2, 2, 3, 4]).repeat(ROWS, 1)
    tags = torch.tensor([NO_TAG, 0, 0, 1, 0, 0]).repeat(ROWS, 1)
    characters = torch.tensor([[WORD_START, 4, 5, WORD_END, PADDING], [WORD_START, 5, WORD_END, PADDING, PADDING]])
    return LabelledBatch(words, torch.ones_like(words), characters, torch.full((ROWS,), 6), tags, torch.empty(ROWS, 0))


def test_words_are_replaced_the_more_often_the_rarer_they_are_and_in_slots() -> None:
    given = batch()
    replaced = WordDropout(VOCABULARY, SHARED, alpha=1.0, values=0.2, seed=0)(given)
    changed = (replaced.words != given.words).double().mean(dim=0)
    assert changed[:2].tolist() == [0, 0]
    expected = torch.tensor([0.001, 0.15, 1 / 3, 0.5]).double()
    torch.testing.assert_close(changed[2:], expected, rtol=0, atol=0.015)
    assert (replaced.words[replaced.words != given.words] == UNKNOWN).all()


def test_values_are_replaced_each_by_itself_half_of_them_as_a_whole_and_half_word_by_word() -> None:
    words = torch.full((ROWS, 6), 2)
    tags = torch.tensor([1, 2, 0, 1, 1, 2]).repeat(ROWS, 1)
    characters = torch.tensor([[WORD_START, 4, WORD_END]])
    given = LabelledBatch(
        words, torch.zeros_like(words), characters, torch.full((ROWS,), 6), tags, torch.empty(ROWS, 0)
    )
    found = (WordDropout(VOCABULARY, SHARED, alpha=None, values=0.4, seed=0)(given).words == UNKNOWN).double()
    assert not found[:, 2].any()
    one, both = 0.4 * (1 + 1 / 2) / 2, 0.4 * (1 + 1 / 4) / 2
    torch.testing.assert_close(found[:, [0, 1, 3]].mean(dim=0), torch.full((3,), one).double(), rtol=0, atol=0.015)
    for first, second, together in ((0, 1, both), (4, 5, both), (3, 4, one**2)):
        assert abs(float((found[:, first] * found[:, second]).mean()) - together) < 0.015


def test_half_of_what_is_replaced_gets_random_characters_and_nothing_else_does() -> None:
    given = batch()
    replaced = WordDropout(VOCABULARY, SHARED, alpha=1.0, values=None, seed=0)(given)
    strange = replaced.spellings != given.spellings
    changed = replaced.words != given.words
    assert not (strange & ~changed).any()
    assert abs(float(strange[:, 5].sum() / changed[:, 5].sum()) - 0.5) < 0.02
    spelled = replaced.characters[replaced.spellings]
    assert spelled[~strange].unique(dim=0).tolist() == [given.characters[1].tolist()]
    drawn = spelled[strange].unique(dim=0).tolist()
    assert drawn == [[WORD_START, character, WORD_END, PADDING, PADDING] for character in (4, 5)]


def test_without_either_setting_nothing_changes() -> None:
    given = batch()
    same = WordDropout(VOCABULARY, SHARED, alpha=None, values=None, seed=0)(given)
    for name, tensor in vars(given).items():
        assert torch.equal(tensor, vars(same)[name]), name


def test_a_value_that_only_its_slot_has_is_left_alone() -> None:
    given = batch()
    own = [Utterance(("often",), ("B-city",)), Utterance(("once",), ("B-town",))]
    same = WordDropout(VOCABULARY, own, alpha=None, values=0.9, seed=0)(given)
    assert torch.equal(same.words, given.words)
