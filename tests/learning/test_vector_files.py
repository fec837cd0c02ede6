"""Files of word vectors: every layout is told by its content, and what is no such file is refused."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from slotfill.errors import DataError
from slotfill.files import sha256
from slotfill.learning import vector_files
from slotfill.learning.vectors import load_vectors
from tests.learning.vector_layouts import CITIES, LAYOUTS, Layout, as_table, binary, glove, headed, text


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
