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


def open_for(model: Bundle, corpus: str | None, data_dir: Path) -> Corpus:
    """The corpus that was named or, without a name, the one the model was trained on; its notes are said.

    Raises `DataError` if it is not there.
    """
    from slotfill.corpus.splits import open_corpus
    from slotfill.runtime.bundle import CONFIG

    name = corpus or str(model.read_json(CONFIG).get("corpus"))
    try:
        opened = open_corpus(name, data_dir)
    except DataError as error:
        if corpus is not None:
            raise
        raise DataError(f"{error}; name the CORPUS after the model") from None
    for note in opened.notes:
        say(note)
    return opened
