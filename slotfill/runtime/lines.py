"""Raw lines to utterances, as many at a time as have arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import FileIO
from typing import Literal, NamedTuple

from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.files import decode_line, split_blanks

OnError = Literal["fail", "skip", "record"]

_READ = 1 << 18
_LONGEST = 1 << 20


class Chunk(NamedTuple):
    """Lines that arrived together, without their ends; `first` is the number of the first one, from 1."""

    first: int
    lines: list[bytes]


def arriving(stream: FileIO, name: str) -> Iterator[Chunk]:
    """Yield whole lines as soon as they are there.

    A pipe that trickles gives small chunks at once, a file large ones. The last line needs no line end.
    Raises `DataError` at a line longer than 1 MiB, so that memory stays bounded.
    """
    rest, number = b"", 1
    while block := stream.read(_READ):
        *lines, rest = (rest + block).split(b"\n")
        if lines:
            yield Chunk(number, lines)
        number += len(lines)
        if len(rest) > _LONGEST:
            raise DataError("longer than 1 MiB: one utterance a line is expected", name, number)
    if rest:
        yield Chunk(number, [rest])


def utterances(
    chunk: Chunk, name: str, cut: Callable[[str, str], Utterance], on_error: OnError
) -> tuple[list[Utterance], list[DataError]]:
    """A chunk's lines as utterances, and what is wrong with lines that are not UTF-8.

    Args:
        chunk: the lines.
        name: what to call their source in messages.
        cut: a line's text and its id, which is its number, to an utterance.
        on_error: at a line that is not UTF-8: leave it and all after it, skip it, or let an empty utterance keep its
            place.
    """
    read, errors = [], []
    for number, raw in enumerate(chunk.lines, start=chunk.first):
        try:
            text = decode_line(raw, name, number)
        except DataError as error:
            errors.append(error)
            if on_error == "fail":
                break
            if on_error == "skip":
                continue
            text = ""
        read.append(cut(text, str(number)))
    return read, errors


def split_at_blanks(text: str, id: str) -> Utterance:  # noqa: A002 - the record's field
    """Text whose words are cut already, with blanks between."""
    return Utterance(tuple(split_blanks(text)), text=text, id=id)
