"""What a file format can do. Each file in `formats/` holds one subclass and its instance `FORMAT`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import ClassVar

from slotfill.corpus.utterance import Utterance
from slotfill.errors import UsageError
from slotfill.files import atomic_file, with_first_kept


class Format:
    """One way to write labelled utterances down.

    A format that can be read implements `read`; one that can be streamed, a record at a time, implements `render`.
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]] = ()
    """File name endings this format claims, with the dot, lower case."""
    is_folder: ClassVar[bool] = False
    """Whether one split is a folder of files instead of one file."""
    holds: ClassVar[frozenset[str]] = frozenset()
    """Which of `id`, `text` and `intent` a record keeps beside its words and tags."""
    shows_certainty: ClassVar[bool] = False
    """Whether `render` writes how certain the tags are; no format reads it."""

    def read(self, path: Path) -> Iterator[Utterance]:
        """Yield the utterances of one split in order; raise `DataError` naming `file:line` at the first bad one."""
        raise UsageError(f"format {self.name!r} can be written but not read: {path}")

    def describe(self, path: Path) -> str | None:  # noqa: ARG002 - for formats that look into the file
        """What a reader should be told about how this file is read; None where there is nothing to say."""
        return None

    def render(self, utterance: Utterance) -> str:  # noqa: ARG002 - for formats that can be streamed
        """One record as text, its line end included."""
        raise UsageError(f"format {self.name!r} does not go to one stream; use `slotfill convert`")

    def write(self, utterances: Iterable[Utterance], path: Path) -> None:
        """Write one split, whole or not at all."""
        with atomic_file(path) as file, redirect_stdout(file):  # `render` may colour what goes to a terminal.
            file.writelines(with_first_kept(map(self.render, utterances)))
