"""Words to what they contribute to a network's sums, each computed once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from threading import Lock

import numpy as np

from slotfill.runtime.encoding import padded, word_mask
from slotfill.runtime.session import Inputs, Session
from slotfill.runtime.vocabulary import Vocabulary

_REMEMBERED = 32 << 20
"""Bytes."""


class Projections:
    """What words contribute to a network's sums: their features, times the weights that read these.

    That does not depend on a word's neighbours, so words met before are looked up. Memory is bounded: what is
    remembered is forgotten when a batch would make it more than 32 MiB, 8,192 words of the default network, or the
    words themselves 32 Mi characters.
    """

    def __init__(self, vocabulary: Vocabulary, session: Session) -> None:
        self._vocabulary, self._session = vocabulary, session
        self._lock = Lock()  # A tagger may be shared by threads.
        self._forget(0)

    def look_up(self, utterances: Sequence[Sequence[str]]) -> Inputs:
        """The rows of a batch's words; at least one utterance, and each holds at least one word.

        Later calls leave the rows as they are.
        """
        words = list(chain.from_iterable(utterances))
        lengths = np.array(list(map(len, utterances)), dtype=np.int64)
        rows = np.zeros((len(utterances), lengths.max()), dtype=np.int64)
        with self._lock:
            try:
                found = list(map(self._rows.__getitem__, words))
            except KeyError:
                self._remember(words)
                found = list(map(self._rows.__getitem__, words))
            tables = self._tables
        rows[word_mask(lengths, rows.shape[1])] = found
        return Inputs(tables, np.ascontiguousarray(rows.T), lengths)

    def _forget(self, needed: int) -> None:
        """Start anew with room for so many words at least; who has the old tables keeps them."""
        widths = self._session.widths
        self._room = max(needed, _REMEMBERED // (4 * sum(widths.values())))
        self._rows: dict[str, int] = {}
        self._characters = 0
        self._tables = {name: np.empty((self._room, width), np.float32) for name, width in widths.items()}

    def _remember(self, words: Sequence[str]) -> None:
        """Compute the projections of words not met before."""
        distinct = list(dict.fromkeys(words))
        new = [word for word in distinct if word not in self._rows]
        if len(self._rows) + len(new) > self._room or self._characters + sum(map(len, new)) > _REMEMBERED:
            self._forget(len(distinct))
            new = distinct
        self._characters += sum(map(len, new))
        ids, spellings = zip(*map(self._vocabulary.lookup, new), strict=True)
        start, end = len(self._rows), len(self._rows) + len(new)
        for name, rows in self._session.tables(np.array(ids, dtype=np.int64), padded(spellings)).items():
            self._tables[name][start:end] = rows
        # Last, so that an interrupt leaves no word without its projections.
        self._rows.update(zip(new, range(start, end), strict=True))
