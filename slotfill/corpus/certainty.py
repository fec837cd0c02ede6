"""How sure a model is of the tags it gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Alternative(NamedTuple):
    """Another slot for the words of a span, None for no slot, and the probability that it is the right one."""

    slot: str | None
    probability: float

    def to_json(self) -> dict[str, Any]:
        """The alternative as a JSON object."""
        return {"slot": self.slot, "probability": rounded(self.probability)}


class Hypothesis(NamedTuple):
    """Tags for a whole utterance, and the probability that every one is right."""

    tags: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Certainty:
    """What a model can tell beside the tags of an utterance.

    Attributes:
        confidences: the probability of each span, in order: that its slot, its first and its last word are right.
        alternatives: what else each span's words may be, most probable first; None where not asked for.
        nbest: the most probable tags of the whole utterance, best first; None where not asked for.
        intent: the probability of its intent, or the sum of several's; the network's own, not calibrated. None where it
            tells no intent.
    """

    confidences: tuple[float, ...]
    alternatives: tuple[tuple[Alternative, ...], ...] | None = None
    nbest: tuple[Hypothesis, ...] | None = None
    intent: float | None = None


def rounded(probability: float) -> float:
    """A probability as it is written: with four digits after the point."""
    return round(probability, 4)
