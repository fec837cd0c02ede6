"""Lines arrive whole, in order and at once."""

from __future__ import annotations

import io
import os

import pytest

from slotfill.errors import DataError
from slotfill.runtime.lines import arriving, split_at_blanks, utterances


def stream(content: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(content))  # type: ignore[type-var]


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
def test_only_a_line_feed_ends_a_line(content: bytes, lines: list[bytes]) -> None:
    assert [line for chunk in arriving(stream(content), "in") for line in chunk] == lines


def test_a_line_in_a_pipe_is_given_before_the_next_one_is_written() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as file:
        chunks = arriving(file, "pipe")
        for line in (b"first", b"second"):
            os.write(writing, line + b"\n")
            assert next(chunks) == [line]
        os.close(writing)
        assert list(chunks) == []


def test_an_endless_line_is_refused_with_its_number() -> None:
    with pytest.raises(DataError, match="in:2: longer than 1 MiB"):
        list(arriving(stream(b"a\n" + b"x" * 2_000_000), "in"))


def read(on_error: str, warnings: list[str]) -> list[tuple[str | None, str]]:
    found = []
    for chunk in utterances([[b"one", b"t\xffo"], [b"three\r"]], "in", split_at_blanks, on_error, warnings.append):  # type: ignore[arg-type]
        found += [(utterance.id, utterance.text) for utterance in chunk]
    return found


def test_a_line_that_is_not_utf8_is_skipped_or_keeps_its_place_as_asked() -> None:
    warnings: list[str] = []
    assert read("skip", warnings) == [("1", "one"), ("3", "three")]
    assert read("record", warnings) == [("1", "one"), ("2", ""), ("3", "three")]
    assert len(warnings) == 2
    assert "in:2: not UTF-8: byte 0xff at column 2" in warnings[0]


def test_lines_before_a_bad_one_are_still_given() -> None:
    chunks = utterances([[b"one", b"\xff"]], "in", split_at_blanks, "fail", lambda _: None)
    assert [utterance.text for utterance in next(chunks)] == ["one"]
    with pytest.raises(DataError, match="in:2"):
        next(chunks)
