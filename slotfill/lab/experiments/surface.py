"""The rugged error surface of recurrent networks: of one unit, and around two trained taggers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from matplotlib.colors import LogNorm

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.lab import notes
from slotfill.lab.experiment import Finding, Outcome, Settings
from slotfill.lab.landscape import filter_normalised, losses, steepness
from slotfill.lab.one_unit import Array, descend, error
from slotfill.lab.picture import INK, LABEL, SEQUENTIAL, TEXT, VERMILION, figure, legend, panel
from slotfill.lab.runs import run_named
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.history import Listener
from slotfill.learning.loop import train

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLAIM = "The error surface of a recurrent network has cliffs, which throw plain descent off and clipped descent not."
SOURCE = "Pascanu, Mikolov & Bengio (2013), figure 6; Li et al. (2018) for the taggers' surfaces"

RATE, CLIP_NORM, DESCENT_STEPS = 1.0, 0.3, 200
STARTS_W, STARTS_B = (5.0, 6.0), (-2.5, -1.5)
"""The square that descents are started in, on a grid: the gentle side of the cliff."""
LOW = 0.01
SHOWN_START = (5.0, -2.4)
_STARTS_A_SIDE = 20
_SEEN_W, _SEEN_B = (3.5, 6.0), (-3.1, -1.3)
_NAMES = {"elman": "Elman", "lstm": "LSTM"}
_NETWORK = replace(notes.NETWORK, hidden_size=32, word_size=32, character_size=8, character_filters=16, dropout=0.2)
_EVALUATED = 64


@dataclass(frozen=True)
class _Around:
    """A tagger to train, and how much of the surface around it to look at."""

    network: NetworkConfig
    config: TrainingConfig
    training: Sequence[Utterance]
    dev: Sequence[Utterance]
    offsets: Array
    pairs: int


def run(settings: Settings) -> Outcome:
    """Descend the one unit's surface with and without clipping; then look at the surfaces around two taggers."""
    findings, data = _cliff()
    training, dev = settings.corpus.split("train"), settings.corpus.split("dev")
    config = replace(notes.TRAINING, seed=settings.seed, epochs=3 if settings.quick else 10, learning_rate=0.01)
    offsets = np.linspace(-1, 1, 15 if settings.quick else 31)
    pairs = 2 if settings.quick else 5
    utterances = training[:1000] if settings.quick else training
    jobs = {
        cell: _Around(replace(_NETWORK, cell=cell), config, utterances, dev[:_EVALUATED], offsets, pairs)
        for cell in _NAMES
    }
    surfaces = run_named(_around, jobs, settings.progress)
    steep = {cell: [steepness(one) for one in found] for cell, found in surfaces.items()}
    findings.append(judge_taggers(*(steep[cell] for cell in _NAMES)))
    data |= {
        "network": _NETWORK.to_json(),
        "training": {"utterances": len(utterances), **config.to_json()},
        "offsets": offsets,
        "losses": surfaces,
        "steepest_over_median_slope_by_cell": steep,
    }
    note = (
        f"Left: one unit without input, 50 steps; rate {RATE}, clipped at norm {CLIP_NORM}. Right: taggers of 32 units "
        f"after {config.epochs} epochs on {settings.corpus.name}; loss on dev in nats an utterance, along "
        f"filter-normalised directions. {SOURCE}."
    )
    first = {cell: found[0] for cell, found in surfaces.items()}
    return Outcome(findings, data, _picture(first, offsets, note))


def judge_taggers(elman: Sequence[float], lstm: Sequence[float]) -> Finding:
    """Whether slopes around the one tagger differ more than around the other, by the steepness of each surface.

    No source says so. Undecided where neither tagger's are all above the other's.
    """
    apart = min(elman) > max(lstm) or max(elman) < min(lstm)
    return Finding(
        "a question of our own: are slopes beside flats steeper around a trained Elman tagger than around an LSTM?",
        f"steepest over median slope {min(elman):.1f} to {max(elman):.1f} against {min(lstm):.1f} to "
        f"{max(lstm):.1f}, along {len(elman)} pairs of directions, of one training each",
        min(elman) > max(lstm) if apart else None,
    )


def _cliff() -> tuple[list[Finding], dict[str, Any]]:
    """What the one unit's surface does to descents from a square of starts."""
    slope = error(*np.meshgrid(np.linspace(*_SEEN_W, 301), np.linspace(*_SEEN_B, 301))).slope
    steep = float(slope.max() / np.median(slope))
    w, b = np.meshgrid(np.linspace(*STARTS_W, _STARTS_A_SIDE), np.linspace(*STARTS_B, _STARTS_A_SIDE))
    starts = np.stack([w.ravel(), b.ravel()], axis=1)
    jumps, ends = {}, {}
    for clip_norm in (None, CLIP_NORM):
        path = descend(starts, RATE, DESCENT_STEPS, clip_norm)
        jumps[clip_norm] = np.linalg.norm(np.diff(path, axis=0), axis=2).max(axis=0)
        ends[clip_norm] = error(*path[-1].T).error
    data = {
        "steepest_over_median_slope": steep,
        "descents": len(starts),
        "rate": RATE,
        "clip_norm": CLIP_NORM,
        "longest_step": {"unclipped": jumps[None], "clipped": jumps[CLIP_NORM]},
        "final_error": {"unclipped": ends[None], "clipped": ends[CLIP_NORM]},
    }
    return judge_cliff(steep, jumps[None], ends[None], ends[CLIP_NORM]), data


def judge_cliff(steep: float, jumps: Array, plain: Array, clipped: Array) -> list[Finding]:
    """What the one unit's surface shows.

    Args:
        steep: its steepest slope over its median slope.
        jumps: (descents,) the longest step of each that is not clipped.
        plain: (descents,) the error where each of these ends.
        clipped: (descents,) and where it ends with clipping.
    """
    thrown = (jumps > 1).mean()
    arrived, arrived_clipped = ((found < LOW).mean() for found in (plain, clipped))
    return [
        Finding(
            "flats and cliffs: the steepest slope is a hundred times the median or more",
            f"{steep:,.0f} times",
            steep >= 100,
        ),
        Finding(
            "without clipping the cliff throws descents off: a step longer than 1",
            f"{thrown:.0%} of {len(jumps)} descents; the longest step {jumps.max():,.0f}",
            bool(thrown > 0.5),
        ),
        Finding(
            f"clipped at norm {CLIP_NORM}, more of them come down to an error below {LOW}",
            f"{arrived_clipped:.0%} clipped, {arrived:.0%} not",
            bool(arrived_clipped > arrived),
        ),
    ]


def _around(job: _Around) -> list[Array]:
    """Train a tagger; the loss on dev around it, once for each pair of directions."""
    trained = train(job.training, job.dev, job.network, job.config, Listener()).raise_if_stopped()
    batch = LabelledBatch.encode(job.dev, trained.vocabulary)
    generator = torch.Generator().manual_seed(job.config.seed)
    found = []
    for _ in range(job.pairs):
        first, second = (filter_normalised(trained.network, generator) for _ in range(2))
        found.append(losses(trained.network, batch, first, second, job.offsets))
    return found


def _picture(surfaces: dict[str, Array], offsets: Array, note: str) -> Figure:
    page = figure("Cliffs in the error surface throw plain descent off, but not clipped descent", note)
    grid = page.add_gridspec(2, 2, width_ratios=(1.9, 1))
    _draw_cliff(panel(page, grid[:, 0], x="recurrent weight w", y="bias b", projection="3d", computed_zorder=False))
    levels = np.geomspace(min(map(np.min, surfaces.values())), max(map(np.max, surfaces.values())), 15)
    for row, (cell, surface) in enumerate(surfaces.items()):
        axes = panel(
            page, grid[row, 1], title=f"Loss around a trained {_NAMES[cell]} tagger", x="direction 1", y="direction 2"
        )
        axes.contourf(offsets, offsets, surface, levels=levels, norm=LogNorm(), cmap=SEQUENTIAL)
        lines = axes.contour(offsets, offsets, surface, levels=levels[1:-1:2], colors="white", linewidths=0.8)
        axes.clabel(lines, fmt="%.3g", fontsize=TEXT - 2)
        axes.plot(0, 0, "x", color="white", markersize=9, markeredgewidth=3)
    return page


def _draw_cliff(axes: Any) -> None:
    """The one unit's surface in three dimensions, and two descents from `SHOWN_START`.

    The grid is sheared along the cliff, which runs along b = 0.5 - 0.62 w, so that its edge is drawn as one.
    """
    across = np.concatenate([np.linspace(-0.6, -0.05, 25), np.linspace(-0.05, 0.1, 60), np.linspace(0.1, 1.1, 40)])
    w, past = np.meshgrid(np.linspace(*_SEEN_W, 80), across)
    b = past + 0.5 - 0.62 * w
    axes.plot_surface(w, b, error(w, b).error, cmap=SEQUENTIAL, rcount=200, ccount=200, linewidth=0, alpha=0.9)
    starts = np.array([SHOWN_START])
    plain, clipped = (descend(starts, RATE, DESCENT_STEPS, clip_norm)[:, 0] for clip_norm in (None, CLIP_NORM))
    thrown = int(np.linalg.norm(np.diff(plain, axis=0), axis=1).argmax())
    there = plain[thrown + 1]
    told = f"not clipped: step {thrown + 1} throws it to w = {there[0]:.1f}, b = {there[1]:.1f}"
    for path, colour, order, label in (
        (plain[: thrown + 1], VERMILION, 6, told),
        (clipped[:60], "black", 5, f"clipped at norm {CLIP_NORM}: goes down to {error(*clipped[-1]).error:.4f}"),
    ):
        height = error(*path.T).error + 0.005
        axes.plot(*path.T, height, color=colour, marker="o", markersize=4, label=label, zorder=order)
    away = plain[thrown] + 1.2 * (there - plain[thrown]) / np.linalg.norm(there - plain[thrown])
    height = error(*plain[thrown]).error
    axes.plot(*np.stack([plain[thrown], away], axis=1), [height, height], color=VERMILION, linestyle="--", zorder=6)
    axes.set_zlabel("error", fontsize=LABEL, color=INK)
    axes.view_init(elev=35, azim=30)
    axes.set_box_aspect(None, zoom=1.1)
    legend(axes, loc="upper left", frameon=False)
