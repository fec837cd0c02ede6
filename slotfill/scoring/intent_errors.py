"""A wrong intent: what a model tells of an utterance is nothing that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slotfill.corpus.utterance import Utterance


@dataclass(frozen=True)
class IntentError:
    """An utterance whose likeliest intent is none of those asked for.

    Attributes:
        number: the utterance's place in its split, from 1.
        utterance: it, with the gold intent.
        predicted: the likeliest, and nothing that the model may tell beside it.
    """

    number: int
    utterance: Utterance
    predicted: str

    @property
    def gold(self) -> str:
        """What is asked for; several are joined as the corpus joins them."""
        return self.utterance.intent or ""

    def to_json(self) -> dict[str, Any]:
        """The error as a JSON object."""
        return {
            "utterance": self.number,
            "id": self.utterance.id,
            "gold": self.gold,
            "predicted": self.predicted,
            "text": self.utterance.text,
        }


def is_right(asked: Utterance, found: Utterance) -> bool | None:
    """Whether the likeliest intent found is one of those asked for; None where either has none.

    The rule of Liu & Lane (2016), "Attention-based recurrent neural network models for joint intent detection and slot
    filling".
    """
    return found.intents[0] in asked.intents if asked.intents and found.intents else None


def intent_errors(gold: Sequence[Utterance], tagged: Sequence[Utterance]) -> tuple[list[IntentError], int]:
    """The wrong intents, and of how many utterances both sides have one.

    Args:
        gold: labelled utterances.
        tagged: the same with predicted intents.
    """
    verdicts = [is_right(*pair) for pair in zip(gold, tagged, strict=True)]
    wrong = [
        IntentError(number, asked, found.intents[0])
        for number, (asked, found, right) in enumerate(zip(gold, tagged, verdicts, strict=True), start=1)
        if right is False
    ]
    return wrong, len(verdicts) - verdicts.count(None)
