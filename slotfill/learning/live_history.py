"""A run's history while it goes on."""

from __future__ import annotations

import errno
import fcntl
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from slotfill.errors import UsageError
from slotfill.learning.history import Epoch
from slotfill.runtime import bundle


class LiveHistory:
    """`history.jsonl` while a run goes on, in the folder `NAME.partial` beside the model to be.

    A run that ends well leaves the history in the model; one that fails leaves it here. Raises `UsageError` if that
    folder holds anything else, or another run is being recorded there.
    """

    def __init__(self, model: Path) -> None:
        self.folder = model.with_name(f"{model.name}.partial")
        self._path = self.folder / bundle.HISTORY

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        # A pipe in the record's place is a stranger, too: it would be waited for.
        if strangers := {file.name for file in self.folder.iterdir() if file != self._path or not file.is_file()}:
            raise UsageError(
                f"{self.folder}, where the run is to be recorded, holds {min(strangers)}: choose another --output"
            )
        self._file = self._path.open("ab")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise UsageError(f"another run is being recorded in {self.folder}: choose another --output") from None
        except OSError as error:
            # Some network file systems have no locks: nothing tells of another run there.
            if error.errno not in (errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP):
                self._file.close()
                raise
        self._file.seek(0)
        self._file.truncate()
        return self

    def append(self, record: Epoch) -> None:
        """Add an epoch; a reader sees it at once."""
        self._file.write(record.to_line())
        self._file.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:  # Its lock must outlast it: a run that began meanwhile would lose its own history.
            if kind is not None and self._file.tell():
                return
            self._path.unlink(missing_ok=True)
        with suppress(OSError):  # Whatever was put there meanwhile stays.
            self.folder.rmdir()
