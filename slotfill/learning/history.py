"""What a training run tells while it goes on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from slotfill.learning.rescue import Rescue
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary


def selection_score(f1: float, intent_accuracy: float | None) -> float:
    """What epochs are chosen by: the mean of the spans' F1 and, where intents are learnt, their accuracy."""
    return f1 if intent_accuracy is None else (f1 + intent_accuracy) / 2


def selection_score_of(dev: dict[str, Any]) -> float:
    """`selection_score` by a model's scores on dev, as its `metrics.json` has them."""
    return selection_score(dev["f1"], dev["intent_accuracy"])


@dataclass(frozen=True)
class Steps:
    """What some steps met, in sums.

    Attributes:
        steps, utterances, words: how many.
        loss: over the utterances, nats.
        norms, largest_norm: of the gradients, before clipping.
        cuts: how many gradients were cut.
    """

    steps: int = 0
    utterances: int = 0
    words: int = 0
    loss: float = 0.0
    norms: float = 0.0
    largest_norm: float = 0.0
    cuts: int = 0

    def __add__(self, other: Steps) -> Steps:
        return Steps(
            self.steps + other.steps,
            self.utterances + other.utterances,
            self.words + other.words,
            self.loss + other.loss,
            self.norms + other.norms,
            max(self.largest_norm, other.largest_norm),
            self.cuts + other.cuts,
        )

    @property
    def mean_loss(self) -> float:
        """Nats an utterance; 0 of no steps."""
        return self.loss / max(self.utterances, 1)

    @property
    def mean_words(self) -> float:
        """Words of an utterance; 0 of no steps."""
        return self.words / max(self.utterances, 1)


@dataclass
class StepTally:
    """What the steps of one pass have met so far.

    Attributes:
        kept: those whose weights were kept as good ones.
        since: those made after them.
        undone: those that a rescue took back.
        rate: the learning rate of the last step.
    """

    kept: Steps = field(default_factory=Steps)
    since: Steps = field(default_factory=Steps)
    undone: Steps = field(default_factory=Steps)
    rate: float = 0.0

    @property
    def in_effect(self) -> Steps:
        """Those that the weights as they stand come from."""
        return self.kept + self.since

    @property
    def steps(self) -> int:
        """How many were made."""
        return (self.in_effect + self.undone).steps

    def keep(self) -> None:
        """The weights as they stand were kept."""
        self.kept, self.since = self.in_effect, Steps()

    def undo(self) -> None:
        """A rescue went back to the weights that were kept."""
        self.undone, self.since = self.undone + self.since, Steps()


@dataclass(frozen=True)
class Step:
    """One step, or one that was refused. What is not finite is null in JSON.

    Attributes:
        epoch: counted from 1.
        step: of that epoch, counted from 1.
        loss: of the batch's tags, nats per utterance.
        gradient_norm: the gradient's L2 norm before clipping.
        clip_threshold: what it was held against, a norm or an element's size; None: clipping is off.
        clipped: whether anything was cut.
        learning_rate: of this step.
        refused: the loss or the norm is not finite, and so the weights were not moved but gone back from.
    """

    epoch: int
    step: int
    loss: float
    gradient_norm: float
    clip_threshold: float | None
    clipped: bool
    learning_rate: float
    refused: bool


@dataclass(frozen=True)
class Epoch:
    """One line of `history.jsonl`.

    Steps that were refused or undone count in `rescues` alone, unless no step of the epoch stood.

    Attributes:
        epoch: counted from 1.
        loss: mean over the training utterances of the negative log-likelihood of their tags, in nats; without a CRF
            that is the sum of the words' cross entropies.
        dev_loss: the same over dev, without dropout.
        dev_f1: micro F1 of dev's spans, default scorer, a fraction.
        dev_intent: share of dev's utterances whose likeliest intent is one of those asked for; None where no intent is
            learnt.
        gradient_norm: mean L2 norm of the gradient before clipping.
        largest_gradient_norm: the largest of the epoch.
        clipped: share of steps whose gradient was cut.
        clip_threshold: what the last gradient was held against, a norm or an element's size; None: clipping is off.
        rescues: how often the epoch went back to the last good weights.
        learning_rate: at the end of the epoch.
        words_per_second: training words, evaluation excluded.
        seconds: since training began.
    """

    epoch: int
    loss: float
    dev_loss: float
    dev_f1: float
    dev_intent: float | None
    gradient_norm: float
    largest_gradient_norm: float
    clipped: float
    clip_threshold: float | None
    rescues: int
    learning_rate: float
    words_per_second: float
    seconds: float

    @property
    def selection_score(self) -> float:
        """How good the epoch was on dev."""
        return selection_score(self.dev_f1, self.dev_intent)

    def to_json(self) -> dict[str, Any]:
        """The record as a JSON object."""
        return asdict(self)

    def to_line(self) -> bytes:
        """The line of `history.jsonl`."""
        return json.dumps(self.to_json()).encode() + b"\n"


class Listener:
    """Who watches a training run. This one does nothing with what it is told; others override what they care for."""

    def on_begin(self, epochs: int) -> None:
        """Before the first step; there will be at most so many epochs."""

    def on_batch(self, epoch: int, done: int, batches: int, loss: float) -> None:
        """After each step that was made; `loss` is the epoch's mean so far."""

    def on_step(self, step: Step) -> None:
        """After each step, and each that was refused."""

    def on_rescue(self, rescue: Rescue) -> None:
        """After training went back to the last good weights."""

    def on_epoch(self, record: Epoch, best: bool) -> None:
        """After each epoch; `best`: no epoch before it was better on dev."""

    def on_weights(self, record: Epoch, network: TaggerNetwork, vocabulary: Vocabulary) -> None:
        """After each epoch, to look at the weights as they stand; they are not to be changed."""
