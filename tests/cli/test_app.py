"""What every command has."""

from __future__ import annotations

from slotfill.cli import COMMANDS
from tests.conftest import Run


def test_every_command_has_help_with_an_example(slotfill: Run) -> None:
    for name in COMMANDS.names():
        done = slotfill(name, "--help")
        assert done.returncode == 0
        assert done.stdout.count(f"slotfill {name}") >= 2, f"the help of {name} has no example"
