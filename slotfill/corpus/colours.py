"""One colour a slot, on the terminal and on pages alike."""

from __future__ import annotations

from zlib import crc32

_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "red")


def colour(slot: str) -> str:
    """The colour of a slot, always the same one."""
    return _COLOURS[crc32(slot.encode()) % len(_COLOURS)]
