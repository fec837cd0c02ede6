"""The command line: one file per command, named like it. Each parses, calls and prints; nothing else."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from slotfill import __version__
from slotfill.cli import _console
from slotfill.registry import Registry

COMMANDS = Registry(__name__, __path__[0], "command")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"slotfill {__version__}")
        raise typer.Exit


def _options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Train, score and run small recurrent slot-filling taggers."""


def build() -> typer.Typer:
    """The application with every command in this folder."""
    app = typer.Typer(
        name="slotfill",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in COMMANDS.names():
        app.command(name)(COMMANDS.load(name).command)
    return app


def main() -> NoReturn:
    """Run the command line and exit with the code the design names."""
    sys.exit(_console.run(build))
