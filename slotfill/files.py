"""Reading text strictly and writing whole files or nothing."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from slotfill.errors import DataError, UsageError

BLANKS = " \t"
"""The characters that separate words in tokenised text. Frozen: Unicode's other blanks are part of words."""

STDIN, STDOUT = Path("/dev/stdin"), Path("/dev/stdout")
"""What `-` stands for."""
_MOUNTS = Path("/proc/self/mountinfo")
"""Linux' list of what is mounted, where there is one."""
_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE, as renameat2 takes them."""
_OWN_STREAMS = {STDIN: 0, STDOUT: 1, Path("/dev/stderr"): 2}


def decode_line(raw: bytes, path: Path | str, line: int) -> str:
    r"""Decode one line of UTF-8 without its end (`\n` or `\r\n`); a BOM is dropped from line 1.

    Raises `DataError` naming `path:line` and the first bad byte.
    """
    raw = raw.removesuffix(b"\n").removesuffix(b"\r")
    if line == 1:
        raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        bad = raw[error.start]
        message = f"not UTF-8: byte 0x{bad:02x} at column {error.start + 1}; convert the file to UTF-8"
        raise DataError(message, path, line) from None


def _opened(path: Path, mode: str, **text: str) -> IO[Any]:
    """Open a file for reading, or a stream for writing, which is appended to and never truncated.

    This process's own streams go on where they stand: opened anew, one that was redirected to a file would not share
    how far that file was read or written.
    """
    if path in _OWN_STREAMS:
        return open(_OWN_STREAMS[path], mode, closefd=False, **text)  # type: ignore[call-overload,no-any-return]
    return path.open(mode.replace("w", "a"), **text)  # type: ignore[call-overload,no-any-return]


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    r"""Yield (line number from 1, line without its end). Only `\n` ends a line, whatever else is in it.

    Raises `DataError` if the file is missing, a folder, unreadable, or not UTF-8.
    """
    try:
        with _opened(path, "rb") as file:
            for number, raw in enumerate(file, start=1):
                yield number, decode_line(raw, path, number)
    except FileNotFoundError:
        raise DataError("no such file", path) from None
    except IsADirectoryError:
        raise DataError("is a folder, not a file", path) from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", path) from None


def with_first_kept(lines: Iterable[str]) -> Iterator[str]:
    """The lines to write. A text that begins with U+FEFF gets another before it, for readers drop one as a BOM."""
    pieces = iter(lines)
    first = next(pieces, "")
    yield f"\ufeff{first}" if first.startswith("\ufeff") else first
    yield from pieces


def split_blanks(line: str) -> list[str]:
    """Split on runs of `BLANKS`; leading and trailing blanks make no words."""
    return [word for word in line.replace("\t", " ").split(" ") if word]


def sha256(path: Path) -> str:
    """The hexadecimal SHA-256 digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Flush a file or a folder's entries to the disk; some network file systems cannot for a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def _sibling(path: Path) -> Path:
    import secrets

    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")


def _at_the_end(path: Path) -> Path:
    """What a link leads to, for a link is not to be replaced; any other path as it is."""
    if not path.is_symlink():
        return path
    end = Path(os.path.realpath(path))
    if end.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return end


def require_name(path: Path) -> None:
    """Raise `UsageError` if no folder can be written beside `path` to take its place, or if its name is not UTF-8.

    A folder called `.` or the like has no name, and a file system that is mounted there cannot be moved.
    """
    if path.name in ("", ".."):
        raise UsageError(f"{path} does not say what the folder is called: choose its name, as in ../NAME")
    if path.is_mount() or _is_bound(path):
        raise UsageError(f"{path} is where a file system is mounted, and cannot be replaced: choose a folder in it")
    require_utf8(path)


def _is_bound(path: Path) -> bool:
    """Whether a part of the same file system is mounted there, which shows in the list of mounts alone."""
    try:
        mounts = _MOUNTS.read_bytes().splitlines()
    except OSError:
        return False
    # Blanks and the like are written as three octal digits.
    places = (line.split(b" ")[4].decode("unicode_escape").encode("latin-1") for line in mounts)
    return os.fsencode(os.path.realpath(path)) in places


def require_room(path: Path) -> None:
    """Raise the `OSError` that `atomic_folder` would meet at its end, now: what is to be written there takes long."""
    end = _at_the_end(path)
    end.parent.mkdir(parents=True, exist_ok=True)
    temporary = _sibling(end)
    with _called(end, temporary):
        temporary.mkdir()
    temporary.rmdir()


def require_utf8(path: Path) -> None:
    """Raise `UsageError` if a path is not UTF-8: records and models name it."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise UsageError(f"{os.fsencode(path)!r} is not UTF-8: choose another name") from None


def _take_over(place: Path, successor: Path) -> None:
    """Give a file or folder the rights and the owner, as far as that is allowed, of what stands at `place`."""
    try:
        standing = place.stat()
    except OSError:
        return
    with suppress(PermissionError):
        os.chown(successor, standing.st_uid, standing.st_gid)
    with suppress(PermissionError):  # Some file systems have rights of their own.
        successor.chmod(stat.S_IMODE(standing.st_mode))


@contextmanager
def _called(path: Path, temporary: Path) -> Iterator[None]:
    """Let an error name the place that was asked for."""
    try:
        yield
    except OSError as error:
        name = error.filename
        if name is None and error.errno not in (None, errno.EPIPE):
            error.filename = str(path)
        elif isinstance(name, str) and Path(name).is_relative_to(temporary):
            error.filename = str(path / Path(name).relative_to(temporary))
        raise


def output_path(given: Path) -> Path:
    """Where an option says that output goes: `-` stands for stdout."""
    return STDOUT if given == Path("-") else given


def is_stream(path: Path) -> bool:
    """Whether a path leads to a device or a pipe, which nothing can take the place of."""
    try:
        kind = path.stat().st_mode
    except OSError:
        return False
    # /dev/stdout may lead to a file, but it is that of whoever opened it.
    return path.parent == Path("/dev") or not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))


@contextmanager
def atomic_file(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open a temporary sibling for writing; it takes `path`'s place only if the block ends well.

    A device or a pipe is written to as it is. Of a link, what it leads to is replaced. Raises `IsADirectoryError`.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    if is_stream(path):
        with _opened(path, mode, **text) as stream:
            yield stream
        return
    path = _at_the_end(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _sibling(path)
    try:
        with _called(path, temporary):
            with temporary.open(mode, **text) as file:  # type: ignore[call-overload]
                _take_over(path, temporary)
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _sync(path.parent)
    finally:
        with suppress(OSError):  # Where it could not be made it cannot be removed, either, and that is told already.
            temporary.unlink()


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places, so that nobody finds either place empty.

    False, and nothing is done, where the C library or the file system does not offer it (Linux' renameat2).
    """
    import ctypes

    library = ctypes.CDLL(None)
    if not hasattr(library, "renameat2"):
        return False
    return bool(library.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary sibling folder; it takes `path`'s place only if the block ends well.

    A folder that stood there is removed after that; where the system cannot exchange the two in one step, it is set
    aside until the new one is in place. Of a link, what it leads to is replaced. Raises `NotADirectoryError`, and
    `UsageError` as `require_name` does.
    """
    import shutil

    path = _at_the_end(path)
    require_name(path)
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary, old = _sibling(path), _sibling(path)
    try:
        with _called(path, temporary):
            temporary.mkdir()
            yield temporary
            for file in temporary.rglob("*"):
                _sync(file)
            _take_over(path, temporary)
            _sync(temporary)
            try:
                if not (path.exists() and _exchanged(temporary, path)):
                    if path.exists():
                        path.rename(old)
                    temporary.rename(path)
            except BaseException:  # An interruption between the two, say.
                if old.exists() and not path.exists():
                    old.rename(path)
                raise
            _sync(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if path.exists():
            shutil.rmtree(old, ignore_errors=True)
