"""What every command has."""

from __future__ import annotations

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from slotfill.cli import COMMANDS
from slotfill.cli._app import build
from tests.conftest import Run

SHORT = {"--output": "-o", "--jobs": "-j", "--input": "-i", "--model": "-m"}


def test_every_command_has_help_with_an_example(slotfill: Run) -> None:
    for name in COMMANDS.names():
        done = slotfill(name, "--help")
        assert done.returncode == 0
        assert done.stdout.count(f"slotfill {name}") >= 2, f"the help of {name} has no example"


@pytest.mark.parametrize("name", COMMANDS.names())
def test_an_option_has_the_same_short_form_in_every_command(name: str) -> None:
    application = get_command(build([name]))
    assert isinstance(application, TyperGroup)
    for option in application.commands[name].params:
        for long, short in SHORT.items():
            assert (long in option.opts) == (short in option.opts)


def test_arguments_are_called_in_capitals_and_bracketed_once(slotfill: Run) -> None:
    for name in COMMANDS.names():
        usage = next(line for line in slotfill(name, "--help").stdout.splitlines() if "Usage:" in line)
        called = usage.split("[OPTIONS]")[1]
        assert called == called.upper()
        assert "[[" not in called


def test_no_columns_are_as_many_as_there_are(slotfill: Run) -> None:
    assert "Usage" in slotfill("tag", "--help", COLUMNS="0").stdout


def test_helps_paragraphs_are_broken_by_the_terminal_alone(slotfill: Run) -> None:
    told = slotfill("eval", "--help", COLUMNS="300").stdout
    assert "strict IOB2 beside it, exact match, intent and sentence accuracy" in told
