"""The adding problem: two numbers carried to the end of a long sequence, and added."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import TYPE_CHECKING

from slotfill.config import NetworkConfig
from slotfill.lab.adders import AddingRun, learn
from slotfill.lab.experiment import Finding, Outcome, Settings
from slotfill.lab.picture import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, figure, legend, panel
from slotfill.lab.runs import run_named

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLAIM = "An IRNN carries two numbers over 150 steps about as well as an LSTM; tanh and ReLU networks do not."
SOURCE = "Hochreiter & Schmidhuber (1997); Le, Jaitly & Hinton (2015), section 4.1"

_CLAIMED = 150
"""The claim's steps."""
ALWAYS_ONE = 1 / 6
"""The mean squared error of always answering 1: the variance of a sum of two uniform numbers."""
SOLVED = ALWAYS_ONE / 10
CELLS = {
    "tanh": NetworkConfig(cell="elman", activation="tanh"),
    "ReLU": NetworkConfig(cell="elman", activation="relu"),
    "irnn": NetworkConfig(cell="irnn"),
    "lstm": NetworkConfig(cell="lstm"),
    "gru": NetworkConfig(cell="gru"),
}
_COLOURS = dict(zip(CELLS, (VERMILION, ORANGE, GREEN, BLUE, PURPLE), strict=True))

Curve = list[float]
Curves = dict[str, list[Curve]]
"""Each cell's curves of the mean squared error, one a seed."""


def run(settings: Settings) -> Outcome:
    """Train every cell at every length, with the same budget."""
    lengths, seeds, size, steps = ((50,), 2, 32, 1500) if settings.quick else ((50, 100, 150), 3, 64, 4000)
    plan = AddingRun(
        network=NetworkConfig(hidden_size=size),
        length=lengths[-1],
        seed=settings.seed,
        steps=steps,
        batch_size=32,
        learning_rate=3e-3,
        clip_norm=1.0,
        every=50,
    )
    runs = {
        (length, cell, seed): replace(plan, network=replace(network, hidden_size=size), length=length, seed=seed)
        for length in reversed(lengths)
        for cell, network in CELLS.items()
        for seed in settings.seeds(seeds)
    }
    found = run_named(learn, runs, settings.progress)
    curves: dict[int, Curves] = {
        length: {cell: [curve for key, curve in found.items() if key[:2] == (length, cell)] for cell in CELLS}
        for length in lengths
    }
    findings = judge_all(curves)
    data = {
        "always_one": ALWAYS_ONE,
        "solved_below": SOLVED,
        "seeds": seeds,
        "hidden_size": size,
        "steps": steps,
        "batch_size": plan.batch_size,
        "learning_rate": plan.learning_rate,
        "clip_norm": plan.clip_norm,
        "steps_between_errors": plan.every,
        "errors": curves,
    }
    shorter = f"{lengths[-1]} steps, not the claim's {_CLAIMED}; " if settings.quick else ""
    note = (
        f"{shorter}{size} units, {steps:,} steps of Adam (rate {plan.learning_rate:g}, gradient norm clipped at "
        f"{plan.clip_norm:g}) on {plan.batch_size} fresh problems each; thin: {seeds} seeds, thick: their median. "
        f"tanh and ReLU start with an orthogonal recurrent matrix. {SOURCE}."
    )
    return Outcome(findings, data, _picture(curves, plan.every, note))


def final(curve: Curve) -> float:
    """Where a curve ends: the median of its last five points, for it may spike; NaN if one of them is."""
    last = curve[-5:]
    return math.nan if any(map(math.isnan, last)) else median(last)


def judge_all(curves: dict[int, Curves]) -> list[Finding]:
    """What was found at each length; of shorter ones than the claim's no verdict, for they are easier."""
    return [
        finding if length >= _CLAIMED else replace(finding, holds=None)
        for length, of_length in curves.items()
        for finding in judge(length, of_length)
    ]


def judge(length: int, curves: Curves) -> list[Finding]:
    """The claim's two halves, and the GRU, of which it says nothing, at one length."""
    solved = {cell: sum(final(curve) < SOLVED for curve in of_cell) for cell, of_cell in curves.items()}

    def told(*names: str) -> str:
        return "; ".join(
            f"{cell} {fmean(map(final, curves[cell])):.4f}, {solved[cell]} of {len(curves[cell])} solved"
            for cell in names
        )

    comparable = solved["irnn"] == solved["lstm"] if solved["irnn"] or solved["lstm"] else None
    return [
        Finding(f"T = {length}: irnn solves it as often as lstm", told("irnn", "lstm"), comparable),
        *(
            Finding(
                f"T = {length}: {cell}, W orthogonal at first, stays above half of the error of always answering 1, "
                f"{ALWAYS_ONE:.3f}, with every seed",
                told(cell),
                not any(final(curve) <= ALWAYS_ONE / 2 for curve in curves[cell]),  # NaN is no answer, either.
            )
            for cell in ("tanh", "ReLU")
        ),
        Finding(f"T = {length}: of gru nothing is claimed", told("gru"), None),
    ]


def _picture(curves: dict[int, Curves], every: int, note: str) -> Figure:
    longest = max(curves)
    solving = [cell for cell, of_cell in curves[longest].items() if all(final(curve) < SOLVED for curve in of_cell)]
    page = figure(
        f"Adding two numbers out of {longest}: {_listed(solving)} learnt it with every seed",
        note,
    )
    for place, (length, of_length) in enumerate(curves.items(), start=1):
        axes = panel(
            page,
            100 + 10 * len(curves) + place,
            title=f"T = {length} numbers",
            x="training step",
            y="mean squared error (log scale)" if place == 1 else "",
        )
        for cell, of_cell in of_length.items():
            steps = range(0, every * len(of_cell[0]), every)
            for curve in of_cell:
                axes.plot(steps, curve, color=_COLOURS[cell], linewidth=0.8, alpha=0.4)
            middle = [median(errors) for errors in zip(*of_cell, strict=True)]
            axes.plot(steps, middle, color=_COLOURS[cell], linewidth=2.5, label=cell)
        axes.axhline(ALWAYS_ONE, color=GREY, linestyle="--", linewidth=2, label=f"always 1: {ALWAYS_ONE:.3f}")
        axes.set_yscale("log")
        axes.set_ylim(1e-4, 3)
        axes.set_xlim(0, steps[-1])
        if place == 1:
            legend(axes, loc="lower left")
    return page


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return names[0] if names else "no cell"
    return f"{', '.join(names[:-1])} and {names[-1]}"
