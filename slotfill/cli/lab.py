"""`slotfill lab`: what is claimed about training recurrent networks, tried out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slotfill.cli._console import print_json, say
from slotfill.cli._corpus import DataDir, open_with_notes, require_slots
from slotfill.errors import DataError, UsageError
from slotfill.files import require_room

if TYPE_CHECKING:
    from rich.text import Text

    from slotfill.lab.report import Report

_SILENT = 10
"""Seconds for which nothing more is said of how far an experiment is."""


def command(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Experiments; without one, lists them all.")
    ] = None,
    run_all: Annotated[bool, typer.Option("--all", help="Every experiment in turn.")] = False,
    seed: Annotated[
        int, typer.Option(min=0, max=2**29, help="Of everything random; different seeds share no training.")
    ] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="About a minute each: smaller networks, fewer seeds.")] = False,
    corpus: Annotated[
        str | None,
        typer.Option(
            help="A corpus name, or a folder with train, dev and test.", show_default="atis if downloaded, else airline"
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", file_okay=False, help="Folder for NAME.json and NAME.png.")
    ] = Path("lab"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per experiment.")] = False,
    data_dir: DataDir = Path("data"),
) -> None:
    """Test claims about training recurrent networks, and see them.

    Each experiment prints what is expected beside what is measured, and writes its numbers and a picture to lab/. A
    claim that does not hold is a result, not an error.

    slotfill lab

    slotfill lab butterfly

    slotfill lab bptt surface --corpus atis --seed 1

    slotfill lab --all --quick
    """
    from slotfill.lab import EXPERIMENTS

    if names and run_all:
        raise UsageError("--all and NAME exclude each other: choose one")
    chosen = [EXPERIMENTS.require(name) for name in dict.fromkeys(names or (EXPERIMENTS.names() if run_all else []))]
    if not chosen:
        _list(as_json)
        return

    from slotfill.corpus.splits import BUILT_IN, WHOLE, training_splits
    from slotfill.lab.experiment import Settings
    from slotfill.lab.report import perform

    if corpus is None:
        corpus = "atis" if (data_dir / "atis").exists() else BUILT_IN
    opened = open_with_notes(corpus, data_dir)
    require_slots(opened.name, opened.splits.values(), "there is nothing to learn")
    if WHOLE in opened.splits:
        raise DataError(f"{opened.name} is one file: experiments need train, dev and test apart")
    train, dev = training_splits(opened, say)
    splits = {"train": train, "dev": dev, "test": opened.split("test")}
    settings = Settings(seed=seed, quick=quick, corpus=replace(opened, splits=splits), progress=_Progress())
    require_room(output / "lab.json")  # Where that fails, it is known before anything is run.
    say(f"corpus {opened.name}, seed {seed}{', quick' if quick else ''}")
    for name in chosen:
        say(f"{name} is running")
        report = perform(name, settings)
        places = report.write(output)
        if as_json:
            typer.echo(report.json())
        else:
            _show(report)
        say(f"{name} took {report.seconds:.1f} s: {' and '.join(map(str, places))}")


class _Progress:
    """Says from time to time how many of an experiment's trainings are done."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Told whenever one is done."""
        if done == total or time.monotonic() - self._said > _SILENT:
            self._said = time.monotonic()
            say(f"{done} of {total} trainings done")


def _list(as_json: bool) -> None:
    """Every experiment and its claim."""
    from slotfill.lab import EXPERIMENTS, claim

    claims = {name: claim(name) for name in EXPERIMENTS.names()}
    if as_json:
        print_json(claims)
    else:
        _print_table(("experiment", "the claim it tests"), list(claims.items()))


def _show(report: Report) -> None:
    from rich.text import Text

    from slotfill.cli._screen import Screen

    console = Screen()
    console.print(Text.assemble("\n", (report.name, "bold"), f": {report.claim}"))
    console.print(Text(f"Source: {report.source}", "dim"))
    words = {True: Text("yes", "green"), False: Text("no", "red"), None: Text("-")}
    findings = report.outcome.findings
    _print_table(
        ("expected", "measured", "holds?"),
        [(Text(one.expected), Text(one.measured), words[one.holds]) for one in findings],
    )
    if any(one.holds is None for one in findings):
        console.print(Text("-: not judged, or too close to call; the picture says which", "dim"))


def _print_table(columns: Sequence[str], rows: Sequence[tuple[str | Text, ...]]) -> None:
    from slotfill.cli._screen import Screen, table

    made = table(*columns)
    for row in rows:
        made.add_row(*row)
    Screen().print(made)
