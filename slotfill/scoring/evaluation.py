"""How well predicted tags agree with gold ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from seqeval.metrics import classification_report, f1_score, precision_score, recall_score
from seqeval.scheme import IOB2

from slotfill.corpus.tags import Segment, segments
from slotfill.corpus.utterance import Utterance
from slotfill.scoring.calibration import expected_calibration_error, span_outcomes
from slotfill.scoring.intent_errors import is_right

Tags = Sequence[str]

_RESAMPLES = 2000
_AT_ONCE = 100
"""Resamples in memory."""


@dataclass(frozen=True)
class SlotScore:
    """How well one slot was found; shares are fractions, support counts gold spans."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Evaluation:
    """The scores of one corpus; shares are fractions.

    Attributes:
        utterances: how many were scored.
        support: gold spans.
        precision, recall, f1: micro-averaged over spans, seqeval's default mode, which is conlleval's.
        f1_strict: the same in strict IOB2 mode, in which an illegal gold sequence spells no span.
        exact_match: share of utterances with every span right, and no other.
        unseen_f1: F1 of the spans that hold a word training has not seen; None where there is none.
        unseen_support: gold spans that do.
        intent_accuracy: share of utterances whose likeliest intent is one of those asked for; None where intents are
            not known, as the next two.
        intent_support: utterances whose intent is known, of which these are shares.
        intent_exact: share with exactly the intents asked for.
        sentence_accuracy: share with that and an intent right, by `intent_accuracy`'s rule.
        calibration_error: expected calibration error of the spans' confidences (10 bins of equal width), a fraction;
            None where confidences are not known.
        interval: 95% of bootstrap resamples of the utterances have an F1 between these (percentile method,
            Efron, 1979; 2,000 resamples).
        per_slot: the same scores slot by slot.
    """

    utterances: int
    support: int
    precision: float
    recall: float
    f1: float
    f1_strict: float
    exact_match: float
    unseen_f1: float | None
    unseen_support: int
    intent_accuracy: float | None
    intent_support: int
    intent_exact: float | None
    sentence_accuracy: float | None
    calibration_error: float | None
    interval: tuple[float, float]
    per_slot: dict[str, SlotScore]

    @property
    def one_span(self) -> float:
        """What a single span weighs: the F1 it moves when everything else is right, a fraction."""
        return 1 / self.support if self.support else 0.0

    @property
    def headline(self) -> tuple[str, float]:
        """What one number says most, and that number, a fraction: F1, or intents where gold has no span."""
        if self.support or self.intent_accuracy is None:
            return "F1", self.f1
        return "intents", self.intent_accuracy

    def to_json(self) -> dict[str, Any]:
        """The scores as a JSON object."""
        return asdict(self)


def micro_f1(gold: Sequence[Utterance], predicted: Sequence[Utterance]) -> float:
    """Micro F1 over spans, seqeval's default mode, a fraction."""
    return float(f1_score(_tags(gold), _tags(predicted), zero_division=0))


def intent_accuracy(gold: Sequence[Utterance], predicted: Sequence[Utterance]) -> float | None:
    """Share of utterances whose intent `intent_errors.is_right`; None where intents are not known."""
    verdicts = (is_right(*pair) for pair in zip(gold, predicted, strict=True))
    right = [verdict for verdict in verdicts if verdict is not None]
    return fmean(right) if right else None


def evaluate(
    gold: Sequence[Utterance], predicted: Sequence[Utterance], seen: Callable[[str], bool], seed: int = 0
) -> Evaluation:
    """Score predictions.

    Args:
        gold: labelled utterances, at least one.
        predicted: the same with predicted labels; tags may occur on one side only.
        seen: whether training has seen a word.
        seed: of the bootstrap.

    Raises `ValueError` if there are more of one than of the other. Strict F1 is seqeval's, to which slots that differ
    by dashes at their ends are one.
    """
    wanted, got = _tags(gold), _tags(predicted)
    spans = [(set(segments(a)), set(segments(b))) for a, b in zip(wanted, got, strict=True)]
    unseen = [
        (_with_unseen(a, utterance, seen), _with_unseen(b, utterance, seen))
        for (a, b), utterance in zip(spans, gold, strict=True)
    ]
    unseen_counts = _counts(unseen).sum(axis=0)
    counts = _counts(spans)
    right = [a == b for a, b in spans]
    asked = [each for each in zip(gold, predicted, right, strict=True) if is_right(*each[:2]) is not None]
    return Evaluation(
        utterances=len(gold),
        support=int(counts[:, 2].sum()),
        precision=float(precision_score(wanted, got, zero_division=0)),
        recall=float(recall_score(wanted, got, zero_division=0)),
        f1=micro_f1(gold, predicted),
        f1_strict=float(f1_score(wanted, got, mode="strict", scheme=IOB2, zero_division=0)),
        exact_match=float(np.mean(right)),
        unseen_f1=float(f1_of(unseen_counts)) if unseen_counts[1:].any() else None,
        unseen_support=int(unseen_counts[2]),
        intent_accuracy=intent_accuracy(gold, predicted),
        intent_support=len(asked),
        intent_exact=fmean(set(found.intents) == set(one.intents) for one, found, _ in asked) if asked else None,
        sentence_accuracy=fmean(bool(is_right(one, found)) and spans for one, found, spans in asked) if asked else None,
        calibration_error=expected_calibration_error(*span_outcomes(gold, predicted)),
        interval=percentile_interval(resampled_f1(counts, seed)),
        per_slot=_per_slot(wanted, got),
    )


def _tags(utterances: Sequence[Utterance]) -> list[list[str]]:
    """The tags as seqeval wants them."""
    return [list(utterance.tags or ()) for utterance in utterances]


def _with_unseen(spans: set[Segment], utterance: Utterance, seen: Callable[[str], bool]) -> set[Segment]:
    return {span for span in spans if not all(map(seen, utterance.words[span.start : span.end]))}


def span_counts(gold: Sequence[Tags], predicted: Sequence[Tags]) -> NDArray[np.int64]:
    """What F1 is counted from, (utterances, 3): spans in both, predicted spans, gold spans."""
    return _counts([(set(segments(a)), set(segments(b))) for a, b in zip(gold, predicted, strict=True)])


def _counts(spans: Sequence[tuple[set[Segment], set[Segment]]]) -> NDArray[np.int64]:
    return np.array([(len(gold & found), len(found), len(gold)) for gold, found in spans], dtype=np.int64)


def f1_of(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 of (..., 3) counts as in `span_counts`; 0 where there is no span at all."""
    both, sizes = counts[..., 0], counts[..., 1] + counts[..., 2]
    f1: NDArray[np.float64] = 2 * both / np.maximum(sizes, 1)
    return f1


def resampled_f1(counts: NDArray[np.int64], seed: int = 0) -> NDArray[np.float64]:
    """F1 in each of 2,000 resamples of the utterances with replacement (the bootstrap; Efron, 1979): (2,000, ...).

    Args:
        counts: (..., utterances, 3), as `span_counts` gives them, of one tagger or of several.
        seed: of the draws; the same seed draws the same utterances.
    """
    utterances = counts.shape[-2]
    generator, shares, found = np.random.default_rng(seed), np.full(utterances, 1 / utterances), []
    for _ in range(_RESAMPLES // _AT_ONCE):
        often = generator.multinomial(utterances, shares, _AT_ONCE)
        found.append(f1_of(np.moveaxis(often @ counts, -2, 0)))
    return np.concatenate(found)


def percentile_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Between these lie 95% of resampled values (the percentile method; Efron, 1979)."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Student's 95% interval of the mean of two values or more, such as the scores of as many seeds."""
    half = stdtrit(len(values) - 1, 0.975) * stdev(values) / math.sqrt(len(values))
    return fmean(values) - half, fmean(values) + half


def _per_slot(gold: list[list[str]], predicted: list[list[str]]) -> dict[str, SlotScore]:
    if not any(segments(tags) for tags in (*gold, *predicted)):
        return {}
    report = classification_report(gold, predicted, output_dict=True, zero_division=0)
    return {
        slot: SlotScore(float(row["precision"]), float(row["recall"]), float(row["f1-score"]), int(row["support"]))
        for slot, row in report.items()
        if not slot.endswith(" avg")
    }
