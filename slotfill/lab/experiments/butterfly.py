"""A hair's breadth of weight, a thousand steps: the linear recurrence s_t = w s_{t-1}."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from slotfill.lab.experiment import Finding, Outcome, Settings
from slotfill.lab.picture import BLUE, GREY, LABEL, VERMILION, figure, panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLAIM = "A weight of 1.01 or 0.99 instead of 1 makes a signal, and its gradient, explode or vanish over 1000 steps."
SOURCE = "Bengio, Simard & Frasconi (1994); Pascanu, Mikolov & Bengio (2013), section 2"

STEPS = 1000
WEIGHTS = (1.01, 0.99)
TOLERANCE = 1e-6
_EVERY = 100


class Unrolled(NamedTuple):
    """s_0 to s_n, and ds_t/dw at every hundredth step t."""

    states: list[float]
    gradients: dict[int, float]


def unroll(weight: float, steps: int) -> Unrolled:
    """Run s_t = w s_{t-1} from s_0 = 1 in float64, one real step at a time; gradients by autograd through them all."""
    w = torch.tensor(weight, dtype=torch.float64, requires_grad=True)
    states = [torch.ones_like(w)]
    for _ in range(steps):
        states.append(w * states[-1])
    gradients = {
        step: torch.autograd.grad(states[step], w, retain_graph=True)[0].item()
        for step in range(_EVERY, steps + 1, _EVERY)
    }
    return Unrolled([state.item() for state in states], gradients)


def state(weight: float, steps: int) -> float:
    """The closed form s_n = w^n."""
    return weight**steps


def gradient(weight: float, steps: int) -> float:
    """The closed form ds_n/dw = n w^(n-1)."""
    return steps * weight ** (steps - 1)


def run(settings: Settings) -> Outcome:  # noqa: ARG001 - nothing here is random, slow or text
    """Unroll both weights, and compare with the closed forms."""
    unrolled = {weight: unroll(weight, STEPS) for weight in WEIGHTS}
    findings = []
    for weight, (states, gradients) in unrolled.items():
        for what, name, closed, measured in (
            ("state", f"{weight}^{STEPS}", state(weight, STEPS), states[STEPS]),
            ("gradient", f"{STEPS} · {weight}^{STEPS - 1}", gradient(weight, STEPS), gradients[STEPS]),
        ):
            off = abs(measured / closed - 1)
            seen = f"{measured:,.6g} after {STEPS} real steps, relative error {off:.0e}"
            findings.append(Finding(f"{what} {name} = {closed:,.6g}", seen, off <= TOLERANCE))
    data = {str(weight): found._asdict() for weight, found in unrolled.items()}
    return Outcome(findings, {"steps": STEPS, "weights": data}, _picture(unrolled))


def _picture(unrolled: dict[float, Unrolled]) -> Figure:
    ends = [found.states[-1] for found in unrolled.values()]
    page = figure(
        f"{STEPS} steps with 1% more or less weight: a state of {ends[0]:,.0f} or of {ends[1]:.6f}",
        f"Linear recurrence from 1, in float64, step by step; gradients by autograd through every step. {SOURCE}.",
    )
    left = panel(page, 121, title="The state, $s_t = w\\,s_{t-1}$", x="step t", y="state (log scale)")
    right = panel(page, 122, title="Its gradient", x="step t", y="gradient of the state by w (log scale)")
    steps = range(1, STEPS + 1)
    for (weight, found), colour in zip(unrolled.items(), (VERMILION, BLUE), strict=True):
        left.plot(found.states, color=colour, linewidth=3)
        right.plot(steps, [gradient(weight, step) for step in steps], color=colour, linewidth=2)
        right.plot(list(found.gradients), list(found.gradients.values()), "o", color=colour, markersize=8)
        for axes, value in ((left, found.states[-1]), (right, found.gradients[STEPS])):
            _name(axes, weight, value, colour)
    left.axhline(1, color=GREY, linestyle="--")
    right.text(0.04, 0.8, "lines: t · w$^{t-1}$\ndots: autograd", transform=right.transAxes, fontsize=LABEL, color=GREY)
    for axes in (left, right):
        axes.set_yscale("log")
        axes.margins(y=0.13)
        axes.set_xlim(0, STEPS * 1.02)
    return page


def _name(axes: Axes, weight: float, value: float, colour: str) -> None:
    """Write the weight and the last value beside the end of its curve."""
    axes.annotate(
        f"w = {weight}: {value:,.3g}" if value < 1 else f"w = {weight}: {value:,.0f}",
        (STEPS, value),
        (-14, 14 if value > 1 else -14),
        textcoords="offset points",
        ha="right",
        va="center",
        color=colour,
        fontsize=LABEL + 1,
        fontweight="bold",
    )
