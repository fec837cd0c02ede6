"""Raw lines to utterances, as many at a time as have arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import FileIO
from typing import Literal, NamedTuple

from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.files import BLANKS, decode_line, split_blanks

OnError = Literal["fail", "skip", "record"]

Reads = Literal["text", "ids", "jsonl"]
"""What a line is: a text; an id, a tab and a text; or a JSON object that has them."""

_READ = 1 << 18
_LONGEST = 1 << 20
_GZIPPED = b"\x1f\x8b"


class Chunk(NamedTuple):
    """Lines that arrived together.

    Attributes:
        first: the number of the first one, from 1.
        lines: without their ends; None: one longer than 1 MiB, which nobody keeps.
    """

    first: int
    lines: list[bytes | None]


def arriving(stream: FileIO, name: str = "") -> Iterator[Chunk]:
    """Yield whole lines as soon as they are there; raise `DataError`, which calls the stream `name`, if it is gzipped.

    A pipe that trickles gives small chunks at once, a file large ones. The last line needs no line end. Memory is
    bounded, however long a line is.
    """
    rest: bytes | None = b""
    number = 1
    while block := stream.read(_READ):
        if number == 1 and rest == b"" and block.startswith(_GZIPPED):
            raise DataError("is gzipped: decompress it first, as in `zcat FILE | slotfill tag`", name)
        first, *others = block.split(b"\n")
        rest = None if rest is None or len(rest) + len(first) > _LONGEST else rest + first
        if others:
            yield Chunk(number, [rest, *others[:-1]])
            number += len(others)
            rest = others[-1]
    if rest != b"":
        yield Chunk(number, [rest])


def utterances(
    chunk: Chunk, name: str, cut: Callable[[str, str], Utterance], on_error: OnError, reads: Reads = "text"
) -> tuple[dict[int, Utterance], list[DataError]]:
    """A chunk's lines as utterances by their numbers, and what is wrong with those that cannot be read.

    Args:
        chunk: the lines.
        name: what to call their source in messages.
        cut: a text and its id to an utterance.
        on_error: at a line that cannot be read: leave it and all after it, skip it, or let an empty utterance keep its
            place, with its id where that can be read.
        reads: what a line is; its number is its id where it has none.
    """
    read, errors = {}, []
    for number, raw in enumerate(chunk.lines, start=chunk.first):
        try:
            own, text = _id_and_text(raw, name, number, reads)
        except DataError as error:
            errors.append(error)
            if on_error == "fail":
                break
            if on_error == "skip":
                continue
            own, text = _readable_id(raw or b"", name, number, reads), ""
        read[number] = cut(text, own or str(number))
    return read, errors


def _id_and_text(raw: bytes | None, name: str, number: int, reads: Reads) -> tuple[str | None, str]:
    """A line's own id, where it has one, and its text; raise `DataError` if it cannot be read."""
    if raw is None:
        raise DataError("longer than 1 MiB: one utterance a line is expected", name, number)
    if b"\0" in raw:
        raise DataError("holds a NUL byte: if the file is UTF-16, convert it to UTF-8", name, number)
    line = decode_line(raw, name, number)
    if reads == "jsonl":
        from slotfill.corpus.formats.jsonl import id_and_text

        try:
            return id_and_text(line) if line.strip() else (None, "")
        except ValueError as error:
            raise DataError(str(error), name, number) from None
    if reads == "text":
        return None, line
    own, tab, text = line.partition("\t")
    own = own.strip(BLANKS)  # As `cat -n` and `nl` put them before a number.
    if not (own and tab):
        raise DataError("no id with a tab after it", name, number)
    return own, text


def _readable_id(raw: bytes, name: str, number: int, reads: Reads) -> str | None:
    """The id of a line whose text cannot be read."""
    own, tab, _ = raw.partition(b"\t")
    try:
        if reads == "jsonl":
            from slotfill.corpus.formats.jsonl import id_of

            return id_of(decode_line(raw, name, number))
        return decode_line(own, name, number).strip(BLANKS) if reads == "ids" and tab else None
    except (DataError, ValueError):
        return None


def from_tokenized(text: str, id: str) -> Utterance:  # noqa: A002 - the record's field
    """Text whose words are cut already, with blanks between."""
    return Utterance(tuple(split_blanks(text)), text=text, id=id)
