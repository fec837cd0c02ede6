"""What the benchmarks' command lines share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import NoReturn

from slotfill.cli._console import INTERRUPTED, describe_os_error, say
from slotfill.config import TrainingConfig
from slotfill.errors import SlotfillError, UsageError


def refusing(main: Callable[[], None]) -> Callable[[], None]:
    """A benchmark's `main` that ends with one line on stderr.

    The exit code is 2 where slotfill refuses to go on, 1 where the system does, and 130 on Ctrl-C.
    """

    @wraps(main)
    def run() -> None:
        try:
            main()
        except SlotfillError as error:
            say(f"benchmarks: {error}")
            raise SystemExit(UsageError.exit_code) from None
        except OSError as error:
            say(f"benchmarks: {describe_os_error(error)}")
            raise SystemExit(SlotfillError.exit_code) from None
        except KeyboardInterrupt:
            say("benchmarks: interrupted")
            raise SystemExit(INTERRUPTED) from None

    return run


class _Help(argparse.ArgumentDefaultsHelpFormatter):
    """Shows the defaults of those options that have one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return super()._get_help_string(action) if action.default else action.help


class Parser(argparse.ArgumentParser):
    """The options of `python -m benchmarks.NAME`; what is wrong with them is a `UsageError`."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(prog=f"python -m benchmarks.{name}", description=description, formatter_class=_Help)

    def error(self, message: str) -> NoReturn:
        """Raise a `UsageError`."""
        raise UsageError(f"{message}; see {self.prog} --help")

    def add_corpus(self, default: str, told: str = "a name or a folder, with a test split") -> None:
        """Add --corpus, with the help `told`, and --data-dir."""
        self.add_argument("--corpus", default=default, help=told)
        self.add_argument("--data-dir", default="data", type=Path, help="where named corpora lie")

    def add_seeds(self, default: str = "0,1,2") -> None:
        """Add --seeds, a list of numbers."""
        self.add_argument("--seeds", default=default, type=_seeds, help="separated by commas")


def at_least(least: int) -> Callable[[str], int]:
    """The type of an option that is a whole number and has a lower bound."""

    def number(given: str) -> int:
        if given.isdecimal() and int(given) >= least:
            return int(given)
        raise argparse.ArgumentTypeError(f"{given!r} is no whole number of at least {least}")

    return number


def _seeds(given: str) -> list[int]:
    """Seeds, each once: the same run counted twice would look like two that agree. `UsageError` for one too large."""
    seeds = [TrainingConfig(seed=at_least(0)(seed)).seed for seed in given.split(",")]
    if twice := [seed for seed in seeds if seeds.count(seed) > 1]:
        raise argparse.ArgumentTypeError(f"{twice[0]} is named twice")
    return seeds
