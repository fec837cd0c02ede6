"""A model and the corpus that a command holds it against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slotfill.cli._console import say
from slotfill.errors import DataError

if TYPE_CHECKING:
    from slotfill.corpus.splits import Corpus
    from slotfill.runtime.bundle import Bundle

Model = Annotated[str | None, typer.Argument(help="A model folder or a name in models/; without it, the newest there.")]
ForModel = Annotated[
    str | None,
    typer.Argument(help="A corpus name, folder or file; without it, the one the model was trained on."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, shares as fractions.")]
DataDir = Annotated[Path, typer.Option(help="Where downloaded corpora are.")]


def open_told(corpus: str, data_dir: Path, format_name: str | None = None) -> Corpus:
    """`open_corpus`, with its notes said."""
    from slotfill.corpus.splits import open_corpus

    opened = open_corpus(corpus, data_dir, format_name)
    for note in opened.notes:
        say(note)
    return opened


def open_for(model: Bundle, corpus: str | None, data_dir: Path) -> Corpus:
    """The corpus that was named or, without a name, the one the model was trained on.

    Raises `DataError` if it is not there.
    """
    from slotfill.runtime.bundle import CONFIG

    name = corpus or str(model.read_json(CONFIG).get("corpus"))
    try:
        return open_told(name, data_dir)
    except DataError as error:
        if corpus is not None:
            raise
        raise DataError(f"{error}; name the corpus in the call") from None
