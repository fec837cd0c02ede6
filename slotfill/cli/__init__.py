"""The command line: one file per command, named like it. Each parses, calls and prints; nothing else."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

from slotfill.cli import _console
from slotfill.registry import Registry

COMMANDS = Registry(__name__, __path__[0], "command")


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    sys.exit(_console.run(lambda: _run(sys.argv[1:])))


def _run(arguments: list[str]) -> int:
    """Run the command that is asked for and return its exit code.

    Importing Typer, and pydantic with it, takes longer than all else that tagging a line does. So text to tag goes past
    it where there is no option to parse, or only the one that names the model.
    """
    match arguments:
        case ["tag", "--model" | "-m", model, *text] if not _are_options(model, *text):
            _tag(text, model)
        case ["tag", *text] if not _are_options(*text):
            _tag(text)
    from slotfill.cli import _app

    return _app.run(arguments)


def _are_options(*arguments: str) -> bool:
    return any(argument.startswith("-") for argument in arguments)


def _tag(text: list[str], model: str | None = None) -> NoReturn:
    """Tag text, or stdin where there is none, and end the process."""
    gc.disable()  # Imports make objects that stay, which it would look through again and again.
    from slotfill.cli import _tagging

    gc.enable()
    _tagging.tag(text, model=model)
    _console.exit_now()
