"""Likely annotation errors: spans and intents that a tagger which never saw them finds improbable.

The utterances are dealt into folds. A tagger learns from all folds but one and judges that one, so that no label
vouches for itself; the same words always share a fold, for a copy would tell the label. Where the best legal tags
differ from the given ones there is a finding, ranked by the probability of the given tags: a word's label quality in
Wang & Mueller (2022), "Detecting label errors in token classification data".

That number is all that their package, cleanlab, would be asked for. By average precision none of its other measures
(normalised margin, weighted entropy, a threshold for each class, its estimates of which labels are wrong) ranked the
errors planted in ATIS and in airline better. The mean over a span's words did better than the least of them, which
doubts long spans most.

An intent is in doubt where the likeliest is none of those given, and ranked by the probability of the given ones.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import held_out
from slotfill.corpus.tags import repair, segments
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import normalise
from slotfill.errors import DataError
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.learning.prediction import decoder_of, score
from slotfill.runtime.lattice import Lattice

Probabilities = NDArray[np.float64]


class IntentJudgement(NamedTuple):
    """What a tagger that has not seen an utterance says of its intent.

    Attributes:
        suggested: the likeliest intent.
        given_probability: of those given, taken together; NaN where no utterance that the tagger learnt from has one.
        suggested_probability: of the likeliest.
    """

    suggested: str
    given_probability: float
    suggested_probability: float

    @property
    def unknown(self) -> bool:
        """Whether the tagger never saw what is given."""
        return bool(np.isnan(self.given_probability))


class Judgement(NamedTuple):
    """What a tagger that has not seen an utterance says of its labels.

    Attributes:
        suggested: the best legal tags.
        given_probabilities: of each word's given tag; NaN where no utterance that the tagger learnt from has that tag.
        suggested_probabilities: of each word's suggested tag.
        intent: what it says of the intent; None where the utterance has none, or no utterance that it learnt from.
    """

    suggested: tuple[str, ...]
    given_probabilities: Probabilities
    suggested_probabilities: Probabilities
    intent: IntentJudgement | None = None

    @property
    def unknown(self) -> int:
        """How many words have a given tag that the tagger never saw."""
        return int(np.isnan(self.given_probabilities).sum())


@dataclass(frozen=True)
class Finding:
    """Words whose tags are in doubt.

    Attributes:
        utterance: its number among those judged, from 1.
        id: its name, where it has one.
        text: the whole utterance.
        start, end: where in `text` the words in doubt are, in Unicode code points, half-open.
        words: these words.
        given: their tags; one that is illegal BIO is made legal first.
        suggested: the tags that they should perhaps have.
        given_probability: the mean over the words whose given and suggested tags differ.
        suggested_probability: the same of the suggested tags.
        twins: the numbers of the utterances of the same words whose annotators chose what is suggested.
    """

    utterance: int
    id: str | None
    text: str
    start: int
    end: int
    words: tuple[str, ...]
    given: tuple[str, ...]
    suggested: tuple[str, ...]
    given_probability: float
    suggested_probability: float
    twins: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class IntentFinding:
    """An utterance whose intent is in doubt.

    Attributes:
        utterance: its number among those judged, from 1.
        id: its name, where it has one.
        text: the whole utterance.
        given: its intent; several are joined as the corpus joins them.
        suggested: the intent that it should perhaps have.
        given_probability: of those given, taken together.
        suggested_probability: of the suggested one.
        twins: the numbers of the utterances of the same words that ask for what is suggested.
    """

    utterance: int
    id: str | None
    text: str
    given: str
    suggested: str
    given_probability: float
    suggested_probability: float
    twins: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return asdict(self)


def deal(utterances: Sequence[Utterance], folds: int, seed: int) -> list[list[int]]:
    """The indices of the utterances in folds of a seeded draw; those of the same words share a fold.

    Raises `DataError` if there are fewer different utterances than folds.
    """
    copies = _copies(utterances)
    if len(copies) < folds:
        raise DataError(f"{len(copies)} different utterances are too few for {folds} folds")
    groups = list(copies.values())
    random.Random(seed).shuffle(groups)
    return [sorted(i for group in groups[fold::folds] for i in group) for fold in range(folds)]


def judge(
    utterances: Sequence[Utterance],
    fold: Sequence[int],
    network_config: NetworkConfig,
    config: TrainingConfig,
    listener: Listener,
) -> dict[int, Judgement]:
    """Train on all utterances but those of a fold, and judge these.

    A tenth of the others is held out to choose the epoch by: were the fold to choose, its labels would have a say.

    Args:
        utterances: all of them, labelled.
        fold: the indices of those to judge.
        network_config: the tagger's shape.
        config: how it is trained.
        listener: told of the training.

    Returns:
        A judgement for each index in `fold`.

    Raises:
        DataError: the others are too few to hold one out.
        DivergenceError, KeyboardInterrupt, SystemExit: training ended early.
    """
    judged = set(fold)
    training, dev = held_out([each for i, each in enumerate(utterances) if i not in judged], seed=config.seed)
    trained = train(training, dev, network_config, config, listener)
    if trained.stopped is not None:
        raise trained.stopped
    network, vocabulary = trained.network, trained.vocabulary
    decoder = decoder_of(network, vocabulary)
    judgements: dict[int, Judgement] = {}
    for places, batch, outputs in score(network, vocabulary, [utterances[i] for i in fold]):
        scores, lengths = outputs.tags.numpy(force=True), batch.lengths.numpy(force=True)
        suggested = decoder.decode(scores, lengths)
        probabilities = Lattice(decoder, scores, lengths).tag_probabilities()
        intents = outputs.intents.softmax(dim=1).numpy(force=True)
        for place, tags, shares, intent_shares in zip(places, suggested, probabilities, intents, strict=True):
            utterance = utterances[fold[place]]
            judgement = _judgement(repair(utterance.tags or ()), tags, shares, vocabulary.tag_ids)
            intent = _intent_judgement(utterance.intents, intent_shares, vocabulary.intents)
            judgements[fold[place]] = judgement._replace(intent=intent)
    return judgements


def _judgement(
    given: Sequence[str], suggested: tuple[str, ...], probabilities: Probabilities, ids: Mapping[str, int]
) -> Judgement:
    """From the probability of each tag for each word, (words and padding, tags)."""
    rows = range(len(given))
    return Judgement(
        suggested,
        np.array([probabilities[k, ids[given[k]]] if given[k] in ids else np.nan for k in rows]),
        np.array([probabilities[k, ids[suggested[k]]] for k in rows]),
    )


def _intent_judgement(
    given: Sequence[str], probabilities: NDArray[np.float32], names: Sequence[str]
) -> IntentJudgement | None:
    """From the probability of each intent, (intents,)."""
    if not given or not names:
        return None
    shares = dict(zip(names, probabilities.tolist(), strict=True))
    known = [shares[intent] for intent in given if intent in shares]
    suggested = max(shares, key=shares.__getitem__)
    return IntentJudgement(suggested, sum(known) if known else np.nan, shares[suggested])


def rank(utterances: Sequence[Utterance], judgements: Mapping[int, Judgement]) -> list[Finding]:
    """Every span in doubt, the least probable first.

    A span whose words in doubt all have tags that their tagger never saw is left out: of them it knows nothing.

    Args:
        utterances: all of them, labelled.
        judgements: by index.
    """
    copies = _copies(utterances)
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
                j for j in copies[_keys(utterance)] if (utterances[j].tags or ())[first:last] == suggested[first:last]
            )
            findings.append(
                Finding(
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


def rank_intents(utterances: Sequence[Utterance], judgements: Mapping[int, Judgement]) -> list[IntentFinding]:
    """Every utterance whose intent is in doubt, the least probable first.

    An intent that its tagger never saw is left out.

    Args:
        utterances: all of them, labelled.
        judgements: by index.
    """
    copies = _copies(utterances)
    findings = []
    for i, judgement in judgements.items():
        utterance, told = utterances[i], judgement.intent
        if told is None or told.unknown or told.suggested in utterance.intents:
            continue
        twins = (j for j in copies[_keys(utterance)] if told.suggested in utterances[j].intents)
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


def _copies(utterances: Sequence[Utterance]) -> dict[tuple[str, ...], list[int]]:
    """The indices of the utterances of the same words, by their lookup keys."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, utterance in enumerate(utterances):
        found[_keys(utterance)].append(i)
    return found


def _keys(utterance: Utterance) -> tuple[str, ...]:
    return tuple(map(normalise, utterance.words))


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
