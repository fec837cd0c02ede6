"""Scores to legal tags.

The best legal path maximises the sum of the words' scores, and of the transitions' where a model has them, over all tag
sequences in which every `I-slot` follows `B-slot` or `I-slot` of the same slot. Where each word's best tag is legal and
leads by more than any transitions could make up for, it is on that path; the stretches of other words need the Viterbi
algorithm (1967).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from copy import copy
from functools import cached_property
from itertools import compress
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from slotfill.corpus.tags import split_tag
from slotfill.runtime.encoding import Ids, length_buckets, word_mask
from slotfill.runtime.leads import Slack, leaders

Scores = NDArray[np.float32]
LogScores = NDArray[np.float64]

_VITERBI_WORDS = 1024
"""About so many words go through the Viterbi algorithm at once, so that memory stays bounded."""


class Decoder:
    """Finds the best legal tag sequence for each utterance of a batch.

    Args:
        tags: BIO tags, `O` among them.
        transitions: (1 + tags, tags): row 0 scores a tag at an utterance's start, row 1 + i a tag after tag i, as a
            linear-chain CRF learns them. Illegal ones are forbidden whatever they score. None: all 0.
        temperature: a path's probability is proportional to exp(score / temperature); the best path is always the same.

    Attributes:
        tags, temperature: as given.
        has_transitions: whether there were any.
        starts: (tags,) the score of each tag at the start, -inf where it is illegal.
        steps: (tags, tags) the score of tag j after tag i, -inf where it is illegal.
        free: the ids of `O` and the `B-slot` tags, which may follow any tag.
        inside: the ids of the `I-slot` tags, which may follow themselves and
        begin: the ids of their `B-slot` tags; their own ids where a slot has none.

    Raises `ValueError` if the transitions are of another shape or the temperature is not above 0.
    """

    def __init__(
        self, tags: Sequence[str], transitions: NDArray[np.floating[Any]] | None = None, temperature: float = 1.0
    ) -> None:
        shape = (1 + len(tags), len(tags))
        if transitions is not None and transitions.shape != shape:
            raise ValueError(f"transitions of shape {transitions.shape} do not fit {len(tags)} tags: {shape}")
        self.tags, self.temperature = tuple(tags), _above_0(temperature)
        self.has_transitions = transitions is not None
        number = {tag: i for i, tag in enumerate(tags)}
        self.inside = np.array([i for tag, i in number.items() if split_tag(tag)[0] == "I"], dtype=np.int64)
        self.begin = np.array([number.get("B" + tags[i][1:], i) for i in self.inside], dtype=np.int64)
        self.free = np.flatnonzero([split_tag(tag)[0] != "I" for tag in tags])
        legal = np.ones(shape, dtype=bool)
        legal[:, self.inside] = False
        legal[1 + self.begin, self.inside] = legal[1 + self.inside, self.inside] = True
        table = np.where(legal, 0.0 if transitions is None else transitions.astype(np.float64), -np.inf)
        self.starts, self.steps = table[0], table[1:]
        self._names = np.array(tags, dtype=object)
        # In place of an `I-slot` that continues nothing; one of a slot without `B-slot` never continues anything.
        lone = self.inside[self.begin == self.inside]
        self._opened = np.arange(len(tags) + 1)
        self._opened[self.inside], self._opened[lone] = self.begin, self.free[0]
        possible = self.steps.copy()
        possible[lone, lone] = -np.inf
        self._slack = Slack(self.starts, possible)
        # One tag only lies at padding, so that little is looked at there.
        self._padding = np.full(len(tags), -np.inf)
        self._padding[self.free[0]] = 0

    def with_temperature(self, temperature: float) -> Self:
        """The same decoder with another temperature; raise `ValueError` if it is not above 0."""
        other = copy(self)
        other.temperature = _above_0(temperature)
        return other

    def to_json(self) -> dict[str, Any]:
        """The JSON object `decoder.json` holds: the temperature; the transitions as base64 of little-endian float32.

        What an illegal transition scored is not kept.
        """
        table = np.vstack([self.starts, self.steps])
        content = np.where(np.isfinite(table), table, 0).astype("<f4").tobytes()
        transitions = base64.b64encode(content).decode() if self.has_transitions else None
        return {"temperature": self.temperature, "transitions": transitions}

    @classmethod
    def from_json(cls, values: dict[str, Any], tags: Sequence[str]) -> Self:
        """Read what `to_json` wrote; raise `ValueError`, `KeyError` or `TypeError` for anything else."""
        temperature, encoded = values["temperature"], values["transitions"]
        if not isinstance(temperature, float):
            raise TypeError(f"temperature is {temperature!r}, not a number with a point")
        if encoded is None:
            return cls(tags, None, temperature)
        content = base64.b64decode(encoded, validate=True)
        if len(content) != 4 * (1 + len(tags)) * len(tags):
            raise ValueError(f"{len(content)} bytes of transitions do not fit {len(tags)} tags")
        table = np.frombuffer(content, "<f4").reshape(1 + len(tags), len(tags))
        if not np.isfinite(table).all():
            raise ValueError("a transition is not finite")
        return cls(tags, table, temperature)

    def decode(self, scores: Scores, lengths: Ids) -> list[tuple[str, ...]]:
        """The tags of each utterance.

        Args:
            scores: (batch, time, tags), higher is better.
            lengths: (batch,) words in each utterance; what lies beyond is not looked at.
        """
        return self.decode_all([(scores, lengths)])

    def decode_all(self, batches: Sequence[tuple[Scores, Ids]]) -> list[tuple[str, ...]]:
        """As `decode`, of one batch after the other; what needs the Viterbi algorithm shares its steps."""
        best, leads = map(np.concatenate, zip(*(leaders(*batch) for batch in batches), strict=True))
        lengths = np.concatenate([lengths for _, lengths in batches])
        ends = lengths.cumsum()
        unsure = ~self._slack.suffices(best, leads, ends - lengths)
        if unsure.any():
            rows = [row for scores, _ in batches for row in scores]
            words = np.repeat(unsure, lengths)
            found = self._search(best[words], leads[words], lengths[unsure], list(compress(rows, unsure)))
            best[words] = found
        names = self._names[best].tolist()
        return [tuple(names[end - length : end]) for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)]

    def _search(self, best: Ids, leads: LogScores, lengths: Ids, scores: Sequence[Scores]) -> Ids:
        """The best legal paths, (words,), utterance after utterance; the Viterbi algorithm sees unsure stretches only.

        Args:
            best: (words,) the best tag of each word.
            leads: (words,) theirs over the second-best.
            lengths: (batch,) words in each utterance.
            scores: (time, tags) of each utterance.
        """
        mask = np.arange(-1, lengths.max() + 1) < lengths[:, None]
        mask[:, 0] = False
        tags, lead = np.full(mask.shape, self._slack.edge), np.full(mask.shape, np.inf)
        tags[mask], lead[mask] = best, leads
        broken = np.isneginf(self._slack.transitions[tags[:, :-1], tags[:, 1:]])
        for row, word in np.argwhere(broken):
            tag = tags[row, word + 1]
            lead[row, word + 1] = scores[row][word, self._opened[tag]] - scores[row][word, tag]
        tags[:, 1:][broken] = self._opened[tags[:, 1:][broken]]

        turns = np.diff(np.pad(self._slack.unsure(tags, lead), ((0, 0), (1, 1))).astype(np.int8), axis=1)
        (rows, firsts), (_, ends) = np.nonzero(turns == 1), np.nonzero(turns == -1)
        for group in length_buckets((ends - firsts).tolist(), _VITERBI_WORDS):
            row, first, end = rows[group], firsts[group], ends[group]
            stretches, within = _padded([scores[rows[i]][firsts[i] : ends[i]] for i in group])
            stretches[:, 0] += self._slack.transitions[tags[row, first], :-1]
            stretches[np.arange(len(group)), within - 1] += self._slack.transitions[:-1, tags[row, end + 1]].T
            for i, path in zip(group, self._viterbi(stretches, within), strict=True):
                tags[rows[i], firsts[i] + 1 : ends[i] + 1] = path[: ends[i] - firsts[i]]
        return tags[mask]

    @cached_property
    def _advantage(self) -> LogScores:
        """(tags, tags): how much more than tag i, at most, tag j scores before the same free tag."""
        to_free = self.steps[:, self.free]
        return np.stack([(to_free - row).max(axis=1) for row in to_free])

    def reach(self, scores: Scores, lengths: Ids) -> LogScores:
        """The score of the best legal path that ends in each tag at each word, (batch, time, tags).

        Without meaning at padding.
        """
        words = scores.astype(np.float64)
        words[:, 0] += self.starts
        return self._reach(words, lengths)

    def _reach(self, scores: LogScores, lengths: Ids) -> LogScores:
        """As `reach`, with what comes before the first word in its scores already."""
        best = np.where(word_mask(lengths, scores.shape[1])[:, :, None], scores, self._padding)
        every = np.arange(len(scores))
        from_begin, from_inside = self.steps[self.begin, self.inside], self.steps[self.inside, self.inside]
        for time in range(1, best.shape[1]):
            before = best[:, time - 1]
            leader = before.argmax(axis=1)
            # A tag so far behind that it never makes up for it is beaten by the leader whichever free tag comes next.
            hopeful = before + self._advantage[leader] >= before[every, leader, None]
            rows, sources = np.divmod(np.flatnonzero(hopeful), len(self.tags))
            reached = before[rows, sources, None] + self.steps[sources]
            onward = np.maximum.reduceat(reached, np.flatnonzero(np.diff(rows, prepend=-1)))
            onward[:, self.inside] = np.maximum(
                before.take(self.begin, axis=1) + from_begin, before.take(self.inside, axis=1) + from_inside
            )
            best[:, time] += onward
        return best

    def _viterbi(self, scores: LogScores, lengths: Ids) -> Ids:
        """The best legal path through each stretch, (batch, time); without meaning at padding.

        What comes before the first word and after the last one is in their scores already.
        """
        best = self._reach(scores, lengths)
        # After a stretch's end comes a tag of its own that costs nothing.
        end, steps_to = len(self.tags), np.vstack([self.steps.T, np.zeros(len(self.tags))])
        path = np.empty(best.shape[:2], dtype=np.int64)
        path[:, -1] = best[:, -1].argmax(axis=1)
        for time in range(best.shape[1] - 2, -1, -1):
            after = np.where(time + 1 < lengths, path[:, time + 1], end)
            path[:, time] = (best[:, time] + steps_to[after]).argmax(axis=1)
        return path


def _above_0(temperature: float) -> float:
    """A temperature; raise `ValueError` if it is none."""
    if not 0 < temperature < np.inf:
        raise ValueError(f"temperature must be a number above 0, not {temperature}")
    return float(temperature)


def _padded(sequences: Sequence[Scores]) -> tuple[LogScores, Ids]:
    """(time, tags) scores of each stretch as one array, (batch, time, tags), and their lengths."""
    lengths = np.array(list(map(len, sequences)))
    scores = np.zeros((len(sequences), lengths.max(), sequences[0].shape[1]))
    for row, sequence in zip(scores, sequences, strict=True):
        row[: len(sequence)] = sequence
    return scores, lengths


def word_scores(scores: Scores, lengths: Ids) -> LogScores:
    """The scores in double precision, with 0 at padding: what lies there must not reach the words."""
    return np.where(word_mask(lengths, scores.shape[1])[:, :, None], scores, 0.0).astype(np.float64)
