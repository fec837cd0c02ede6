"""An experiment that was run, as files."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from slotfill.files import atomic_file
from slotfill.lab import EXPERIMENTS
from slotfill.lab.experiment import Outcome, Settings
from slotfill.lab.picture import png
from slotfill.runtime.bundle import versions

_VERSIONED = ("torch", "numpy", "matplotlib")


@dataclass(frozen=True)
class Report:
    """What an experiment found, under what conditions.

    Attributes:
        name: the experiment's.
        claim: what it tests.
        source: where the claim comes from.
        settings: how it was run.
        outcome: what it found.
        seconds: how long it took.
    """

    name: str
    claim: str
    source: str
    settings: Settings
    outcome: Outcome
    seconds: float

    def json(self) -> bytes:
        """Everything but the picture, as one JSON object; a number that is not finite becomes null."""
        record = {
            "experiment": self.name,
            "claim": self.claim,
            "source": self.source,
            "seed": self.settings.seed,
            "quick": self.settings.quick,
            "corpus": self.settings.corpus.name,
            "findings": [asdict(finding) for finding in self.outcome.findings],
            "data": self.outcome.data,
            "seconds": self.seconds,
            "versions": versions(_VERSIONED),
        }
        return orjson.dumps(record, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write NAME.json and NAME.png to a folder, each whole or not at all; return their places."""
        contents = {
            folder / f"{self.name}.json": self.json() + b"\n",
            folder / f"{self.name}.png": png(self.outcome.figure),
        }
        for place, content in contents.items():
            with atomic_file(place, "wb") as file:
                file.write(content)
        numbers, picture = contents
        return numbers, picture


def perform(name: str, settings: Settings) -> Report:
    """Run an experiment; raise `UsageError` if there is none of that name."""
    experiment = EXPERIMENTS.load(name)
    began = time.perf_counter()
    outcome = experiment.run(settings)
    return Report(name, experiment.CLAIM, experiment.SOURCE, settings, outcome, time.perf_counter() - began)
