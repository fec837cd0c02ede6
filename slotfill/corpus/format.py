"""What a file format can do. Each file in `formats/` holds one subclass and its instance `FORMAT`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from slotfill.corpus.utterance import Utterance
from slotfill.errors import UsageError
from slotfill.files import atomic_file


class Format:
    """One way to write labelled utterances down.

    A format that can be read implements `read`; one that can be streamed, a record at a time, implements `render`.
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]] = ()
    """File name endings this format claims, with the dot, lower case."""

    def read(self, path: Path) -> Iterator[Utterance]:
        """Yield the utterances of one split in order; raise `DataError` naming `file:line` at the first bad one."""
        raise UsageError(f"format {self.name!r} can be written but not read: {path}")

    def render(self, utterance: Utterance) -> str:
        """One record as text, its line end included."""
        raise UsageError(f"format {self.name!r} does not go to one stream; use `slotfill convert`")

    def write(self, utterances: Iterable[Utterance], path: Path) -> None:
        """Write one split, whole or not at all."""
        with atomic_file(path) as file:
            file.writelines(map(self.render, utterances))
