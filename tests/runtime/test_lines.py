"""Lines arrive whole, in order and at once."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from slotfill.runtime.lines import Chunk, OnError, arriving, from_tokenized, utterances


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\nb", [b"a", b"b"]),
        (b"\n\n", [b"", b""]),
        ("a\u2028b\x1cc\x85\n".encode(), ["a\u2028b\x1cc\x85".encode()]),
        (b"x" * 200_000 + b"\ny", [b"x" * 200_000, b"y"]),
    ],
)
def test_only_a_line_feed_ends_a_line(tmp_path: Path, content: bytes, lines: list[bytes]) -> None:
    (tmp_path / "in").write_bytes(content)
    with (tmp_path / "in").open("rb", buffering=0) as file:
        assert [line for chunk in arriving(file) for line in chunk.lines] == lines


def test_only_what_begins_as_gzip_does_is_taken_for_it() -> None:
    class Stream(io.FileIO):
        """Gives these blocks, one a read."""

        blocks = iter((b"a", b"\x1f\x8bb\n", b"\x1f\x8bc\n", b""))

        def read(self, _: int | None = -1) -> bytes:
            return next(self.blocks)

    with Stream(os.devnull) as stream:
        assert [line for chunk in arriving(stream) for line in chunk.lines] == [b"a\x1f\x8bb", b"\x1f\x8bc"]


def test_chunks_know_the_numbers_of_their_lines(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"fly to oslo\n" * 60_000 + b"end")
    with (tmp_path / "in").open("rb", buffering=0) as file:
        chunks = list(arriving(file))
    assert len(chunks) > 2
    assert chunks[-1] == (60_001, [b"end"])
    assert [chunk.first for chunk in chunks[1:]] == [chunk.first + len(chunk.lines) for chunk in chunks[:-1]]


def test_a_line_in_a_pipe_is_given_before_the_next_one_is_written() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb", buffering=0) as file:
        chunks = arriving(file)
        for number, line in enumerate((b"first", b"second"), start=1):
            os.write(writing, line + b"\n")
            assert next(chunks) == (number, [line])
        os.close(writing)
        assert list(chunks) == []


@pytest.mark.parametrize("end", [b"\nz", b"\n", b""])
def test_a_line_over_1_mib_is_not_kept_however_it_arrives(tmp_path: Path, end: bytes) -> None:
    longest = b"x" * (1 << 20)
    (tmp_path / "in").write_bytes(b"a\n" + longest + b"\n" + longest + b"y" + end)
    with (tmp_path / "in").open("rb", buffering=0) as file:
        chunks = list(arriving(file))
    assert [line for chunk in chunks for line in chunk.lines] == [b"a", longest, None, *[b"z"][: len(end) - 1]]
    assert chunks[-1].first + len(chunks[-1].lines) == 4 + (end == b"\nz")


@pytest.mark.parametrize(
    ("on_error", "kept"),
    [
        ("fail", [("7", "one")]),
        ("skip", [("7", "one"), ("9", "three")]),
        ("record", [("7", "one"), ("8", ""), ("9", "three")]),
    ],
)
def test_a_line_that_is_not_utf8_ends_the_chunk_is_skipped_or_keeps_its_place_as_asked(
    on_error: OnError, kept: list[tuple[str, str]]
) -> None:
    read, errors = utterances(Chunk(7, [b"one", b"t\xffo", b"three\r"]), "in", from_tokenized, on_error)
    assert [(utterance.id, utterance.text) for utterance in read.values()] == kept
    assert [str(error) for error in errors] == ["in:8: not UTF-8: byte 0xff at column 2; convert the file to UTF-8"]


@pytest.mark.parametrize(("on_error", "kept"), [("fail", ["a"]), ("skip", ["a", "b"]), ("record", ["a", "", "b"])])
def test_a_line_that_was_not_kept_is_an_error_like_another(on_error: OnError, kept: list[str]) -> None:
    read, errors = utterances(Chunk(1, [b"a", None, b"b"]), "in", from_tokenized, on_error)
    assert [utterance.text for utterance in read.values()] == kept
    assert [str(error) for error in errors] == ["in:2: longer than 1 MiB: one utterance a line is expected"]


def test_a_line_whose_text_cannot_be_read_keeps_the_id_that_can() -> None:
    lines = [b"\xef\xbb\xbfa\tt\xffo", b"b\xff\tto", None, b"\xff", b"d\tto", b"\tt\xffo", b" e \tt\xffo"]
    read, errors = utterances(Chunk(1, lines), "in", from_tokenized, "record", "ids")
    assert [(one.id, one.text) for one in read.values()] == [
        ("a", ""),
        ("2", ""),
        ("3", ""),
        ("4", ""),
        ("d", "to"),
        ("6", ""),
        ("e", ""),
    ]
    assert len(errors) == 6


@pytest.mark.parametrize(
    ("on_error", "kept"),
    [
        ("fail", {7: ("a 1", "fly\tto oslo")}),
        ("skip", {7: ("a 1", "fly\tto oslo"), 10: ("b", "")}),
        ("record", {7: ("a 1", "fly\tto oslo"), 8: ("8", ""), 9: ("9", ""), 10: ("b", "")}),
    ],
)
def test_a_line_may_begin_with_its_id(on_error: OnError, kept: dict[int, tuple[str, str]]) -> None:
    chunk = Chunk(7, [b" a 1 \tfly\tto oslo", b"no id", b"\tnor here", b"b\t"])
    read, errors = utterances(chunk, "in", from_tokenized, on_error, "ids")
    assert {number: (utterance.id, utterance.text) for number, utterance in read.items()} == kept
    told = ["in:8: no id with a tab after it", "in:9: no id with a tab after it"]
    assert [str(error) for error in errors] == told[: 1 if on_error == "fail" else 2]


def test_an_object_whose_text_cannot_be_read_keeps_its_id() -> None:
    lines = [b'{"id": "a"}', b'{"id": 7, "text": 1}', b'{"id": [], "text": "to"}', b'{"id": "b', b"\xff", None]
    read, errors = utterances(Chunk(1, lines), "in", from_tokenized, "record", "jsonl")
    assert [(one.id, one.text) for one in read.values()] == [(one, "") for one in ("a", "7", "3", "4", "5", "6")]
    assert len(errors) == 6
