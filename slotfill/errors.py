"""The errors a user can meet. Each message says what is wrong, where, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


DIVERGED = "training diverged"
"""What the message of a `DivergenceError` begins with, by which it is known from another process, too."""


class SlotfillError(Exception):
    """Anything slotfill refuses to do; the command line prints it as one line and exits with `exit_code`."""

    exit_code = 1


class UsageError(SlotfillError):
    """The call itself is off: an unknown name, options that exclude each other."""

    exit_code = 2


class DataError(SlotfillError):
    """Text or labels that cannot be read as what they claim to be; names `file:line` where it can."""

    exit_code = 3

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None) -> None:
        place = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(place + message)
        self.path, self.line = path, line


class ArtifactError(SlotfillError):
    """A model folder that is damaged, incomplete, from another format, or not what it says."""

    exit_code = 4


class DownloadError(SlotfillError):
    """A corpus that could not be fetched whole and right; nothing was put in its place."""
