"""Which words keep their best tags in the best legal path: those whose best tag leads by enough.

A path that differs from the reference in a run of words loses their leads, the reference's score at a word over the
best other one, and gains at most what other transitions score more. Half of a lead is set against each of a word's two
transitions; what is left is a transition's slack. A run can win only if the slacks of its transitions add up to less
than 0, so words in no such run keep their tags.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from slotfill.runtime.encoding import Ids, word_mask

Leads = NDArray[np.float64]


def leaders(scores: NDArray[np.float32], lengths: Ids) -> tuple[Ids, Leads]:
    """The best tag of each word and its lead over the second-best, (words,), utterance after utterance.

    Args:
        scores: (batch, time, tags), higher is better.
        lengths: (batch,) words in each utterance; what lies beyond is not looked at.
    """
    words = scores[word_mask(lengths, scores.shape[1])]
    every, best = np.arange(len(words)), words.argmax(axis=1)
    highest = words[every, best].astype(np.float64)
    words[every, best] = -np.inf
    return best, highest - words[every, words.argmax(axis=1)]


class Slack:
    """For each transition of a path the slack: what is left of its two words' half leads if another one was taken.

    Args:
        starts: (tags,) the score of each tag at the start.
        steps: (tags, tags) the score of tag j after tag i.

    Attributes:
        edge: the id that stands before an utterance's first tag and after its last.
        transitions: (tags + 1, tags + 1) the score of tag j after tag i, either may be `edge`.
    """

    def __init__(self, starts: NDArray[np.float64], steps: NDArray[np.float64]) -> None:
        self.edge = len(starts)
        self.transitions = np.zeros((self.edge + 1, self.edge + 1))
        self.transitions[:-1, :-1], self.transitions[-1, :-1] = steps, starts
        # How much more than a transition another one scores: with another tag before, after, on both sides.
        self._before = np.nan_to_num(self.transitions[:-1].max(axis=0), neginf=0) - self.transitions
        self._after = self.transitions[:, :-1].max(axis=1, keepdims=True) - self.transitions
        self._both = steps.max() - self.transitions

    def suffices(self, path: Ids, leads: Leads, starts: Ids) -> NDArray[np.bool_]:
        """Whether no slack of an utterance is below 0, (utterances,): its path is the best legal one.

        Args:
            path: (words,) the best tag of each word, utterance after utterance.
            leads: (words,) theirs over the second-best.
            starts: (utterances,) where each utterance starts.
        """
        after, before, tags_before = leads / 2, np.empty_like(leads), np.empty_like(path)
        before[1:], tags_before[1:] = after[:-1], path[:-1]
        before[starts], tags_before[starts] = np.inf, self.edge
        step = tags_before * (self.edge + 1) + path
        enough = before >= self._before.take(step)
        enough &= after >= self._after.take(step)
        enough &= before + after >= self._both.take(step)
        return np.asarray(np.logical_and.reduceat(enough, starts))

    def unsure(self, paths: Ids, leads: Leads) -> NDArray[np.bool_]:
        """Which words may have another tag in the best legal path, (batch, time).

        Args:
            paths: (batch, 1 + time + 1) legal tags of utterances between edges; edges at padding, too.
            leads: (batch, 1 + time + 1) theirs over the best other tags; infinite at edges.
        """
        step = paths[:, :-1] * (self.edge + 1) + paths[:, 1:]
        before, after = leads[:, :-1] / 2, leads[:, 1:] / 2
        slack = np.minimum(before - self._before.take(step), after - self._after.take(step))
        slack = np.minimum(slack, before + after - self._both.take(step))
        # The slack of transitions i to j - 1 is sums[j] - sums[i]. A word is unsure if that is below 0 for any i before
        # the word and any j after it.
        sums = np.cumsum(np.pad(slack, ((0, 0), (1, 0))), axis=1)
        highest_before = np.maximum.accumulate(sums, axis=1)
        lowest_after = np.minimum.accumulate(sums[:, ::-1], axis=1)[:, ::-1]
        return np.asarray(lowest_after[:, 2:] < highest_before[:, :-2])
