"""Words to the features a network reads, each computed once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from threading import Lock

import numpy as np

from slotfill.runtime.encoding import Ids, padded
from slotfill.runtime.session import FeatureVectors, Session
from slotfill.runtime.vocabulary import Vocabulary

_REMEMBERED = 16_384


class Features:
    """The features of words. They do not depend on a word's neighbours, so those of words met before are looked up.

    Memory is bounded: what is remembered is forgotten when a batch would make it more than 16,384 words.
    """

    def __init__(self, vocabulary: Vocabulary, session: Session) -> None:
        self._vocabulary, self._session = vocabulary, session
        self._rows: dict[str, int] = {}
        self._lock = Lock()  # A tagger may be shared by threads.
        self._table = np.empty((_REMEMBERED, session.width), np.float32)

    def look_up(self, utterances: Sequence[Sequence[str]]) -> tuple[FeatureVectors, Ids]:
        """The features of a batch, (time, batch, feature), and how many words each utterance has, (batch,).

        At least one utterance; each holds at least one word. At padding lie another word's features.
        """
        words = list(chain.from_iterable(utterances))
        lengths = np.array(list(map(len, utterances)), dtype=np.int64)
        inside = np.arange(lengths.max()) < lengths[:, None]
        rows = np.zeros(inside.shape, dtype=np.int64)
        with self._lock:
            try:
                found = list(map(self._rows.__getitem__, words))
            except KeyError:
                self._remember(words)
                found = list(map(self._rows.__getitem__, words))
            rows[inside] = found
            return self._table.take(rows.T, axis=0), lengths

    def _remember(self, words: Sequence[str]) -> None:
        """Compute the features of words not met before."""
        distinct = list(dict.fromkeys(words))
        new = [word for word in distinct if word not in self._rows]
        if len(self._rows) + len(new) > len(self._table):
            self._rows, new = {}, distinct
            if len(new) > len(self._table):
                self._table = np.empty((len(new), self._session.width), np.float32)
        ids, spellings = zip(*map(self._vocabulary.lookup, new), strict=True)
        start, end = len(self._rows), len(self._rows) + len(new)
        self._table[start:end] = self._session.features(np.array(ids, dtype=np.int64), padded(spellings))
        # Last, so that an interrupt leaves no word without its features.
        self._rows.update(zip(new, range(start, end), strict=True))
