"""Many teachers taught into one student, as small and as fast as each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from slotfill.errors import UsageError
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.prediction import intent_loss
from slotfill.network.tagger import TaggerNetwork
from slotfill.network.unroll import inside
from slotfill.runtime.session import Outputs
from slotfill.runtime.vocabulary import Vocabulary


def log_probabilities(network: TaggerNetwork, outputs: Outputs[Tensor], lengths: Tensor) -> Tensor:
    """The log-probability of each tag of each word, (batch, time, tags), over all sequences where there is a CRF."""
    if network.crf is None:
        return outputs.tags.log_softmax(dim=2)
    return network.crf.log_marginals(outputs.tags, lengths)


@dataclass(frozen=True)
class Lesson:
    """What teachers say of a batch: probabilities of tags, (batch, time, tags), and of intents, (batch, intents)."""

    tags: Tensor
    intents: Tensor


class Teachers:
    """An ensemble: the mean of its members' probabilities.

    Args:
        networks: trained taggers.
        vocabularies: theirs, which must be one and the same.

    Raises `UsageError` if they know other words or tags than each other.
    """

    def __init__(self, networks: Sequence[TaggerNetwork], vocabularies: Sequence[Vocabulary]) -> None:
        if any(vocabulary != vocabularies[0] for vocabulary in vocabularies):
            raise UsageError("the teachers know different words or tags: train them on one and the same corpus")
        self.vocabulary = vocabularies[0]
        self._networks = [network.eval() for network in networks]

    def to(self, device: torch.device) -> Self:
        """The same teachers, moved to where the student learns."""
        for network in self._networks:
            network.to(device)
        return self

    @torch.no_grad()
    def __call__(self, batch: LabelledBatch) -> Lesson:
        """What they say of a batch."""
        spoken = [(network, network(*batch.inputs)) for network in self._networks]
        tags = [log_probabilities(network, outputs, batch.lengths).exp() for network, outputs in spoken]
        intents = [outputs.intents.softmax(dim=1) for _, outputs in spoken]
        return Lesson(torch.stack(tags).mean(dim=0), torch.stack(intents).mean(dim=0))


def lesson_loss(student: TaggerNetwork, outputs: Outputs[Tensor], batch: LabelledBatch, lesson: Lesson) -> Tensor:
    """The cross entropy between what the teachers and what a student says, in nats an utterance (mean over the batch).

    That is knowledge distillation (Hinton et al., 2015) with each word's marginal probabilities (Wang et al., 2020,
    "Structure-level knowledge distillation for multilingual sequence labeling", eq. 8).
    """
    words = -(lesson.tags * log_probabilities(student, outputs, batch.lengths)).sum(dim=2)
    tags = (words * inside(batch.lengths, words.shape[1])).sum() / len(words)
    return tags + intent_loss(outputs.intents, lesson.intents)
