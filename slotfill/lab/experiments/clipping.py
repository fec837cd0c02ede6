"""Rising learning rates, with clipping and without."""

from __future__ import annotations

import math
from dataclasses import replace
from operator import itemgetter
from statistics import fmean
from typing import TYPE_CHECKING

from matplotlib.colors import LinearSegmentedColormap

from slotfill.lab import notes
from slotfill.lab.descent import Descended, DescentRun, descend
from slotfill.lab.experiment import Finding, Outcome, Settings
from slotfill.lab.picture import BLUE, GREEN, INK, ORANGE, TITLE, VERMILION, figure, legend, panel
from slotfill.lab.runs import run_named

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLAIM = "Clipping the gradient lets a network learn at rates at which its training otherwise explodes."
SOURCE = "Pascanu, Mikolov & Bengio (2013), section 3.2; auto: Seetharaman, Wichern, Pardo & Le Roux (2020)"

CLIPPINGS: dict[str, dict[str, float]] = {
    "none": {},
    "value": {"value": 0.1},
    "norm": {"norm": 5.0},
    "auto": {"percentile": 10.0},
}
"""Each with the settings of its `Clipping`."""
SEEDS = 5
COLLAPSED = 0.5
"""A run has collapsed if its F1 is below this share of the best setting's mean, or 0; or learns too slowly."""
_DECISIVE = 3
_COLOURS = dict(zip(CLIPPINGS, (VERMILION, ORANGE, BLUE, GREEN), strict=True))
_MARKERS = dict(zip(CLIPPINGS, "X^os", strict=True))

Scores = dict[str, dict[float, list[float | None]]]
"""By clipping and learning rate each run's F1 on dev, a fraction; None where it ended in NaN or infinity."""


def run(settings: Settings) -> Outcome:
    """Train a rectifier's Elman tagger by plain gradient descent at every rate, with every clipping."""
    quick = settings.quick
    rates = (0.03, 0.1, 0.3, 1.0, 3.0) if quick else (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 10.0)
    learnt, epochs, units = (200, 6, 32) if quick else (1000, 6, 64)
    training, dev = settings.corpus.split("train")[:learnt], settings.corpus.split("dev")[: 100 if quick else 300]
    network = replace(
        notes.NETWORK,
        cell="elman",
        activation="relu",
        hidden_size=units,
        word_size=units,
        character_size=8,
        character_filters=16,
        dropout=0.0,
    )
    runs = {
        (clipping, rate, seed): DescentRun(
            network=network,
            training=training,
            dev=dev,
            clip=clip,
            learning_rate=rate,
            epochs=epochs,
            batch_size=10,
            seed=seed,
        )
        for clipping, clip in CLIPPINGS.items()
        for rate in rates
        for seed in settings.seeds(SEEDS)
    }
    found: dict[tuple[str, float, int], Descended] = run_named(descend, runs, settings.progress)
    scores: Scores = {
        clipping: {rate: [one.f1 for key, one in found.items() if key[:2] == (clipping, rate)] for rate in rates}
        for clipping in CLIPPINGS
    }
    best = best_mean(scores)
    data = {
        "optimizer": "plain stochastic gradient descent",
        "clippings": CLIPPINGS,
        "training_utterances": len(training),
        "epochs": epochs,
        "hidden_size": units,
        "collapsed_below": COLLAPSED * best,
        "dev_f1": scores,
        "steps": {
            clipping: {rate: [one.steps for key, one in found.items() if key[:2] == (clipping, rate)] for rate in rates}
            for clipping in CLIPPINGS
        },
    }
    settings_of = "; ".join(f"{name} {value:g}" for clip in CLIPPINGS.values() for name, value in clip.items())
    note = (
        f"Elman tagger (ReLU, {units} units), plain gradient descent without momentum; {settings.corpus.name}, "
        f"{len(training)} utterances, {epochs} epochs, {SEEDS} seeds. Clipping: {settings_of}. "
        f"Failed: NaN or infinity, or dev F1 0, or below {COLLAPSED * best:.2f}, half of the best setting's mean; "
        "slow: so low in most runs, at this rate and at lower ones, but finite. "
        f"{SOURCE}."
    )
    return Outcome(judge(scores), data, _picture(scores, note))


def best_mean(scores: Scores) -> float:
    """The highest mean F1 of any clipping at any rate; a run that is not finite counts as 0."""
    return max(fmean(f1 or 0.0 for f1 in of_rate) for by_rate in scores.values() for of_rate in by_rate.values())


def failed(f1: float | None, best: float) -> bool:
    """Whether a run ended in a number that is not finite, or collapsed, or has not learnt much yet."""
    return not f1 or f1 < COLLAPSED * best


def finite(runs: list[float | None]) -> list[float]:
    """The F1 of the runs that ended with finite numbers."""
    return [f1 for f1 in runs if f1 is not None]


def failures(scores: Scores) -> dict[str, dict[float, int | None]]:
    """How many runs failed, by clipping and learning rate; None where the rate is too low to tell.

    That is where all runs are finite, and neither there nor at a lower rate most of them have learnt, though at a
    higher one they have: then it is not the clipping that they fail by, but the time they have.
    """
    best = best_mean(scores)
    counts: dict[str, dict[float, int | None]] = {}
    for clipping, by_rate in scores.items():
        lost = {rate: sum(failed(f1, best) for f1 in of_rate) for rate, of_rate in by_rate.items()}
        first = min((rate for rate, of_rate in by_rate.items() if lost[rate] <= len(of_rate) / 2), default=-math.inf)
        counts[clipping] = {
            rate: None if rate < first and None not in by_rate[rate] else count for rate, count in lost.items()
        }
    return counts


def decisive(scores: Scores) -> list[float]:
    """The learning rates at which 3 of 5 runs or more fail without clipping, and none with clipping by norm."""
    lost = failures(scores)
    return [rate for rate, count in lost["none"].items() if (count or 0) >= _DECISIVE and lost["norm"][rate] == 0]


def judge(scores: Scores) -> list[Finding]:
    """The decisive rates, and how each clipping fares over all of them."""
    lost, rates = failures(scores), decisive(scores)
    if rates:
        told = "; ".join(
            f"rate {rate:g}: " + ", ".join(f"{clipping} {_told(lost[clipping][rate])}" for clipping in CLIPPINGS)
            for rate in rates
        )
    else:
        told = "no such rate among " + ", ".join(f"{rate:g}" for rate in lost["none"])
    highest = {
        clipping: max((rate for rate, count in of_clipping.items() if count == 0), default=0.0)
        for clipping, of_clipping in lost.items()
    }
    findings = [
        Finding(
            f"a rate at which unclipped training fails in {_DECISIVE} of {SEEDS} runs or more, clipped by norm in none",
            f"failed of {SEEDS}, at {told}" if rates else told,
            bool(rates),
        )
    ]
    for clipping, by_rate in scores.items():
        stood = highest[clipping]
        stands = f"highest rate without a failure: {stood:g}" if stood else "no rate without a failure"
        means = {rate: fmean(alive) for rate, runs in by_rate.items() if (alive := finite(runs))}
        best = max(means.items(), key=itemgetter(1), default=(math.nan, math.nan))
        findings.append(
            Finding(
                "no clipping" if clipping == "none" else f"{clipping} stands higher rates than none",
                f"{stands}; "
                f"{sum(f1 is None for runs in by_rate.values() for f1 in runs)} of {SEEDS * len(by_rate)} runs end in "
                f"NaN or infinity; best mean F1 of the others {best[1]:.2f}, at rate {best[0]:g}",
                None if clipping == "none" else stood > highest["none"],
            )
        )
    return findings


def _told(count: int | None) -> str:
    return "slow" if count is None else str(count)


def _picture(scores: Scores, note: str) -> Figure:
    lost, rates = failures(scores), decisive(scores)
    message = "No learning rate parts clipping by norm from no clipping"
    if rates:
        count = lost["none"][rates[0]]
        message = f"At rate {rates[0]:g}, {count} of {SEEDS} runs fail without clipping, none when the norm is clipped"
    page = figure(message, note)
    names = [f"{rate:g}" for rate in lost["none"]]
    left = panel(page, 121, title=f"Runs that fail, of {SEEDS}", x="learning rate", y="clipping")
    counts = [list(by_rate.values()) for by_rate in lost.values()]
    shown = [[count or 0 for count in of_row] for of_row in counts]
    left.imshow(shown, cmap=LinearSegmentedColormap.from_list("failures", ["white", VERMILION]), aspect="auto")
    for row, of_row in enumerate(counts):
        for column, count in enumerate(of_row):
            left.text(column, row, _told(count), ha="center", va="center", fontsize=TITLE, color=INK)
    left.grid(visible=False)
    left.set_yticks(range(len(CLIPPINGS)), list(CLIPPINGS))
    right = panel(
        page, 122, title="How well what is finite tags", x="learning rate", y="micro F1 on dev, mean of finite runs"
    )
    for clipping, by_rate in scores.items():
        means = [fmean(alive) if (alive := finite(runs)) else math.nan for runs in by_rate.values()]
        right.plot(
            means, color=_COLOURS[clipping], marker=_MARKERS[clipping], linewidth=2.5, markersize=9, label=clipping
        )
    for axes in (left, right):
        axes.set_xticks(range(len(names)), names)
    right.set_ylim(0)
    legend(right)
    return page
