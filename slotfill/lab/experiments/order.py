"""The same tagger with the words in their order, and with each utterance's words shuffled."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from slotfill.config import TrainingConfig
from slotfill.corpus.tags import OUTSIDE
from slotfill.corpus.utterance import Utterance
from slotfill.lab import notes
from slotfill.lab.experiment import Finding, Outcome, Settings
from slotfill.lab.picture import BLUE, LABEL, TEXT, VERMILION, figure, legend, panel
from slotfill.lab.runs import run_all
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.learning.prediction import predict
from slotfill.scoring.evaluation import Evaluation, evaluate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLAIM = "Slot filling needs the words in their order: shuffled, the same words with the same tags teach much less."
SOURCE = "Lecture notes on training recurrent networks; Elman (1990), Finding structure in time"

ORDERED, SHUFFLED = "ordered", "shuffled"
_SLOTS = 8
_NETWORK = replace(notes.NETWORK, hidden_size=64, word_size=64, character_size=16, character_filters=32)

Texts = dict[str, list[Utterance]]
"""The same utterances twice: `ORDERED` and `SHUFFLED`."""
Readings = dict[tuple[str, str], list[Evaluation]]
"""By the text trained on and the text read: the scores, one a seed."""


@dataclass(frozen=True)
class _Run:
    """A tagger to train on one kind of text, and to read both kinds."""

    trained_on: str
    training: Texts
    dev: Texts
    config: TrainingConfig


def run(settings: Settings) -> Outcome:
    """Train on either text, read dev in both, and compare F1 over the words in slots."""
    training, dev = settings.corpus.split("train"), settings.corpus.split("dev")
    if settings.quick:
        training, dev = training[:2000], dev[:500]
    seeds = settings.seeds(1 if settings.quick else 3)
    config = replace(notes.TRAINING, epochs=5 if settings.quick else 10)
    runs = [
        _Run(kind, texts(training, seed), texts(dev, seed), replace(config, seed=seed))
        for seed in seeds
        for kind in (ORDERED, SHUFFLED)
    ]
    readings: Readings = {}
    for done, found in zip(runs, run_all(_train_and_read, runs, settings.progress), strict=True):
        for read, evaluation in found.items():
            readings.setdefault((done.trained_on, read), []).append(evaluation)

    data = {
        "network": _NETWORK.to_json(),
        "training": {"utterances": len(training), **config.to_json(), "seed": list(seeds)},
        "readings": [
            {"trained_on": trained_on, "read": read, "by_seed": [one.to_json() for one in scores]}
            for (trained_on, read), scores in readings.items()
        ],
    }
    note = (
        f"A bidirectional LSTM tagger of 64 units on {settings.corpus.name}: {len(training):,} training utterances, "
        f"{config.epochs} epochs, {len(seeds)} seed{'s' * (len(seeds) > 1)}, scored on dev, word by word. {SOURCE}."
    )
    return Outcome(judge(readings), data, _picture(readings, note))


def judge(readings: Readings) -> list[Finding]:
    """Whether each other way to train and read is worse than words in their order, with every seed."""
    best = readings[ORDERED, ORDERED]
    findings = []
    for (trained_on, read), scores in readings.items():
        if scores is best:
            continue
        apart = all(low.interval[1] < high.interval[0] for low, high in zip(scores, best, strict=True))
        interval = f"the 95% interval {'' if apart else 'not '}below with every seed"
        findings.append(
            Finding(
                f"trained {trained_on}, reading {read}: worse than {ORDERED} throughout",
                f"F1 {_f1(scores):.1f} against {_f1(best):.1f}, {interval}",
                apart,
            )
        )
    return findings


def texts(utterances: Sequence[Utterance], seed: int) -> Texts:
    """The utterances in their order, and each with its words shuffled and every word's tag with it.

    Each word in a slot is tagged `B-`: a shuffled `B-x I-x` could come out as `I-x B-x`, which no tagger may say.
    Without the difference every order is legal, and what is asked is the same in both: the slot of each word.
    """
    generator = random.Random(seed)
    found: Texts = {ORDERED: [], SHUFFLED: []}
    for utterance in utterances:
        tags = tuple(tag if tag == OUTSIDE else f"B-{tag[2:]}" for tag in utterance.tags or ())
        pairs = list(zip(utterance.words, tags, strict=True))
        generator.shuffle(pairs)
        found[ORDERED].append(Utterance(utterance.words, tags))
        words, moved = zip(*pairs, strict=True)
        found[SHUFFLED].append(Utterance(words, moved))
    return found


def _train_and_read(run: _Run) -> dict[str, Evaluation]:
    """The scores on each text of dev, the epoch chosen by the text that resembles the training's."""
    kind = run.trained_on
    trained = train(run.training[kind], run.dev[kind], _NETWORK, run.config, Listener()).raise_if_stopped()
    vocabulary = trained.vocabulary
    found = {}
    for read, gold in run.dev.items():
        predicted = predict(trained.network, vocabulary, gold)
        found[read] = evaluate(gold, predicted.utterances, vocabulary.__contains__)
    return found


def _f1(scores: Sequence[Evaluation]) -> float:
    """The mean over the seeds, in percent."""
    return 100 * fmean(one.f1 for one in scores)


def _picture(readings: Readings, note: str) -> Figure:
    ordered, destroyed = readings[ORDERED, ORDERED], readings[SHUFFLED, SHUFFLED]
    message = f"Without the order of the words, slot filling goes from F1 {_f1(ordered):.0f} to {_f1(destroyed):.0f}"
    page = figure(message, note)
    grid = page.add_gridspec(1, 2, width_ratios=(1, 1.3))
    whole = panel(page, grid[0], title="All slots", x="", y="F1 over words in slots (%)")
    for at, ((trained_on, read), scores) in enumerate(readings.items()):
        colour = BLUE if trained_on == ORDERED else VERMILION
        filling = colour if trained_on == read else "white"
        whole.bar(at, _f1(scores), color=filling, edgecolor=colour, linewidth=3)
        whole.text(at, _f1(scores) + 1.5, f"{_f1(scores):.1f}", ha="center", fontsize=LABEL, fontweight="bold")
    whole.set_xticks(range(4), [f"trained\n{trained_on},\nreads\n{read}" for trained_on, read in readings])
    whole.set_ylim(0, 105)
    whole.grid(visible=False, axis="x")
    _slots(
        panel(page, grid[1], title="The most frequent slots, trained and read alike", x="F1 (%)", y=""),
        ordered,
        destroyed,
    )
    return page


def _slots(axes: Axes, ordered: Sequence[Evaluation], destroyed: Sequence[Evaluation]) -> None:
    """Each slot's F1 with and without order, as two dots on a line."""
    support = {slot: score.support for slot, score in ordered[0].per_slot.items() if score.support}
    frequent = sorted(support, key=lambda slot: -support[slot])[:_SLOTS]
    means = [
        [100 * fmean(one.per_slot[slot].f1 for one in scores) for slot in frequent] for scores in (ordered, destroyed)
    ]
    rows = range(len(frequent))
    axes.hlines(rows, means[1], means[0], color="#bbbbbb", linewidth=4)
    for values, colour, label in ((means[0], BLUE, "ordered"), (means[1], VERMILION, "shuffled")):
        axes.plot(values, rows, "o", color=colour, markersize=11, label=label)
    axes.set_yticks(rows, frequent, fontsize=TEXT)
    axes.invert_yaxis()
    axes.set_xlim(0, 105)
    legend(axes, loc="lower left")
