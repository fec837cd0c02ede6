"""Every setting of a network and of its training, with its default. The command line reads them from here."""

from __future__ import annotations

import math
import os
import sys
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from slotfill.errors import UsageError

ACTIVATIONS = ("relu", "sigmoid", "tanh")
DEVICES = ("auto", "cpu", "cuda")
_LARGEST_SEED = 2**32 - 1
"""torch draws alike for seeds that differ above their 32nd bit."""
_MOST_THREADS = 1024
_LARGEST = sys.float_info.max
_LARGEST_WEIGHT = 3.4e38
"""Of single precision, nearly."""
_LARGEST_SIZE = 1_000_000
AUTO_PERCENTILE = 10.0
"""The `clip_percentile` that AutoClip's authors advise; `--clip auto`."""
EPOCHS, STEPS, MOST_EPOCHS = 24, 3000, 300
"""How long training goes on unless told otherwise: 24 epochs, but of a small corpus more, to make so many steps; and at
most so many, for more bring little where a handful of utterances is all there is (docs/recipe.md)."""
TEACHERS = 4
"""How many teach a student: more teach little better (docs/recipe.md), and so many keep two cores busy, or four."""

DISTILLATION = 1.0
"""A student's share of the loss that is what teachers say (docs/recipe.md)."""


def cores() -> int:
    """How many processors this process may use: in some containers and under `taskset` fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, kw_only=True)
class _Config:
    """Frozen settings that check themselves and travel as JSON objects."""

    def to_json(self) -> dict[str, Any]:
        """The settings as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Settings from a JSON object; raise `UsageError` for an unknown name or a value out of range."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise UsageError(f"unknown setting {unknown[0]!r}: made by another version of slotfill?")
        return cls(**values)

    def _require(
        self,
        name: str,
        *,
        at_least: float = -math.inf,
        above: float = -math.inf,
        at_most: float = math.inf,
        whole: bool = False,
    ) -> None:
        value = getattr(self, name)
        if value is None:
            return
        if whole and type(value) is not int:
            raise UsageError(f"{name} must be a whole number, not {value!r}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
            raise UsageError(f"{name} must be a finite number, not {value!r}")
        if value < at_least or value <= above:
            bound = f"at least {_told(at_least)}" if value < at_least else f"above {_told(above)}"
            raise UsageError(f"{name} must be {bound}, not {_told(value)}")
        if value > at_most:
            raise UsageError(f"{name} must be at most {_told(at_most)}, not {_told(value)}")

    def _require_flag(self, name: str) -> None:
        if not isinstance(getattr(self, name), bool):
            raise UsageError(f"{name} must be true or false, not {getattr(self, name)!r}")

    def _require_at_most_one_of(self, *names: str) -> None:
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) > 1:
            raise UsageError(f"{given[0]} and {given[1]} exclude each other: choose one")

    def _require_share(self, name: str) -> None:
        self._require(name, at_least=0)
        if getattr(self, name) >= 1:
            raise UsageError(f"{name} must be below 1, not {getattr(self, name):g}")

    def _require_one_of(self, name: str, choices: tuple[str, ...]) -> None:
        if getattr(self, name) not in choices:
            raise UsageError(f"unknown {name} {getattr(self, name)!r}: choose from {', '.join(choices)}")


def _told(number: float) -> str:
    return f"{number:g}" if isinstance(number, float) else f"{number}"


@dataclass(frozen=True, kw_only=True)
class NetworkConfig(_Config):
    """The shape of a tagger network; enough, with the vocabulary, to build it.

    Attributes:
        cell: a file name in `network/cells`.
        activation: the function of elman and jordan cells: relu, sigmoid or tanh.
        forget_bias: what the forget-gate bias of lstm and minlstm starts at (Jozefowicz et al., 2015, advise 1).
        layers: recurrent layers on top of each other.
        hidden_size: units per direction and layer.
        one_way: look back only; a word's tag then never depends on the words after it.
        word_size: width of a word embedding.
        character_size: width of a character embedding.
        character_filters: outputs of the character CNN.
        character_width: characters one filter sees.
        dropout: share of activations dropped around the recurrent layers while training.
        crf: score each tag after the one before, too, and so whole sequences (Lample et al., 2016).
    """

    cell: str = "lstm"
    activation: str = "tanh"
    forget_bias: float = 1.0
    layers: int = 1
    hidden_size: int = 128
    one_way: bool = False
    word_size: int = 128
    character_size: int = 32
    character_filters: int = 64
    character_width: int = 3
    dropout: float = 0.5
    crf: bool = True

    def __post_init__(self) -> None:
        self._require_one_of("activation", ACTIVATIONS)
        self._require("forget_bias", at_least=-_LARGEST_WEIGHT, at_most=_LARGEST_WEIGHT)
        for size in ("layers", "hidden_size", "word_size", "character_size", "character_filters", "character_width"):
            self._require(size, at_least=1, at_most=_LARGEST_SIZE, whole=True)
        self._require_share("dropout")
        for flag in ("one_way", "crf"):
            self._require_flag(flag)


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(_Config):
    """How weights are found.

    Attributes:
        seed: of the initial weights, the order of utterances, dropout and word replacement.
        epochs: passes over the training utterances at most. None: as many as `passes` says.
        patience: epochs that are no better on dev before training stops. None: all epochs run, for the last ones, at
            low rates, are often the best.
        batch_size: utterances per step.
        learning_rate: AdamW's peak rate.
        weight_decay: AdamW's decoupled decay (Loshchilov & Hutter, 2019).
        warmup: share of all steps over which the rate rises to its peak; after it, it falls to a tenth.
        clip_norm: largest L2 norm of the whole gradient (Pascanu et al., 2013); None: off.
        clip_value: largest size of one gradient element; the threshold takes its place. None: off.
        clip_percentile: the L2 norm is cut to this percentile of the norms seen so far (AutoClip; Seetharaman et al.,
            2020). None: off.
        bptt: words of a window; no gradient flows back beyond the start of its window (Williams & Peng, 1990). None:
            an utterance is one window.
        rescues: how often training goes back to the last good weights, at half the rate, before it gives up. None:
            off; the first loss or gradient that is not finite ends it.
        word_dropout: alpha; a word seen n times in training becomes the unknown word with probability
            alpha / (alpha + n), each time (Kiperwasser & Goldberg, 2016). None: off.
        slot_dropout: the probability that words of a slot value become unknown, each time, times `shared_values` of its
            slot: all of them or, as often, each with probability 1/2. None: off.
        misspellings: share of the words of four characters or more outside of values that are misspelt, each time.
            None: off.
        slot_swap: the probability that a slot value, unless it gives way to an invented one, is replaced by one drawn
            from those of its slot, each time. None: off.
        invented_values: the probability that it is replaced by an invented value, each time, times `shared_values` of
            its slot (both in `learning.slot_values`). None: off.
        intent_weight: of the intents' loss beside the tags'. None: intents are not learnt.
        distillation: share of the loss that is what teachers say, the rest what the labels say; without teachers the
            labels have all of it.
        threads: torch's threads; None: `cores()`.
        device: where training runs; auto takes a GPU if there is one.
    """

    seed: int = 0
    epochs: int | None = None
    patience: int | None = None
    batch_size: int = 32
    learning_rate: float = 4e-3
    weight_decay: float = 0.01
    warmup: float = 0.05
    clip_norm: float | None = 5.0
    clip_value: float | None = None
    clip_percentile: float | None = None
    bptt: int | None = None
    rescues: int | None = 5
    word_dropout: float | None = 1.0
    slot_dropout: float | None = 0.2
    misspellings: float | None = None
    slot_swap: float | None = 0.3
    invented_values: float | None = 0.1
    intent_weight: float | None = 1.0
    distillation: float | None = None
    threads: int | None = None
    device: str = "auto"

    def __post_init__(self) -> None:
        self._require("seed", at_least=0, at_most=_LARGEST_SEED, whole=True)
        for count in ("epochs", "patience", "batch_size", "bptt", "rescues"):
            self._require(count, at_least=1, whole=True)
        self._require("threads", at_least=1, at_most=_MOST_THREADS, whole=True)
        self._require("learning_rate", above=0)
        self._require("weight_decay", at_least=0)
        self._require_share("warmup")
        self._require("clip_norm", above=0)
        self._require("clip_value", above=0, at_most=_LARGEST_WEIGHT)
        self._require("clip_percentile", above=0, at_most=100)
        self._require_at_most_one_of("clip_norm", "clip_value", "clip_percentile")
        self._require("word_dropout", above=0)
        self._require("distillation", at_least=0, at_most=1)
        for share in ("slot_dropout", "misspellings", "slot_swap", "invented_values"):
            if getattr(self, share) is not None:
                self._require_share(share)
        self._require("intent_weight", above=0)
        self._require_one_of("device", DEVICES)

    def passes(self, utterances: int) -> int:
        """The epochs of a training on so many utterances: those asked for, else 24, or more where that is few steps."""
        if self.epochs is not None:
            return self.epochs
        steps = math.ceil(utterances / self.batch_size)
        return min(max(EPOCHS, math.ceil(STEPS / steps)), MOST_EPOCHS)
