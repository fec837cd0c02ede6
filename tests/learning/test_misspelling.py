"""Misspelling: a slip of the finger in some words, and nothing else."""

from __future__ import annotations

from collections import Counter

import torch

from slotfill.corpus.utterance import Utterance
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.misspelling import Misspelling
from slotfill.runtime.vocabulary import FIRST_CHARACTER, PADDING, UNKNOWN, WORD_END, WORD_START, Vocabulary

ROWS = 5_000
WORD, SHORT = "flight", "fly"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOCABULARY = Vocabulary(words=(WORD, SHORT), counts=(999, 1), characters=tuple(LETTERS), tags=("O", "B-city"))
GIVEN = LabelledBatch.encode(
    [Utterance((WORD, SHORT, "taipei", "abcd"), ("O", "O", "B-city", "O")), Utterance((WORD,), ("O",))] * ROWS,
    VOCABULARY,
)


def misspelt(share: float | None, seed: int = 0) -> LabelledBatch:
    return Misspelling(VOCABULARY, share, seed)(GIVEN)


def spelled(batch: LabelledBatch, row: int, column: int) -> str:
    ids = batch.characters[batch.spellings[row, column]].tolist()
    length = len(ids) - ids[::-1].index(WORD_END)
    assert ids[0] == WORD_START
    assert set(ids[length:]) <= {PADDING}
    return "".join(LETTERS[i - FIRST_CHARACTER] for i in ids[1 : length - 1])


def slips(word: str) -> dict[str, set[str]]:
    """What one slip makes of a word whose first and last characters stay."""
    inner = range(1, len(word) - 2)
    return {
        "swapped": {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in inner},
        "left out": {word[:i] + word[i + 1 :] for i in inner},
        "doubled": {word[:i] + word[i] + word[i:] for i in inner},
        "another": {word[:i] + letter + word[i + 1 :] for i in inner for letter in LETTERS},
    }


def test_the_share_asked_for_of_longer_words_outside_of_values_is_misspelt_and_unknown() -> None:
    found = misspelt(0.2)
    changed = (found.spellings != GIVEN.spellings).double().view(ROWS, 2, 4).mean(dim=0)
    assert changed[0, 1] == changed[0, 2] == changed[1, 1:].sum() == 0  # Too short; a value; padding.
    torch.testing.assert_close(changed[0, [0, 3]], torch.full((2,), 0.2).double(), rtol=0, atol=0.02)
    here = found.spellings != GIVEN.spellings
    assert (found.words[here] == UNKNOWN).all()
    assert (found.words[~here] == GIVEN.words[~here]).all()
    assert all(getattr(found, name) is getattr(GIVEN, name) for name in ("lengths", "tags", "intents"))


def test_a_misspelt_word_has_one_slip_each_kind_as_often_and_keeps_its_ends() -> None:
    found = misspelt(1.0)
    for column, word in ((0, WORD), (3, "abcd")):
        made = Counter(spelled(found, row, column) for row in range(0, 2 * ROWS, 2))
        kinds = slips(word)
        assert set(made) <= set.union(*kinds.values())
        for kind in ("swapped", "left out", "doubled"):
            assert kinds[kind] <= set(made)
            share = sum(made[form] for form in kinds[kind] - kinds["another"]) / ROWS
            assert abs(share - 0.25) < 0.03
    assert spelled(found, 0, 1) == SHORT


def test_what_is_not_misspelt_is_spelled_as_before_and_the_batch_given_stays() -> None:
    before = [tensor.clone() for tensor in vars(GIVEN).values()]
    found = misspelt(0.5)
    assert all(map(torch.equal, before, vars(GIVEN).values()))
    for row, column in (found.spellings == GIVEN.spellings).nonzero()[:200].tolist():
        if GIVEN.words[row, column] != PADDING:
            assert spelled(found, row, column) == spelled(GIVEN, row, column)


def test_the_seed_decides_and_none_is_none() -> None:
    one, same, other = misspelt(0.5), misspelt(0.5), misspelt(0.5, seed=1)
    assert torch.equal(one.characters, same.characters)
    assert torch.equal(one.words, same.words)
    assert not torch.equal(one.words, other.words)
    assert misspelt(None) is GIVEN


def test_a_batch_of_short_words_and_a_vocabulary_without_characters_are_no_trouble() -> None:
    short = LabelledBatch.encode([Utterance((SHORT,), ("O",))], VOCABULARY)
    assert torch.equal(Misspelling(VOCABULARY, 1.0, seed=0)(short).words, short.words)
    bare = Vocabulary(("flight",), (1,), (), ("O",))
    one = LabelledBatch.encode([Utterance(("flight",), ("O",))], bare)
    for seed in range(20):
        found = Misspelling(bare, 1.0, seed)(one)
        assert found.words.tolist() == [[UNKNOWN]]
        assert found.characters.max() < bare.character_rows
