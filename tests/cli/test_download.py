"""`slotfill download` on the command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from slotfill.corpus.catalog import CATALOG


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def mirror(shared_data: Path) -> Iterator[str]:
    """The address of a server with the reference corpora."""
    handler = functools.partial(Quiet, directory=str(shared_data))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def start(*arguments: str, folder: Path, mirror: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    env |= {"HF_HOME": str(folder / "hf"), "SLOTFILL_MIRROR": mirror}
    command = [sys.executable, "-m", "slotfill", "download", *arguments]
    return subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=stderr, text=True)


def run(*arguments: str, folder: Path, mirror: str = "http://127.0.0.1:9") -> tuple[int, str, str]:
    """Run `slotfill download` in `folder`; return its exit code and what it wrote to stdout and stderr."""
    with start(*arguments, folder=folder, mirror=mirror) as process:
        stdout, stderr = process.communicate()
    return process.returncode, stdout, stderr


def test_atis_is_fetched_by_default_and_then_is_there(mirror: str, shared_data: Path, tmp_path: Path) -> None:
    counts = "4,478 train, 500 dev, 893 test utterances in data/atis\n"
    assert run(folder=tmp_path, mirror=mirror) == (0, "", f"atis: {counts}")
    for split in ("train", "valid", "test"):
        for name in ("seq.in", "seq.out", "label"):
            arrived = tmp_path / "data" / "atis" / split / name
            assert arrived.read_bytes() == (shared_data / "atis" / split / name).read_bytes()
    assert run("atis", folder=tmp_path) == (0, "", f"atis: already there, {counts}")


def test_the_first_failure_stops_and_what_was_done_stays(tmp_path: Path) -> None:
    code, stdout, stderr = run("airline", "snips", "atis", "--data-dir", "corpora", folder=tmp_path)
    assert (code, stdout) == (1, "")
    first, second = stderr.splitlines()
    assert first == "airline: 4,000 train, 500 dev, 900 test utterances in corpora/airline"
    assert second.startswith("slotfill: cannot fetch http://127.0.0.1:9/snips/train/seq.in: Cannot connect")
    assert [path.name for path in (tmp_path / "corpora").iterdir()] == ["airline"]


def test_what_has_changed_is_mended_by_force_alone(tmp_path: Path) -> None:
    assert run("airline", folder=tmp_path)[0] == 0
    changed = tmp_path / "data" / "airline" / "test" / "label"
    changed.write_text("flight\n")
    assert run("airline", folder=tmp_path)[0] == 1
    code, _, said = run("airline", "--force", folder=tmp_path)
    assert (code, "already there" in said) == (0, False)
    assert changed.read_text().count("\n") > 1


def test_an_unknown_name_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    message = f"unknown corpus 'snip': choose from {', '.join(CATALOG)}; did you mean 'snips'?"
    assert run("airline", "snip", folder=tmp_path) == (2, "", f"slotfill: {message}\n")
    assert list(tmp_path.iterdir()) == []


def test_the_list_shows_every_entry_on_a_line_of_its_own(tmp_path: Path) -> None:
    code, stdout, stderr = run("--list", folder=tmp_path)
    assert (code, stderr) == (0, "")
    header, *lines = stdout.splitlines()
    assert header.split() == ["name", "train", "dev", "test", "tags", "licence", "source"]
    for line, entry in zip(lines, CATALOG.values(), strict=True):
        assert line.startswith(f"{entry.name} ")
        numbers = [f"{number:,}" if number else "-" for number in (*entry.utterances, entry.tags)]
        assert line.split()[1:5] == numbers
        assert entry.licence in line
        assert line.rstrip().endswith(entry.source)


@pytest.mark.parametrize("option", ["--list", "--help"])
def test_looking_around_loads_no_heavy_library(option: str) -> None:
    code = f"""
import sys
from slotfill.cli import _app
_app.run(["download", "{option}"])
print(*sys.modules, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "slotfill.cli.download" in done.stderr.split()
    assert not {"datasets", "aiohttp", "torch", "numpy"} & set(done.stderr.split())


def test_progress_is_shown_on_a_terminal(mirror: str, tmp_path: Path) -> None:
    import pty
    import termios

    terminal, stderr = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    seen = b""
    with start("atis", folder=tmp_path, mirror=mirror, stderr=stderr) as process:
        os.close(stderr)
        with suppress(OSError):  # what reading a terminal raises once the other side is gone
            while True:
                seen += os.read(terminal, 4096)
    os.close(terminal)
    assert process.returncode == 0
    assert b"atis/train/seq.in: 100%" in seen
