"""How sure a model is of the tags it gave, and what else it thinks possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import nlargest
from itertools import product
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from slotfill.corpus.certainty import Alternative, Certainty, Hypothesis
from slotfill.corpus.tags import tags_of
from slotfill.corpus.utterance import Utterance
from slotfill.errors import UsageError
from slotfill.runtime.decoding import Decoder, Scores
from slotfill.runtime.encoding import Ids

if TYPE_CHECKING:
    from slotfill.runtime.lattice import Lattice

_ALTERNATIVES, _PROBABLE = 3, 0.01
"""So many alternatives of a span are told, and only those more probable than this."""

Tags = Sequence[str]


class CertaintyOptions(TypedDict, total=False):
    """What to tell beside the tags. Each of these makes `Span.confidence` known; without any, tagging is fastest.

    Attributes:
        confidence: the probability of each span, and of the intent.
        min_confidence: drop spans less probable than this, 0 to 1: their words become `O`.
        nbest: the so many most probable tags of the whole utterance; none of them is dropped from.
        alternatives: up to three other slots (None: no slot) of each span's words, those above 1%.
    """

    confidence: bool
    min_confidence: float | None
    nbest: int | None
    alternatives: bool


def wants(asked: CertaintyOptions) -> bool:
    """Whether anything is asked for; raise `UsageError` if it cannot be."""
    if unknown := asked.keys() - CertaintyOptions.__annotations__.keys():
        raise UsageError(
            f"{min(unknown)!r} cannot be asked for: choose from {', '.join(CertaintyOptions.__annotations__)}"
        )
    given: Mapping[str, Any] = asked
    least, nbest = given.get("min_confidence"), given.get("nbest")
    if least is not None and not (isinstance(least, int | float | np.number) and 0 <= least <= 1):
        raise UsageError(f"min_confidence is a probability, 0 to 1, not {least!r}")
    if nbest is not None and (isinstance(nbest, bool) or not isinstance(nbest, int | np.integer) or nbest < 1):
        raise UsageError(f"nbest is how many to give, at least 1, not {nbest!r}")
    return bool(asked.get("confidence") or asked.get("alternatives")) or least is not None or nbest is not None


def certainties(
    decoder: Decoder, scores: Scores, lengths: Ids, tags: Sequence[Tags], asked: CertaintyOptions | None = None
) -> list[Certainty]:
    """How sure a model is of each utterance's tags.

    Args:
        decoder: what found the tags.
        scores: (batch, time, tags).
        lengths: (batch,) words in each utterance, at least 1.
        tags: legal ones for each utterance.
        asked: whether to tell alternatives and n-best tags, too.
    """
    from slotfill.runtime.lattice import Lattice, spans_of

    asked = asked or {}
    lattice = Lattice(decoder, scores, lengths)
    spans = spans_of(tags)
    confidences: list[list[float]] = [[] for _ in tags]
    others: list[list[tuple[Alternative, ...]]] = [[] for _ in tags]
    for (row, span), probabilities in zip(spans, lattice.slot_probabilities(spans), strict=True):
        own = lattice.slots.index(span.slot)
        confidences[row].append(float(probabilities[own]))
        if asked.get("alternatives"):
            others[row].append(_alternatives(lattice.slots, probabilities, own))
    best = _nbest(decoder, scores, lengths, lattice, asked)
    return [
        Certainty(tuple(sure), tuple(other) if asked.get("alternatives") else None, hypotheses)
        for sure, other, hypotheses in zip(confidences, others, best, strict=True)
    ]


def _alternatives(slots: Sequence[str | None], probabilities: NDArray[np.float64], own: int) -> tuple[Alternative, ...]:
    """The most probable slots of a span's words but its own."""
    best = [i for i in np.argsort(-probabilities) if i != own and probabilities[i] > _PROBABLE]
    return tuple(Alternative(slots[i], float(probabilities[i])) for i in best[:_ALTERNATIVES])


def _nbest(
    decoder: Decoder, scores: Scores, lengths: Ids, lattice: Lattice, asked: CertaintyOptions
) -> list[tuple[Hypothesis, ...] | None]:
    nbest = asked.get("nbest")
    if nbest is None:
        return [None] * len(lengths)
    from slotfill.runtime.nbest import best_paths

    return [
        tuple(
            Hypothesis(path, float(np.exp(score / decoder.temperature - log_total)))
            for path, score in best_paths(decoder, row[:length], reach[:length], nbest)
        )
        for row, reach, length, log_total in zip(
            scores, decoder.reach(scores, lengths), lengths, lattice.log_total, strict=True
        )
    ]


def with_certainty(utterance: Utterance, pieces: Sequence[Certainty], asked: CertaintyOptions) -> Utterance:
    """A tagged utterance with what was asked for.

    Args:
        utterance: with its tags.
        pieces: the certainty of each stretch of its words that was tagged apart from the others.
        asked: what it is to tell; spans that are not sure enough are dropped.
    """
    certainty = _joined(pieces, asked)
    found, least = utterance.segments, asked.get("min_confidence") or 0
    kept = [i for i, confidence in enumerate(certainty.confidences) if confidence >= least]
    others = certainty.alternatives
    certainty = replace(
        certainty,
        confidences=tuple(certainty.confidences[i] for i in kept),
        alternatives=None if others is None else tuple(others[i] for i in kept),
    )
    return replace(utterance, tags=tags_of([found[i] for i in kept], len(utterance.words)), certainty=certainty)


def _joined(pieces: Sequence[Certainty], asked: CertaintyOptions) -> Certainty:
    """The certainty of a whole whose pieces know nothing of each other."""
    best, nbest = [Hypothesis((), 1.0)], asked.get("nbest")
    for piece in pieces:
        both = product(best, piece.nbest or ())
        joined = (Hypothesis(a.tags + b.tags, a.probability * b.probability) for a, b in both)
        best = nlargest(nbest or 0, joined, key=lambda hypothesis: hypothesis.probability)
    return Certainty(
        tuple(confidence for piece in pieces for confidence in piece.confidences),
        tuple(other for piece in pieces for other in piece.alternatives or ()) if asked.get("alternatives") else None,
        tuple(best) if nbest else None,
        pieces[0].intent if pieces else None,
    )
