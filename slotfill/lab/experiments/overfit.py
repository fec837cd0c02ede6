"""LSTM and GRU on little text and on much."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.lab import notes
from slotfill.lab.experiment import Finding, Outcome, Settings
from slotfill.lab.picture import BLUE, PURPLE, figure, legend, panel
from slotfill.lab.runs import run_named
from slotfill.learning.diagnostics import Fit, fit_of
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.legible import counted
from slotfill.scoring.evaluation import mean_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLAIM = "A GRU, with three quarters of an LSTM's recurrent weights, is the more robust where training text is short."
SOURCE = (
    "Lecture notes on training recurrent networks; the cells compared on other data, none of it short, by Chung, "
    "Gulcehre, Cho & Bengio (2014) and Jozefowicz et al. (2015)"
)

CELLS = ("lstm", "gru")
_BATCH = 10
_DROPOUT = 0.3
_COLOURS = {"lstm": BLUE, "gru": PURPLE}


@dataclass(frozen=True, kw_only=True)
class SizeRun:
    """A tagger trained on a drawn part of the training utterances.

    Attributes:
        network: its shape.
        config: how it is trained; its seed also draws the part, so that both cells get the same.
        size: utterances in the part.
        training: what the part is drawn from.
        dev: what the best epoch is chosen by.
        test: what it is scored on.
    """

    network: NetworkConfig
    config: TrainingConfig
    size: int
    training: Sequence[Utterance]
    dev: Sequence[Utterance]
    test: Sequence[Utterance]


@dataclass(frozen=True)
class Scored:
    """How well a tagger does on what it learnt from and on test, and how many weights it took."""

    fit: Fit
    parameters: int


def learn(run: SizeRun) -> Scored:
    """Train one tagger and score it on what it learnt from and on test."""
    part = random.Random(run.config.seed).sample(list(run.training), run.size)
    trained = train(part, run.dev, run.network, run.config, Listener()).raise_if_stopped()
    fit = fit_of(trained.network, trained.vocabulary, part, run.test)
    return Scored(fit, sum(parameter.numel() for parameter in trained.network.parameters()))


def run(settings: Settings) -> Outcome:
    """Train both cells on parts of rising size; the same parts, the same number of epochs."""
    training, dev, test = (settings.corpus.split(name) for name in ("train", "dev", "test"))
    wanted: tuple[int, ...] = (50, 100, 200)
    seeds, units, steps, rate = 3, 64, 300, 0.01
    if not settings.quick:
        wanted = (*wanted, 500, len(training))
        seeds, units, steps, rate = 5, 100, 1200, 3e-3
    sizes = sorted({min(size, len(training)) for size in wanted})
    runs = {
        (size, cell, seed): SizeRun(
            network=replace(notes.NETWORK, cell=cell, hidden_size=units, word_size=units, dropout=_DROPOUT),
            config=replace(
                notes.TRAINING,
                seed=seed,
                epochs=epochs(size, steps),
                batch_size=_BATCH,
                learning_rate=rate,
            ),
            size=size,
            training=training,
            dev=dev[:100] if settings.quick else dev,
            test=test[:300] if settings.quick else test,
        )
        for size in reversed(sizes)
        for cell in CELLS
        for seed in settings.seeds(seeds)
    }
    found = run_named(learn, runs, settings.progress)
    scored = {
        size: {cell: [one for key, one in found.items() if key[:2] == (size, cell)] for cell in CELLS} for size in sizes
    }
    parameters = {cell: scored[sizes[0]][cell][0].parameters for cell in CELLS}
    data = {
        "hidden_size": units,
        "batch_size": _BATCH,
        "learning_rate": rate,
        "dropout": _DROPOUT,
        "epochs": {size: epochs(size, steps) for size in sizes},
        "seeds": seeds,
        "dev_utterances": len(next(iter(runs.values())).dev),
        "test_utterances": len(next(iter(runs.values())).test),
        "parameters_at_smallest_size": parameters,
        "f1": {
            size: {
                cell: {"train": [one.fit.training_f1 for one in of_cell], "test": [one.fit.f1 for one in of_cell]}
                for cell, of_cell in by_cell.items()
            }
            for size, by_cell in scored.items()
        },
    }
    note = (
        f"{settings.corpus.name}; {seeds} seeds, each drawing one part for both cells; {units} units a direction, "
        f"dropout {_DROPOUT}, best epoch by dev F1. Bars: Student's 95% intervals. {SOURCE}."
    )
    return Outcome([finding for size in sizes for finding in judge(size, scored[size])], data, _picture(scored, note))


def epochs(size: int, steps: int) -> int:
    """Passes over `size` utterances that come to about `steps` steps: 8 at least and 60 at most."""
    return max(8, min(60, round(steps / math.ceil(size / _BATCH))))


def judge(size: int, scored: dict[str, list[Scored]]) -> list[Finding]:
    """Whether the GRU's F1 is higher, and its gap smaller, than the LSTM's by more than the seeds' chance."""
    findings = []
    for expected, sign, values in (
        ("gru's test F1 is higher", 1, {cell: [one.fit.f1 for one in of] for cell, of in scored.items()}),
        ("gru's train-test gap is smaller", -1, {cell: [one.fit.gap for one in of] for cell, of in scored.items()}),
    ):
        low, high = mean_interval(
            [sign * (gru - lstm) for lstm, gru in zip(values["lstm"], values["gru"], strict=True)]
        )
        lstm, gru = fmean(values["lstm"]), fmean(values["gru"])
        bounds = sorted((sign * low, sign * high))
        measured = f"gru {gru:.3f}, lstm {lstm:.3f}; difference {gru - lstm:+.3f} [{bounds[0]:+.3f}, {bounds[1]:+.3f}]"
        holds = True if low > 0 else False if high < 0 else None
        findings.append(Finding(f"{size} utterances: {expected}", measured, holds))
    return findings


def _picture(scored: dict[int, dict[str, list[Scored]]], note: str) -> Figure:
    verdicts = [judge(size, by_cell)[0].holds for size, by_cell in scored.items()]
    told = {"better": verdicts.count(True), "worse": verdicts.count(False), "too close to call": verdicts.count(None)}
    result = ", ".join(f"{verdict} at {count}" for verdict, count in told.items() if count)
    page = figure(f"GRU against LSTM on short data, of {counted(len(verdicts), 'size')}: {result}", note)
    x = "training utterances (log scale)"
    left = panel(page, 121, title="How well it tags", x=x, y="micro F1")
    right = panel(page, 122, title="How much it overfits", x=x, y="F1 on training text minus F1 on test")
    sizes = list(scored)
    # The cells stand a little apart, so that one's bars do not hide the other's.
    for cell, shift in zip(CELLS, (0.97, 1.03), strict=True):
        places, runs = [size * shift for size in sizes], [scored[size][cell] for size in sizes]
        style: dict[str, Any] = {"color": _COLOURS[cell], "linewidth": 2.5}
        for axes, label, values in (
            (left, f"{cell}, test", [[one.fit.f1 for one in of_size] for of_size in runs]),
            (right, cell, [[one.fit.gap for one in of_size] for of_size in runs]),
        ):
            means = [fmean(of_size) for of_size in values]
            halves = [mean - mean_interval(of_size)[0] for mean, of_size in zip(means, values, strict=True)]
            axes.errorbar(places, means, halves, marker="o", capsize=5, label=label, **style)
        learnt = [fmean(one.fit.training_f1 for one in of_size) for of_size in runs]
        left.plot(places, learnt, linestyle=":", label=f"{cell}, training text", **style)
    for axes, place in ((left, "best"), (right, "upper right")):
        axes.set_xscale("log")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        legend(axes, loc=place)
    return page
