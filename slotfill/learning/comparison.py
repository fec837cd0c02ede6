"""Which cell does best: what the runs of a comparison found, cell by cell."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slotfill.corpus.utterance import Utterance
from slotfill.errors import SlotfillError
from slotfill.learning.side_by_side import Run
from slotfill.runtime import provenance
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.tagger import Tagger
from slotfill.scoring.evaluation import f1_of, percentile_interval, resampled_f1, span_counts

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class RunResult:
    """What one run found, as its model folder tells it; shares are fractions.

    Attributes:
        seed: the run's.
        dev_f1: of the best epoch.
        test_f1: of the exported model; None: the corpus has no test split.
        epochs: how many there were.
        best_epoch: the one that was kept.
        seconds: of training.
        clipped: share of steps whose gradient was cut.
        rescues: how often training went back to the last good weights.
        diverged: whether it ended when no rescue was left.
        dev_f1_by_epoch: the learning curve.
    """

    seed: int
    dev_f1: float
    test_f1: float | None
    epochs: int
    best_epoch: int
    seconds: float
    clipped: float
    rescues: int
    diverged: bool
    dev_f1_by_epoch: list[float]


@dataclass(frozen=True)
class CellResult:
    """What the runs of one cell found together; means over the seeds, standard deviations with n - 1.

    Attributes:
        cell: its name.
        parameters: of the whole network.
        dev_f1, dev_f1_sd, test_f1, test_f1_sd: mean and standard deviation; None where there is nothing to take it of.
        interval: 95% of the bootstrap's resamples of the test utterances have a mean test F1 between these.
        p: how likely a difference in test F1 to the best cell as large as this one is by the choice of test
            utterances alone; None for the best cell itself.
        seconds, clipped: means.
        rescues: their sum.
        runs: one by one.
        failed: how many more left no model.
    """

    cell: str
    parameters: int
    dev_f1: float
    dev_f1_sd: float | None
    test_f1: float | None
    test_f1_sd: float | None
    interval: tuple[float, float] | None
    p: float | None
    seconds: float
    clipped: float
    rescues: int
    runs: list[RunResult]
    failed: int

    @property
    def name(self) -> str:
        """The cell's, and how many of its runs left a model if not all did: means say nothing of the others."""
        return f"{self.cell} {len(self.runs)}/{len(self.runs) + self.failed}" if self.failed else self.cell


@dataclass(frozen=True)
class Comparison:
    """Cells side by side, the best on dev first.

    Attributes:
        corpus: its name.
        network, training: the settings that all runs share.
        cells: those that left a model.
        failures: why a run left none, by its name.
    """

    corpus: str
    network: dict[str, Any]
    training: dict[str, Any]
    cells: list[CellResult]
    failures: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """The comparison as a JSON object."""
        return asdict(self)


def compare(
    corpus: str,
    runs: Sequence[Run],
    failures: dict[str, str],
    corpus_sha256: str,
    test: Sequence[Utterance] | None,
) -> Comparison:
    """Read what the runs left, rank by dev, and only then score test, each run once.

    Args:
        corpus: its name.
        runs: all of them, ended.
        failures: the last words of those that ended with an error.
        corpus_sha256: what they were trained on.
        test: labelled utterances no run has seen; None: there are none.

    Raises:
        SlotfillError: no run left a model.
    """
    by_cell: dict[str, list[Run]] = {}
    failed = {}
    for run in runs:
        if run.finished(corpus_sha256):
            by_cell.setdefault(run.network.cell, []).append(run)
        else:
            failed[run.name] = failures[run.name]
    if not by_cell:
        raise SlotfillError(f"no run left a model; {next(iter(failed))}: {next(iter(failed.values()))}")
    lost = Counter(run.network.cell for run in runs if run.name in failed)
    cells = [_on_dev(group, lost[cell]) for cell, group in by_cell.items()]
    cells.sort(key=lambda cell: -cell.dev_f1)
    if test is not None:
        cells = _on_test(cells, by_cell, test)
    network, training = runs[0].network.to_json(), runs[0].training.to_json()
    del network["cell"], training["seed"]
    return Comparison(corpus, network, training, cells, failed)


def resampled_mean_f1(counts: Counts) -> NDArray[np.float64]:
    """The mean F1 over the seeds in each resample of the test utterances, (2,000,); the seeds stay as they are.

    Args:
        counts: (seeds, utterances, 3), as `span_counts` gives them.
    """
    mean: NDArray[np.float64] = resampled_f1(counts).mean(axis=1)
    return mean


def p_value(best: Counts, other: Counts) -> float:
    """Two-sided paired bootstrap test of two mean F1s (Efron & Tibshirani, 1993; Berg-Kirkpatrick et al., 2012).

    Both cells are scored on the same resampled test utterances, each as the mean F1 over its seeds. The resampled
    differences scatter around the one observed; shifted to scatter around none, they say how often chance alone gives
    one as large: the share of resamples with |d* - d| >= |d|, the observed one counted in (Davison & Hinkley, 1997).
    It is not corrected for comparing more than two cells.

    Args:
        best: (seeds, utterances, 3), as `span_counts` gives them.
        other: the same of another cell, of as many seeds or not.
    """
    observed = _mean_f1(best) - _mean_f1(other)
    of_best, of_other = np.split(resampled_f1(np.concatenate([best, other])), [len(best)], axis=1)
    scattered = of_best.mean(axis=1) - of_other.mean(axis=1) - observed
    # Sums in another order differ in their last bits.
    as_large = int((np.abs(scattered) >= abs(observed) - 1e-12).sum())
    return (1 + as_large) / (1 + len(scattered))


def _mean_f1(counts: Counts) -> float:
    return float(f1_of(counts.sum(axis=1)).mean())


def _count(run: Run, test: Sequence[Utterance]) -> Counts:
    tagged = Tagger.open(Bundle(run.folder)).tag_all(test)
    return span_counts([utterance.tags or () for utterance in test], [utterance.tags or () for utterance in tagged])


def _on_dev(runs: Sequence[Run], failed: int) -> CellResult:
    """What the runs of one cell found before test is scored."""
    results = list(map(_result, runs))
    dev = [result.dev_f1 for result in results]
    return CellResult(
        cell=runs[0].network.cell,
        parameters=provenance.metrics(Bundle(runs[0].folder))["parameters"],
        dev_f1=statistics.mean(dev),
        dev_f1_sd=_deviation(dev),
        test_f1=None,
        test_f1_sd=None,
        interval=None,
        p=None,
        seconds=statistics.mean(result.seconds for result in results),
        clipped=statistics.mean(result.clipped for result in results),
        rescues=sum(result.rescues for result in results),
        runs=results,
        failed=failed,
    )


def _on_test(
    cells: Sequence[CellResult], runs: Mapping[str, Sequence[Run]], test: Sequence[Utterance]
) -> list[CellResult]:
    """The cells, of which the first is the best on dev, with their runs' scores on test."""
    counts = [np.stack([_count(run, test) for run in runs[cell.cell]]) for cell in cells]
    tested = []
    for cell, own in zip(cells, counts, strict=True):
        scores = f1_of(own.sum(axis=1)).tolist()
        tested.append(
            replace(
                cell,
                test_f1=statistics.mean(scores),
                test_f1_sd=_deviation(scores),
                interval=percentile_interval(resampled_mean_f1(own)),
                p=None if own is counts[0] else p_value(counts[0], own),
                runs=[replace(run, test_f1=f1) for run, f1 in zip(cell.runs, scores, strict=True)],
            )
        )
    return tested


def _deviation(scores: Sequence[float]) -> float | None:
    return statistics.stdev(scores) if len(scores) > 1 else None


def _result(run: Run) -> RunResult:
    model = Bundle(run.folder)
    metrics, history = provenance.metrics(model), provenance.history(model)
    return RunResult(
        seed=run.training.seed,
        dev_f1=metrics["dev"]["f1"],
        test_f1=None,
        epochs=len(history),
        best_epoch=metrics["best_epoch"],
        seconds=metrics["seconds"],
        clipped=statistics.mean(epoch["clipped"] for epoch in history),
        rescues=metrics["rescues"],
        diverged=metrics["diverged"],
        dev_f1_by_epoch=[epoch["dev_f1"] for epoch in history],
    )
