"""Reading text strictly, writing whole files or nothing."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from slotfill import files
from slotfill.errors import DataError, UsageError
from slotfill.files import (
    atomic_file,
    atomic_folder,
    decode_line,
    read_lines,
    require_name,
    require_room,
    sha256,
    split_blanks,
)


def interrupted() -> Iterator[str]:
    yield "half"
    raise RuntimeError


def test_only_line_feeds_end_lines(tmp_path: Path):
    path = tmp_path / "text"
    path.write_bytes("\ufeffa\u2028b\x1c\x85\r\n\nc\rd\ufeff".encode())
    assert list(read_lines(path)) == [(1, "a\u2028b\x1c\x85"), (2, ""), (3, "c\rd\ufeff")]


def test_only_spaces_and_tabs_separate_words():
    assert split_blanks("  a\t\tb\u00a0c \u3000 d\x1ce ") == ["a", "b\u00a0c", "\u3000", "d\x1ce"]
    assert split_blanks(" \t ") == []


def test_a_byte_order_mark_is_dropped_from_line_1_only():
    assert decode_line(b"\xef\xbb\xbfa\n", "x", 1) == "a"
    assert decode_line(b"\xef\xbb\xbfa\n", "x", 2) == "\ufeffa"


def test_invalid_utf8_is_refused_with_place_and_byte(tmp_path: Path):
    path = tmp_path / "text"
    path.write_bytes(b"fine\nb\xe4d\n")
    with pytest.raises(DataError, match=r"text:2: not UTF-8: byte 0xe4 at column 2; convert the file to UTF-8"):
        list(read_lines(path))


def test_what_cannot_be_opened_is_refused_in_words(tmp_path: Path):
    (tmp_path / "file").write_text("a")
    for path, message in (
        (tmp_path / "nowhere", "nowhere: no such file"),
        (tmp_path, "is a folder, not a file"),
        (tmp_path / "file" / "below", "below: cannot be read: Not a directory"),
    ):
        with pytest.raises(DataError, match=message):
            list(read_lines(path))


def test_the_digest_is_sha256(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256(tmp_path / "file") == hashlib.sha256(b"abc").hexdigest()


def test_a_file_takes_its_place_only_when_whole(tmp_path: Path):
    path = tmp_path / "new" / "file"
    with atomic_file(path) as file:
        file.write("old\n")
        assert not path.exists()
    assert path.read_bytes() == b"old\n"
    with pytest.raises(RuntimeError), atomic_file(path) as file:
        file.writelines(interrupted())
    assert path.read_bytes() == b"old\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_may_be_written_as_bytes(tmp_path: Path):
    with atomic_file(tmp_path / "file", "wb") as file:
        file.write(b"\x00\xff")
    assert (tmp_path / "file").read_bytes() == b"\x00\xff"


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path):
    for name, content in (("file", "old"), ("nowhere", None)):
        link, target = tmp_path / f"to-{name}", tmp_path / "elsewhere" / name
        target.parent.mkdir(exist_ok=True)
        if content:
            target.write_text(content)
        link.symlink_to(target)
        with atomic_file(link) as file:
            file.write("new\n")
        assert link.is_symlink()
        assert target.read_text() == "new\n"
    folder = tmp_path / "to-folder"
    (tmp_path / "elsewhere" / "folder").mkdir()
    folder.symlink_to(tmp_path / "elsewhere" / "folder")
    with atomic_folder(folder) as written:
        (written / "a").write_text("new")
    assert folder.is_symlink()
    assert (tmp_path / "elsewhere" / "folder" / "a").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "to-file", "to-folder", "to-nowhere"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with atomic_file(path) as file:
            file.write("through\n")
        assert os.read(reader, 100) == b"through\n"
    finally:
        os.close(reader)
    assert path.is_fifo()
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_no_place_for_a_file(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError, match=str(tmp_path / "folder")), atomic_file(tmp_path / "folder"):
        pass
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_a_file_is_no_place_for_a_folder(tmp_path: Path):
    (tmp_path / "file").write_text("dear")
    with pytest.raises(NotADirectoryError, match=str(tmp_path / "file")), atomic_folder(tmp_path / "file"):
        pass
    assert (tmp_path / "file").read_text() == "dear"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_device_is_written_to_and_not_replaced():
    with atomic_file(Path("/dev/null"), "wb") as file:
        file.write(b"gone")
    assert Path("/dev/null").is_char_device()


def test_a_folder_takes_its_place_only_when_whole(tmp_path: Path):
    path = tmp_path / "model"
    for content in ("old", "new"):
        with atomic_folder(path) as folder:
            (folder / "deep").mkdir()
            (folder / "deep" / content).write_text(content)
        assert [file.name for file in (path / "deep").iterdir()] == [content]
    with pytest.raises(RuntimeError), atomic_folder(path) as folder, (folder / "half").open("w") as file:
        file.writelines(interrupted())
    assert [file.name for file in path.iterdir()] == ["deep"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def standing(tmp_path: Path) -> Path:
    """A folder that is to be replaced."""
    path = tmp_path / "model"
    path.mkdir()
    (path / "old").write_text("old")
    return path


def replace_it(path: Path) -> None:
    with atomic_folder(path) as folder:
        (folder / "new").write_text("new")


def test_a_folder_that_is_replaced_is_never_missed(standing: Path, tmp_path: Path):
    probes = [tmp_path / "probe 1", tmp_path / "probe 2"]
    for probe in probes:
        probe.mkdir()
    if not files._exchanged(*probes):
        pytest.skip("this system cannot exchange two folders")
    missed, done = [], threading.Event()

    def look() -> None:
        while not done.is_set():
            missed.append(not standing.exists())

    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(200):
        replace_it(standing)
    done.set()
    looking.join()
    assert missed
    assert not any(missed)
    assert [file.name for file in standing.iterdir()] == ["new"]
    assert sorted(tmp_path.iterdir()) == [standing, *probes]


@pytest.fixture
def moves_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that cannot exchange folders."""
    monkeypatch.setattr(files, "_exchanged", lambda *_: False)


@pytest.mark.usefixtures("moves_only")
def test_a_folder_that_cannot_be_moved_in_leaves_the_old_one(standing: Path, monkeypatch: pytest.MonkeyPatch):
    rename = Path.rename

    def fail_on_new(self: Path, target: Path) -> Path:
        if (self / "new").exists():
            raise OSError("disk on fire")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_on_new)
    with pytest.raises(OSError, match="disk on fire"):
        replace_it(standing)
    assert [file.name for file in standing.iterdir()] == ["old"]
    assert list(standing.parent.iterdir()) == [standing]


@pytest.mark.usefixtures("moves_only")
def test_an_old_folder_that_cannot_be_moved_back_is_not_removed(standing: Path, monkeypatch: pytest.MonkeyPatch):
    rename = Path.rename

    def only_away(self: Path, target: Path) -> Path:
        if self != standing:
            raise OSError("disk on fire")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", only_away)
    with pytest.raises(OSError, match="disk on fire"):
        replace_it(standing)
    assert [file.name for file in standing.parent.rglob("old")] == ["old"]


@pytest.mark.usefixtures("moves_only")
@pytest.mark.parametrize(("move", "left"), [(1, "old"), (2, "new")])
def test_an_interruption_after_either_move_leaves_one_whole_folder(
    standing: Path, monkeypatch: pytest.MonkeyPatch, move: int, left: str
):
    rename, moves = Path.rename, itertools.count(1)

    def interrupted(self: Path, target: Path) -> Path:
        moved = rename(self, target)
        if next(moves) == move:
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace_it(standing)
    assert [file.name for file in standing.iterdir()] == [left]
    assert list(standing.parent.iterdir()) == [standing]


def test_a_file_or_folder_that_is_replaced_keeps_its_rights(tmp_path: Path):
    (tmp_path / "file").write_text("private")
    (tmp_path / "file").chmod(0o600)
    with atomic_file(tmp_path / "file") as file:
        assert {entry.stat().st_mode & 0o777 for entry in tmp_path.iterdir()} == {0o600}
        file.write("new")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    (tmp_path / "folder").mkdir(mode=0o700)
    with atomic_folder(tmp_path / "folder"):
        pass
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o700


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path):
    with pytest.raises(OSError, match=r"No space left") as raised, atomic_file(tmp_path / "file"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert raised.value.filename == str(tmp_path / "file")
    with pytest.raises(FileNotFoundError) as raised, atomic_folder(tmp_path / "folder") as folder:
        (folder / "nowhere" / "file").write_text("")
    assert raised.value.filename == str(tmp_path / "folder" / "nowhere" / "file")


def test_a_link_to_itself_and_a_folder_without_a_name_are_refused(tmp_path: Path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="Too many levels of symbolic links"), atomic_file(tmp_path / "loop"):
        pass
    for nameless in (Path("."), Path(".."), Path("/")):
        with pytest.raises(UsageError, match="choose its name"), atomic_folder(nameless):
            pass


def test_no_folder_takes_the_place_of_a_mounted_file_system_or_has_a_name_that_is_not_utf8(tmp_path: Path):
    with pytest.raises(UsageError, match="/proc is where a file system is mounted"), atomic_folder(Path("/proc")):
        pass
    with pytest.raises(UsageError, match=r"caf.*is not UTF-8"), atomic_folder(tmp_path / "caf\udce9"):
        pass
    assert not list(tmp_path.iterdir())


def test_no_folder_takes_the_place_of_a_part_of_the_same_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = str(tmp_path / "my mödel").replace(" ", "\\040")
    (tmp_path / "mounts").write_text(f"1 2 0:3 / / rw - ext4 /dev/a rw\n4 1 0:3 /of {place} rw - ext4 /dev/a rw\n")
    monkeypatch.setattr(files, "_MOUNTS", tmp_path / "mounts")
    with pytest.raises(UsageError, match="my mödel is where a file system is mounted"):
        require_name(tmp_path / "my mödel")
    require_name(tmp_path / "my")
    monkeypatch.setattr(files, "_MOUNTS", tmp_path / "gone")
    require_name(tmp_path / "my mödel")


def test_what_stood_in_the_file_behind_a_stream_stays(tmp_path: Path):
    program = (
        "from pathlib import Path; from slotfill.files import atomic_file\n"
        "print('before', flush=True)\n"
        "with atomic_file(Path('/dev/stdout')) as file: file.write('new\\n')\n"
        "print('after', flush=True)"
    )
    for mode in ("w", "a"):
        with (tmp_path / mode).open(mode) as stdout:
            subprocess.run([sys.executable, "-c", program], stdout=stdout, check=True)
        assert (tmp_path / mode).read_text() == "before\nnew\nafter\n"


def test_room_is_asked_for_where_a_link_leads_and_for_the_longest_name_that_is_needed(tmp_path: Path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="Too many levels"):
        require_room(tmp_path / "loop")
    with pytest.raises(OSError, match="File name too long") as refused:
        require_room(tmp_path / ("n" * 250))
    assert refused.value.filename == str(tmp_path / ("n" * 250))
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/new")
    require_room(tmp_path / "link")
    assert not list((tmp_path / "there").iterdir())


def test_what_cannot_be_written_is_told_by_the_name_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError, match="Read-only") as told, atomic_file(tmp_path / "out.jsonl"):
        pass
    assert told.value.filename == str(tmp_path / "out.jsonl")


def refuse(number: int) -> Callable[..., NoReturn]:
    def refused(*_: object, **__: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return refused


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_what_a_file_system_cannot_flush_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
):
    monkeypatch.setattr(os, "fsync", refuse(number))
    with atomic_folder(tmp_path / "model") as folder:
        (folder / "a").write_text("a")
    assert (tmp_path / "model" / "a").read_text() == "a"


def test_a_flush_that_fails_for_want_of_room_leaves_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "model").mkdir()
    monkeypatch.setattr(os, "fsync", refuse(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left"), atomic_folder(tmp_path / "model") as folder:
        (folder / "a").write_text("a")
    assert list((tmp_path / "model").iterdir()) == []


def test_a_file_is_replaced_where_the_file_system_sets_no_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "out").write_text("old")
    monkeypatch.setattr(os, "chmod", refuse(errno.EPERM))
    with atomic_file(tmp_path / "out") as file:
        file.write("new")
    assert (tmp_path / "out").read_text() == "new"


def test_what_takes_a_place_is_on_the_disk_before_and_its_name_there_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    flushed: list[tuple[int, int, bool]] = []

    def fsync(handle: int) -> None:
        found = os.fstat(handle)
        flushed.append((found.st_ino, found.st_size, place.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    place = tmp_path / "out"
    with atomic_file(place) as file:
        file.write("new")
    written, (folder, _, is_there) = flushed
    assert written == (place.stat().st_ino, 3, False)
    assert (folder, is_there) == (tmp_path.stat().st_ino, True)

    flushed.clear()
    place = tmp_path / "model"
    with atomic_folder(place) as temporary:
        (temporary / "part").mkdir()
        (temporary / "part" / "a").write_text("a")
    *written, (folder, _, is_there) = flushed
    inside = {each.stat().st_ino for each in (place, place / "part", place / "part" / "a")}
    assert {(inode, is_there) for inode, _, is_there in written} == {(inode, False) for inode in inside}
    assert (folder, is_there) == (tmp_path.stat().st_ino, True)


def test_what_is_replaced_keeps_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "chown", lambda _, user, group: given.append((user, group)))
    (tmp_path / "out").write_text("old")
    standing = (tmp_path / "out").stat()
    with atomic_file(tmp_path / "out") as file:
        file.write("new")
    assert given == [(standing.st_uid, standing.st_gid)]


def test_what_is_being_written_is_hidden(tmp_path: Path):
    with atomic_folder(tmp_path / "model"), atomic_file(tmp_path / "out"):
        assert [entry.name[0] for entry in tmp_path.iterdir()] == [".", "."]
