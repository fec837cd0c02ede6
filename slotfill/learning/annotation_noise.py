"""Utterances judged by taggers that never saw them, for `annotation_findings` to find likely errors in.

The utterances are dealt into folds. A tagger learns from all folds but one and judges that one, so that no label
vouches for itself; the same words always share a fold, for a copy would tell the label.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import held_out
from slotfill.corpus.tags import repair
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


def deal(utterances: Sequence[Utterance], folds: int, seed: int) -> list[list[int]]:
    """The indices of the utterances in folds of a seeded draw; those of the same words share a fold.

    Raises `DataError` if there are fewer different utterances than folds.
    """
    copies = copies_of(utterances)
    if len(copies) < folds:
        raise DataError(f"too few different utterances for {folds} folds: {len(copies):,}")
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
    trained = train(training, dev, network_config, config, listener).raise_if_stopped()
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


def copies_of(utterances: Sequence[Utterance]) -> dict[tuple[str, ...], list[int]]:
    """The indices of the utterances of the same words, by their lookup keys."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, utterance in enumerate(utterances):
        found[keys_of(utterance)].append(i)
    return found


def keys_of(utterance: Utterance) -> tuple[str, ...]:
    """The lookup keys of an utterance's words, the same for each of its copies."""
    return tuple(map(normalise, utterance.words))
