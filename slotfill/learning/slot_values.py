"""The values that slots have in training, and others that they might have."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import normalise

Value = tuple[str, ...]

_LONGER = 1 / 3
"""Share of the invented values that have a word more than what they are made of, where a slot has values of several."""

_MADE_UP = 2 / 3
"""How likely each of their words is made up, beside the one that surely is; the others are known."""


def shared_values(utterances: Sequence[Utterance]) -> dict[str, float]:
    """For each slot the share of its spans whose words other slots have, too."""
    spans = [
        (slot, tuple(map(normalise, utterance.words[start:end])))
        for utterance in utterances
        for slot, start, end in utterance.segments
    ]
    slots: dict[Value, set[str]] = defaultdict(set)
    for slot, value in spans:
        slots[value].add(slot)
    counts = Counter(slot for slot, _ in spans)
    shared = Counter(slot for slot, value in spans if len(slots[value]) > 1)
    return {slot: shared[slot] / count for slot, count in counts.items()}


class SlotValues:
    """Draws values for slots.

    Args:
        training: labelled utterances, where the values come from.
        generator: what draws.

    Attributes:
        shared: as `shared_values` gives it.
    """

    def __init__(self, training: Sequence[Utterance], generator: random.Random) -> None:
        distinct: dict[str, dict[Value, None]] = {}
        for utterance in training:
            for slot, start, end in utterance.segments:
                distinct.setdefault(slot, {})[utterance.words[start:end]] = None
        self._values = {slot: list(values) for slot, values in distinct.items()}
        self._words = {
            slot: list(dict.fromkeys(word for value in values for word in value))
            for slot, values in self._values.items()
        }
        self._several = {slot for slot, values in self._values.items() if any(len(value) > 1 for value in values)}
        self._draw = generator
        self.shared = shared_values(training)

    def known(self, slot: str) -> Value:
        """One of the distinct values that training has for a slot, each as likely."""
        return self._draw.choice(self._values[slot])

    def invented(self, slot: str) -> Value:
        """A value that a slot might have: one that it has, longer at times, with some words made up in their places.

        So a name of one more word, or of known words beside new ones, is not cut short. Where no value of a slot has
        more than one word there is no tag for a second, and none gets one.
        """
        draw, words = self._draw, list(self.known(slot))
        if slot in self._several and draw.random() < _LONGER:
            words.insert(draw.choice((0, len(words))), draw.choice(self._words[slot]))
        surely = draw.randrange(len(words))
        return tuple(
            self._made_up(slot) if place == surely or draw.random() < _MADE_UP else word
            for place, word in enumerate(words)
        )

    def _made_up(self, slot: str) -> str:
        """The beginning of one word of a slot's values and the end of another, at least a character of each."""
        draw = self._draw
        first, last = (draw.choice(self._words[slot]) for _ in range(2))
        return first[: draw.randint(1, max(1, len(first) - 1))] + last[-draw.randint(1, max(1, len(last) - 1)) :]
