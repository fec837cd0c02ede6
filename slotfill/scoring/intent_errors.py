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
        gold: what it asks for; several are joined as the corpus joins them.
        predicted: the likeliest, and nothing that the model may tell beside it.
    """

    number: int
    utterance: Utterance
    gold: str
    predicted: str

    def to_json(self) -> dict[str, Any]:
        """The error as a JSON object."""
        return {
            "utterance": self.number,
            "id": self.utterance.id,
            "gold": self.gold,
            "predicted": self.predicted,
            "text": self.utterance.text,
        }


def intent_errors(gold: Sequence[Utterance], tagged: Sequence[Utterance]) -> tuple[list[IntentError], int]:
    """The wrong intents, by the rule of `evaluation.intent_accuracy`, and of how many utterances both sides have one.

    Args:
        gold: labelled utterances.
        tagged: the same with predicted intents.
    """
    judged = [
        (number, asked, found.intents[0])
        for number, (asked, found) in enumerate(zip(gold, tagged, strict=True), start=1)
        if asked.intents and found.intents
    ]
    wrong = [
        IntentError(number, asked, asked.intent or "", found)
        for number, asked, found in judged
        if found not in asked.intents
    ]
    return wrong, len(judged)
