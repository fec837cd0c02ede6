"""Punctuation that training has never seen: no part of what a network reads, and none of a slot's value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slotfill.corpus.tags import OUTSIDE
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import SENTENCE_MARKS
from slotfill.runtime.vocabulary import Vocabulary


class UnseenMarks:
    """The sentence marks that a model does not know.

    Many corpora write none, and what people type ends in one. To a network that has seen none such a mark is an unknown
    word, and may well be the last of a name. So it reads what is left without them; of nothing else, nothing.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._marks = frozenset(mark for mark in SENTENCE_MARKS if mark not in vocabulary)

    def taken_out(self, utterance: Utterance) -> Utterance:
        """The utterance, not tagged, without these marks; as it is where it has none."""
        if self._marks.isdisjoint(utterance.words):
            return utterance
        words = tuple(word for word in utterance.words if word not in self._marks)
        return Utterance(words, id=utterance.id, text=utterance.text)

    def put_back(self, utterance: Utterance, tagged: Utterance) -> Utterance:
        """The utterance with what was found without the marks; only between words of one span do they belong to it."""
        if len(tagged.words) == len(utterance.words):
            return tagged
        certainty = tagged.certainty
        if certainty is not None and certainty.nbest is not None:
            spread = (best._replace(tags=self._spread(utterance.words, best.tags)) for best in certainty.nbest)
            certainty = replace(certainty, nbest=tuple(spread))
        tags = self._spread(utterance.words, tagged.tags or ())
        return replace(tagged, words=utterance.words, tags=tags, certainty=certainty)

    def _spread(self, words: Sequence[str], tags: Sequence[str]) -> tuple[str, ...]:
        """The tags of words without their marks as those of all."""
        left, found, after = list(tags), [], OUTSIDE
        for word in reversed(words):
            if word not in self._marks:
                after = left.pop()
            elif not after.startswith("I-"):
                after = OUTSIDE
            found.append(after)
        return tuple(reversed(found))
