"""`slotfill tag`: text in, slots out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slotfill.cli._console import leave


def command(
    text: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="One utterance each; without any, stdin.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="A model folder or a name in models/.", show_default="the newest there"),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--input", "-i", metavar="FILE", help="One utterance a line; - is stdin.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            dir_okay=False,
            help="Write here, whole or not at all, in place of what is there; - is stdout.",
            show_default="stdout",
        ),
    ] = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="pretty, jsonl, conll, tsv or inline.",
            show_default="by the output's ending; or pretty on a terminal, else jsonl",
        ),
    ] = None,
    tokenized: Annotated[
        bool, typer.Option("--tokenized", help="Words are separated by blanks already: do not cut them again.")
    ] = False,
    ids: Annotated[
        bool, typer.Option("--ids", help="A line is an id, a tab and a text: the record has that id.")
    ] = False,
    from_format: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORMAT",
            help='text, or jsonl: a line is a JSON object with "text", and its "id" if it has one.',
            show_default="by the input's ending, else text",
        ),
    ] = None,
    confidence: Annotated[
        bool, typer.Option("--confidence", help="How probable each span and the intent are.")
    ] = False,
    min_confidence: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            help="Drop spans less probable than this: their words become O, though not in --nbest.",
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
        str,
        typer.Option(
            metavar="WAY",
            help="A line that cannot be read, is longer than 1 MiB, or that the format cannot hold: fail, skip it, or "
            "record it as empty, by its id if that can be read and written, else by its number.",
        ),
    ] = "fail",
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", metavar="N", min=1, max=1024, help="Processes that share files and pipes, but for pretty."
        ),
    ] = 1,
) -> None:
    """Tag text: one record out for each line in, in their order.

    A record is {"id", "text", "tokens", "tags", "spans": [{"slot", "start", "end", "text"}]}; id counts the lines,
    or is the input's own (--ids, --from jsonl).
    A model that knows intents adds "intent", but to a line without words; several are joined as its corpus joins them.
    With --confidence, which the three options after it imply, spans have "confidence", a probability, and the record
    "intent_confidence"; with
    --alternatives "alternatives": [{"slot", "probability"}]; with --nbest the record has
    "nbest": [{"probability", "tags", "spans"}]. Only pretty and jsonl show them.

    slotfill tag "fly to taipei"

    cat utterances.txt | slotfill tag > tagged.jsonl

    slotfill tag --nbest 3 --alternatives "fly to taipei"
    """
    from slotfill.cli._tagging import tag
    from slotfill.runtime.confidence import Asked

    asked = Asked(confidence=confidence, min_confidence=min_confidence, nbest=nbest, alternatives=alternatives)
    tag(
        text,
        model=model,
        source=source,
        output=output,
        format_name=format_name,
        tokenized=tokenized,
        ids=ids,
        from_format=from_format,
        asked=asked,
        on_error=on_error,
        jobs=jobs,
    )
    leave()
