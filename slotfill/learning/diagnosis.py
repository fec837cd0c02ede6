"""From measurements to illnesses, in plain words with what to change."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from slotfill.config import TrainingConfig
from slotfill.corpus.splits import sample
from slotfill.corpus.utterance import Utterance
from slotfill.learning.diagnostics import FAR, CellExamination, Course, Examination, examine
from slotfill.learning.history import Epoch
from slotfill.legible import counted
from slotfill.network.cells import CELLS
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary


class Limit(NamedTuple):
    """From where on a measurement is a mild or a serious sign; where `serious` is the smaller, less is worse."""

    mild: float
    serious: float

    def badness(self, value: float | None) -> float:
        """A number that grows as the measurement gets worse; what was not measured is never the worst."""
        if value is None:
            return -math.inf
        return value if self.serious > self.mild else -value

    def severity(self, value: float | None) -> str | None:
        """`mild`, `serious`, or None where there is nothing to say."""
        badness = self.badness(value)
        if badness >= self.badness(self.serious):
            return "serious"
        return "mild" if badness >= self.badness(self.mild) else None


VANISHING = Limit(mild=0.003, serious=0.001)
"""What the gradient's factor comes to over ten words. For networks that had learned ATIS or SNIPS well that was between
0.4% (elman), 1% (irnn) and 16% (lstm), 32% (gru); for an orthogonal matrix scaled to spectral radius 0.5 it is 0.1% at
most, 0.5^10."""

EXPLODING = Limit(mild=0.5, serious=2)
"""The same, where nothing but saturated units holds it down; see `_growth`.
Networks of such a matrix that had learned well kept 13% at most."""

CHANCE = 1.1
"""What is to count as above 1, a spectral radius or a growth, is above this."""

CLIPPED = 0.9
"""Share of clipped steps. Pascanu et al. (2013, section 3.2) found training to converge with thresholds of half to ten
times the mean norm, if more slowly with some: there some steps are clipped, not nearly all. They had plain gradient
descent, where a cut step is a small one; AdamW divides a step by what is usual, so that this is never serious."""

DEAD = Limit(mild=0.25, serious=0.5)
"""Share of units that are 0 at every word; an untrained irnn has up to 15%."""

SATURATED = Limit(mild=0.75, serious=0.9)
"""Share of saturated gate values; gates that decide are saturated now and then: half of the time in an LSTM, 60% in a
tanh Elman that had learned ATIS well."""

OVERFITTING = Limit(mild=0.1, serious=0.2)
"""F1 on training utterances minus F1 on others; on ATIS it is 0.03, and on a sample of 300 chance moves it by 0.03."""

UNDERFITTING = Limit(mild=0.8, serious=0.5)
"""F1 on training utterances; well-trained networks reach 0.99."""

DIVERGING = Limit(mild=1, serious=3)
"""Rescues; a run gives up after 5."""

_WATCHED = 100

_MOST = 0.5
"""Share of clipped steps from which on clipping is no longer the exception it should be."""

_TO_REMEMBER = {
    "gru": "try --cell lstm, whose forget gate starts open",
    "irnn": "try --cell gru or lstm",
}


@dataclass(frozen=True)
class Diagnosis:
    """One illness.

    Attributes:
        name: as the field calls it.
        severity: mild or serious.
        place: the cell that it is of; None: it is of the whole.
        more: how many more cells have it.
        finding: what was measured, with its numbers.
        advice: what to change.
    """

    name: str
    severity: str
    place: str | None
    finding: str
    advice: str
    more: int = 0


def diagnose(examination: Examination) -> list[Diagnosis]:
    """The illnesses that the measurements show; none of a healthy network, nor of what was not measured."""
    looks: tuple[Callable[[Examination], Diagnosis | None], ...] = (
        _vanishing,
        _exploding,
        _clipped,
        _diverging,
        _dead,
        _saturated,
        _overfitting,
        _underfitting,
    )
    return [found for look in looks if (found := look(examination))]


def epoch_report(
    record: Epoch, network: TaggerNetwork, vocabulary: Vocabulary, dev: Sequence[Utterance], config: TrainingConfig
) -> str:
    """One line about a network in training: an examination of a hundred dev utterances, under a second."""
    course = Course.of([record.to_json()], record.epoch, config.to_json(), rescues=record.rescues)
    return in_a_line(examine(network, vocabulary, sample(dev, _WATCHED), course=course))


def in_a_line(examination: Examination) -> str:
    """The cell in which least of the gradient is left, and the names of what was found: for who watches training."""
    cell = min(examination.cells, key=lambda each: math.inf if each.left is None else each.left)
    parts = [] if cell.radius is None else [f"radius {cell.radius:.2f}"]
    parts += [] if cell.mean_saturated is None else [f"saturated {percent(cell.mean_saturated)}"]
    gradient = "no gradient" if cell.decay is None else f"gradient {cell.decay:.2f} a word"
    left = [] if cell.left is None else [f"{percent(cell.left)} left {counted(cell.reach, 'word')} back"]
    line = ", ".join([f"{cell.name}: {gradient}", *left, *parts, f"dead {percent(cell.dead)}"])
    names = ", ".join(each.name + _elsewhere(each, cell) for each in diagnose(examination))
    return f"{line} -> {names}" if names else line


def _elsewhere(found: Diagnosis, cell: CellExamination) -> str:
    """Where something was found, in brackets, as far as that is not in the cell that a line is of."""
    places = [] if found.place in (None, cell.name) else [found.place]
    places += [f"and {found.more} more"] if found.more else []
    return f" ({', '.join(map(str, places))})" if places else ""


class _Worst(NamedTuple):
    """The cell furthest beyond a limit, how severe that is, and how many more are beyond it."""

    cell: CellExamination
    severity: str
    more: int

    def __str__(self) -> str:
        return self.cell.name + (f" (and {self.more} more)" if self.more else "")

    def diagnosis(self, name: str, finding: str, advice: str) -> Diagnosis:
        """Of this cell and its like."""
        return Diagnosis(name, self.severity, self.cell.name, f"{self}: {finding}", advice, self.more)


def _worst(examination: Examination, limit: Limit, measure: Callable[[CellExamination], float | None]) -> _Worst | None:
    """The cell furthest beyond a limit, how severe that is, and how many more are; None if all keep it."""
    worst = max(examination.cells, key=lambda cell: limit.badness(measure(cell)))
    severity = limit.severity(measure(worst))
    if severity is None:
        return None
    more = sum(limit.severity(measure(cell)) is not None for cell in examination.cells) - 1
    return _Worst(worst, severity, more)


def _stuck(cell: CellExamination) -> bool:
    """Whether units that are dead or saturated are cause enough for a gradient to vanish."""
    return DEAD.severity(cell.dead) is not None or SATURATED.severity(cell.mean_saturated) is not None


def _compounded(cell: CellExamination) -> str:
    over = f"{percent(cell.compounded)} over {counted(cell.reach, 'word')}"
    return (
        f"a factor of {cell.decay:.2f} a word, which comes to {over}; of the whole, {percent(cell.left)} is left there"
    )


def _radius(cell: CellExamination) -> str:
    return "" if cell.radius is None else f"; the largest spectral radius is {cell.radius:.2f}"


def _vanishing(examination: Examination) -> Diagnosis | None:
    found = _worst(examination, VANISHING, lambda cell: None if _stuck(cell) else cell.compounded)
    if not found:
        return None
    cell = found.cell
    finding = f"the gradient falls by {_compounded(cell)}{_radius(cell)}"
    advice = _TO_REMEMBER.get(cell.cell, "try --cell gru or irnn")
    if "forget_bias" in CELLS.load(cell.cell).CELL.options:
        advice = "raise --forget-bias"
    bptt = examination.course and examination.course.bptt
    if bptt and bptt <= cell.reach:
        finding += f"; training's own gradient went back {counted(bptt - 1, 'word')} at most (--bptt {bptt})"
        advice += ", and raise --bptt"
    return found.diagnosis("vanishing gradient", finding, advice)


def _growth(cell: CellExamination) -> float | None:
    """What the gradient's factor comes to, where it may explode: over ten words, or over fewer if that is less.

    That is where the one recurrent matrix has a spectral radius above 1, without which nothing grows for long in a
    linear network (Pascanu et al., 2013, section 2.1), or, for a cell of several matrices or without a radius, where
    the gradient does grow.
    """
    if cell.decay is None or cell.compounded is None:
        return None
    sign = cell.radii[0] if len(cell.radii) == 1 else cell.compounded
    return min(cell.compounded, cell.decay**FAR) if sign > CHANCE else None


def _exploding(examination: Examination) -> Diagnosis | None:
    course = examination.course
    # `--clip auto` cuts most steps by design.
    if course and course.clipping and (course.clipped < _MOST or not course.fixed_clipping):
        return None
    if not (found := _worst(examination, EXPLODING, _growth)):
        return None
    cell = found.cell
    change = "grows by" if cell.decay and cell.decay > 1 else "hardly fades: it falls by"
    finding = f"the gradient {change} {_compounded(cell)}{_radius(cell)}"
    advice = "clip it with --clip-norm 5; if that is not enough, lower --learning-rate"
    if course and course.clipping:
        finding += f"; {percent(course.clipped)} of the steps were clipped"
        other = "" if cell.cell == "gru" else ", or try --cell gru"
        advice = f"lower --learning-rate{other}: clipping at this many steps is no cure"
    elif course:
        finding += f"; nothing was clipped, and the gradient's norm was {course.gradient_norm:.3g} on average"
        finding += f" and {course.largest_gradient_norm:.3g} at most in a step that was made"
    return found.diagnosis("exploding gradient", finding, advice)


def _clipped(examination: Examination) -> Diagnosis | None:
    course = examination.course
    if course is None or not course.fixed_clipping or _exploding(examination) or _diverging(examination):
        return None
    if course.clipped < CLIPPED:
        return None
    finding = f"{percent(course.clipped)} of the steps were clipped"
    finding += f"; the gradient's norm was {course.gradient_norm:.3g} on average"
    other = f"--clip-norm {2 * course.clip_norm:g}" if course.clip_norm else "--clip-norm in place of --clip-value"
    advice = (
        f"AdamW sets the size of steps anyway, so that it may do no harm: keep {other} only if dev F1 is better by it"
    )
    return Diagnosis("clipping at nearly every step", "mild", None, finding, advice)


def _diverging(examination: Examination) -> Diagnosis | None:
    course = examination.course
    if course is None:
        return None
    severity = "serious" if course.diverged else DIVERGING.severity(course.rescues)
    if severity is None:
        return None
    finding = "a loss or gradient was not finite, or the loss far above that of guessing"
    if course.rescues:
        times = "once" if course.rescues == 1 else f"{course.rescues} times"
        finding = f"{times} {finding}, and training went back to good weights"
    if course.diverged:
        finding += "; at last no rescue was left" if course.rescues else ", and there were no rescues"
    advice = "lower --learning-rate" + (", or clip more closely" if course.clipping else ", and clip: --clip-norm 5")
    return Diagnosis("diverging training", severity, None, finding, advice)


def _dead(examination: Examination) -> Diagnosis | None:
    if not (found := _worst(examination, DEAD, lambda cell: cell.dead)):
        return None
    cell = found.cell
    finding = f"{percent(cell.dead)} of the units were 0 at every word"
    advice = "lower --learning-rate, or try --cell gru, which has no rectifiers"
    if cell.saturated.keys() - {"unit"}:
        advice = "lower --learning-rate: its gates let nothing out"
    return found.diagnosis("dead units", finding, advice)


def _saturated(examination: Examination) -> Diagnosis | None:
    if not (found := _worst(examination, SATURATED, lambda cell: cell.mean_saturated)):
        return None
    cell = found.cell
    gates = ", ".join(f"{name} {percent(share)}" for name, share in cell.saturated.items())
    what = "unit" if cell.saturated.keys() == {"unit"} else "gate"
    finding = f"{percent(cell.mean_saturated)} of the {what} values are at an end of their range ({gates})"
    advice = f"lower --learning-rate: where a {what} is flat, no gradient reaches its weights, and it stays as it is"
    return found.diagnosis(f"saturated {what}s", finding, advice)


def _overfitting(examination: Examination) -> Diagnosis | None:
    fit = examination.fit
    # What is not learnt is not learnt by heart.
    if fit is None or not (severity := OVERFITTING.severity(fit.gap)) or _underfitting(examination):
        return None
    finding = f"F1 is {100 * fit.training_f1:.1f} on training utterances and {100 * fit.f1:.1f} on others"
    if examination.course:
        finding += f"; the loss differs by {examination.course.loss_gap:.2g} nats an utterance"
    return Diagnosis(
        "overfitting", severity, None, finding, "label more utterances, raise --dropout or lower --hidden-size"
    )


def _underfitting(examination: Examination) -> Diagnosis | None:
    fit = examination.fit
    if fit is None or not (severity := UNDERFITTING.severity(fit.training_f1)):
        return None
    finding = f"F1 is {100 * fit.training_f1:.1f} on the very utterances it was trained on"
    advice = "train longer (--epochs), in smaller batches (--batch-size), or raise --learning-rate or --hidden-size"
    if _diverging(examination):
        advice = "keep training from diverging first; then train longer"
    elif any(look(examination) for look in (_vanishing, _exploding, _dead, _saturated)):
        advice = "cure what is told above first; then train longer"
    return Diagnosis("underfitting", severity, None, finding, advice)


def percent(share: float | None) -> str:
    """A share in percent with two digits; a dash where there is none."""
    if share is None:
        return "–"
    if 0 < share < 1e-4:
        return "<0.01%"
    return f"{100 * share:.2g}%" if share < 0.1 else f"{share:.0%}"
