"""A corpus arrives whole and right, or not at all; whatever goes wrong is one clear line."""

from __future__ import annotations

import errno
import functools
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from slotfill.corpus import download
from slotfill.corpus.catalog import CATALOG, PinnedEntry, PinnedFile
from slotfill.corpus.download import MIRROR, obtain
from slotfill.corpus.formats import load
from slotfill.errors import DownloadError, UsageError
from slotfill.files import sha256


class Server(ThreadingHTTPServer):
    """Serves a folder on a port of its own, notes what was asked for, and misbehaves on request."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
        self.asked: list[str] = []
        self.fetched: list[str] = []
        self.cut_off: set[str] = set()
        self.silent: set[str] = set()
        self.released = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(SimpleHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self.server.asked.append(self.path)
        super().do_HEAD()

    def do_GET(self) -> None:
        self.server.fetched.append(self.path)
        if self.path in self.server.silent:
            self.server.released.wait()
        elif self.path in self.server.cut_off:
            body = Path(self.translate_path(self.path)).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty download cache, and no proxy between the tests and their server."""
    from datasets import config

    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", MIRROR):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(config, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(config, "DOWNLOADED_DATASETS_PATH", tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The files of a tiny corpus, as a mirror holds them."""
    for split in ("train", "valid", "test"):
        folder = tmp_path / "source" / "tiny" / split
        folder.mkdir(parents=True)
        (folder / "seq.in").write_text("fly to taipei \nshow fares\n")
        (folder / "seq.out").write_text("O O B-toloc.city_name\nO O\n")
        (folder / "label").write_text("flight\nairfare\n")
    return tmp_path / "source"


@pytest.fixture
def entry(source: Path) -> PinnedEntry:
    """The catalog entry that pins them."""
    files = sorted(file for file in source.rglob("*") if file.is_file())
    pinned = [
        PinnedFile(file.relative_to(source / "tiny").as_posix(), file.stat().st_size, sha256(file)) for file in files
    ]
    atis = CATALOG["atis"]
    assert isinstance(atis, PinnedEntry)
    return replace(atis, name="tiny", utterances=(2, 2, 2), files=tuple(pinned), address="http://127.0.0.1:9/tiny")


@pytest.fixture
def server(source: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server(source) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv(MIRROR, running.address)
        yield running
        running.released.set()
        running.shutdown()


def refusal(entry: PinnedEntry, data: Path, *, force: bool = False) -> str:
    """The one line that `obtain` fails with; nothing but what was there is left in `data`."""
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    with pytest.raises(DownloadError) as caught:
        obtain(entry, data, force=force)
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before
    assert [path.name for path in data.glob(".*")] == []
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_every_file_arrives_byte_for_byte(entry: PinnedEntry, server: Server, source: Path, tmp_path: Path) -> None:
    obtained = obtain(entry, tmp_path / "data")
    assert obtained.folder == tmp_path / "data" / "tiny"
    assert obtained.utterances == {"train": 2, "dev": 2, "test": 2}
    assert not obtained.already_there
    arrived = sorted(path for path in obtained.folder.rglob("*") if path.is_file())
    assert [path.relative_to(obtained.folder).as_posix() for path in arrived] == [file.path for file in entry.files]
    for path in arrived:
        assert path.read_bytes() == (source / "tiny" / path.relative_to(obtained.folder)).read_bytes()


def test_nothing_is_written_to_the_terminal_when_there_is_none(
    entry: PinnedEntry, server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    obtain(entry, tmp_path / "data")
    assert capfd.readouterr() == ("", "")


def test_a_corpus_that_is_there_and_right_is_not_fetched_again(
    entry: PinnedEntry, server: Server, tmp_path: Path
) -> None:
    obtain(entry, tmp_path / "data")
    server.fetched.clear()
    again = obtain(entry, tmp_path / "data")
    assert again.already_there
    assert again.utterances == {"train": 2, "dev": 2, "test": 2}
    assert server.fetched == []


def test_force_fetches_every_file_again(entry: PinnedEntry, server: Server, tmp_path: Path) -> None:
    obtain(entry, tmp_path / "data")
    server.fetched.clear()
    assert not obtain(entry, tmp_path / "data", force=True).already_there
    assert len(server.fetched) == 9


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_corpus_is_reported_and_force_mends_it(
    entry: PinnedEntry, server: Server, tmp_path: Path, damage: str
) -> None:
    folder = obtain(entry, tmp_path / "data").folder
    victim = folder / "valid" / "seq.in"
    if damage == "changed":
        victim.write_text("fly to\nshow fares\n")
    else:
        victim.unlink()
    message = refusal(entry, tmp_path / "data")
    assert f"{folder} is damaged: valid/seq.in" in message
    assert "--force" in message
    obtain(entry, tmp_path / "data", force=True)
    assert obtain(entry, tmp_path / "data").already_there


def test_a_wrong_digest_is_refused_and_does_not_stay_in_the_cache(
    entry: PinnedEntry, server: Server, source: Path, cache: Path, tmp_path: Path
) -> None:
    file = source / "tiny" / "test" / "seq.in"
    right = file.read_bytes()
    file.write_bytes(right.replace(b"taipei", b"boston"))
    message = refusal(entry, tmp_path / "data")
    assert "/tiny/test/seq.in has the sha256" in message
    assert MIRROR in message
    assert sha256(file) not in [sha256(cached) for cached in cache.iterdir()]
    file.write_bytes(right)
    assert obtain(entry, tmp_path / "data").utterances["test"] == 2


def test_a_short_file_is_refused_with_both_sizes(
    entry: PinnedEntry, server: Server, source: Path, tmp_path: Path
) -> None:
    (source / "tiny" / "train" / "label").write_bytes(b"flight\n")
    assert "/tiny/train/label has 7 bytes, not 15" in refusal(entry, tmp_path / "data")


def test_a_corrupt_file_in_the_cache_is_fetched_anew(
    entry: PinnedEntry, server: Server, cache: Path, tmp_path: Path
) -> None:
    obtain(entry, tmp_path / "data")
    shutil.rmtree(tmp_path / "data")
    cached = [file for file in cache.iterdir() if not file.suffix]
    assert len(cached) == 9
    cached[0].write_bytes(b"rubbish")
    server.fetched.clear()
    obtain(entry, tmp_path / "data")
    assert len(server.fetched) == 1


def test_a_second_try_fetches_only_what_is_missing(entry: PinnedEntry, server: Server, tmp_path: Path) -> None:
    server.cut_off.add("/tiny/train/seq.in")
    assert "the connection broke off; try again" in refusal(entry, tmp_path / "data")
    arrived = set(server.fetched) - server.cut_off
    assert arrived
    server.cut_off.clear()
    server.asked.clear()
    server.fetched.clear()
    obtain(entry, tmp_path / "data")
    assert "/tiny/train/seq.in" in server.fetched
    assert not arrived & {*server.asked, *server.fetched}


def test_a_failed_fetch_leaves_the_old_corpus(entry: PinnedEntry, server: Server, tmp_path: Path) -> None:
    obtain(entry, tmp_path / "data")
    server.cut_off.add("/tiny/valid/label")
    refusal(entry, tmp_path / "data", force=True)
    assert obtain(entry, tmp_path / "data").already_there


def test_a_missing_file_says_what_the_server_answered(
    entry: PinnedEntry, server: Server, source: Path, tmp_path: Path
) -> None:
    (source / "tiny" / "valid" / "seq.out").unlink()
    message = refusal(entry, tmp_path / "data")
    assert f"cannot fetch {server.address}/tiny/valid/seq.out: the server answered 404 File not found" in message


def test_a_refused_connection_says_so(entry: PinnedEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:  # bound but not listening
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv(MIRROR, f"http://127.0.0.1:{taken.getsockname()[1]}")
        message = refusal(entry, tmp_path / "data")
    assert "Cannot connect to host 127.0.0.1" in message
    assert "try again" in message


def test_a_silent_server_is_given_up(
    entry: PinnedEntry, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "STALL_SECONDS", 0.2)
    server.silent.add("/tiny/test/label")
    assert "the server kept silent for 0.2 seconds" in refusal(entry, tmp_path / "data")


def test_offline_mode_is_named(
    entry: PinnedEntry, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datasets import config

    monkeypatch.setattr(config, "HF_HUB_OFFLINE", True)
    assert "offline mode is on: unset HF_HUB_OFFLINE" in refusal(entry, tmp_path / "data")
    assert server.fetched == []


def test_a_cache_that_cannot_be_written_is_named(
    entry: PinnedEntry, server: Server, cache: Path, tmp_path: Path
) -> None:
    cache.write_text("a file, not a folder")
    message = refusal(entry, tmp_path / "data")
    assert f"cannot write the download cache {cache}: File exists" in message
    assert "HF_HOME" in message


def test_a_target_that_cannot_be_written_is_named(entry: PinnedEntry, server: Server, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(DownloadError, match=r"cannot read or write .*tiny: File exists; .*--data-dir"):
        obtain(entry, tmp_path / "data")


def test_a_full_disk_leaves_nothing_behind(
    entry: PinnedEntry, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    assert "tiny: No space left on device; make room" in refusal(entry, tmp_path / "data")


@pytest.mark.parametrize("mirror", ["/srv/mirror", "file:///srv/mirror", "example.org"])
def test_a_mirror_that_is_no_web_address_is_refused(
    entry: PinnedEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: str
) -> None:
    monkeypatch.setenv(MIRROR, mirror)
    with pytest.raises(UsageError, match=f"{MIRROR} must begin with http:// or https://"):
        obtain(entry, tmp_path / "data")


def test_a_mirror_may_end_in_a_slash(entry: PinnedEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR, "http://127.0.0.1:9/")
    assert refusal(entry, tmp_path / "data").startswith("cannot fetch http://127.0.0.1:9/tiny/")


def test_a_mirror_may_be_reached_by_https(entry: PinnedEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR, "https://127.0.0.1:9")
    assert refusal(entry, tmp_path / "data").startswith("cannot fetch https://127.0.0.1:9/tiny/")


def test_airline_is_written_without_a_network(tmp_path: Path) -> None:
    obtained = obtain(CATALOG["airline"], tmp_path)
    assert tuple(obtained.utterances.values()) == CATALOG["airline"].utterances
    assert next(load("seqio").read(tmp_path / "airline" / "valid")).intent
    assert obtain(CATALOG["airline"], tmp_path).already_there


def test_a_changed_airline_is_reported(tmp_path: Path) -> None:
    folder = obtain(CATALOG["airline"], tmp_path).folder
    (folder / "test" / "label").write_text("flight\n")
    with pytest.raises(DownloadError, match=r"is damaged: test/label has changed .* --force"):
        obtain(CATALOG["airline"], tmp_path)


@pytest.mark.parametrize("kept", [0, 1])
def test_a_file_that_the_sums_do_not_name_is_not_taken_for_right(tmp_path: Path, kept: int) -> None:
    folder = obtain(CATALOG["airline"], tmp_path).folder
    sums = folder / download.SUMS
    sums.write_text("".join(sums.read_text().splitlines(keepends=True)[:kept]))
    with pytest.raises(DownloadError, match=r"is damaged: \w+/\w+(\.\w+)? has changed .* --force"):
        obtain(CATALOG["airline"], tmp_path)


def test_force_loses_nothing_that_is_not_the_corpus(tmp_path: Path) -> None:
    folder = obtain(CATALOG["airline"], tmp_path).folder
    (folder / "test" / "notes.txt").write_text("dear")
    with pytest.raises(UsageError, match=r"airline holds more than the corpus \(test/notes\.txt\): move that away"):
        obtain(CATALOG["airline"], tmp_path, force=True)
    assert (folder / "test" / "notes.txt").read_text() == "dear"


@pytest.mark.parametrize("force", [False, True])
def test_a_file_of_the_corpus_name_stays(tmp_path: Path, force: bool) -> None:
    (tmp_path / "airline").write_text("dear")
    with pytest.raises(UsageError, match="airline is a file: move that away"):
        obtain(CATALOG["airline"], tmp_path, force=force)
    assert (tmp_path / "airline").read_text() == "dear"


def test_a_folder_of_the_users_own_is_not_taken_for_a_download(tmp_path: Path) -> None:
    (tmp_path / "airline").mkdir()
    with pytest.raises(DownloadError, match="was not downloaded by slotfill"):
        obtain(CATALOG["airline"], tmp_path)
