"""Scores to legal tags.

The best legal path maximises the sum of the words' scores over all tag sequences in which every `I-slot` follows
`B-slot` or `I-slot` of the same slot. Where the word-by-word maximum is legal it is that path; only the other
utterances need the Viterbi algorithm (1967).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from slotfill.corpus.tags import may_follow
from slotfill.runtime.encoding import Ids

Scores = NDArray[np.float32]


class Decoder:
    """Finds the best legal tag sequence for each utterance of a batch."""

    def __init__(self, tags: Sequence[str]) -> None:
        self._tags = np.array(tags, dtype=object)
        self._starts = np.array([may_follow(tag, None) for tag in tags])
        self._follows = np.array([[may_follow(tag, before) for tag in tags] for before in tags])

    def decode(self, scores: Scores, lengths: Ids) -> list[tuple[str, ...]]:
        """The tags of each utterance.

        Args:
            scores: (batch, time, tags), higher is better.
            lengths: (batch,) words in each utterance; what lies beyond is not looked at.
        """
        paths = scores.argmax(axis=2)
        steps = np.arange(1, scores.shape[1]) < lengths[:, None]
        legal = self._starts[paths[:, 0]] & (self._follows[paths[:, :-1], paths[:, 1:]] | ~steps).all(axis=1)
        for row in np.flatnonzero(~legal):
            length = lengths[row]
            paths[row, :length] = self._viterbi(scores[row, :length])
        return [tuple(self._tags[path[:length]]) for path, length in zip(paths, lengths, strict=True)]

    def _viterbi(self, scores: Scores) -> Ids:
        """The best legal path through (time, tags) scores."""
        forbidden = np.where(self._follows, 0.0, -np.inf)
        best = np.where(self._starts, scores[0], -np.inf).astype(np.float64)
        back = np.zeros(scores.shape, dtype=np.int64)
        for time in range(1, len(scores)):
            reached = best[:, None] + forbidden
            back[time] = reached.argmax(axis=0)
            best = reached.max(axis=0) + scores[time]
        path = np.empty(len(scores), dtype=np.int64)
        path[-1] = best.argmax()
        for time in range(len(scores) - 1, 0, -1):
            path[time - 1] = back[time, path[time]]
        return path
