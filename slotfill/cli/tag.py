"""`slotfill tag`: text in, slots out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slotfill.cli._console import exit_now


def command(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT", help="One utterance each; - or none: stdin. Before one that begins with a dash put --."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="A model folder or a name in models/.", show_default="the newest there"),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--input", "-i", metavar="FILE", help="One utterance per line; - is stdin.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            dir_okay=False,
            help="Write to this file; one that exists is replaced only when all is tagged. - is stdout.",
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
        bool, typer.Option("--tokenized", help="Words have blanks between them already: do not cut them again.")
    ] = False,
    ids: Annotated[
        bool, typer.Option("--ids", help="Each line is an id, a tab and a text; the record keeps the id.")
    ] = False,
    from_format: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORMAT",
            help='text, or jsonl: each line is a JSON object with "text" and perhaps "id". Keys that are none of a '
            "record's are passed on.",
            show_default="by the input's ending, else text",
        ),
    ] = None,
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Tell how probable each span and the intent are.")
    ] = False,
    min_confidence: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            help="Drop spans below this probability: their words become O. --nbest is unaffected.",
            show_default="off",
        ),
    ] = None,
    nbest: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Tell the N most probable readings of the whole utterance.", show_default="off"
        ),
    ] = None,
    alternatives: Annotated[
        bool, typer.Option("--alternatives", help="Tell what else each span may be: up to 3 slots above 1%.")
    ] = False,
    on_error: Annotated[
        str,
        typer.Option(
            metavar="WAY",
            help="At a line that cannot be read, is longer than 1 MiB, or that the format cannot hold: fail; skip it; "
            "or record it, as an empty record with its id, or its number where the id cannot be told, and in jsonl "
            'with "error".',
        ),
    ] = "fail",
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", metavar="N", min=1, max=1024, help="Processes that share the work; one for pretty."
        ),
    ] = 1,
) -> None:
    """Tag text: one record out for each line in, in their order.

    A record is {"id", "text", "tokens", "tags", "spans": [{"slot", "start", "end", "text"}]}. Its id is the line's
    number, or the input's own id (--ids, --from jsonl). If the model knows intents there is "intent", too, except for a
    line without words; several intents are joined as in its corpus.

    With --confidence (implied by --min-confidence, --nbest and --alternatives) spans have "confidence", a probability,
    and the record "intent_confidence". With --alternatives spans have "alternatives": [{"slot", "probability"}], and
    with --nbest the record has "nbest": [{"probability", "tags", "spans"}]. Only pretty and jsonl show them.

    slotfill tag "fly to taipei"

    cat utterances.txt | slotfill tag > tagged.jsonl

    slotfill tag --nbest 3 --alternatives "fly to taipei"
    """
    from slotfill.cli._tagging import tag
    from slotfill.runtime.confidence import CertaintyOptions

    asked = CertaintyOptions(
        confidence=confidence, min_confidence=min_confidence, nbest=nbest, alternatives=alternatives
    )
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
    exit_now()
