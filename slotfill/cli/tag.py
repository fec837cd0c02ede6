"""`slotfill tag`: text in, slots out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from slotfill.cli._console import say
from slotfill.errors import DataError, UsageError
from slotfill.files import atomic_file
from slotfill.registry import unknown

if TYPE_CHECKING:
    from slotfill.runtime.lines import Chunk


def command(
    text: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]...", help="One utterance each; without any, stdin.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="A model folder or a name in models/.", show_default="the newest there")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--input", "-i", metavar="FILE", help="One utterance a line; - is stdin.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write here, whole or not at all.", show_default="stdout"),
    ] = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="pretty, jsonl, conll, tsv or inline.",
            show_default="pretty on a terminal, else jsonl",
        ),
    ] = None,
    tokenized: Annotated[
        bool, typer.Option("--tokenized", help="Words are separated by blanks already: do not cut them again.")
    ] = False,
    confidence: Annotated[bool, typer.Option("--confidence", help="How probable each span is.")] = False,
    min_confidence: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            help="Drop spans less probable than this: their words become O.",
            show_default="off",
        ),
    ] = None,
    nbest: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="The N most probable readings of the whole utterance.", show_default="off"
        ),
    ] = None,
    alternatives: Annotated[
        bool, typer.Option("--alternatives", help="What else each span may be: up to 3 slots above 1%.")
    ] = False,
    on_error: Annotated[
        str, typer.Option(metavar="WAY", help="A line that is not UTF-8: fail, skip it, or record it as empty.")
    ] = "fail",
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", metavar="N", min=1, help="Processes that share files and pipes.")
    ] = 1,
) -> None:
    """Tag text: one record out for each line in, in their order.

    A record is {"id", "text", "tokens", "tags", "spans": [{"slot", "start", "end", "text"}]}; id counts the lines.
    A model that knows intents adds "intent"; several are joined as its corpus joins them.
    With --confidence, which the three options after it imply, spans have "confidence", a probability; with
    --alternatives "alternatives": [{"slot", "probability"}]; with --nbest the record has
    "nbest": [{"probability", "tags", "spans"}]. Only pretty and jsonl show them.

    slotfill tag "fly to taipei"

    cat utterances.txt | slotfill tag > tagged.jsonl

    slotfill tag --nbest 3 --alternatives "fly to taipei"
    """
    from slotfill.corpus import formats
    from slotfill.runtime.bundle import find
    from slotfill.runtime.confidence import Asked
    from slotfill.runtime.lines import OnError
    from slotfill.runtime.recorder import Order, Recorder, Records

    if text and source:
        raise UsageError("TEXT and --input exclude each other: choose one")
    if on_error not in get_args(OnError):
        raise unknown("--on-error", on_error, get_args(OnError))
    if format_name is None:
        format_name = "pretty" if output is None and sys.stdout.isatty() else "jsonl"
    formats.FORMATS.require(format_name)

    opened = find(model)
    if model is None:
        say(f"model: {opened.folder}")
    with ExitStack() as stack:
        name, chunks = _source(text, source, stack)
        if output is not None:
            stack.enter_context(redirect_stdout(stack.enter_context(atomic_file(output))))
        if (confidence or alternatives or nbest is not None) and not formats.load(format_name).shows_certainty:
            raise UsageError(f"format {format_name!r} shows no probabilities: choose pretty or jsonl")
        asked = Asked(confidence=confidence, min_confidence=min_confidence, nbest=nbest, alternatives=alternatives)
        order = Order(opened.folder, format_name, name, cast(OnError, on_error), tokenized, asked)
        recorder = Recorder(order)
        found: Iterable[Records] = map(recorder, chunks)
        if jobs > 1 and format_name != "pretty":  # Whether that is in colour depends on this process's stdout.
            from slotfill.runtime import pool

            found = stack.enter_context(closing(pool.records(chunks, recorder, jobs)))
        for records, errors in found:
            sys.stdout.write(records)
            sys.stdout.flush()
            for error in errors:
                if on_error == "fail":
                    raise error
                say(str(error))


def _source(text: list[str] | None, source: str | None, stack: ExitStack) -> tuple[str, Iterator[Chunk]]:
    """What to call the input, and its lines in chunks."""
    from slotfill.runtime.lines import Chunk, arriving

    if text:
        return "TEXT", iter([Chunk(1, [os.fsencode(one) for one in text])])
    if source is None or source == "-":
        if sys.stdin.isatty():
            say("one utterance a line; Ctrl-D ends")
        # Unbuffered: a buffer that another thread reads from could not be closed at the end.
        return "stdin", arriving(open(sys.stdin.fileno(), "rb", buffering=0, closefd=False), "stdin")
    try:
        file = stack.enter_context(Path(source).open("rb", buffering=0))  # noqa: SIM115 - the stack closes it
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", source) from None
    return source, arriving(file, source)
