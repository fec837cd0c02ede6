"""Many teachers taught into one student, as small and as fast as each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.errors import UsageError
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.prediction import intent_loss
from slotfill.network.crf import expected_counts
from slotfill.network.tagger import TaggerNetwork
from slotfill.network.unroll import word_mask
from slotfill.runtime.session import Outputs
from slotfill.runtime.vocabulary import Vocabulary


def student_of(network: NetworkConfig, config: TrainingConfig) -> tuple[NetworkConfig, TrainingConfig]:
    """The settings of a student whose teachers have these: more noise, less dropout and half the learning rate.

    Teachers say of any utterance how likely each reading is, so words may be swapped and hidden far more often than
    where a label must stay right. What is learnt is smooth, which leaves dropout little to do; and a student that
    starts as one of its teachers has less far to go.
    """
    return replace(network, dropout=0.1), replace(
        config, learning_rate=config.learning_rate / 2, word_dropout=3.0, slot_dropout=0.5, slot_swap=0.5
    )


@dataclass(frozen=True)
class Lesson:
    """What teachers say of a batch.

    Attributes:
        tags: (batch, time, tags) the probability of each word's tags; 0 at padding.
        transitions: (1 + tags, tags) how often they expect each tag after each other, as `Crf.transitions` lays them
            out; None from teachers without a CRF.
        intents: (batch, intents) the probability of each.
    """

    tags: Tensor
    transitions: Tensor | None
    intents: Tensor


class Teachers:
    """An ensemble whose scores are the mean of its members': their geometric mean, as probabilities go.

    Args:
        networks: trained taggers of one shape. A student starts as the first.
        vocabularies: theirs, which must be one and the same.

    Raises `UsageError` if they know other words or tags than each other, or have another shape.
    """

    def __init__(self, networks: Sequence[TaggerNetwork], vocabularies: Sequence[Vocabulary]) -> None:
        if any(vocabulary != vocabularies[0] for vocabulary in vocabularies):
            raise UsageError("the teachers know different words or tags: train them on one and the same corpus")
        if any(network.config != networks[0].config for network in networks):
            raise UsageError("the teachers differ in their networks' settings: train them with the same ones")
        self.vocabulary = vocabularies[0]
        self._networks = [network.eval() for network in networks]

    def to(self, device: torch.device) -> Self:
        """The same teachers, moved to where the student learns."""
        for network in self._networks:
            network.to(device)
        return self

    def begin(self, student: TaggerNetwork) -> None:
        """Make a student what the first teacher is; raise `UsageError` unless its shape is theirs."""
        first = self._networks[0]
        if replace(student.config, dropout=first.config.dropout) != first.config:
            raise UsageError("a student starts as one of its teachers: give it the shape that they have")
        student.load_state_dict(first.state_dict())

    @torch.no_grad()
    def __call__(self, batch: LabelledBatch) -> Lesson:
        """What they say of a batch."""
        spoken = [network(*batch.inputs) for network in self._networks]
        scores, intents = (torch.stack(each).mean(dim=0) for each in zip(*spoken, strict=True))
        crfs = [network.crf for network in self._networks if network.crf is not None]
        if not crfs:
            words = word_mask(batch.lengths, scores.shape[1]).unsqueeze(2)
            return Lesson(scores.softmax(dim=2) * words, None, intents.softmax(dim=1))
        transitions = torch.stack([crf.transitions for crf in crfs]).mean(dim=0)
        return Lesson(*expected_counts(scores, transitions, batch.lengths), intents.softmax(dim=1))


def lesson_loss(
    student: TaggerNetwork,
    outputs: Outputs[Tensor],
    batch: LabelledBatch,
    lesson: Lesson,
    *,
    intent_weight: float = 1.0,
) -> Tensor:
    """The cross entropy between what the teachers and what a student says, in nats an utterance (mean over the batch).

    That is knowledge distillation (Hinton et al., 2015). With a CRF it is over whole sequences of tags and exact: a
    sequence's score is a sum over words and transitions, so what the teachers expect of it needs only how often they
    expect each (Wang et al., 2021, "Structural knowledge distillation: tractably distilling information for structured
    predictor").

    Args:
        student: with a CRF if the teachers have one.
        outputs: what it says of the batch.
        batch: what it was shown, and the teachers too.
        lesson: what they say.
        intent_weight: of the intents' cross entropy beside the tags'.

    Raises `ValueError` if the student has a CRF and the teachers have none.
    """
    intents = intent_weight * intent_loss(outputs.intents, lesson.intents)
    if student.crf is None:
        return intents - (lesson.tags * outputs.tags.log_softmax(dim=2)).sum() / len(batch.words)
    if lesson.transitions is None:
        raise ValueError("teachers without a CRF cannot teach a student that has one")
    expected = (lesson.tags * outputs.tags).sum() + (lesson.transitions * student.crf.transitions).sum()
    return intents + (student.crf.log_partition(outputs.tags, batch.lengths).sum() - expected) / len(batch.words)
