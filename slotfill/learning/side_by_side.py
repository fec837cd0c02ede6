"""Many runs of `slotfill train` side by side, one thread each; those that are finished already are kept."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.errors import DIVERGED, ArtifactError, SlotfillError, UsageError
from slotfill.runtime import bundle, provenance
from slotfill.runtime.bundle import Bundle

_POLL = 0.1
_NETWORK_OPTIONS = ("cell", "activation", "forget_bias", "layers", "hidden_size", "dropout")
_TRAINING_OPTIONS = (
    "seed",
    "epochs",
    "patience",
    "batch_size",
    "learning_rate",
    "bptt",
    "clip_norm",
    "clip_value",
    "threads",
    "device",
)
_DIVERGED = f"slotfill: {DIVERGED}"
"""How the last line begins where training diverged."""
_OFF_BY_ZERO = ("rescues", "word_dropout", "slot_dropout", "misspellings", "slot_swap", "invented_values")


@dataclass(frozen=True)
class Run:
    """One training: a network, how it is trained, and the folder that its model goes to."""

    network: NetworkConfig
    training: TrainingConfig
    folder: Path

    @property
    def name(self) -> str:
        """Cell and seed, in words."""
        return f"{self.network.cell}, seed {self.training.seed}"

    def options(self) -> list[str]:
        """The options of `slotfill train` that ask for this run."""
        settings = {name: getattr(self.network, name) for name in _NETWORK_OPTIONS}
        # No defaults: a cell refuses an option that it does not read, even if it changes nothing.
        settings = {name: value for name, value in settings.items() if value != getattr(NetworkConfig, name)}
        settings |= {name: getattr(self.training, name) for name in _TRAINING_OPTIONS}
        settings |= {name: getattr(self.training, name) or 0 for name in _OFF_BY_ZERO}
        if self.training.clip_percentile is not None:
            settings["clip"] = "auto"
        elif self.training.clip_norm is None and self.training.clip_value is None:
            settings["clip"] = "none"
        given = [(f"--{name.replace('_', '-')}", str(value)) for name, value in settings.items() if value is not None]
        flags = {
            "--one-way": self.network.one_way,
            "--no-crf": not self.network.crf,
            "--no-intent": self.training.intent_weight is None,
        }
        return [
            *(word for pair in given for word in pair),
            *(flag for flag, given in flags.items() if given),
            "--output",
            str(self.folder),
            "--force",
            "--quiet",
        ]

    def finished(self, corpus_sha256: str, option: str = "--output") -> bool:
        """Whether its model is there, whole, trained to its end on that corpus.

        Raises `UsageError`, which names the option for the folder of runs, if a model with other settings or from
        another corpus is there in its place.
        """
        try:
            model = Bundle(self.folder)
            for name in bundle.FILES:
                model.read(name)
            config, metrics = provenance.config(model), provenance.metrics(model)
            provenance.history(model)
        except ArtifactError:
            return False
        found = {"corpus": metrics["corpus_sha256"], "vectors": config.get("vectors")}
        found |= config["network"] | config["training"]
        wanted = {"corpus": corpus_sha256, "vectors": None} | self.network.to_json() | self.training.to_json()
        if other := [name for name in wanted | found if found.get(name, ...) != wanted.get(name, ...)]:
            raise UsageError(
                f"{self.folder} is from another corpus or has other settings: choose another {option}, or remove it "
                f"(what differs: {', '.join(other)})"
            )
        return not metrics["interrupted"]


def plan(networks: Sequence[NetworkConfig], seeds: int, training: TrainingConfig, folder: Path) -> list[Run]:
    """A run for each network, of as many cells, and each seed from 0 to `seeds` - 1; the networks take turns."""
    return [
        Run(network, replace(training, seed=seed), folder / f"{network.cell}-{seed}")
        for seed in range(seeds)
        for network in networks
    ]


def train_all(
    runs: Sequence[Run], corpus: str, data_dir: Path, jobs: int, on_end: Callable[[Run, str | None], None]
) -> dict[str, str]:
    """Train the runs in processes of their own.

    Args:
        runs: what to train.
        corpus: as `slotfill train` takes it.
        data_dir: where downloaded corpora are.
        jobs: how many at a time.
        on_end: told of each run that ends, and its last words where it ended with an error.

    Returns:
        The last words of each run that ended with an error, by its name. Training that diverges leaves the others be.

    Raises:
        SlotfillError: a run was refused or ended by anything else; the others are stopped.
    """
    waiting, failures = list(reversed(runs)), {}
    running: list[_Training] = []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                run = waiting.pop()
                running.append(_Training(run, _program(run, corpus, data_dir)))
            time.sleep(_POLL)
            for ended in [each for each in running if each.process.poll() is not None]:
                running.remove(ended)
                last_words = ended.last_words()
                if last_words is not None:
                    failures[ended.run.name] = last_words
                on_end(ended.run, last_words)
    finally:
        for each in running:
            each.process.terminate()
        for each in running:
            each.process.wait()
    return failures


def _program(run: Run, corpus: str, data_dir: Path) -> list[str]:
    return [sys.executable, "-m", "slotfill", "train", "--data-dir", str(data_dir), *run.options(), "--", corpus]


class _Training:
    """A run in a process of its own. What it says goes to a file: a full pipe, read by nobody, would stop it.

    Attributes:
        run: what is trained.
        process: what trains it.
    """

    def __init__(self, run: Run, program: Sequence[str]) -> None:
        self.run, self._said = run, TemporaryFile()  # noqa: SIM115 - it is read when the process has ended
        self.process = subprocess.Popen(program, stderr=self._said)  # noqa: S603 - this program itself

    def last_words(self) -> str | None:
        """What it said last if training went wrong; raise `SlotfillError` if it ended otherwise. Once it has ended."""
        with self._said as file:
            file.seek(0)
            said = file.read().decode(errors="replace").strip().rpartition("\n")[2]
        if self.process.returncode == 0:
            return None
        error = said.removeprefix("slotfill: ") or f"ended with {self.process.returncode}"
        if not said.startswith(_DIVERGED):  # A full disk, say.
            raise SlotfillError(f"{self.run.name}: {error}")
        return error
