"""Formats with one record a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from slotfill.corpus.format import Format
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.files import BLANKS, read_lines


class LineFormat(Format):
    """A format with one record a line; a member says how a line becomes an utterance and back."""

    def parse(self, line: str) -> Utterance:
        """The utterance one line holds, its line end taken off; raise `ValueError` if it holds none."""
        raise NotImplementedError

    def read(self, path: Path) -> Iterator[Utterance]:
        """Yield one utterance a line; raise `DataError` at the first line that holds none."""
        number = 0
        for number, line in read_lines(path):
            try:
                if not line.strip(BLANKS):
                    raise ValueError("blank line: remove it")
                utterance = self.parse(line)
            except ValueError as error:
                raise DataError(str(error), path, number) from None
            yield utterance
        if not number:
            raise DataError("no utterances", path)
