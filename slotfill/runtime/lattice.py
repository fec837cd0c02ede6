"""All legal paths at once: how probable each tag and each span is.

The probability of a legal path is exp(score / temperature) over the sum of all legal paths'. The forward-backward
algorithm (Rabiner, 1989), with -inf for what is illegal, gives the probability that a span is exactly right: that of
all paths which pass through it and end it there (Culotta & McCallum, 2004, constrained forward-backward).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from slotfill.corpus.tags import OUTSIDE, Segment, segments, split_tag
from slotfill.runtime.decoding import Decoder, LogScores, Scores, word_scores
from slotfill.runtime.encoding import Ids


class Lattice:
    """All legal paths through a batch, with their probabilities.

    Args:
        decoder: which paths are legal, their transitions and temperature.
        scores: (batch, time, tags).
        lengths: (batch,) words in each utterance, at least 1; what lies beyond is not looked at.

    Attributes:
        log_total: (batch,) the log of the sum over all legal paths of exp(score / temperature).
        slots: those that a span can have; before them None, for words outside of any.
    """

    def __init__(self, decoder: Decoder, scores: Scores, lengths: Ids) -> None:
        self._decoder, self._lengths = decoder, lengths
        self._scores = word_scores(scores, lengths) / decoder.temperature
        self._steps = decoder.steps / decoder.temperature
        to_free = self._steps[:, decoder.free]
        # With the largest step to each tag taken out, no power overflows.
        self._largest = to_free.max(axis=0)
        self._powers = np.exp(to_free - self._largest) if decoder.has_transitions else None
        self._from_begin = self._steps[decoder.begin, decoder.inside]
        self._from_inside = self._steps[decoder.inside, decoder.inside]
        self._forward = self._forward_sums()
        last = self._forward[np.arange(len(lengths)), lengths - 1]
        self.log_total: LogScores = np.logaddexp.reduce(last, axis=1)
        self._closed, self._backward = self._backward_sums()

        number = {tag: i for i, tag in enumerate(decoder.tags)}
        begins = [OUTSIDE, *(tag for tag in decoder.tags if split_tag(tag)[0] == "B")]
        self.slots: list[str | None] = [None, *(split_tag(tag)[1] for tag in begins[1:])]
        self._first = np.array([number[tag] for tag in begins])
        self._rest = np.array([number.get(f"I-{slot}", -1) if slot else number[OUTSIDE] for slot in self.slots])

    def _forward_sums(self) -> LogScores:
        """The log of the sum over all beginnings that end in a tag at a word, both included, (batch, time, tags)."""
        decoder = self._decoder
        sums = self._scores.copy()
        sums[:, 0] += decoder.starts / decoder.temperature
        for time in range(1, sums.shape[1]):
            before = sums[:, time - 1]
            peak = before.max(axis=1, keepdims=True)
            powers = np.exp(before - peak)
            if self._powers is None:
                sums[:, time, decoder.free] += peak + _log(powers.sum(axis=1, keepdims=True))
            else:
                sums[:, time, decoder.free] += peak + self._largest + _log(powers @ self._powers)
            sums[:, time, decoder.inside] += np.logaddexp(
                before[:, decoder.begin] + self._from_begin, before[:, decoder.inside] + self._from_inside
            )
        return sums

    def _backward_sums(self) -> tuple[LogScores, LogScores]:
        """The log of the sum over all that can follow a tag at a word, (batch, time, tags).

        First without what goes on with the same span, then with it.
        """
        decoder, scores = self._decoder, self._scores
        closed, sums = np.zeros(scores.shape), np.zeros(scores.shape)
        for time in range(scores.shape[1] - 2, -1, -1):
            followed = np.flatnonzero(time + 1 < self._lengths)
            after = scores[followed, time + 1] + sums[followed, time + 1]
            free = after[:, decoder.free] + self._largest
            peak = free.max(axis=1, keepdims=True)
            powers = np.exp(free - peak)
            if self._powers is None:
                closed[followed, time] = peak + _log(powers.sum(axis=1, keepdims=True))
            else:
                closed[followed, time] = peak + _log(powers @ self._powers.T)
            onward = closed[followed, time]
            for tag, step in ((decoder.begin, self._from_begin), (decoder.inside, self._from_inside)):
                onward[:, tag] = np.logaddexp(closed[followed, time][:, tag], after[:, decoder.inside] + step)
            sums[followed, time] = onward
        return closed, sums

    def tag_probabilities(self) -> NDArray[np.float64]:
        """The probability of each tag at each word, (batch, time, tags); without meaning at padding."""
        return _probabilities(self._forward + self._backward - self.log_total[:, None, None])

    def slot_probabilities(self, spans: Sequence[tuple[int, Segment]]) -> NDArray[np.float64]:
        """The probability that exactly these words are a span of each slot, (spans, `slots`).

        In the first column the probability that all of them are outside of any span.

        Args:
            spans: the row of an utterance and a segment of its words, whose slot is not looked at.
        """
        if not spans:
            return np.zeros((0, len(self.slots)))
        rows = np.array([row for row, _ in spans])
        starts = np.array([span.start for _, span in spans])
        lasts = np.array([span.end - 1 for _, span in spans])
        more = (lasts - starts)[:, None]
        first, rest = self._first, self._rest
        scored = self._scores[:, :, rest].cumsum(axis=1)
        # A slot without an inside tag, -1, has spans of one word only.
        enter = np.where(rest < 0, -np.inf, self._steps[first, rest])
        through = scored[rows, lasts] - scored[rows, starts] + enter + (more - 1) * self._steps[rest, rest]
        log = self._forward[rows[:, None], starts[:, None], first] + np.where(more, through, 0)
        log += self._closed[rows[:, None], lasts[:, None], np.where(more, rest, first)]
        return _probabilities(log - self.log_total[rows, None])

    def span_probabilities(self, spans: Sequence[tuple[int, Segment]]) -> NDArray[np.float64]:
        """The probability of each span, (spans,): of exactly these words in this slot."""
        own = np.array([self.slots.index(span.slot) for _, span in spans], dtype=np.int64)
        return self.slot_probabilities(spans)[np.arange(len(spans)), own]


def spans_of(tags: Sequence[Sequence[str]]) -> list[tuple[int, Segment]]:
    """The spans of a batch, each with the row of its utterance."""
    return [(row, span) for row, path in enumerate(tags) for span in segments(path)]


def _log(powers: LogScores) -> LogScores:
    """The logarithm, of the smallest number there is where one is smaller.

    So a sum that is less than e^-708 of the largest, transitions and temperature included, comes out too large.
    """
    logarithm: LogScores = np.log(np.maximum(powers, np.finfo(np.float64).tiny))
    return logarithm


def _probabilities(log: LogScores) -> NDArray[np.float64]:
    """Probabilities from their logarithms, rounding errors above 1 cut off."""
    probabilities: NDArray[np.float64] = np.exp(np.minimum(log, 0))
    return probabilities
