"""Raw lines to utterances, as many at a time as have arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from typing import Literal

from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.files import decode_line, split_blanks

OnError = Literal["fail", "skip", "record"]

_READ = 1 << 16
_LONGEST = 1 << 20


def arriving(stream: BufferedReader, name: str) -> Iterator[list[bytes]]:
    """Yield lists of whole lines, each list as soon as it is there.

    A pipe that trickles gives small lists at once, a file large ones. The last line needs no line end.
    Raises `DataError` at a line longer than 1 MiB, so that memory stays bounded.
    """
    rest, number = b"", 0
    while block := stream.read1(_READ):
        *lines, rest = (rest + block).split(b"\n")
        if lines:
            yield lines
        number += len(lines)
        if len(rest) > _LONGEST:
            raise DataError("longer than 1 MiB: one utterance a line is expected", name, number + 1)
    if rest:
        yield [rest]


def utterances(
    chunks: Iterable[list[bytes]],
    name: str,
    cut: Callable[[str, str], Utterance],
    on_error: OnError,
    warn: Callable[[str], None],
) -> Iterator[list[Utterance]]:
    """Each chunk's lines as utterances.

    Args:
        chunks: lists of lines, UTF-8.
        name: what to call their source in messages.
        cut: a line's text and its id, which counts the lines from 1, to an utterance.
        on_error: at a line that is not UTF-8: raise `DataError` after the lines before it, skip the line, or let an
            empty utterance keep its place. The last two `warn`.
        warn: takes one message.
    """
    number = 0
    for chunk in chunks:
        read: list[Utterance] = []
        for raw in chunk:
            number += 1
            try:
                text = decode_line(raw, name, number)
            except DataError as error:
                if on_error == "fail":
                    yield read
                    raise
                warn(str(error))
                if on_error == "skip":
                    continue
                text = ""
            read.append(cut(text, str(number)))
        yield read


def split_at_blanks(text: str, id: str) -> Utterance:  # noqa: A002 - the record's field
    """Text whose words are cut already, with blanks between."""
    return Utterance(tuple(split_blanks(text)), text=text, id=id)
