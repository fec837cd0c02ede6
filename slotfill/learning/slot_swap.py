"""Slot values in the place of others of the same slot, so that a slot is known by the words around it."""

from __future__ import annotations

import random
from collections.abc import Sequence

from slotfill.corpus.utterance import Utterance
from slotfill.learning.slot_values import SlotValues, Value


class SlotSwap:
    """Puts another value of the same slot where a value stood.

    "Ship to boston" teaches "ship to denver", whatever contexts training has for denver. Values are drawn with equal
    probability from the distinct ones that training has for a slot: the rare get their turn (Dai & Adel, 2020, "An
    analysis of simple data augmentation for named entity recognition": mention replacement). "Ship to denton", which
    is invented, teaches that there are names which training does not have.

    Args:
        training: labelled utterances, where the values come from.
        share: the probability that a value which is not replaced by an invented one is replaced by a known one, each
            time. None: off.
        invented: the probability that a value is replaced by an invented one, each time, times
            `slot_values.shared_values` of its slot. None: off.
        generator: what draws.
    """

    def __init__(
        self, training: Sequence[Utterance], share: float | None, invented: float | None, generator: random.Random
    ) -> None:
        self._values = SlotValues(training, generator)
        self._share, self._invented = share or 0.0, invented or 0.0
        self._generator = generator

    @property
    def swaps(self) -> bool:
        """Whether it ever replaces a value."""
        return self._share + self._invented > 0

    def __call__(self, utterance: Utterance) -> Utterance:
        """The utterance with some values replaced; itself if none was."""
        spans = utterance.segments
        others = {span: value for span in spans if (value := self._other(span.slot)) is not None}
        return utterance.with_values(others) if others else utterance

    def _other(self, slot: str) -> Value | None:
        """A value in the place of one of `slot`, if it is to be replaced."""
        if self._generator.random() < self._invented * self._values.shared[slot]:
            return self._values.invented(slot)
        if self._generator.random() < self._share:
            return self._values.known(slot)
        return None
