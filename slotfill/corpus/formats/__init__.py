"""File formats for labelled text: one file each, and the file name is the `--format` value."""

from __future__ import annotations

from slotfill.corpus.format import Format
from slotfill.registry import Registry

FORMATS = Registry(__name__, __path__[0], "format")


def load(name: str) -> Format:
    """The format called `name`; raise `UsageError` listing the choices if there is none."""
    member: Format = FORMATS.load(name).FORMAT
    return member
