"""What is measured: a model, a corpus, and raw lines to tag."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from benchmarks.speed import peak
from benchmarks.speed.training_cache import Training, cached_training
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import Corpus
from slotfill.corpus.words import split_words
from slotfill.runtime.bundle import CONFIG, METRICS, TOKENIZER, Bundle


@dataclass(frozen=True)
class Subject:
    """What every section measures.

    Attributes:
        model: a trained model.
        corpus: the labelled corpus; its test split, as raw text, is what is tagged.
        corpus_name: what names it on a command line.
        data_dir: where named corpora lie.
        training: the model's training, where this benchmark did it.
        count: how many lines to tag; those of the test split, again and again.
        runs: of which medians are taken.
        folder: for passing files.
    """

    model: Bundle
    corpus: Corpus
    corpus_name: str
    data_dir: Path
    training: Training | None
    count: int
    runs: int
    folder: Path

    @cached_property
    def own(self) -> list[bytes]:
        """The lines of the test split, one an utterance."""
        return [b" ".join(utterance.text.encode().splitlines()) for utterance in self.corpus.split("test")]

    @cached_property
    def lines(self) -> list[bytes]:
        """The lines to tag."""
        return list(islice(cycle(self.own), self.count))

    @cached_property
    def words(self) -> int:
        """How many words they have."""
        return sum(len(split_words(line.decode())) for line in self.lines)

    @cached_property
    def text(self) -> Path:
        """The lines as a file."""
        return self.file(self.count)

    def file(self, count: int) -> Path:
        """A file of this many lines: those to tag, again and again."""
        path = self.folder / f"{count}.txt"
        with path.open("wb") as file:
            file.writelines(line + b"\n" for line in islice(cycle(self.lines), count))
        return path

    @cached_property
    def network(self) -> NetworkConfig:
        """The shape of the model's network."""
        return NetworkConfig.from_json(self.model.read_json(CONFIG)["network"])

    @cached_property
    def tags(self) -> int:
        """How many tags the model knows."""
        return len(self.model.read_json(TOKENIZER)["tags"])

    def shares(self, words_per_second: float, cores: int) -> tuple[float, float]:
        """The network's operations at this speed, as a share of what so many cores can do; and of these those done.

        The others are remembered: see `peak.remembered_operations`.
        """
        every = peak.operations(self.network, self.tags)
        done = every - peak.remembered_operations(self.network)
        of_peak = words_per_second / peak.peak(cores)
        return every * of_peak, done * of_peak

    def __str__(self) -> str:
        parameters = self.model.read_json(METRICS)["parameters"]
        return (
            f"Model {self.model.folder} ({self.network.cell}, {parameters:,} parameters, {self.tags} tags); the test "
            f"split of {self.corpus.name} as raw text, {self.count:,} lines of {self.words:,} words; medians of "
            f"{self.runs} runs."
        )


def train_default(corpus: Corpus, named: str, data_dir: Path, *, anew: bool, threads: int | None = None) -> Training:
    """The default recipe on a corpus, by `slotfill train` on the processor, whose peak it is held against."""
    options = ["--data-dir", str(data_dir), "--device", "cpu", "--quiet"]
    options += [] if threads is None else ["--threads", str(threads)]
    program = [sys.executable, "-m", "slotfill", "train", named, *options, "--output"]
    training = TrainingConfig(threads=threads)
    settings: dict[str, Any] = {"network": NetworkConfig().to_json(), "training": training.to_json()}
    return cached_training("default", corpus, settings, lambda model: [*program, str(model)], anew=anew)
