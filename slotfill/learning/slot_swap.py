"""Slot values in the place of others of the same slot, so that a slot is known by the words around it."""

from __future__ import annotations

import random
from collections.abc import Sequence

from slotfill.corpus.tags import segments
from slotfill.corpus.utterance import Utterance


class SlotSwap:
    """Puts another value of the same slot where a value stood.

    "Ship to boston" teaches "ship to denver", whatever contexts training has for denver. Values are drawn with equal
    probability from the distinct ones that training has for a slot: the rare get their turn (Dai & Adel, 2020, "An
    analysis of simple data augmentation for named entity recognition": mention replacement).

    Args:
        training: labelled utterances, where the values come from.
        share: the probability that a span is replaced, each time. None: off.
        generator: what draws.
    """

    def __init__(self, training: Sequence[Utterance], share: float | None, generator: random.Random) -> None:
        values: dict[str, dict[tuple[str, ...], None]] = {}
        for utterance in training:
            for slot, start, end in segments(utterance.tags or ()):
                values.setdefault(slot, {})[utterance.words[start:end]] = None
        self._values = {slot: list(distinct) for slot, distinct in values.items()}
        self._share = share or 0.0
        self._generator = generator

    def __call__(self, utterance: Utterance) -> Utterance:
        """The utterance with some values replaced; itself if none was."""
        draw = self._generator
        drawn = [span for span in segments(utterance.tags or ()) if draw.random() < self._share]
        if not drawn:
            return utterance
        return utterance.with_values({span: draw.choice(self._values[span.slot]) for span in reversed(drawn)})
