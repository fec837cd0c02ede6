"""Likely annotation errors: spans and intents that a tagger which never saw them finds improbable.

Where the best legal tags differ from the given ones there is a finding, ranked by the probability of the given tags: a
word's label quality in Wang & Mueller (2022), "Detecting label errors in token classification data".

That number is all that their package, cleanlab, would be asked for. By average precision none of its other measures
(normalised margin, weighted entropy, a threshold for each class, its estimates of which labels are wrong) ranked the
errors planted in ATIS and in airline better. The mean over a span's words did better than the least of them, which
doubts long spans most.

An intent is in doubt where the likeliest is none of those given, and ranked by the probability of the given ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from slotfill.corpus.tags import repair, segments
from slotfill.corpus.utterance import Utterance
from slotfill.learning.annotation_noise import Judgement, copies_of, keys_of

Label = TypeVar("Label")


@dataclass(frozen=True)
class Finding(Generic[Label]):
    """A label in doubt.

    Attributes:
        utterance: its utterance's number among those judged, from 1.
        id: the utterance's name, where it has one.
        text: the whole utterance.
        given: the label.
        suggested: what it should perhaps be.
        given_probability: of what is given.
        suggested_probability: of what is suggested.
        twins: the numbers of the utterances of the same words whose annotators chose what is suggested.
    """

    utterance: int
    id: str | None
    text: str
    given: Label
    suggested: Label
    given_probability: float
    suggested_probability: float
    twins: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class SpanFinding(Finding[tuple[str, ...]]):
    """Words whose tags are in doubt; given are legal tags, made so first where they are illegal BIO.

    The probabilities are means over the words whose given and suggested tags differ.

    Attributes:
        start, end: where in `text` the words in doubt are, in Unicode code points, half-open.
        words: these words.
    """

    start: int
    end: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class IntentFinding(Finding[str]):
    """An utterance whose intent is in doubt.

    Several given intents are joined as the corpus joins them, and their probability is that of all taken together.
    """


def span_findings(utterances: Sequence[Utterance], judgements: Mapping[int, Judgement]) -> list[SpanFinding]:
    """Every span in doubt, the least probable first.

    A span whose words in doubt all have tags that their tagger never saw is left out: of them it knows nothing.

    Args:
        utterances: all of them, labelled.
        judgements: by index.
    """
    copies = copies_of(utterances)
    findings = []
    for i, judgement in judgements.items():
        utterance = utterances[i]
        given, suggested = repair(utterance.tags or ()), judgement.suggested
        known = np.isfinite(judgement.given_probabilities)
        for first, last in _doubtful(given, suggested):
            differing = [k for k in range(first, last) if given[k] != suggested[k] and known[k]]
            if not differing:
                continue
            offsets = utterance.offsets[first:last]
            twins = (
                j
                for j in copies[keys_of(utterance)]
                if repair(utterances[j].tags or ())[first:last] == suggested[first:last]
            )
            findings.append(
                SpanFinding(
                    utterance=i + 1,
                    id=utterance.id,
                    text=utterance.text,
                    start=offsets[0][0],
                    end=offsets[-1][1],
                    words=utterance.words[first:last],
                    given=given[first:last],
                    suggested=suggested[first:last],
                    given_probability=float(judgement.given_probabilities[differing].mean()),
                    suggested_probability=float(judgement.suggested_probabilities[differing].mean()),
                    twins=tuple(j + 1 for j in twins),
                )
            )
    return sorted(findings, key=lambda each: (each.given_probability, each.utterance, each.start))


def intent_findings(utterances: Sequence[Utterance], judgements: Mapping[int, Judgement]) -> list[IntentFinding]:
    """Every utterance whose intent is in doubt, the least probable first.

    An intent that its tagger never saw is left out.

    Args:
        utterances: all of them, labelled.
        judgements: by index.
    """
    copies = copies_of(utterances)
    findings = []
    for i, judgement in judgements.items():
        utterance, told = utterances[i], judgement.intent
        if told is None or told.unknown or told.suggested in utterance.intents:
            continue
        twins = (j for j in copies[keys_of(utterance)] if told.suggested in utterances[j].intents)
        findings.append(
            IntentFinding(
                utterance=i + 1,
                id=utterance.id,
                text=utterance.text,
                given=utterance.intent or "",
                suggested=told.suggested,
                given_probability=told.given_probability,
                suggested_probability=told.suggested_probability,
                twins=tuple(j + 1 for j in twins),
            )
        )
    return sorted(findings, key=lambda each: (each.given_probability, each.utterance))


def _doubtful(given: Sequence[str], suggested: Sequence[str]) -> list[tuple[int, int]]:
    """The words of the segments that only one of two taggings has, as (start, end); where they overlap, as one."""
    found: list[tuple[int, int]] = []
    differing = set(segments(given)) ^ set(segments(suggested))
    for start, end in sorted((segment.start, segment.end) for segment in differing):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
