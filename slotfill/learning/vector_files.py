"""Files of pretrained word vectors, one row at a time, never whole in memory.

Three layouts are told apart by what is in the file, which may be gzipped:

- text with a header, `rows size`: word2vec and fastText's `.vec`; then a row a line, the word and its values
- text without one: GloVe. A word may hold blanks there, in any row but the first; the last `size` fields are its
  values. Where the field before them is a number as well, the row is taken for one that is too long
- word2vec's binary: the header, then each word, a blank, and its values as little-endian float32
"""

from __future__ import annotations

import gzip
import mmap
import re
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from slotfill.errors import DataError

Values = NDArray[np.float32]

_GZIP, _BOM = b"\x1f\x8b", b"\xef\xbb\xbf"
_HEADER = re.compile(rb"(\d{1,15}) (\d{1,15})[ \t]*\r?\n")
_PRINTABLE = re.compile(rb"[\t\r\n\x20-\x7e]*")
_BLOCK = _LONGEST_ROW = 1 << 20
_LONGEST_WORD = 1 << 12
_LARGEST_SIZE = 10_000


class _Reader:
    """Bytes in the order of a file, a block of them in memory."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read, self._block, self._at = read, b"", 0

    def _more(self) -> bool:
        block = self._read(_BLOCK)
        self._block, self._at = self._block[self._at :] + block, 0
        return bool(block)

    def peek(self, count: int) -> bytes:
        """The next `count` bytes, or as many as there are; they stay unread."""
        while len(self._block) - self._at < count and self._more():
            pass
        return self._block[self._at : self._at + count]

    def take(self, count: int) -> bytes:
        """The next `count` bytes, or as many as there are."""
        taken = self.peek(count)
        self._at += len(taken)
        return taken

    def until(self, mark: bytes, limit: int) -> bytes:
        """The bytes up to the next mark and with it; without it if it is not among the next `limit`."""
        while (end := self._block.find(mark, self._at, self._at + limit)) < 0:
            if len(self._block) - self._at >= limit or not self._more():
                return self.take(limit)
        return self.take(end + 1 - self._at)


class VectorFile(ABC):
    """The rows of a file of word vectors. Iterating reads a row and gives its word; `values` then gives the rest.

    Attributes:
        path: the file.
        size: values in a vector.
        promised: rows the header promises; None: there is no header.
        rows: how many were read so far.
        skipped: how many of them were left out, for they are not UTF-8.
    """

    def __init__(self, path: Path, reader: _Reader, size: int, promised: int | None) -> None:
        self.path, self.size, self.promised = path, size, promised
        self.rows = self.skipped = 0
        self._reader = reader

    @abstractmethod
    def __iter__(self) -> Iterator[str]:
        """Each row's word; raise `DataError` for a row that is none, or too few or too many of them."""

    @abstractmethod
    def values(self) -> Values:
        """The vector, (size,), of the row just read; raise `DataError` for a value that is no finite number."""


class _Text(VectorFile):
    def __iter__(self) -> Iterator[str]:
        self._line = 0 if self.promised is None else 1
        while line := self._reader.until(b"\n", _LONGEST_ROW):
            self._line += 1
            if len(line) == _LONGEST_ROW:
                raise DataError(f"a line of {_LONGEST_ROW:,} bytes or more is no word vector", self.path, self._line)
            line = line.rstrip(b" \t\r\n")
            if not line:
                continue
            self.rows += 1
            try:
                self._row = line.decode()
            except UnicodeDecodeError:
                self.skipped += 1
                continue
            yield self._word()
        if self.promised not in (None, self.rows):
            raise DataError(f"its header promises {self.promised:,} vectors, it holds {self.rows:,}", self.path)

    def _word(self) -> str:
        fields = self._row.count(" ")
        if fields == self.size:
            return self._row[: self._row.index(" ")]
        word = self._row.rsplit(" ", self.size)[0]
        if fields < self.size or _is_number(word.rpartition(" ")[2]):
            raise DataError(f"values after the word: {fields:,}, not {self.size:,}", self.path, self._line)
        return word

    def values(self) -> Values:
        fields = self._row.split(" ")[-self.size :]
        try:
            with np.errstate(over="ignore"):
                values = np.array(fields, dtype=np.float32)
        except ValueError as error:
            raise DataError(str(error), self.path, self._line) from None
        if not np.isfinite(values).all():
            bad = fields[int(np.isfinite(values).argmin())]
            raise DataError(f"{bad!r} is no finite float32", self.path, self._line)
        return values


class _Binary(VectorFile):
    def __iter__(self) -> Iterator[str]:
        for number in range(1, (self.promised or 0) + 1):
            # word2vec ends each row with a line end, gensim does not.
            word = self._reader.until(b" ", _LONGEST_WORD).lstrip(b"\n")
            self._row = self._reader.take(4 * self.size)
            if not word.endswith(b" ") or len(self._row) < 4 * self.size:
                raise DataError(f"vector {number:,} of {self.promised:,} is cut short or damaged", self.path)
            self.rows = number
            try:
                yield word[:-1].decode()
            except UnicodeDecodeError:
                self.skipped += 1
        if self._reader.take(_LONGEST_WORD).strip():
            raise DataError(f"goes on after the {self.promised:,} vectors that its header promises", self.path)

    def values(self) -> Values:
        values = np.frombuffer(self._row, dtype="<f4").astype(np.float32)
        if not np.isfinite(values).all():
            bad = values[int(np.isfinite(values).argmin())]
            raise DataError(f"vector {self.rows:,} holds {bad}, which is no finite number", self.path)
        return values


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


@contextmanager
def open_vectors(path: Path) -> Iterator[VectorFile]:
    """Open a file of word vectors in whatever layout it has: memory-mapped, or unpacked as it is read.

    Raises `DataError` if the file is missing, unreadable, empty, damaged or none of the layouts, here or while its rows
    are read.
    """
    if path.exists() and not path.is_file():
        raise DataError("is not a file", path)
    try:
        if not path.stat().st_size:
            raise DataError("is empty", path)
        with path.open("rb") as file, _source(file) as source:
            yield _layout(path, _Reader(source.read))
    except FileNotFoundError:
        raise DataError("no such file", path) from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path) from None


def _source(file: BinaryIO) -> gzip.GzipFile | mmap.mmap:
    packed = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if packed else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _layout(path: Path, reader: _Reader) -> VectorFile:
    if reader.peek(len(_BOM)) == _BOM:
        reader.take(len(_BOM))
    head = reader.peek(_LONGEST_ROW)
    header = _HEADER.match(head)
    if header is None:
        return _Text(path, reader, _size_of(head.partition(b"\n")[0], path), None)
    promised, size = map(int, header.groups())
    if not 1 <= size <= _LARGEST_SIZE:
        raise DataError(f"vectors of {size:,} values, not of 1 to {_LARGEST_SIZE:,}", path, 1)
    reader.take(header.end())
    # In text the values of a row, and the blanks between them, take twice as many bytes as there are values.
    values = head[header.end() :].partition(b" ")[2][: 2 * size]
    kind = _Text if _PRINTABLE.fullmatch(values) else _Binary
    return kind(path, reader, size, promised)


def _size_of(row: bytes, path: Path) -> int:
    """How many values a first row holds."""
    try:
        values = row.rstrip().decode().split(" ")[1:]
    except UnicodeDecodeError:
        values = []
    if not 1 <= len(values) <= _LARGEST_SIZE or not all(map(_is_number, values)):
        message = "neither a header nor a word and its values; unpack archives, and give fastText's .vec, not its .bin"
        raise DataError(message, path, 1)
    return len(values)
