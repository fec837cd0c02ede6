"""Teachers and what a student takes from them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.errors import UsageError
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.distillation import Lesson, Teachers, lesson_loss, log_probabilities
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary

SMALL = NetworkConfig(hidden_size=8, word_size=6, character_size=4, character_filters=4, dropout=0.1)


def networks(vocabulary: Vocabulary, count: int, *, crf: bool = True) -> list[TaggerNetwork]:
    torch.manual_seed(0)
    made = [TaggerNetwork.for_vocabulary(replace(SMALL, crf=crf), vocabulary).eval() for _ in range(count)]
    for network in made:
        if network.crf is not None:
            torch.nn.init.normal_(network.crf.transitions)
    return made


@pytest.fixture
def vocabulary(flights: list[Utterance]) -> Vocabulary:
    return Vocabulary.build(flights)


@pytest.fixture
def batch(flights: list[Utterance], vocabulary: Vocabulary) -> LabelledBatch:
    shorter = Utterance(("fly", "to", "oslo"), ("O", "O", "B-toloc.city_name"), "flight")
    return LabelledBatch.encode([flights[0], shorter], vocabulary)


@pytest.mark.parametrize("crf", [True, False])
def test_a_lesson_is_the_mean_of_the_teachers_probabilities(
    crf: bool, vocabulary: Vocabulary, batch: LabelledBatch
) -> None:
    members = networks(vocabulary, 3, crf=crf)
    lesson = Teachers(members, [vocabulary] * 3)(batch)
    each = [log_probabilities(network, network(*batch.inputs), batch.lengths).exp() for network in members]
    torch.testing.assert_close(lesson.tags, sum(each) / 3)
    torch.testing.assert_close(lesson.tags.sum(dim=2), torch.ones(batch.words.shape))
    intents = [network(*batch.inputs).intents.softmax(dim=1) for network in members]
    torch.testing.assert_close(lesson.intents, sum(intents) / 3)


def test_the_loss_is_least_for_a_student_that_says_what_the_teachers_say(
    vocabulary: Vocabulary, batch: LabelledBatch
) -> None:
    teacher, other = networks(vocabulary, 2)
    lesson = Teachers([teacher], [vocabulary])(batch)
    same, different = (lesson_loss(one, one(*batch.inputs), batch, lesson) for one in (teacher, other))
    assert same < different
    (gradient,) = torch.autograd.grad(same, [teacher.head.tags.bias])
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), atol=1e-5, rtol=0)


def test_certain_teachers_say_what_labels_say(vocabulary: Vocabulary, batch: LabelledBatch) -> None:
    (student,) = networks(vocabulary, 1, crf=False)
    outputs = student(*batch.inputs)
    certain = torch.nn.functional.one_hot(batch.tags.clamp(min=0), len(vocabulary.tags)).float()
    loss = lesson_loss(student, outputs, batch, Lesson(certain, batch.intents))
    words = torch.nn.functional.cross_entropy(outputs.tags.flatten(0, 1), batch.tags.flatten(), reduction="sum")
    intents = torch.nn.functional.cross_entropy(outputs.intents, batch.intents, reduction="sum")
    torch.testing.assert_close(loss, (words + intents) / 2)


def test_a_student_learns_from_teachers_alone(flights: list[Utterance]) -> None:
    config = TrainingConfig(epochs=8, batch_size=8, learning_rate=0.02, threads=1)
    taught = [train(flights, flights, SMALL, replace(config, seed=seed), Listener()) for seed in (0, 1)]
    teachers = Teachers([one.network for one in taught], [one.vocabulary for one in taught])
    wrong = [replace(one, tags=("O",) * len(one.words)) for one in flights]
    config = replace(config, epochs=20, patience=20, distillation=0.999)
    with pytest.MonkeyPatch.context() as patch:
        # Labels without a slot know no slots; and what little weight they have, they use against them.
        patch.setattr(Vocabulary, "build", lambda *_, **__: teachers.vocabulary)
        assert train(wrong, flights, SMALL, config, Listener(), teachers).best.dev_f1 > 0.9


def test_teachers_of_another_corpus_are_refused(flights: list[Utterance], vocabulary: Vocabulary) -> None:
    other = Vocabulary.build(flights[:5])
    with pytest.raises(UsageError, match="the teachers know different words"):
        Teachers([*networks(vocabulary, 1), *networks(other, 1)], [vocabulary, other])
    with pytest.raises(UsageError, match="trained on another corpus"):
        train(flights, flights, SMALL, TrainingConfig(), Listener(), Teachers(networks(other, 1), [other]))
