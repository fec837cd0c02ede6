"""The gradient on its way back in time, by activation, by cell and by recurrent matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import TYPE_CHECKING

from slotfill.errors import DataError
from slotfill.lab import notes
from slotfill.lab.experiment import Finding, Outcome, Settings
from slotfill.lab.fading import Curve, TaggerRun, measure, prefixes, untrained
from slotfill.lab.picture import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, figure, legend, panel
from slotfill.lab.runs import run_named
from slotfill.learning.gradient_flow import decay

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLAIM = "A gradient vanishes or explodes by the recurrent matrix, not by the activation alone."
SOURCE = "Bengio, Simard & Frasconi (1994); Pascanu, Mikolov & Bengio (2013), section 2; Le et al. (2015)"

CELLS = {
    "sigmoid": replace(notes.NETWORK, cell="elman", activation="sigmoid", one_way=True),
    "tanh": replace(notes.NETWORK, cell="elman", activation="tanh", one_way=True),
    "ReLU": replace(notes.NETWORK, cell="elman", activation="relu", one_way=True),
    "irnn": replace(notes.NETWORK, cell="irnn", one_way=True),
    "lstm": replace(notes.NETWORK, cell="lstm", one_way=True),
    "gru": replace(notes.NETWORK, cell="gru", one_way=True),
}
ACTIVATIONS = ("sigmoid", "tanh", "ReLU")
RADII = (0.5, 1.0, 1.5)
_AS_MUCH = 0.9
"""Of tanh's F1: what has learnt less has gradients of another kind of network."""
_STYLES = (":", "--", "-")


def run(settings: Settings) -> Outcome:
    """Train six taggers over several seeds; scale the recurrent matrix of three of them at their start."""
    size, seeds, learnt, epochs, rate = (64, 2, 600, 8, 0.01) if settings.quick else (64, 5, 2000, 15, 3e-3)
    training, dev, test = (settings.corpus.split(name) for name in ("train", "dev", "test"))
    measured_on = prefixes([*dev, *test])
    runs = {
        (name, seed): TaggerRun(
            network=replace(network, hidden_size=size, word_size=size, dropout=0.25),
            config=replace(notes.TRAINING, seed=seed, epochs=epochs, batch_size=10, learning_rate=rate),
            training=training[:learnt],
            dev=dev[:200],
            measured=measured_on,
        )
        for seed in settings.seeds(seeds)
        for name, network in CELLS.items()
    }
    measured = run_named(measure, runs, settings.progress)
    start, trained, f1 = {}, {}, {}
    for cell in CELLS:
        of_cell = [one for (name, _), one in measured.items() if name == cell]
        start[cell] = typical([one.start for one in of_cell])
        trained[cell] = typical([one.trained for one in of_cell])
        f1[cell] = fmean(one.f1 for one in of_cell)
    scaled = {
        cell: {
            radius: typical([untrained(one, radius) for (name, _), one in runs.items() if name == cell])
            for radius in RADII
        }
        for cell in ACTIVATIONS
    }
    data = {
        "hidden_size": size,
        "seeds": seeds,
        "training_utterances": len(training[:learnt]),
        "epochs": epochs,
        "learning_rate": rate,
        "measured_utterances": len(measured_on),
        "dev_f1": f1,
        "share_left_at_start": start,
        "share_left_after_training": trained,
        "share_left_by_spectral_radius": scaled,
    }
    note = (
        f"Median over {len(measured_on)} held-out utterances of {settings.corpus.name} and {seeds} seeds; one-way "
        f"taggers, {size} units, {len(training[:learnt])} utterances, {epochs} epochs. {SOURCE}."
    )
    return Outcome(judge(start, trained, scaled, f1), data, _picture(start, trained, scaled, note))


def typical(curves: Sequence[Curve]) -> Curve:
    """The median over seeds, at each distance; raise `DataError` where one reaches nowhere."""
    if min(map(len, curves)) < 2:
        raise DataError(
            "no gradient to follow back: training never shows the tags of the measured utterances' last words"
        )
    return tuple(median(shares) for shares in zip(*curves, strict=True))


def judge(
    start: dict[str, Curve], trained: dict[str, Curve], scaled: dict[str, dict[float, Curve]], f1: dict[str, float]
) -> list[Finding]:
    """What the curves say for and against the claim."""
    factors = {cell: {radius: decay(one) or 0.0 for radius, one in of.items()} for cell, of in scaled.items()}
    first, last = ({cell: decay(one) or 0.0 for cell, one in of.items()} for of in (start, trained))

    def by_radius(cell: str) -> str:
        return "a word back: " + ", ".join(f"×{factor:.2f} at {radius:g}" for radius, factor in factors[cell].items())

    def gates(expected: str, of: dict[str, float], curves: dict[str, Curve], *, comparable: bool = True) -> Finding:
        cells = ("lstm", "gru", "tanh")
        slopes = ", ".join(f"{cell} ×{of[cell]:.2f}" for cell in cells)
        left = ", ".join(f"{cell} {curves[cell][1]:.2g}" for cell in cells)
        measured = f"{slopes} a word; left one word back: {left}"
        return Finding(expected, measured, min(of["lstm"], of["gru"]) > of["tanh"] if comparable else None)

    tanh, relu, sigmoid = (list(factors[cell].values()) for cell in ("tanh", "ReLU", "sigmoid"))
    findings = [
        Finding(
            "tanh: the larger an orthogonal W is made, its radius and singular values alike, the more is left",
            by_radius("tanh"),
            tanh == sorted(set(tanh)),
        ),
        Finding("ReLU: vanishes at radius 0.5, explodes at 1.5", by_radius("ReLU"), relu[0] < 1 < relu[-1]),
        Finding(
            "sigmoid: its slope of at most 1/4 vanishes at all three radii", by_radius("sigmoid"), max(sigmoid) < 1
        ),
        Finding(
            "the same ReLU with W the identity (irnn), not a random orthogonal matrix, fades more slowly",
            f"×{first['irnn']:.2f} a word against ×{first['ReLU']:.2f}",
            first["irnn"] > first["ReLU"],
        ),
        gates(
            "from word to word a gradient fades more slowly through gates than through tanh, at the start", first, start
        ),
        gates(
            "the same after training, if both learnt as much as tanh",
            last,
            trained,
            comparable=min(f1["lstm"], f1["gru"]) >= _AS_MUCH * f1["tanh"],
        ),
    ]
    return findings + [
        Finding(
            f"{cell}, after training",
            f"{told(last[cell], trained[cell])}; it began at {told(first[cell], start[cell])}; dev F1 {f1[cell]:.2f}",
            None,
        )
        for cell in CELLS
    ]


def told(factor: float, curve: Curve) -> str:
    """The factor fitted to a curve, and what was measured at its ends."""
    return f"×{factor:.2f} a word; left: {curve[1]:.2g} one word back, {curve[-1]:.2g} {len(curve) - 1} back"


def _picture(
    start: dict[str, Curve], trained: dict[str, Curve], scaled: dict[str, dict[float, Curve]], note: str
) -> Figure:
    small, large = (scaled["ReLU"][radius][-1] for radius in (RADII[0], RADII[-1]))
    farthest = len(start["ReLU"]) - 1
    message = f"Same ReLU, other matrix: {farthest} words back, the gradient is ×{small:.0e} or ×{large:.2g}"
    page = figure(message, note)
    colours = dict(zip(CELLS, (SKY, VERMILION, ORANGE, GREEN, BLUE, PURPLE), strict=True))
    titles = ("At the start", "After training", "At the start, W scaled")
    y = "‖∂$L_T$ / ∂$h_{T-k}$‖, share left (log scale)"
    panels = [
        panel(page, 130 + place, title=title, x="words back, k", y=y if place == 1 else "")
        for place, title in enumerate(titles, start=1)
    ]
    for axes, curves in zip(panels, (start, trained), strict=False):
        for cell, shares in curves.items():
            axes.plot(shares, color=colours[cell], linewidth=2.5, label=cell)
    for cell, of_cell in scaled.items():
        for shares, style in zip(of_cell.values(), _STYLES, strict=True):
            panels[2].plot(shares, color=colours[cell], linewidth=2.5, linestyle=style)
    for radius, style in zip(RADII, _STYLES, strict=True):
        panels[2].plot([], color=GREY, linewidth=2.5, linestyle=style, label=f"orthogonal W, times {radius:g}")
    for axes in panels:
        axes.set_yscale("log")
        axes.set_ylim(1e-6, 1e3)
    legend(panels[0], loc="upper right", ncols=2)
    legend(panels[2], loc="upper left")
    return page
