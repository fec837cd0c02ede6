"""What ails a trained network, measured; `diagnosis` says it in words."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Self

import torch
from torch import Tensor

from slotfill.corpus.utterance import Utterance
from slotfill.errors import ArtifactError
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.gradient_flow import Trace, decay, gradient_by_distance, trace
from slotfill.learning.prediction import predict
from slotfill.network.cell import Cell
from slotfill.network.tagger import TaggerNetwork
from slotfill.network.unroll import outputs_of, word_mask
from slotfill.runtime import bundle, provenance
from slotfill.runtime.vocabulary import Vocabulary
from slotfill.scoring.evaluation import micro_f1

FAR = 10
"""Words back at which it is told what is left of the gradient, unless the utterances are shorter."""

_LONGEST = 60
_FEW = 0.1
"""A share of a gate's values below which those that do not keep the old state say little of it."""


@dataclass(frozen=True)
class CellExamination:
    """What was measured of one cell.

    Attributes:
        layer: counted from 1, the one next to the words.
        direction: forwards or backwards.
        cell: its name.
        gradient: see `gradient_by_distance`.
        decay: what the gradient is multiplied by a word back: least squares of its logarithm on the distance. None
            where nothing could be measured: one-word utterances, or a loss without a gradient.
        radii: see `spectral_radii`.
        saturated: by gate, the share of its values, over words and units, that are below 0.05 or above 0.95; those with
            which a gate keeps the old state (`Cell.retaining_value`) count for nothing, for that is to remember.
            Elman's and Jordan's tanh and sigmoid units count as one gate, `unit`; tanh beyond ±0.9, where its slope has
            fallen to the same fifth of the steepest.
        dead: share of units whose output was 0 at every word, as a rectifier's that is never active.
    """

    layer: int
    direction: str
    cell: str
    gradient: tuple[float, ...]
    decay: float | None
    radii: tuple[float, ...]
    saturated: dict[str, float]
    dead: float

    @property
    def name(self) -> str:
        """As a reader would call it: `layer 1, forwards`."""
        return f"layer {self.layer}, {self.direction}"

    @property
    def half_life(self) -> float | None:
        """Words back at which half of the gradient is left, as if it fell evenly between two; infinite: more is."""
        for k, (near, far) in enumerate(pairwise(self.gradient)):
            if far <= 0.5:
                return k + (math.log(near / 0.5) / math.log(near / far) if far else 0.0)
        return None if self.decay is None else math.inf

    @property
    def reach(self) -> int:
        """Words back at which `left` is told: 10, or as many as the gradient was measured over."""
        return max(0, min(FAR, len(self.gradient) - 1))

    @property
    def left(self) -> float | None:
        """The share of the gradient left `reach` words back."""
        return None if self.decay is None else self.gradient[self.reach]

    @property
    def compounded(self) -> float | None:
        """What `decay` comes to over `reach` words.

        More may be lost than that, and most of it within a word, for a word's tag depends on the word itself above all.
        This is how the rest fades: what vanishing is about.
        """
        return None if self.decay is None else self.decay**self.reach

    @property
    def radius(self) -> float | None:
        """The largest of `radii`."""
        return max(self.radii, default=None)

    @property
    def mean_saturated(self) -> float | None:
        """The mean of `saturated` over the gates."""
        return sum(self.saturated.values()) / len(self.saturated) if self.saturated else None


@dataclass(frozen=True)
class Course:
    """What `history.jsonl` tells of the training steps.

    Attributes:
        clipping: whether training clipped at all.
        fixed_clipping: whether it clipped at a threshold that a person chose.
        clip_norm: that threshold, where it is a norm.
        bptt: words of a window that gradients do not leave; None: they reach an utterance's first word.
        clipped: share of steps whose gradient was cut.
        gradient_norm: mean over the epochs, before clipping.
        largest_gradient_norm: of all steps that were made; one that was refused is not among them.
        rescues: how often it went back to the last good weights.
        diverged: whether it ended when no rescue was left.
        loss_gap: dev's loss minus training's in the epoch that was kept, nats an utterance; training's has dropout.
    """

    clipping: bool
    fixed_clipping: bool
    clip_norm: float | None
    bptt: int | None
    clipped: float
    gradient_norm: float
    largest_gradient_norm: float
    rescues: int
    diverged: bool
    loss_gap: float

    @classmethod
    def of(
        cls,
        history: Sequence[dict[str, Any]],
        kept: int,
        settings: dict[str, Any],
        *,
        rescues: int,
        diverged: bool = False,
    ) -> Self:
        """From the records of epochs, the number of the one that was kept, and the settings of `TrainingConfig`.

        Records and settings as JSON objects. An epoch within which training ended has no record, but its rescues count.
        """
        (best,) = (record for record in history if record["epoch"] == kept)
        return cls(
            clipping=any(value is not None for name, value in settings.items() if name.startswith("clip_")),
            fixed_clipping=settings["clip_norm"] is not None or settings["clip_value"] is not None,
            clip_norm=settings["clip_norm"],
            bptt=settings["bptt"],
            clipped=sum(record["clipped"] for record in history) / len(history),
            gradient_norm=sum(record["gradient_norm"] for record in history) / len(history),
            largest_gradient_norm=max(record["largest_gradient_norm"] for record in history),
            rescues=rescues,
            diverged=diverged,
            loss_gap=best["dev_loss"] - best["loss"],
        )


@dataclass(frozen=True)
class Fit:
    """Micro F1, a fraction, on a sample of what the network was trained on and of what it was not."""

    training_f1: float
    f1: float

    @property
    def gap(self) -> float:
        """How much better it does on what it was trained on."""
        return self.training_f1 - self.f1


@dataclass(frozen=True)
class Examination:
    """What was measured of a network; what could not be is None."""

    utterances: int
    cells: tuple[CellExamination, ...]
    fit: Fit | None = None
    course: Course | None = None

    def to_json(self) -> dict[str, Any]:
        """The measurements as a JSON object; an infinite half-life is null."""
        values = asdict(self)
        for record, cell in zip(values["cells"], self.cells, strict=True):
            half_life = cell.half_life
            half_life = None if half_life is None or math.isinf(half_life) else half_life
            record |= {"half_life": half_life, "reach": cell.reach, "left": cell.left, "compounded": cell.compounded}
        return values


def spectral_radii(cell: Cell) -> tuple[float, ...]:
    """The largest absolute eigenvalue of each gate's recurrent matrix, in the cell's order of gates.

    Where each unit has one recurrent number, the largest of them; empty for a cell without recurrent weights, and for
    one between whose steps stand others as well, which these say nothing without.
    """
    weight: Tensor | None = getattr(cell, "recurrent_weight", None)
    if weight is None or not cell.recurs_on_output:
        return ()
    weight = weight.detach()
    if weight.dim() == 1:
        return (float(weight.abs().max()),)
    return tuple(float(torch.linalg.eigvals(matrix).abs().max()) for matrix in weight.chunk(cell.gates))


def saturation(one: Trace, words: Tensor) -> dict[str, float]:
    """By gate, the share of saturated values at the words, which `words`, (batch, time), marks."""
    cell = one.cell
    before = [torch.stack(part, dim=1)[words] for part in zip(*one.states[:-1], strict=True)]
    after = outputs_of(one.states)[words]
    gates = cell.gate_values(cell.project(one.inputs[words]), tuple(before))
    if "activation" in cell.options and cell.config.activation == "tanh":
        gates["unit"] = (1 + after) / 2  # tanh a = 2 sigmoid(2a) - 1
    if "activation" in cell.options and cell.config.activation == "sigmoid":
        gates["unit"] = after
    shares = {}
    for name, gate in gates.items():
        low, high = gate < 0.05, gate > 0.95
        keeping = (low, high)[cell.retaining_value[name]] if name in cell.retaining_value else torch.zeros_like(low)
        others = max(float((~keeping).sum()), _FEW * keeping.numel())
        shares[name] = float(((low | high) & ~keeping).sum()) / others
    return shares


def examine(
    network: TaggerNetwork,
    vocabulary: Vocabulary,
    utterances: Sequence[Utterance],
    *,
    fit: Fit | None = None,
    course: Course | None = None,
) -> Examination:
    """Measure every cell of a network on labelled utterances, of each its first 60 words.

    Works on a copy on the CPU in float64, so that small gradients count; the network and torch's random numbers stay as
    they are. A hundred utterances take about a quarter of a second at the default size.
    """
    short = [Utterance(one.words[:_LONGEST], one.tags and one.tags[:_LONGEST]) for one in utterances]
    batch = LabelledBatch.encode(short, vocabulary)
    network = copy.deepcopy(network).cpu().double().eval()
    traces, scores = trace(network, batch)
    curves = gradient_by_distance(traces, scores, batch)
    words = word_mask(batch.lengths, batch.words.shape[1])
    found = []
    with torch.no_grad():
        for one, curve in zip(traces, curves, strict=True):
            outputs = outputs_of(one.states)[words]
            found.append(
                CellExamination(
                    layer=one.layer,
                    direction="backwards" if one.backwards else "forwards",
                    cell=one.cell.config.cell,
                    gradient=curve,
                    decay=decay(curve),
                    radii=spectral_radii(one.cell),
                    saturated=saturation(one, words),
                    dead=float((outputs == 0).all(dim=0).double().mean()),
                )
            )
    return Examination(len(utterances), tuple(found), fit, course)


def fit_of(
    network: TaggerNetwork, vocabulary: Vocabulary, training: Sequence[Utterance], held_out: Sequence[Utterance]
) -> Fit:
    """How well a network does on utterances it was trained on and on others."""

    def f1(utterances: Sequence[Utterance]) -> float:
        found = predict(network, vocabulary, utterances)
        return micro_f1(utterances, found.utterances)

    return Fit(training_f1=f1(training), f1=f1(held_out))


def course_of(model: bundle.Bundle) -> Course:
    """What a model's history tells; raise `ArtifactError` if it is damaged."""
    metrics, settings = provenance.metrics(model), provenance.config(model)["training"]
    try:
        return Course.of(
            provenance.history(model),
            metrics["best_epoch"],
            settings,
            rescues=metrics["rescues"],
            diverged=metrics["diverged"],
        )
    except ValueError:
        raise ArtifactError(f"{model.folder} does not tell of its best epoch once: train it again") from None
