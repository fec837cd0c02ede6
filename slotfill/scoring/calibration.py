"""Confidence that means something: of the spans a model is 90% sure of, nine in ten should be right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize_scalar

from slotfill.corpus.utterance import Utterance
from slotfill.runtime.decoding import Decoder, Scores
from slotfill.runtime.encoding import Ids
from slotfill.runtime.lattice import Lattice, spans_of

Tags = Sequence[str]

_LOWEST, _HIGHEST = 0.1, 10.0
"""The temperatures tried."""

_STEP = 0.02
"""How much warmer, as a logarithm, a temperature must be to be told from the best."""

_SMALLEST = 1e-12
"""Keeps the loss of a span that is surely right or wrong finite."""


class Scored(NamedTuple):
    """A batch of labelled utterances as a network scores it.

    Attributes:
        scores: (batch, time, tags).
        lengths: (batch,) words in each utterance.
        gold: the right tags of each.
    """

    scores: Scores
    lengths: Ids
    gold: Sequence[Tags]


def fit_temperature(decoder: Decoder, batches: Sequence[Scored]) -> float:
    """The temperature at which the confidences of the spans found tell whether they are right; 1 without any span.

    Temperature scaling (Guo et al., 2017), its loss the negative log-likelihood of each predicted span being right or
    wrong; which spans are predicted is the same at any temperature. As in Platt (1999) right and wrong are a little
    less than certain, the more so the fewer spans there are: no mistake on a small dev split makes no model certain.

    Dev chose the epoch, so it flatters: among the temperatures whose loss is within one standard error of the least,
    span by span, the one that is least certain is taken (after the rule of Breiman et al., 1984, "Classification and
    regression trees", but with the error of the paired difference, which is smaller). So confidences are a little too
    low where dev does not flatter.
    """
    predicted = [spans_of(decoder.decode(batch.scores, batch.lengths)) for batch in batches]
    gold = [set(spans_of(batch.gold)) for batch in batches]
    correct = np.array([span in wanted for spans, wanted in zip(predicted, gold, strict=True) for span in spans])
    if not len(correct):
        return 1.0
    right = correct.sum()
    targets = np.where(correct, (right + 1) / (right + 2), 1 / (len(correct) - right + 2))

    def losses(log_temperature: float) -> NDArray[np.float64]:
        at = decoder.with_temperature(float(np.exp(log_temperature)))
        sure = np.concatenate(
            [
                Lattice(at, batch.scores, batch.lengths).span_probabilities(spans)
                for batch, spans in zip(batches, predicted, strict=True)
            ]
        ).clip(_SMALLEST, 1 - _SMALLEST)
        found: NDArray[np.float64] = -(targets * np.log(sure) + (1 - targets) * np.log(1 - sure))
        return found

    def beyond(log_temperature: float) -> float:
        """How far the loss lies above that of the best temperature, less a standard error."""
        more = losses(log_temperature) - least
        return float(more.mean() - more.std() / np.sqrt(len(more)))

    bounds = (np.log(_LOWEST), np.log(_HIGHEST))
    best = minimize_scalar(lambda at: losses(at).mean(), bounds=bounds, method="bounded", options={"xatol": 0.01}).x
    least = losses(best)
    if beyond(bounds[1]) <= 0:
        return _HIGHEST
    warmest = brentq(beyond, best + _STEP, bounds[1], xtol=0.01) if beyond(best + _STEP) < 0 else best
    return float(np.exp(warmest))


def span_outcomes(gold: Sequence[Utterance], predicted: Sequence[Utterance]) -> tuple[list[float], list[bool]]:
    """The confidence of each predicted span, and whether gold has exactly it.

    Args:
        gold: labelled utterances.
        predicted: the same, tagged with `confidence=True`; those without are left out.
    """
    confidences: list[float] = []
    correct: list[bool] = []
    for wanted, found in zip(gold, predicted, strict=True):
        if found.certainty is not None:
            spans = set(wanted.segments)
            confidences += found.certainty.confidences
            correct += [span in spans for span in found.segments]
    return confidences, correct


def expected_calibration_error(confidences: ArrayLike, correct: ArrayLike, bins: int = 10) -> float | None:
    """The mean distance of accuracy from confidence over bins of equal width (Naeini et al., 2015; Guo et al., 2017).

    Args:
        confidences: a probability each, 0 to 1.
        correct: whether each was right, as many.
        bins: how many; each holds its upper end, the first one 0 as well.

    Returns:
        The mean over the confidences, a fraction; None without any.

    Raises `ValueError` if there are more of one than of the other.
    """
    sure, right = np.asarray(confidences, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if sure.shape != right.shape:
        raise ValueError(f"{sure.size} confidences but {right.size} outcomes")
    if not sure.size:
        return None
    numbers = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
    return float(np.abs(np.bincount(numbers, right - sure)).sum() / sure.size)
