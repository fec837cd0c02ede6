"""Pretrained word vectors: every layout, what is kept of it, and what is refused."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from slotfill.errors import DataError
from slotfill.files import sha256
from slotfill.learning import vector_files
from slotfill.learning.vectors import SCALE, Vectors, initialise, load_vectors
from slotfill.runtime.vocabulary import Vocabulary

Table = Mapping[str, list[float]]
Layout = Callable[[Table], bytes]
CITIES: Table = {
    "the": [0.5, -1.25, 3.0, -2.0],
    "Oslo": [-1.0, 1.0, -1.0, 1e-3],
    "lima": [7.0, -8.0, 9.5, -1.0],
    "oslo": [-0.25, 0.0, 0.125, -4.0],
    "日本": [-2.0, -3.0, 1.0, 0.0],
    "Denver": [-0.75, 2.0, 4.0, -8.0],
}


def text(table: Table, end: str = "\n") -> bytes:
    return "".join(" ".join([word, *map(str, row)]) + end for word, row in table.items()).encode()


def glove(table: Table) -> bytes:
    return text(table)


def headed(table: Table, end: str = "\n") -> bytes:
    return f"{len(table)} {len(next(iter(table.values())))}{end}".encode() + text(table, end)


def fasttext(table: Table) -> bytes:
    return headed(table, end=" \n")


def windows(table: Table) -> bytes:
    return b"\xef\xbb\xbf" + headed(table, end="\r\n")


def binary(table: Table, end: bytes = b"\n") -> bytes:
    rows = (word.encode() + b" " + np.array(row, dtype="<f4").tobytes() + end for word, row in table.items())
    return headed(table).partition(b"\n")[0] + b"\n" + b"".join(rows)


def gensim(table: Table) -> bytes:
    return binary(table, end=b"")


LAYOUTS: list[Layout] = [glove, headed, fasttext, windows, binary, gensim]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes a file whose name tells nothing of its layout."""

    def write(content: bytes) -> Path:
        path = tmp_path / "vectors"
        path.write_bytes(content)
        return path

    return write


def as_table(vectors: Vectors) -> dict[str, list[float]]:
    return dict(zip(vectors.words, vectors.table.tolist(), strict=True))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_told_by_its_content_and_read_back(
    layout: Layout, packed: bool, written: Callable[[bytes], Path]
) -> None:
    content = layout(CITIES)
    path = written(gzip.compress(content) if packed else content)
    vectors = load_vectors(path, ["lima", "oslo", "日本", "taipei"])
    assert as_table(vectors) == {word: CITIES[word] for word in ("oslo", "lima", "日本")}
    assert vectors.table.dtype == np.float32
    assert (vectors.size, vectors.rows_in_file, vectors.skipped) == (4, len(CITIES), 0)
    assert (vectors.file, vectors.sha256) == ("vectors", sha256(path))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_are_found_wherever_a_block_ends(
    layout: Layout, written: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(0)
    table = {f"word{i}": row for i, row in enumerate(draw.normal(size=(500, 20)).astype(np.float32).tolist())}
    monkeypatch.setattr(vector_files, "_BLOCK", 97)
    vectors = load_vectors(written(layout(table)), table)
    assert as_table(vectors) == table


def test_a_file_without_a_last_line_end_is_whole(written: Callable[[bytes], Path]) -> None:
    assert as_table(load_vectors(written(b"to 1 2\nfrom 3 4"), ["from"])) == {"from": [3, 4]}


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


def test_a_word_with_blanks_in_it_ends_where_the_values_begin(written: Callable[[bytes], Path]) -> None:
    path = written(b"to 1 2\n. . . 3 4\nat name@domain.com 5 6\n. 7 8\n")
    assert as_table(load_vectors(path, [".", "at", ". . ."])) == {". . .": [3, 4], ".": [7, 8]}


@pytest.mark.parametrize("layout", [glove, headed, binary])
def test_rows_that_are_not_utf8_are_left_out_and_counted(layout: Layout, written: Callable[[bytes], Path]) -> None:
    content = layout(CITIES).replace(b"Denver", b"D\xe9nver").replace(b"Oslo", b"Osl\xf8")
    vectors = load_vectors(written(content), ["denver", "oslo"])
    assert as_table(vectors) == {"oslo": CITIES["oslo"]}
    assert (vectors.rows_in_file, vectors.skipped) == (6, 2)
    assert str(vectors) == "vectors: 6 vectors (2 of them not UTF-8, left out) of 4 values"


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


BINARY = binary(CITIES)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "vectors: is empty"),
        (gzip.compress(b"", mtime=0), "vectors:1: neither a header nor a word and its values; unpack archives"),
        (b"to 1 2\nfrom 3\n", "vectors:2: values after the word: 1, not 2"),
        (b"to 1 2\nfrom\n", "vectors:2: values after the word: 0, not 2"),
        (b"to 1 2\nfrom 3 4 5\n", "vectors:2: values after the word: 3, not 2"),
        (b"2 2\nto 1 2\nfrom 3\n", "vectors:3: values after the word: 1, not 2"),
        (b"to 1 2\noslo 3 x4\n", "vectors:2: could not convert string to float: 'x4'"),
        (b"to 1 2\noslo 3 nan\n", "vectors:2: 'nan' is no finite float32"),
        (b"to 1 2\noslo 1e39 -inf\n", "vectors:2: '1e39' is no finite float32"),
        (b"the first line\n", "vectors:1: neither a header nor a word and its values"),
        (b"PK\x03\x04\x14\x00\x00\x00\xb2 1 2\n", "vectors:1: neither a header nor a word"),
        (b"to\n", "vectors:1: neither"),
        (b"3 2\nto 1 2\nfrom 3 4\n", "vectors: its header promises 3 vectors, it holds 2"),
        (b"1 2\nto 1 2\nfrom 3 4\n", "vectors: its header promises 1 vectors, it holds 2"),
        (b"0 2\n", "vectors: holds no vectors"),
        (b"9 0\nto\n", "vectors:1: vectors of 0 values, not of 1 to 10,000"),
        (b"1 999999999999999\nto 1 2\n", "vectors:1: vectors of 999,999,999,999,999 values"),
        (b"1 2\nto " + b"1" * (1 << 20), "vectors:2: a line of 1,048,576 bytes or more is no word vector"),
        (b"1" * (1 << 21), "vectors:1: neither"),
        (BINARY[:-12], "vectors: vector 6 of 6 is cut short or damaged"),
        (BINARY[: BINARY.index("日".encode())], "vectors: vector 5 of 6 is cut short"),
        (BINARY.replace(b"6 4", b"7 4", 1), "vectors: vector 7 of 7 is cut short"),
        (BINARY.replace(b"6 4", b"999999999999999 4", 1), "vector 7 of 999,999,999,999,999 is cut short"),
        (BINARY.replace(b"6 4", b"5 4", 1), "vectors: goes on after the 5 vectors that its header promises"),
        (binary({"to": [1.0] * 4, "oslo": [-1.0, float("inf"), 0.0, 0.0]}), "vector 2 holds inf"),
        (gzip.compress(text(CITIES), mtime=0)[:-20], "vectors: cannot be read: Compressed file ended"),
        (b"\x1f\x8bno gzip", "vectors: cannot be read: "),
    ],
)
def test_a_damaged_file_is_refused_with_its_place(
    content: bytes, reason: str, written: Callable[[bytes], Path]
) -> None:
    with pytest.raises(DataError) as raised:
        load_vectors(written(content), ["oslo"])
    assert reason in str(raised.value)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing: no such file"):
        load_vectors(tmp_path / "nothing", [])
    with pytest.raises(DataError, match="is not a file"):
        load_vectors(tmp_path, [])
