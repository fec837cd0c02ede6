"""Teachers and what a student takes from them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.errors import UsageError
from slotfill.learning import loop
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.distillation import Lesson, Teachers, lesson_loss, student_of
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.learning.prediction import intent_loss
from slotfill.network.crf import expected_counts
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import UNKNOWN, Vocabulary

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


def test_a_lesson_is_what_the_mean_of_the_teachers_scores_says(vocabulary: Vocabulary, batch: LabelledBatch) -> None:
    members = networks(vocabulary, 3)
    lesson = Teachers(members, [vocabulary] * 3)(batch)
    scores = sum(network(*batch.inputs).tags for network in members) / 3
    transitions = sum(network.crf.transitions for network in members if network.crf) / 3
    assert isinstance(scores, torch.Tensor)
    assert isinstance(transitions, torch.Tensor)
    torch.testing.assert_close((lesson.tags, lesson.transitions), expected_counts(scores, transitions, batch.lengths))
    intents = sum(network(*batch.inputs).intents for network in members) / 3
    assert isinstance(intents, torch.Tensor)
    torch.testing.assert_close(lesson.intents, intents.softmax(dim=1))


def test_without_a_crf_a_lesson_has_the_probabilities_of_words(vocabulary: Vocabulary, batch: LabelledBatch) -> None:
    members = networks(vocabulary, 2, crf=False)
    lesson = Teachers(members, [vocabulary] * 2)(batch)
    assert lesson.transitions is None
    shares = ((members[0](*batch.inputs).tags + members[1](*batch.inputs).tags) / 2).softmax(dim=2)
    torch.testing.assert_close(lesson.tags[0], shares[0])
    assert not lesson.tags[1, batch.lengths[1] :].any()


def test_the_loss_is_the_cross_entropy_over_all_sequences_of_tags(vocabulary: Vocabulary) -> None:
    batch = LabelledBatch.encode([Utterance(("to", "oslo"), ("O", "B-toloc.city_name"), "flight")], vocabulary)
    teacher, student = networks(vocabulary, 2)
    said, outputs = teacher(*batch.inputs), student(*batch.inputs)
    assert teacher.crf is not None
    assert student.crf is not None
    paths = torch.tensor(list(product(range(len(vocabulary.tags)), repeat=2)))
    twice = batch.lengths.expand(len(paths))
    wanted = teacher.crf.score(said.tags.expand(len(paths), -1, -1), paths, twice).softmax(dim=0)
    given = student.crf.score(outputs.tags.expand(len(paths), -1, -1), paths, twice).log_softmax(dim=0)
    intents = -(said.intents.softmax(dim=1) * outputs.intents.log_softmax(dim=1)).sum()
    loss = lesson_loss(student, outputs, batch, Teachers([teacher], [vocabulary])(batch))
    torch.testing.assert_close(loss, intents - (wanted * given).sum())


def test_the_loss_is_least_for_a_student_that_says_what_the_teachers_say(
    vocabulary: Vocabulary, batch: LabelledBatch
) -> None:
    teacher, other = networks(vocabulary, 2)
    lesson = Teachers([teacher], [vocabulary])(batch)
    same, different = (lesson_loss(one, one(*batch.inputs), batch, lesson) for one in (teacher, other))
    assert same < different
    assert teacher.crf is not None
    for gradient in torch.autograd.grad(same, [teacher.head.tags.bias, teacher.crf.transitions]):
        torch.testing.assert_close(gradient, torch.zeros_like(gradient), atol=1e-5, rtol=0)


def test_certain_teachers_say_what_labels_say(vocabulary: Vocabulary, batch: LabelledBatch) -> None:
    (student,) = networks(vocabulary, 1, crf=False)
    outputs = student(*batch.inputs)
    certain = torch.nn.functional.one_hot(batch.tags.clamp(min=0), len(vocabulary.tags))
    certain *= (batch.tags >= 0).unsqueeze(2)
    loss = lesson_loss(student, outputs, batch, Lesson(certain, None, batch.intents))
    words = torch.nn.functional.cross_entropy(outputs.tags.flatten(0, 1), batch.tags.flatten(), reduction="sum")
    intents = torch.nn.functional.cross_entropy(outputs.intents, batch.intents, reduction="sum")
    torch.testing.assert_close(loss, (words + intents) / 2)


def test_intents_weigh_in_a_lesson_as_asked(vocabulary: Vocabulary, batch: LabelledBatch) -> None:
    teacher, student = networks(vocabulary, 2)
    lesson, outputs = Teachers([teacher], [vocabulary])(batch), student(*batch.inputs)
    none, half, one = (lesson_loss(student, outputs, batch, lesson, intent_weight=weight) for weight in (0.0, 0.5, 1.0))
    torch.testing.assert_close(half, (none + one) / 2)
    torch.testing.assert_close(one - none, intent_loss(outputs.intents, lesson.intents))


def test_a_student_starts_as_the_first_teacher(vocabulary: Vocabulary) -> None:
    first, second, student = networks(vocabulary, 3)
    Teachers([first, second], [vocabulary] * 2).begin(student)
    for name, value in first.state_dict().items():
        assert student.state_dict()[name].equal(value), name


def test_a_student_learns_from_teachers_alone(flights: list[Utterance]) -> None:
    config = TrainingConfig(epochs=8, batch_size=8, learning_rate=0.02, threads=1)
    taught = [train(flights, flights, SMALL, replace(config, seed=seed), Listener()) for seed in (0, 1)]
    vocabulary = taught[0].vocabulary
    members = *networks(vocabulary, 1), *(one.network for one in taught)
    teachers = Teachers(members, [vocabulary] * 3)
    wrong = [replace(one, tags=("O",) * len(one.words)) for one in flights]
    config = replace(config, epochs=20, patience=20, distillation=1.0)
    with pytest.MonkeyPatch.context() as patch:
        # Labels without a slot know no slots.
        patch.setattr(Vocabulary, "build", lambda *_, **__: vocabulary)
        student = train(wrong, flights, SMALL, config, Listener(), teachers)
    assert student.history[0].dev_f1 < 0.5
    assert student.best.dev_f1 > 0.9


def test_a_student_has_its_teachers_shape_and_size_but_less_dropout_and_more_noise() -> None:
    network, config = student_of(SMALL, TrainingConfig())
    assert replace(network, dropout=SMALL.dropout) == SMALL
    assert network.dropout < NetworkConfig.dropout
    assert config.learning_rate == TrainingConfig.learning_rate / 2
    assert (config.slot_dropout or 0) > (TrainingConfig.slot_dropout or 0)
    assert (config.word_dropout or 0) > (TrainingConfig.word_dropout or 0)
    assert (config.slot_swap or 0) > (TrainingConfig.slot_swap or 0)


def test_teachers_see_the_words_that_the_student_sees(
    flights: list[Utterance], vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[bool, tuple[torch.Tensor, ...]]] = []
    forward = TaggerNetwork.forward

    def spy(self: TaggerNetwork, *inputs: torch.Tensor, **options: Any) -> Any:
        calls.append((self.training, inputs))
        return forward(self, *inputs, **options)

    monkeypatch.setattr(TaggerNetwork, "forward", spy)
    teachers = Teachers(networks(vocabulary, 2), [vocabulary] * 2)
    config = TrainingConfig(epochs=1, batch_size=8, word_dropout=9.0, threads=1)
    train(flights, flights[:2], SMALL, config, Listener(), teachers)
    learnt = [number for number, (training, _) in enumerate(calls) if training]
    assert any((calls[number][1][0] == UNKNOWN).any() for number in learnt)
    for number in learnt:
        (_, shown), (_, first), (_, second) = calls[number : number + 3]
        torch.testing.assert_close(first, shown, rtol=0, atol=0)
        torch.testing.assert_close(second, shown, rtol=0, atol=0)


def test_networks_of_another_shape_are_refused(vocabulary: Vocabulary) -> None:
    teacher, plain = *networks(vocabulary, 1), *networks(vocabulary, 1, crf=False)
    with pytest.raises(UsageError, match="the teachers differ in their networks' settings"):
        Teachers([teacher, plain], [vocabulary] * 2)
    with pytest.raises(UsageError, match="a student starts as one of its teachers"):
        Teachers([teacher], [vocabulary]).begin(plain)


def test_teachers_of_another_corpus_are_refused(flights: list[Utterance], vocabulary: Vocabulary) -> None:
    other = Vocabulary.build(flights[:5])
    with pytest.raises(UsageError, match="the teachers know different words"):
        Teachers([*networks(vocabulary, 1), *networks(other, 1)], [vocabulary, other])
    with pytest.raises(UsageError, match="trained on another corpus"):
        train(flights, flights, SMALL, TrainingConfig(), Listener(), Teachers(networks(other, 1), [other]))


def test_teachers_have_the_share_of_the_loss_that_is_asked_for(
    flights: list[Utterance], vocabulary: Vocabulary
) -> None:
    still = TrainingConfig(
        threads=1, clip_norm=None, word_dropout=None, slot_dropout=None, slot_swap=None, invented_values=None
    )

    def gradient(share: float | None) -> torch.Tensor:
        teachers = Teachers(networks(vocabulary, 2)[::-1], [vocabulary] * 2)
        config, shape = replace(still, distillation=share), replace(SMALL, dropout=0.0)
        run = loop._Run(flights, flights, shape, config, Listener(), teachers, None)
        del teachers._networks[0]  # The student starts as it, and would learn nothing from itself.
        run.gradient(run.labelled.batch(range(8)))
        return run.optimizer.gradient.clone()

    labels, lessons, mixed = map(gradient, (None, 1.0, 0.25))
    assert not torch.allclose(labels, lessons)
    torch.testing.assert_close(mixed, labels.lerp(lessons, 0.25))
    torch.testing.assert_close(gradient(0.0), labels)


def test_intents_weigh_in_lessons_as_configured(flights: list[Utterance]) -> None:
    asked = [replace(one, intent=("a", "b")[i % 2]) for i, one in enumerate(flights)]
    vocabulary = Vocabulary.build(asked)

    def gradient(weight: float) -> Tensor:
        teachers = Teachers(networks(vocabulary, 2)[::-1], [vocabulary] * 2)
        config = TrainingConfig(threads=1, clip_norm=None, distillation=1.0, intent_weight=weight)
        run = loop._Run(asked, asked, replace(SMALL, dropout=0.0), config, Listener(), teachers, None)
        del teachers._networks[0]
        run.gradient(run.labelled.batch(range(8)))
        intents = run.network.head.intents
        assert intents is not None
        return intents.scores.weight.grad.clone()

    torch.testing.assert_close(gradient(3.0), 3 * gradient(1.0))


@pytest.mark.parametrize("crf", [True, False])
def test_of_several_intents_a_lesson_has_what_the_mean_of_the_teachers_scores_says(
    crf: bool, flights: list[Utterance]
) -> None:
    asked = [replace(one, intent=one.words[-1]) for one in flights]
    vocabulary = Vocabulary.build(asked)
    batch = LabelledBatch.encode(asked[:3], vocabulary)
    members = networks(vocabulary, 2, crf=crf)
    scores = torch.stack([network(*batch.inputs).intents for network in members]).mean(dim=0)
    lesson = Teachers(members, [vocabulary] * 2)(batch)
    torch.testing.assert_close(lesson.intents, scores.softmax(dim=1))


def test_teachers_drop_nothing_though_they_come_from_training(vocabulary: Vocabulary, batch: LabelledBatch) -> None:
    teachers = Teachers([network.train() for network in networks(vocabulary, 2)], [vocabulary] * 2)
    assert torch.equal(teachers(batch).tags, teachers(batch).tags)
