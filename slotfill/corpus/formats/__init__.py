"""File formats for labelled text: one file each, and the file name is the `--format` value."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from slotfill.corpus.format import Format
from slotfill.errors import DataError, UsageError
from slotfill.registry import Registry, unknown

FORMATS = Registry(__name__, __path__[0], "format")


def load(name: str, able: Literal["read", "render"] | None = None) -> Format:
    """The format called `name`; raise `UsageError` listing the choices if there is none, or it cannot do that."""
    if able is not None and (name not in FORMATS.names() or not _is_able(name, able)):
        choices = [each for each in FORMATS.names() if _is_able(each, able)]
        if name not in FORMATS.names():
            raise unknown("format", name, choices)
        lacking = {"read": "cannot be read", "render": "does not go to one stream"}[able]
        raise UsageError(f"format {name!r} {lacking}: choose from {', '.join(choices)}")
    member: Format = FORMATS.load(name).FORMAT
    return member


def _is_able(name: str, able: Literal["read", "render"]) -> bool:
    return getattr(type(load(name)), able) is not getattr(Format, able)


def by_ending() -> dict[str, Format]:
    """The file name endings that are claimed, each with its format."""
    return {suffix: member for member in map(load, FORMATS.names()) for suffix in member.suffixes}


def by_suffix(path: Path) -> Format:
    """The format that claims the ending of `path`; raise `DataError` listing the endings if none does."""
    claims = by_ending()
    member = claims.get(path.suffix.lower())
    if member is None:
        known = ", ".join(f"{suffix} ({member.name})" for suffix, member in sorted(claims.items()))
        suffix = f"the ending {path.suffix!r}" if path.suffix else "a name without ending"
        raise DataError(
            f"{suffix} names no format: use {known}; or say the format, as with `slotfill convert` --from and --to",
            path,
        )
    return member
