"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from slotfill.corpus import formats
from slotfill.corpus.tags import segments
from slotfill.corpus.utterance import Utterance
from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle

ROOT = Path(__file__).resolve().parents[1]
CITIES = ("boston", "denver", "new york", "st. louis", "dallas", "san jose", "oslo", "lima")

Run = Callable[..., subprocess.CompletedProcess[str]]


def pytest_configure(config: pytest.Config) -> None:
    """The same tests pass everywhere.

    A GPU, whose sums are others, is there for tests of it alone; and what a test interrupts does not inherit that a
    shell's `&` or `nohup` has interruptions ignored. Nor is its output unbuffered, which would hide that a flush lacks.
    """
    os.environ.pop("PYTHONUNBUFFERED", None)
    if config.option.markexpr != "gpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test of a GPU needs one."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a GPU, and `make test-gpu`")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real ATIS and SNIPS, which lies beside the checkout and is not part of it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the reference corpora in {folder}")
    return folder


def flight(origin: str, destination: str) -> Utterance:
    """A labelled request for a flight between two cities."""
    words, tags = ["fly", "from"], ["O", "O"]
    for city, slot, after in ((origin, "fromloc.city_name", ["to"]), (destination, "toloc.city_name", [])):
        first, *more = city.split()
        words += [first, *more, *after]
        tags += [f"B-{slot}", *(f"I-{slot}" for _ in more), *("O" for _ in after)]
    return Utterance(tuple(words), tuple(tags), "flight")


@pytest.fixture(scope="session")
def flights() -> list[Utterance]:
    """Every flight between two of eight cities: a task that a small network learns in seconds."""
    found = [flight(a, b) for a in CITIES for b in CITIES if a != b]
    assert all(len(segments(utterance.tags or ())) == 2 for utterance in found)
    return found


@pytest.fixture(scope="session")
def model(flights: list[Utterance], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that knows flights well; treat it as read-only."""
    from slotfill.config import NetworkConfig, TrainingConfig
    from slotfill.learning.artifact import save
    from slotfill.learning.history import Listener
    from slotfill.learning.loop import train

    folder = tmp_path_factory.mktemp("models") / "flights"
    network = NetworkConfig(hidden_size=24, word_size=16, character_size=8, character_filters=12, dropout=0.1)
    config = TrainingConfig(epochs=12, batch_size=8, learning_rate=0.01, threads=1)
    trained = train(flights, flights[::3], network, config, Listener())
    save(trained, folder, corpus="flights", training=flights, dev=flights[::3], config=config)
    return folder


def loaded(*arguments: str, check: bool = True) -> set[str]:
    """The modules that a run of the program imports; it must end well where that is checked."""
    # `-X importtime` leaves out what `importlib.import_module` imports.
    program = [sys.executable, "-v", "-m", "slotfill", *arguments]
    done = subprocess.run(program, capture_output=True, text=True, check=check)
    return set(re.findall(r"^import '([^']+)'", done.stderr, re.MULTILINE))


def write_corpus(folder: Path, **splits: Sequence[Utterance]) -> Path:
    """Write these splits, each as a file of a corpus; what else is in the folder stays."""
    for name, part in splits.items():
        formats.load("jsonl").write(part, folder / f"{name}.jsonl")
    return folder


def forged(model: Path, folder: Path, changed: Mapping[str, bytes]) -> Path:
    """A copy of a model with other files, its manifest signed anew; `folder` may be the model's own."""
    opened = Bundle(model)
    bundle.write(folder, {name: opened.read(name) for name in bundle.FILES} | dict(changed))
    return folder


@pytest.fixture
def slotfill(tmp_path: Path) -> Run:
    """The program as a user runs it, in an empty folder."""

    def run(
        *arguments: object,
        input: str | bytes = "",  # noqa: A002 - subprocess's name for it
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "slotfill", *map(str, arguments)],
            input=input.encode() if isinstance(input, str) else input,
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1"} | environment,
            timeout=120,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
