"""Likely annotation errors: what judgements make of them, and in which order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from slotfill.corpus.utterance import Utterance
from slotfill.learning.annotation_findings import intent_findings, span_findings
from slotfill.learning.annotation_noise import IntentJudgement, Judgement


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
    return [each.text[each.start : each.end] for each in span_findings([utterance(given)], {0: judgement(suggested)})]


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
    found = span_findings(utterances, judgements)
    assert [(each.utterance, round(each.given_probability, 3)) for each in found] == [(2, 0.15), (3, 0.2), (1, 0.3)]
    assert found[0].given == ("B-a", "O")
    assert found[0].suggested == ("B-b", "I-b")
    assert found[2].words == ("w1", "w2", "w3")


def test_a_tag_that_the_tagger_never_saw_is_not_judged() -> None:
    utterances = [utterance("B-rare O"), utterance("B-rare I-rare")]
    judgements = {0: judgement("B-a O", "nan 0.2"), 1: judgement("B-a O", "nan 0.4")}
    assert [(each.utterance, each.given_probability) for each in span_findings(utterances, judgements)] == [(2, 0.4)]
    assert judgements[0].unknown == 1


def test_a_finding_names_the_same_words_labelled_as_suggested() -> None:
    texts = {
        "O B-from O": "to rome now",
        "O B-to O": "To Rome now",
        "O B-to B-time": "to rome now",
        "O O O": "to rome now",
    }
    utterances = [utterance(tags, text) for tags, text in texts.items()]
    (found,) = span_findings(utterances, {0: judgement("O B-to O")})
    assert found.twins == (2, 3)


def test_illegal_tags_are_read_as_what_they_spell() -> None:
    (found,) = span_findings([utterance("O I-a O"), utterance("O I-b O")], {0: judgement("O B-b O")})
    assert found.twins == (2,)
    assert (found.given, found.suggested) == (("B-a",), ("B-b",))


def test_offsets_are_those_of_the_text() -> None:
    (found,) = span_findings(
        [Utterance(("to", "rome", "."), ("O", "O", "O"), text="to  rome.")], {0: judgement("O B-to O")}
    )
    assert (found.start, found.end, found.words) == (4, 8, ("rome",))


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
    found = intent_findings(utterances, judgements)
    assert [(each.utterance, each.given, each.suggested, each.twins) for each in found] == [
        (3, "a", "c", ()),
        (1, "a", "b", (2, 4)),
    ]
    assert found[1].to_json()["given_probability"] == 0.2
