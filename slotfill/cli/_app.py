"""The application that Typer makes of the commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from slotfill import __version__
from slotfill.cli import COMMANDS
from slotfill.cli._console import INTERRUPTED, say


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"slotfill {__version__}")
        raise typer.Exit


def _options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Train, score and run small recurrent slot-filling taggers."""


def build(arguments: Sequence[str]) -> typer.Typer:
    """The application with the command that the arguments begin with; else with every command in this folder."""
    app = typer.Typer(
        name="slotfill",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    names = COMMANDS.names()
    for name in arguments[:1] if arguments and arguments[0] in names else names:
        command = COMMANDS.load(name).command
        app.command(name, help=_unwrapped(command.__doc__ or ""))(command)
    return app


def _unwrapped(text: str) -> str:
    """A text with each of its paragraphs on one line: Typer would keep its line breaks, and add the terminal's."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def run(arguments: Sequence[str]) -> int:
    """Run the application on these arguments and return its exit code."""
    try:
        code = build(arguments)(arguments, standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except typer.TyperException as error:
        if message := error.format_message():  # Bare `slotfill` has printed its help and has no more to say.
            say(f"slotfill: {message}")
        return error.exit_code
    if code == INTERRUPTED:  # Typer has made a code of Ctrl-C, without a word.
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0
