"""Pretrained word vectors: those of the words a tagger needs, and how they enter a network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from slotfill.corpus.words import normalise
from slotfill.errors import DataError
from slotfill.files import sha256, split_blanks
from slotfill.learning.vector_files import Values, open_vectors
from slotfill.runtime.vocabulary import Vocabulary

SCALE = 0.6
"""The root mean square of a vector's values in a network, whatever it is in the file.

AdamW moves a value by about its rate, however small the value is: vectors as short as random embeddings, 0.1 a value,
are overwritten within an epoch, and those of words that training never meets then fit no longer.
"""


@dataclass(frozen=True)
class Coverage:
    """How many of a corpus's words have a vector: different words, and running ones."""

    words: int
    words_found: int
    running: int
    running_found: int

    def __str__(self) -> str:
        """As one line for people."""
        share, running = self.words_found / self.words, self.running_found / self.running
        return (
            f"{self.words_found:,} of {self.words:,} words have a vector ({share:.1%}), {running:.1%} of running words"
        )


@dataclass(frozen=True, eq=False)
class Vectors:
    """Word vectors out of a file.

    Attributes:
        words: their words as lookup keys, in the file's order.
        table: float32 of shape (words, size), as in the file.
        rows_in_file: how many vectors the file holds.
        skipped: how many of those were left out, for their words are not UTF-8.
        file: the file's name without its folder.
        sha256: its hexadecimal digest.
    """

    words: tuple[str, ...]
    table: Values
    rows_in_file: int
    skipped: int
    file: str
    sha256: str

    @property
    def size(self) -> int:
        """Values in a vector."""
        size: int = self.table.shape[1]
        return size

    def __str__(self) -> str:
        """The file as one line for people."""
        skipped = f" ({self.skipped:,} of them not UTF-8, left out)" if self.skipped else ""
        return f"{self.file}: {self.rows_in_file:,} vectors{skipped} of {self.size} values"

    def coverage(self, counts: Mapping[str, int]) -> Coverage:
        """How many words of a corpus have a vector; `counts`, by lookup key, is not empty."""
        found = [counts[word] for word in self.words if word in counts]
        return Coverage(len(counts), len(found), sum(counts.values()), sum(found))

    def to_json(self) -> dict[str, Any]:
        """Where the vectors are from, as a JSON object without any path."""
        return {"file": self.file, "sha256": self.sha256, "words": len(self.words), "size": self.size}


def load_vectors(path: Path, wanted: Collection[str], extra: int = 0) -> Vectors:
    """Read the vectors of some words, in one pass; see `vector_files` for the layouts.

    A file may tell upper from lower case: the vector of a lookup key is that of the row which is written the same, or
    else of the first, most frequent, row with that key.

    Args:
        path: the file.
        wanted: lookup keys.
        extra: how many of the file's most frequent other words to keep as well.

    Raises:
        DataError: the file cannot be read, names `path:line` where it can.
    """
    wanted = frozenset(wanted)
    found: dict[str, Values] = {}
    exact: set[str] = set()
    with open_vectors(path) as rows:
        for word in rows:
            key = normalise(word)
            if key in found:
                if word != key or key in exact:
                    continue
            elif key not in wanted:
                if not extra or split_blanks(key) != [key]:  # No utterance holds a word with blanks in it.
                    continue
                extra -= 1
            found[key] = rows.values()
            if word == key:
                exact.add(key)
    if not rows.rows:
        raise DataError("holds no vectors", path)
    return Vectors(
        words=tuple(found),
        table=np.stack(list(found.values())) if found else np.empty((0, rows.size), dtype=np.float32),
        rows_in_file=rows.rows,
        skipped=rows.skipped,
        file=path.name,
        sha256=sha256(path),
    )


def initialise(embedding: nn.Embedding, vocabulary: Vocabulary, vectors: Vectors) -> None:
    """Start the rows of words that have a vector with it; the others, the unknown word's among them, stay as drawn.

    Args:
        embedding: of the vectors' size, with a row for each word id.
        vocabulary: knows the words of all vectors.
        vectors: one factor scales all of them to `SCALE`, so that the ratios of their lengths stay.
    """
    scale = np.sqrt(np.square(vectors.table, dtype=np.float64).mean()) if vectors.words else 0
    if scale:
        ids = [vocabulary.lookup(word)[0] for word in vectors.words]
        with torch.no_grad():
            scaled = np.multiply(vectors.table, SCALE / scale, dtype=np.float64)
            embedding.weight[ids] = torch.from_numpy(scaled.astype(np.float32))
