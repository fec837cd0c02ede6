"""How the learning rate changes over a run."""

from __future__ import annotations

import math
from collections.abc import Iterator

from slotfill.config import TrainingConfig

_LAST_RATE = 0.1


def learning_rates(config: TrainingConfig, steps: int) -> Iterator[float]:
    """Each step's rate: up to the peak over the warm-up, then along half a cosine down to a tenth of it."""
    rising = max(1, round(config.warmup * steps))
    for step in range(1, steps + 1):
        if step <= rising:
            yield config.learning_rate * step / rising
        else:
            fallen = (1 - math.cos(math.pi * (step - rising) / (steps - rising))) / 2
            yield config.learning_rate * (1 - (1 - _LAST_RATE) * fallen)
