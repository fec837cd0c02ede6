"""`slotfill convert`: a corpus in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slotfill.cli._console import say
from slotfill.cli._corpus import DataDir, open_with_notes
from slotfill.legible import counted


def command(
    source: Annotated[
        str,
        typer.Argument(metavar="IN", help="A file, a folder of splits, or a corpus name; - is stdin."),
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file or folder to write; - is stdout.")],
    from_format: Annotated[
        str | None,
        typer.Option("--from", metavar="FORMAT", help="The format of IN.", show_default="by its ending"),
    ] = None,
    to_format: Annotated[
        str | None,
        typer.Option("--to", metavar="FORMAT", help="The format of OUT.", show_default="by its ending"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it exists.")] = False,
    data_dir: DataDir = Path("data"),
) -> None:
    """Write a corpus in another format: seqio, conll, jsonl, tsv or inline; or pretty, to look at.

    A file becomes a file. A corpus with splits becomes a folder with one file per split.

    slotfill convert train.conll train.jsonl

    slotfill convert data/atis atis-jsonl --to jsonl

    slotfill convert train.conll - --to pretty | less
    """
    from slotfill.corpus.convert import convert
    from slotfill.files import STDIN, STDOUT, output_path

    corpus = open_with_notes(str(STDIN) if source == "-" else source, data_dir, from_format)
    done = convert(corpus, output_path(target), to_format, force)
    for path, count in done.written.items():
        say(f"wrote {counted(count, 'utterance')} to {'stdout' if path == STDOUT else path}")
    if done.dropped:
        say(f"not written, for this format cannot hold it: {', '.join(done.dropped)}")
