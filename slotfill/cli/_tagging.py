"""What `slotfill tag` does, apart from its options: a call without any needs no more than this."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, redirect_stdout, suppress
from itertools import islice
from pathlib import Path
from typing import cast, get_args

from slotfill.cli._console import say
from slotfill.corpus import formats
from slotfill.errors import DataError, SlotfillError, UsageError
from slotfill.files import STDIN, STDOUT, atomic_file, is_stream, output_path
from slotfill.registry import unknown
from slotfill.runtime.bundle import find
from slotfill.runtime.confidence import CertaintyOptions
from slotfill.runtime.lines import Chunk, OnError, Reads, arriving
from slotfill.runtime.recorder import Recorder, RecorderConfig, Records

_JSON = re.compile(rb'(\xef\xbb\xbf)?\s*\{\s*"')
"""How a line begins that is a JSON object."""


def tag(
    text: Sequence[str] | None,
    *,
    model: str | None = None,
    source: str | None = None,
    output: Path | None = None,
    format_name: str | None = None,
    tokenized: bool = False,
    ids: bool = False,
    from_format: str | None = None,
    asked: CertaintyOptions | None = None,
    on_error: str = "fail",
    jobs: int = 1,
) -> None:
    """Tag text, or a source where there is none, and write the records.

    Args:
        text: one utterance each.
        model: a folder or a name in `models/`; None: the newest there.
        source: a file with one utterance a line; `-` or None: stdin.
        output: a file, written whole or not at all; `-` or None: stdout.
        format_name: a file name in `corpus/formats`; None: what the output's ending names, or else pretty on a
            terminal and jsonl elsewhere.
        tokenized: whether words are separated by blanks already.
        ids: whether a line begins with its id, a tab after it.
        from_format: `text` or `jsonl`; None: what the source's ending says.
        asked: what to tell beside the tags.
        on_error: what to do at a line that cannot be read, or that the format cannot hold: fail, skip or record.
        jobs: how many processes share the work.

    Raises `UsageError` for what cannot be asked.
    """
    if text == ["-"] and source is None:
        text, source = None, "-"
    if text and "-" in text:
        raise UsageError("TEXT - is stdin: it stands alone")
    if text and source:
        raise UsageError("TEXT and --input exclude each other: choose one")
    if on_error not in get_args(OnError):
        raise unknown("--on-error", on_error, get_args(OnError))
    if output is not None and output_path(output) == STDOUT:
        output = None
    if output is not None and not text and _is_input(output, source):
        raise UsageError(f"--output {output} is the input: choose another name")
    reads = _reads(source, from_format, ids=ids)
    if format_name is None:
        format_name = _usual_format(output)
    asked = asked or {}
    shown = asked.get("confidence") or asked.get("alternatives") or asked.get("nbest") is not None
    if not formats.load(format_name, "render").shows_certainty and shown:
        raise UsageError(f"format {format_name!r} shows no probabilities: choose pretty or jsonl")

    opened = find(model, tell=say)
    if model is None:
        say(f"model: {opened.folder}")
    with ExitStack() as stack:
        name, chunks = _source(text, source, stack)
        if reads == "text" and from_format is None and not text:
            chunks = _doubted(chunks)
        config = RecorderConfig(opened, format_name, name, cast(OnError, on_error), tokenized, reads, asked)
        try:
            failed = _write(config, chunks, output, jobs)
        except BrokenPipeError:
            if output is None:
                raise
            raise SlotfillError(f"{output}: nobody reads it any more") from None
    if failed > 1:
        say(f"{failed:,} lines {'skipped' if on_error == 'skip' else 'recorded as empty'}")


def _write(config: RecorderConfig, chunks: Iterator[Chunk], output: Path | None, jobs: int) -> int:
    """Write the records of all chunks, and say what was wrong with how many lines; raise it where that is asked for."""
    recorder, failed = Recorder(config), 0
    known = {"intents": recorder.tagger.vocabulary.intents, "ids": config.reads == "ids"}
    holds = formats.load(config.format).holds
    if dropped := [name for name, there in known.items() if there and name.removesuffix("s") not in holds]:
        say(f"format {config.format!r} cannot hold {' and '.join(dropped)}: they are left out")
    with ExitStack() as stack:
        if output is not None:
            stack.enter_context(redirect_stdout(stack.enter_context(atomic_file(output))))
        found: Iterable[Records] = map(recorder, chunks)
        if jobs > 1 and config.format != "pretty":  # Whether that is in colour depends on this process's stdout.
            from slotfill.runtime import pool

            found = stack.enter_context(closing(pool.records(chunks, recorder, jobs)))
        for records, errors in found:
            sys.stdout.write(records)
            sys.stdout.flush()
            for error in errors:
                if config.on_error == "fail":
                    raise error
                say(str(error))
            failed += len(errors)
    return failed


def _doubted(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, with a word to the user if the first line looks as if it were not meant as text."""
    for first in islice(chunks, 1):
        if first.lines and _JSON.match(first.lines[0] or b""):
            say('the first line looks like JSON and is tagged as text: --from jsonl reads its "text"')
        yield first
    yield from chunks


def _reads(source: str | None, from_format: str | None, *, ids: bool) -> Reads:
    """What a line of the source is; raise `UsageError` where that cannot be, or where its ending says it has labels."""
    if from_format is None:
        named = None if source is None or ids else _named(Path(source))
        if named not in (None, "jsonl"):
            raise UsageError(
                f"--input {source} has labels by its name: say --from text if its lines are texts, --ids if they are "
                "ids and texts; or `slotfill convert` it to .jsonl"
            )
        from_format = named or "text"
    if from_format == "text":
        return "ids" if ids else "text"
    if from_format != "jsonl":
        raise unknown("--from", from_format, ("text", "jsonl"))
    if ids:
        raise UsageError("--ids is of texts: choose it or --from jsonl, whose ids are keys")
    return "jsonl"


def _usual_format(output: Path | None) -> str:
    """The format that is written where none is asked for; raise `UsageError` for an ending that stands for another."""
    if output is None:
        return "pretty" if sys.stdout.isatty() else "jsonl"
    named = _named(output)
    if named is None and output.suffix.lower() not in ("", ".txt", ".json", ".log") and not is_stream(output):
        raise UsageError(f"--output {output}: no format has the ending {output.suffix!r}: say which with --format")
    return named or "jsonl"


def _named(file: Path) -> str | None:
    """The format that a file's ending names; a .txt may be any text."""
    ending = file.suffix.lower()
    claims = None if ending == ".txt" else formats.by_ending().get(ending)
    return claims.name if claims else None


def _is_input(output: Path, source: str | None) -> bool:
    """Whether a file to write is the one to read, whose lines would be lost."""
    reading = 0 if source in (None, "-") else source
    with suppress(OSError):  # What cannot be read is told of where it is read.
        return output.is_file() and os.path.samefile(output, reading)
    return False


def _source(text: Sequence[str] | None, source: str | None, stack: ExitStack) -> tuple[str, Iterator[Chunk]]:
    """What to call the input, and its lines in chunks."""
    if text:
        return "TEXT", iter([Chunk(1, [os.fsencode(one) for one in text])])
    if source is None or source == "-" or Path(source) == STDIN:
        if sys.stdin.isatty():
            say("one utterance a line; Ctrl-D ends")
        # Unbuffered: a buffer that another thread reads from could not be closed at the end.
        return "stdin", arriving(open(sys.stdin.fileno(), "rb", buffering=0, closefd=False), "stdin")
    if not source:
        raise UsageError("--input names no file")
    try:
        file = stack.enter_context(Path(source).open("rb", buffering=0))  # noqa: SIM115 - the stack closes it
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", source) from None
    return source, arriving(file, source)
