"""Pretrained word vectors: what is kept of a file, and how a network starts with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from slotfill.files import sha256
from slotfill.learning.vectors import SCALE, initialise, load_vectors
from slotfill.runtime.vocabulary import Vocabulary
from tests.learning.vector_layouts import CITIES, as_table, binary, glove, headed


def test_a_word_is_found_as_it_is_written_or_else_by_its_first_row_in_any_case(
    written: Callable[[bytes], Path],
) -> None:
    path = written(b"Oslo 1 1\noslo 2 2\nOSLO 3 3\nLIMA 4 4\nLima 5 5\noslo 6 6\nZu\xcc\x88rich 7 7\n")
    vectors = load_vectors(path, ["oslo", "lima", "z\u00fcrich"])
    assert as_table(vectors) == {"oslo": [2, 2], "lima": [4, 4], "z\u00fcrich": [7, 7]}


def test_the_first_other_words_are_kept_as_well_each_once(written: Callable[[bytes], Path]) -> None:
    path = written(b", 1 1\nThe 2 2\nlima 3 3\nthe 4 4\nnew york 5 5\nto 6 6\nfrom 7 7\n")
    assert load_vectors(path, ["lima"], extra=3).words == (",", "the", "lima", "to")
    assert as_table(load_vectors(path, [], extra=2)) == {",": [1, 1], "the": [4, 4]}
    assert load_vectors(path, [], extra=99).words == (",", "the", "lima", "to", "from")


def test_coverage_counts_different_and_running_words(written: Callable[[bytes], Path]) -> None:
    vectors = load_vectors(written(headed(CITIES)), ["oslo", "the"], extra=2)
    coverage = vectors.coverage({"oslo": 1, "the": 6, "taipei": 1})
    assert (coverage.words, coverage.words_found, coverage.running, coverage.running_found) == (3, 2, 8, 7)
    assert str(coverage) == "2 of 3 words have a vector (66.7%), 87.5% of running words"


def test_a_file_with_none_of_the_words_gives_an_empty_table_of_its_size(written: Callable[[bytes], Path]) -> None:
    vectors = load_vectors(written(binary(CITIES)), ["taipei"])
    assert (vectors.words, vectors.table.shape) == ((), (0, 4))


def test_what_a_model_remembers_of_its_vectors_holds_no_path(written: Callable[[bytes], Path]) -> None:
    path = written(glove(CITIES))
    assert load_vectors(path, ["lima", "oslo"]).to_json() == {
        "file": "vectors",
        "sha256": sha256(path),
        "words": 2,
        "size": 4,
    }


def test_words_start_with_their_vectors_at_one_scale_and_other_words_as_drawn(
    written: Callable[[bytes], Path],
) -> None:
    vocabulary = Vocabulary(words=("to", "oslo", "lima"), counts=(2, 1, 0), characters=(), tags=("O",))
    vectors = load_vectors(written(b"lima 30 0\noslo -10 20\n"), vocabulary.words)
    torch.manual_seed(0)
    embedding = nn.Embedding(vocabulary.word_rows, vectors.size)
    before = embedding.weight.detach().clone()
    initialise(embedding, vocabulary, vectors)
    after = embedding.weight.detach()
    oslo, lima = (vocabulary.lookup(word)[0] for word in ("oslo", "lima"))
    others = [i for i in range(vocabulary.word_rows) if i not in (oslo, lima)]
    assert torch.equal(after[others], before[others])
    found = after[[lima, oslo]]
    assert found.square().mean().sqrt() == pytest.approx(SCALE)
    torch.testing.assert_close(found / found.norm(), torch.tensor([[3.0, 0.0], [-1.0, 2.0]]) / 14**0.5)


def test_vectors_of_any_length_that_a_file_can_hold_start_at_the_same_scale(written: Callable[[bytes], Path]) -> None:
    vocabulary = Vocabulary(words=("to", "oslo"), counts=(2, 1), characters=(), tags=("O",))
    for factor in ("e30", "", "e-30"):
        vectors = load_vectors(written(f"oslo -1{factor} 2{factor}\n".encode()), vocabulary.words)
        embedding = nn.Embedding(vocabulary.word_rows, vectors.size)
        initialise(embedding, vocabulary, vectors)
        found = embedding.weight.detach()[vocabulary.lookup("oslo")[0]]
        torch.testing.assert_close(found, torch.tensor([-1.0, 2.0]) * SCALE / 2.5**0.5)


def test_a_network_without_any_vector_found_starts_as_drawn(written: Callable[[bytes], Path]) -> None:
    vocabulary = Vocabulary(words=("to",), counts=(1,), characters=(), tags=("O",))
    embedding = nn.Embedding(vocabulary.word_rows, 4)
    before = embedding.weight.detach().clone()
    initialise(embedding, vocabulary, load_vectors(written(glove(CITIES)), ["to"]))
    assert torch.equal(embedding.weight.detach(), before)
