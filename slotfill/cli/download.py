"""`slotfill download`: fetch known corpora."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slotfill.cli._console import say
from slotfill.corpus.catalog import CATALOG, find


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Corpora to fetch; massive/de-DE names a language.", show_default="atis"),
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="Show the known corpora and fetch nothing.")] = False,
    data_dir: Annotated[Path, typer.Option(help="Where corpora are kept, one folder each.")] = Path("data"),
    force: Annotated[bool, typer.Option("--force", help="Fetch again and replace what is there.")] = False,
) -> None:
    """Fetch known corpora into data/, each whole or not at all; atis and snips are checked file by file.

    A second try fetches only what is still missing. SLOTFILL_MIRROR=ADDRESS fetches atis and snips
    from ADDRESS/NAME/SPLIT/FILE, a copy of your own.

    slotfill download

    slotfill download snips airline

    slotfill download massive/de-DE
    """
    if show:
        _show()
        return
    entries = [find(name) for name in names or [next(iter(CATALOG))]]

    from slotfill.corpus.download import obtain

    for entry in entries:
        obtained = obtain(entry, data_dir, force=force)
        counts = ", ".join(f"{count:,} {split}" for split, count in obtained.utterances.items())
        state = "already there, " if obtained.already_there else ""
        no_dev = "" if "dev" in obtained.utterances else " (no dev split: training holds out a tenth of train)"
        say(f"{entry.name}: {state}{counts} utterances in {obtained.folder}{no_dev}")


def _show() -> None:
    from rich.table import Table

    from slotfill.cli._screen import listing

    table = Table("name", box=None, pad_edge=False)
    for header in ("train", "dev", "test", "tags"):
        table.add_column(header, justify="right")
    table.add_column("licence")
    table.add_column("source", overflow="fold")
    for entry in CATALOG.values():
        numbers = [f"{number:,}" if number else "-" for number in (*entry.utterances, entry.tags)]
        table.add_row(entry.name, *numbers, entry.licence, entry.source)
    listing().print(table)
