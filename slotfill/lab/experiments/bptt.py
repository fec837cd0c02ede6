"""Backpropagation through time by hand, on an utterance of the corpus, against autograd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from matplotlib.colors import LogNorm
from torch import Tensor, nn

from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.lab import notes
from slotfill.lab.bptt import Array, Terms, Weights, backward, forward, lost
from slotfill.lab.experiment import Finding, Outcome, Settings
from slotfill.lab.picture import BLUE, INK, LABEL, SEQUENTIAL, VERMILION, bar, figure, legend, panel, plain
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.network.cell import Cell
from slotfill.network.tagger import TaggerNetwork
from slotfill.network.unroll import states
from slotfill.runtime.vocabulary import Vocabulary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLAIM = "The gradient through time is a sum over the words and, for each, over the words before it; autograd agrees."
SOURCE = "Werbos (1990), Backpropagation through time: what it does and how to do it; Elman (1990)"

TOLERANCE = 1e-10
_SHORTEST, _LONGEST = 3, 15
_NETWORK = replace(
    notes.NETWORK,
    cell="elman",
    one_way=True,
    hidden_size=32,
    word_size=24,
    character_size=8,
    character_filters=16,
    dropout=0.2,
)


@dataclass(frozen=True)
class Example:
    """One utterance as a one-way Elman tagger sees it.

    Attributes:
        words: T of them.
        tags: gold, as ids.
        inputs: (T, input), x_t: the words' features.
        network: the tagger, in float64.
    """

    words: Sequence[str]
    tags: list[int]
    inputs: Tensor
    network: TaggerNetwork

    @classmethod
    def of(cls, utterance: Utterance, network: TaggerNetwork, vocabulary: Vocabulary) -> Example:
        """Look the words up; the network becomes one of float64."""
        network.double().eval()
        batch = LabelledBatch.encode([utterance], vocabulary)
        with torch.no_grad():
            inputs = network.features(batch.words, batch.spellings, batch.characters)[0]
        return cls(utterance.words, batch.tags[0].tolist(), inputs, network)

    @property
    def cell(self) -> Cell:
        """The tagger's only one."""
        return next(module for module in self.network.modules() if isinstance(module, Cell))

    @property
    def weights(self) -> Weights:
        """The tagger's, by the names the equations give them."""
        cell, scores = self.cell, self.network.head.tags
        named = (cell.input_weight, cell.recurrent_weight, scores.weight, cell.bias, scores.bias)
        return Weights(*(parameter.detach().numpy() for parameter in named))


def by_hand(example: Example) -> Terms:
    """Every term, by `lab.bptt`."""
    inputs, weights = example.inputs.numpy(), example.weights
    return backward(weights, inputs, example.tags, forward(weights, inputs, example.tags))


def by_autograd(example: Example) -> Terms:
    """The same from torch; what the hand sums over k, autograd gives as a sum, which stands at k = t."""
    cell, scores = example.cell, example.network.head.tags
    parameters = [scores.weight, cell.recurrent_weight, cell.input_weight]
    passed = [state[0] for state in states(cell, example.inputs[None])][1:]
    found = Terms(*(np.zeros_like(part) for part in by_hand(example)))
    for t, tag in enumerate(example.tags):
        error = nn.functional.cross_entropy(scores(passed[t]), torch.tensor([tag]))
        gradients = torch.autograd.grad(error, [*parameters, *passed[: t + 1]], retain_graph=True)
        found.V[t], found.W[t, t], found.U[t, t] = (gradient.numpy() for gradient in gradients[:3])
        found.states[t, : t + 1] = torch.cat(gradients[3:]).numpy()
    return found


def by_word(terms: Terms) -> dict[str, Array]:
    """∂E_t/∂V, ∂E_t/∂W and ∂E_t/∂U, each with the word first."""
    return {"V": terms.V, "W": terms.W.sum(axis=1), "U": terms.U.sum(axis=1)}


def reaches(words: int) -> list[int]:
    """The K of the table: one state, twice as many and so on, and all of so many words."""
    return sorted({min(steps, words) for steps in (1, 2, 4, 8, words)})


def choose(utterances: Sequence[Utterance], vocabulary: Vocabulary) -> Utterance:
    """The utterance with most slots among those whose words fit an axis and whose tags are all known.

    Raises `DataError` if there is none.
    """
    known = [
        utterance
        for utterance in utterances
        if _SHORTEST <= len(utterance.words) <= _LONGEST and set(utterance.tags or ()) <= set(vocabulary.tags)
    ]
    if not known:
        raise DataError(f"no dev utterance of {_SHORTEST} to {_LONGEST} words with tags that training has seen")
    return max(known, key=lambda utterance: (len(utterance.spans), len(utterance.words)))


def run(settings: Settings) -> Outcome:
    """Train a one-way Elman tagger for a little, and differentiate its error on one dev utterance both ways."""
    training, dev = settings.corpus.split("train"), settings.corpus.split("dev")
    if settings.quick:
        training, dev = training[:1500], dev[:300]
    config = replace(notes.TRAINING, seed=settings.seed, epochs=2 if settings.quick else 8, learning_rate=0.01)
    trained = train(training, dev, _NETWORK, config, Listener()).raise_if_stopped()
    example = Example.of(choose(dev, trained.vocabulary), trained.network, trained.vocabulary)
    hand, found = by_hand(example), by_autograd(example)
    ours, theirs = by_word(hand), by_word(found)

    words = len(example.words)
    findings = []
    for name, terms in ours.items():
        sums = "words t" if name == "V" else "words t and k ≤ t"
        findings.append(_agreement(f"∂E/∂{name}: the sum over {sums} is autograd's", terms.sum(0), theirs[name].sum(0)))
    for name, terms in ours.items():
        findings.append(_agreement(f"∂E_t/∂{name}: so is each of the {words} words' own", terms, theirs[name]))
    findings.append(_agreement("∂E_t/∂s_k: so is each pair of words'", hand.states, found.states))
    losses = [lost(hand, steps) for steps in range(1, words + 1)]
    findings.append(
        Finding(
            "reaching back K states only, ∂E/∂W is off; from K = T - 1 on it is whole, for the first state is zero",
            ", ".join(f"K = {steps}: {losses[steps - 1]:.2g} of it" for steps in reaches(words)),
            losses[0] > TOLERANCE >= max(losses[-2:]),
        )
    )
    data = {
        "words": example.words,
        "tags": [trained.vocabulary.tags[tag] for tag in example.tags],
        "term_norms": {name: np.linalg.norm(terms, axis=(1, 2)) for name, terms in ours.items()},
        "pair_term_norms": {name: np.linalg.norm(getattr(hand, name), axis=(2, 3)) for name in ("W", "U")},
        "state_gradient_norms": np.linalg.norm(hand.states, axis=2),
        "relative_error_of_W_by_states_reached": losses,
        "network": _NETWORK.to_json(),
        "training": {"utterances": len(training), "epochs": config.epochs, "dev_f1": trained.best.dev_f1},
    }
    note = (
        f"A one-way Elman tagger of 32 units after {config.epochs} epochs on {settings.corpus.name}, float64. {SOURCE}."
    )
    return Outcome(findings, data, _picture(example.words, hand, losses, note))


def _agreement(expected: str, ours: Array, theirs: Array) -> Finding:
    off = float(np.abs(ours - theirs).max())
    return Finding(
        expected, f"largest difference {off:.1e}, of values up to {np.abs(ours).max():.2g}", off <= TOLERANCE
    )


def _picture(words: Sequence[str], terms: Terms, losses: list[float], note: str) -> Figure:
    numbers = range(1, len(words) + 1)
    norms = np.linalg.norm(terms.states, axis=2)
    fades = ", and fades on the way" if norms[-1, 0] < norms[-1, -1] else ""
    page = figure(f"Each word's error reaches back to every word before it{fades}", note)
    grid = page.add_gridspec(2, 2, width_ratios=(1.3, 1))
    heat = panel(page, grid[:, 0], x="reaches back to the state at word k", y="the error at word t")
    heat.grid(visible=False)
    shown = heat.imshow(np.where(norms > 0, norms, np.nan), cmap=SEQUENTIAL, norm=LogNorm(), aspect="auto")
    words = [*map(plain, words)]
    heat.set_xticks(range(len(words)), words, rotation=60, ha="right", rotation_mode="anchor")
    heat.set_yticks(range(len(words)), [f"{word}  {t}" for t, word in enumerate(words, start=1)])
    bar(page, shown, heat, label=r"$\Vert \partial E_t / \partial s_k \Vert$ (log scale)")

    sums = panel(page, grid[0, 1], title="What each word's error adds", x="word t", y="norm (log scale)")
    for (name, own), colour, mark in zip(by_word(terms).items(), (INK, BLUE, VERMILION), "o^s", strict=True):
        label = rf"$\partial E_t/\partial {name}$"
        norm = np.linalg.norm(own, axis=(1, 2))
        # The first error reaches no earlier state, so its term for W is zero and has no place on a log axis.
        sums.semilogy(numbers, np.where(norm > 0, norm, np.nan), color=colour, marker=mark, label=label)
    legend(sums, ncols=3, loc="lower center", handlelength=1, columnspacing=1)
    sums.set_ylim(bottom=sums.get_ylim()[0] / 100)

    title = r"Cut off: what $\partial E/\partial W$ loses"
    cut = panel(page, grid[1, 1], title=title, x="states reached, K", y="relative error (log scale)")
    # s_0 is zero and adds nothing, so only the cuts before the last two lose anything.
    cut.semilogy(numbers[:-2], losses[:-2], color=BLUE, marker="o", linewidth=2)
    cut.annotate(f"K = 1: {losses[0]:.0%}", (1, losses[0]), (12, 2), textcoords="offset points", fontsize=LABEL)
    cut.set_ylim(top=100)
    for axes in (sums, cut):
        axes.set_xticks(numbers[::2])
    return page
