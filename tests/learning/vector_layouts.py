"""Word vectors in every layout of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from slotfill.learning.vectors import Vectors

Table = Mapping[str, list[float]]
Layout = Callable[[Table], bytes]
CITIES: Table = {
    "the": [0.5, -1.25, 3.0, -2.0],
    "Oslo": [-1.0, 1.0, -1.0, 1e-3],
    "lima": [7.0, -8.0, 9.5, -1.0],
    "oslo": [-0.25, 0.0, 0.125, -4.0],
    "日本": [-2.0, -3.0, 1.0, 0.0],
    "Denver": [-0.75, 2.0, 4.0, -8.0],
}


def text(table: Table, end: str = "\n") -> bytes:
    return "".join(" ".join([word, *map(str, row)]) + end for word, row in table.items()).encode()


def glove(table: Table) -> bytes:
    return text(table)


def headed(table: Table, end: str = "\n") -> bytes:
    return f"{len(table)} {len(next(iter(table.values())))}{end}".encode() + text(table, end)


def fasttext(table: Table) -> bytes:
    return headed(table, end=" \n")


def windows(table: Table) -> bytes:
    return b"\xef\xbb\xbf" + headed(table, end="\r\n")


def binary(table: Table, end: bytes = b"\n") -> bytes:
    rows = (word.encode() + b" " + np.array(row, dtype="<f4").tobytes() + end for word, row in table.items())
    return headed(table).partition(b"\n")[0] + b"\n" + b"".join(rows)


def gensim(table: Table) -> bytes:
    return binary(table, end=b"")


LAYOUTS: list[Layout] = [glove, headed, fasttext, windows, binary, gensim]


def as_table(vectors: Vectors) -> dict[str, list[float]]:
    """What was read, in the form in which it was written."""
    return dict(zip(vectors.words, vectors.table.tolist(), strict=True))
