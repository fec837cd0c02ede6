"""A folder as a registry: each file in it is a member, named by its file name."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from slotfill.errors import UsageError


def unknown(kind: str, name: str, choices: Sequence[str]) -> UsageError:
    """The error for a name that is none of `choices`: lists them and, where one is close, suggests it."""
    import difflib

    near = difflib.get_close_matches(name, choices, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return UsageError(f"unknown {kind} {name!r}: choose from {', '.join(choices)}{hint}")


class Registry:
    """The modules of one package, listed without importing them.

    Listing reads file names only, so `--help` and "unknown cell" cost no torch.
    """

    def __init__(self, package: str, folder: str, kind: str) -> None:
        self.package, self.folder, self.kind = package, Path(folder), kind

    def names(self) -> list[str]:
        """Every member's name, sorted. Files that start with an underscore are not members."""
        return sorted(file.stem for file in self.folder.glob("*.py") if not file.stem.startswith("_"))

    def require(self, name: str) -> str:
        """Return `name` if it is a member; raise `UsageError` listing the choices if not."""
        names = self.names()
        if name in names:
            return name
        raise unknown(self.kind, name, names)

    def load(self, name: str) -> ModuleType:
        """Import and return the member called `name`; raise `UsageError` if there is none."""
        return import_module(f"{self.package}.{self.require(name)}")
