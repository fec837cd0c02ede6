"""Likely annotation errors: judged by taggers that never saw them, and ranked."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus import airline
from slotfill.corpus.tags import Segment, segments, tags_of
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.learning import annotation_noise
from slotfill.learning.annotation_noise import (
    Finding,
    IntentJudgement,
    Judgement,
    deal,
    judge,
    rank,
    rank_intents,
)
from slotfill.learning.history import Listener
from slotfill.learning.loop import Trained, train
from tests.learning.test_loop import NETWORK, TRAINING, InterruptsAfter


def utterance(tags: str, text: str = "") -> Utterance:
    given = tuple(tags.split())
    return Utterance(tuple(f"w{i}" for i in range(len(given))) if not text else tuple(text.split()), given)


def judgement(suggested: str, given: str = "") -> Judgement:
    """With a probability of 0.2 for each given tag unless it says otherwise, and 0.7 for what is suggested."""
    tags = tuple(suggested.split())
    shares = [float(share) for share in given.split()] or [0.2] * len(tags)
    return Judgement(tags, np.array(shares), np.full(len(tags), 0.7))


def spans(given: str, suggested: str) -> list[str]:
    """The text of each finding."""
    return [each.text[each.start : each.end] for each in rank([utterance(given)], {0: judgement(suggested)})]


def judge_all(
    utterances: list[Utterance], folds: int, network: NetworkConfig, config: TrainingConfig
) -> dict[int, Judgement]:
    judgements: dict[int, Judgement] = {}
    for fold in deal(utterances, folds, config.seed):
        judgements |= judge(utterances, fold, network, config, Listener())
    return judgements


def find(utterances: list[Utterance], folds: int, network: NetworkConfig, config: TrainingConfig) -> list[Finding]:
    return rank(utterances, judge_all(utterances, folds, network, config))


def test_each_utterance_is_in_one_fold_and_copies_share_theirs(flights: list[Utterance]) -> None:
    shouted = [Utterance(tuple(word.upper() for word in each.words), each.tags) for each in flights]
    everyone = [*flights, *flights[:20], *shouted]
    folds = deal(everyone, 4, seed=0)
    assert sorted(i for fold in folds for i in fold) == list(range(len(everyone)))
    words = [{tuple(map(str.lower, everyone[i].words)) for i in fold} for fold in folds]
    assert sum(map(len, words)) == len(set.union(*words)) == len(flights)
    assert max(map(len, words)) - min(map(len, words)) <= 1


def test_folds_are_those_of_their_seed(flights: list[Utterance]) -> None:
    assert deal(flights, 4, seed=1) == deal(flights, 4, seed=1) != deal(flights, 4, seed=2)


def test_fewer_different_utterances_than_folds_are_refused(flights: list[Utterance]) -> None:
    with pytest.raises(DataError, match="2 different utterances are too few for 3 folds"):
        deal([flights[0], flights[1], flights[0]], 3, seed=0)


def test_a_span_is_one_finding_not_one_a_word() -> None:
    assert spans("O O O O", "O B-a I-a O") == ["w1 w2"]
    assert spans("O B-a I-a O", "O B-b I-b O") == ["w1 w2"]


def test_overlapping_spans_are_one_finding_and_neighbours_are_two() -> None:
    assert spans("B-a I-a O O", "O B-a I-a O") == ["w0 w1 w2"]
    assert spans("B-a I-a I-a I-a", "B-a B-b I-b O") == ["w0 w1 w2 w3"]
    assert spans("B-a B-b O", "B-b B-a O") == ["w0", "w1"]


def test_tags_that_spell_the_same_spans_are_no_finding() -> None:
    assert spans("O I-a O B-b", "O B-a O B-b") == []


def test_findings_are_ranked_by_the_mean_probability_of_the_words_that_differ() -> None:
    utterances = [utterance("O B-a I-a I-a"), utterance("B-a O"), utterance("B-b O")]
    judgements = {
        0: judgement("O B-a I-a O", "0.9 0.9 0.9 0.3"),
        1: judgement("B-b I-b", "0.1 0.2"),
        2: judgement("B-b B-b", "0.9 0.2"),
    }
    found = rank(utterances, judgements)
    assert [(each.utterance, round(each.given_probability, 3)) for each in found] == [(2, 0.15), (3, 0.2), (1, 0.3)]
    assert found[0].given == ("B-a", "O")
    assert found[0].suggested == ("B-b", "I-b")
    assert found[2].words == ("w1", "w2", "w3")


def test_a_tag_that_the_tagger_never_saw_is_not_judged() -> None:
    utterances = [utterance("B-rare O"), utterance("B-rare I-rare")]
    judgements = {0: judgement("B-a O", "nan 0.2"), 1: judgement("B-a O", "nan 0.4")}
    assert [(each.utterance, each.given_probability) for each in rank(utterances, judgements)] == [(2, 0.4)]
    assert judgements[0].unknown == 1


def test_a_finding_names_the_same_words_labelled_as_suggested() -> None:
    texts = {
        "O B-from O": "to rome now",
        "O B-to O": "To Rome now",
        "O B-to B-time": "to rome now",
        "O O O": "to rome now",
    }
    utterances = [utterance(tags, text) for tags, text in texts.items()]
    (found,) = rank(utterances, {0: judgement("O B-to O")})
    assert found.twins == (2, 3)


def test_illegal_tags_are_read_as_what_they_spell() -> None:
    (found,) = rank([utterance("O I-a O")], {0: judgement("O B-b O")})
    assert (found.given, found.suggested) == (("B-a",), ("B-b",))


def test_offsets_are_those_of_the_text() -> None:
    (found,) = rank([Utterance(("to", "rome", "."), ("O", "O", "O"), text="to  rome.")], {0: judgement("O B-to O")})
    assert (found.start, found.end, found.words) == (4, 8, ("rome",))


def test_a_judge_has_seen_none_of_the_words_that_it_judges(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = [*flights, *flights[:20]]
    shown: list[tuple[str, ...]] = []

    def watched(*arguments: object) -> Trained:
        training, dev, *_ = arguments
        shown.extend(each.words for part in (training, dev) for each in part)  # type: ignore[attr-defined]
        return train(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(annotation_noise, "train", watched)
    fold = deal(everyone, 4, seed=0)[0]
    judged = judge(everyone, fold, NETWORK, replace(TRAINING, epochs=1), Listener())
    assert sorted(judged) == fold
    assert not {everyone[i].words for i in fold} & set(shown)
    assert len(shown) + len(fold) == len(everyone)


def test_an_interruption_is_passed_on(flights: list[Utterance]) -> None:
    with pytest.raises(KeyboardInterrupt):
        judge(flights, range(9), NETWORK, TRAINING, InterruptsAfter(epoch=3))


def test_a_swapped_slot_comes_first_with_the_right_suggestion_and_the_same_for_a_seed(
    flights: list[Utterance],
) -> None:
    wrong = tuple(tag.replace("fromloc", "toloc") for tag in flights[30].tags or ())
    utterances = [*flights[:30], replace(flights[30], tags=wrong), *flights[31:]]
    config = replace(TRAINING, epochs=10)
    found = find(utterances, 2, NETWORK, config)
    assert found[0].utterance == 31
    assert found[0].given_probability < 0.2 < found[0].suggested_probability
    assert all(tag.endswith("-fromloc.city_name") for tag in found[0].suggested)
    assert find(utterances, 2, NETWORK, config) == found


def test_intents_in_doubt_are_ranked_and_name_the_same_words_with_what_is_suggested() -> None:
    def asked(intent: str, text: str = "go home") -> Utterance:
        return replace(utterance("O O", text), intent=intent)

    def told(intent: str, given: float) -> Judgement:
        return judgement("O O")._replace(intent=IntentJudgement(intent, given, 0.7))

    utterances = [asked("a"), asked("a#b"), asked("a"), asked("b"), asked("c", "go on")]
    judgements = {
        0: told("b", 0.2),
        1: told("b", 0.9),
        2: told("c", 0.1),
        3: told("a", np.nan),
        4: judgement("O O"),
    }
    found = rank_intents(utterances, judgements)
    assert [(each.utterance, each.given, each.suggested, each.twins) for each in found] == [
        (3, "a", "c", ()),
        (1, "a", "b", (2, 4)),
    ]
    assert found[1].to_json()["given_probability"] == 0.2


def test_a_swapped_intent_comes_first_with_the_right_suggestion(flights: list[Utterance]) -> None:
    fares = [Utterance(("fares", *each.words[1:]), each.tags, intent="fare#price") for each in flights]
    utterances = [*flights, replace(fares[0], intent=flights[0].intent), *fares[1:]]
    judgements = judge_all(utterances, 2, NETWORK, replace(TRAINING, epochs=10))
    first, *others = rank_intents(utterances, judgements)
    assert (first.utterance, first.given) == (len(flights) + 1, flights[0].intent)
    assert first.suggested in ("fare", "price")
    assert first.given_probability < first.suggested_probability
    assert all(each.given_probability > first.given_probability for each in others)
    right = judgements[len(flights) + 1].intent
    assert right is not None
    assert right.given_probability > 0.5  # more than fare or price could have alone


def test_an_intent_that_is_not_given_or_that_the_judge_never_saw_is_not_judged(flights: list[Utterance]) -> None:
    first, second, *others = flights
    utterances = [replace(first, intent=None), replace(second, intent="rare"), *others]
    judged = judge(utterances, [0, 1], NETWORK, replace(TRAINING, epochs=1), Listener())
    assert judged[0].intent is None
    assert judged[1].intent is not None
    assert judged[1].intent.unknown
    assert rank_intents(utterances, judged) == []
    unasked = [replace(each, intent=None) for each in others]
    judged = judge([second, *unasked], [0], NETWORK, replace(TRAINING, epochs=1), Listener())
    assert judged[0].intent is None


def spoil(utterances: list[Utterance], share: float, seed: int) -> tuple[list[Utterance], dict[int, list[Segment]]]:
    """The utterances with a share of their spans gone or of another slot, and these spans."""
    drawing = random.Random(seed)
    spans = [(i, span) for i, each in enumerate(utterances) for span in segments(each.tags or ())]
    slots = sorted({span.slot for _, span in spans})
    wrong: dict[int, list[Segment]] = {}
    for i, span in drawing.sample(spans, round(share * len(spans))):
        wrong.setdefault(i, []).append(span)
    spoilt = list(utterances)
    for i, chosen in wrong.items():
        kept = [span for span in segments(utterances[i].tags or ()) if span not in chosen]
        swapped = [
            span._replace(slot=drawing.choice([slot for slot in slots if slot != span.slot]))
            for span in chosen
            if drawing.random() < 0.5
        ]
        spoilt[i] = replace(utterances[i], tags=tags_of([*kept, *swapped], len(utterances[i].words)))
    return spoilt, wrong


@pytest.mark.slow
def test_planted_errors_are_found_far_above_chance() -> None:
    utterances = airline.generate()["train"][:1000]
    spoilt, wrong = spoil(utterances, share=0.03, seed=0)
    planted = sum(map(len, wrong.values()))
    found = find(spoilt, 4, NetworkConfig(), TrainingConfig(epochs=12, threads=1))

    def hit(finding: Finding) -> bool:
        text = utterances[finding.utterance - 1].offsets
        spans = wrong.get(finding.utterance - 1, ())
        return any(text[span.start][0] < finding.end and finding.start < text[span.end - 1][1] for span in spans)

    def precision(count: int) -> float:
        return sum(map(hit, found[:count])) / count

    # Chance is 0.03; measured here: 0.57 and 0.86.
    assert precision(planted) > 0.4
    assert precision(planted // 4) > 0.6
