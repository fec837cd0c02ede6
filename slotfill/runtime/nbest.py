"""The n best legal paths.

Viterbi's forward pass tells for each word and tag the best score of all that comes before. A search from the last word
to the first that always goes on with the path of the best possible whole so meets the n best paths first, and looks at
little else (the backward A* search of Nagata, 1994).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from slotfill.runtime.decoding import Decoder, LogScores, Scores


class _Partial(NamedTuple):
    """The end of a path. Order: the best possible whole first; of equal ones the longest, so that ties cost nothing."""

    loss: float
    to_go: int
    tags: tuple[int, ...]
    after: float


def best_paths(decoder: Decoder, scores: Scores, reach: LogScores, n: int) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield the tags and the score of the `n` best legal paths, best first; fewer where there are not as many.

    Args:
        decoder: its transitions count; its temperature does not.
        scores: (time, tags) of one utterance without padding, at least one word.
        reach: (time, tags) what `decoder.reach` gives for it.
        n: how many, at least 1.
    """
    # `after` is the score of what follows the path's first tag; with `reach` of that tag it makes the whole.
    waiting = sorted(_grown(reach[-1], np.zeros(len(decoder.tags)), len(scores) - 1, (), n))
    while waiting and n:
        loss, to_go, tags, after = waiting.pop(0)
        if not to_go:
            n -= 1
            yield tuple(decoder.tags[tag] for tag in tags), -loss
            continue
        # Each that waits has a whole of its own, as good as it promises: no more of them can count than are wanted.
        worst = waiting[n - 2].loss if 1 < n <= len(waiting) + 1 else np.inf
        onward = decoder.steps[:, tags[0]] + scores[to_go, tags[0]] + after
        for grown in _grown(reach[to_go - 1], onward, to_go - 1, tags, n, worst):
            insort(waiting, grown)
        del waiting[n:]


def _grown(
    before: LogScores, onward: LogScores, to_go: int, tags: tuple[int, ...], n: int, worst: float = np.inf
) -> list[_Partial]:
    """The `n` best legal continuations by one tag to the left: the first, and others that lose less than `worst`."""
    whole = before + onward
    first, *others = np.argsort(-whole, kind="stable")[:n]
    return [
        _Partial(-float(whole[tag]), to_go, (int(tag), *tags), float(onward[tag]))
        for tag in (first, *(tag for tag in others if -whole[tag] < worst))
        if whole[tag] > -np.inf
    ]
