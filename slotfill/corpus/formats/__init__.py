"""File formats for labelled text: one file each, and the file name is the `--format` value."""

from __future__ import annotations

from pathlib import Path

from slotfill.corpus.format import Format
from slotfill.errors import DataError
from slotfill.registry import Registry

FORMATS = Registry(__name__, __path__[0], "format")


def load(name: str) -> Format:
    """The format called `name`; raise `UsageError` listing the choices if there is none."""
    member: Format = FORMATS.load(name).FORMAT
    return member


def by_suffix(path: Path) -> Format:
    """The format that claims the ending of `path`; raise `DataError` listing the endings if none does."""
    claims = {suffix: member for member in map(load, FORMATS.names()) for suffix in member.suffixes}
    member = claims.get(path.suffix.lower())
    if member is None:
        known = ", ".join(f"{suffix} ({member.name})" for suffix, member in sorted(claims.items()))
        suffix = f"the ending {path.suffix!r}" if path.suffix else "a name without ending"
        raise DataError(f"{suffix} names no format: use {known}, or `slotfill convert` with --from or --to", path)
    return member
