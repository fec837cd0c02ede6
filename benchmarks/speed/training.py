"""How fast networks learn: each cell over some epochs, and the default recipe to its end."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Sequence

from benchmarks.speed.peak import operations, peak, training_operations
from benchmarks.speed.report import Table
from benchmarks.speed.subject import Subject
from benchmarks.speed.training_cache import Training
from slotfill.cli._console import say
from slotfill.config import NetworkConfig, TrainingConfig, cores
from slotfill.corpus.splits import training_splits
from slotfill.corpus.utterance import Utterance
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.learning.slot_swap import SlotSwap
from slotfill.network.cells import CELLS
from slotfill.runtime.bundle import CONFIG, HISTORY

_ENOUGH = 0.95
_DRAWN = 10
"""Epochs whose words are counted."""


def cells_table(subject: Subject, epochs: int) -> Table:
    """Each cell's words a second, with one thread and with as many as there are cores; the median epoch."""
    training, dev = training_splits(subject.corpus, say)
    rows: list[list[object]] = []
    for cell in CELLS.names():
        row: list[object] = [f"`{cell}`"]
        for threads in (1, cores()):
            network = NetworkConfig(cell=cell)
            speed, tags = words_per_second(training, dev[:1], network, epochs, threads)
            done = speed * training_operations(network, tags)
            row += [speed, done / 1e9, done / peak(threads)]
        rows.append(row)
    columns = {"cell": ""}
    for told in ("one thread", f"{cores()} threads"):
        columns |= {f"words/s, {told}": ",.0f", f"GFLOP/s, {told}": ".1f", f"of the peak, {told}": ".0%"}
    note = (
        f"Default settings but for the cell and a low rate, {subject.corpus.name}, the median of {epochs} epochs "
        "without their evaluation. Counted are recurrent layers, tag scores and the CRF's sums, forward and backward."
    )
    return Table("Training, cell by cell", columns, rows, note)


def words_per_second(
    training: Sequence[Utterance], dev: Sequence[Utterance], network: NetworkConfig, epochs: int, threads: int
) -> tuple[float, int]:
    """The median over epochs, and how many tags there are to learn."""
    # So few steps can collapse at the usual rate, and speed does not depend on it.
    config = TrainingConfig(epochs=epochs, patience=epochs, learning_rate=1e-4, threads=threads, device="cpu")
    trained = train(training, dev, network, config, Listener()).raise_if_stopped()
    return statistics.median(epoch.words_per_second for epoch in trained.history), len(trained.vocabulary.tags)


def words_met(training: Sequence[Utterance], config: TrainingConfig) -> float:
    """The words of one epoch: values that give their place to others are longer or shorter than these."""
    swap = SlotSwap(training, config.slot_swap, config.invented_values, random.Random(config.seed))
    return statistics.fmean(sum(len(swap(each).words) for each in training) for _ in range(_DRAWN))


def whole_table(subject: Subject, alone: Training | None = None) -> Table:
    """What the training of the default model took, by `slotfill train`, start-up and export included.

    Args:
        subject: its training has a thread for each core.
        alone: the same with one thread, which is held against what one core can do.
    """
    assert subject.training is not None  # noqa: S101 - the command line refuses a model that was given
    training, dev = training_splits(subject.corpus, say)
    settings = TrainingConfig.from_json(subject.model.read_json(CONFIG)["training"])
    trained_on, scored = words_met(training, settings), sum(len(one.words) for one in dev)
    each = trained_on * training_operations(subject.network, subject.tags)
    each += scored * operations(subject.network, subject.tags)
    rows = []
    for threads, (model, taken) in ((cores(), subject.training), *([(1, alone)] if alone else [])):
        history = [json.loads(line) for line in (model / HISTORY).read_text().splitlines()]
        learning = sum(trained_on / epoch["words_per_second"] for epoch in history)
        rows.append(
            [
                threads,
                len(history),
                taken.seconds,
                taken.cpu_seconds,
                next((epoch["seconds"] for epoch in history if epoch["dev_f1"] >= _ENOUGH), None),
                max(epoch["dev_f1"] for epoch in history),
                1 - learning / history[-1]["seconds"],
                len(history) * trained_on / learning,
                len(history) * each / taken.seconds / peak(threads),
                taken.mebibytes,
            ]
        )
    columns = {
        "threads": "",
        "epochs": "",
        "seconds": ".1f",
        "CPU seconds": ".1f",
        f"seconds to dev F1 {100 * _ENOUGH:.0f}": ".1f",
        "best dev F1": ".2%",
        "evaluation's share of an epoch": ".1%",
        "words/s of the epochs": ",.0f",
        "of the peak, whole run": ".0%",
        "peak memory, MiB": ".0f",
    }
    note = (
        f"`slotfill train {subject.corpus_name}`; start-up counts, but not in the seconds to F1. The peak is that of "
        "as many cores as there are threads."
    )
    return Table("A whole training", columns, rows, note)
