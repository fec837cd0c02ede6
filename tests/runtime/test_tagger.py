"""The tagger: one out for one in, in order, legal, whatever comes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnxruntime import InferenceSession, SessionOptions

import slotfill
from slotfill.corpus.tags import illegal_positions
from slotfill.corpus.utterance import Span, Utterance
from slotfill.errors import ArtifactError, UsageError
from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.session import Outputs
from slotfill.runtime.tagger import Tagger, _require_finite, load
from slotfill.runtime.vocabulary import Vocabulary
from tests.conftest import forged


@pytest.fixture(scope="module")
def tagger(model: Path) -> Tagger:
    return slotfill.load(model)


def test_the_python_interface_gives_spans_of_the_text(tagger: Tagger) -> None:
    assert tagger.tag("Fly from  Oslo to St. Louis").spans == [
        Span("fromloc.city_name", 10, 14, "Oslo"),
        Span("toloc.city_name", 18, 27, "St. Louis"),
    ]


def test_words_that_are_cut_already_are_taken_as_they_are(tagger: Tagger) -> None:
    assert tagger.tag_words(["fly", "to", "st.louis!"]).words == ("fly", "to", "st.louis!")


@pytest.mark.parametrize("text", ["", " \t ", "\x00", "\u200b"])
def test_a_text_without_words_gives_a_record_without_tags(tagger: Tagger, text: str) -> None:
    assert tagger.tag(text) == Utterance((), (), text=text)


def test_a_stream_keeps_its_order_and_each_utterance_its_tags(
    tagger: Tagger, flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slotfill.runtime.tagger._CHUNK", 7)
    stream = [Utterance(utterance.words, id=str(i)) for i, utterance in enumerate(flights)]
    tagged = list(tagger.tag_all(stream))
    assert [utterance.id for utterance in tagged] == [utterance.id for utterance in stream]
    assert [utterance.tags for utterance in tagged] == [tagger.tag_words(u.words).tags for u in flights]
    right = sum(found.tags == gold.tags for found, gold in zip(tagged, flights, strict=True))
    assert right > 0.95 * len(flights)


def test_an_utterance_of_many_thousand_words_is_tagged_whole(tagger: Tagger) -> None:
    tagged = tagger.tag_batch([Utterance(("fly", "to", "oslo") * 2000), Utterance(("fly",))])
    assert [len(utterance.tags or ()) for utterance in tagged] == [6000, 1]
    assert not illegal_positions(tagged[0].tags or ())


def test_the_intent_of_a_long_utterance_is_that_of_its_first_thousand_words(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Vocabulary, "intents_of", lambda _, scores: [f"{row.sum():.3f}" for row in scores])
    first, last = ("fly", "to") * 500, ("oslo",) * 1000
    whole, alone, other = (tagger.tag_words(words).intent for words in (first + last, first, last))
    assert whole == alone != other


def test_what_is_asked_for_is_told_and_changes_no_tag(tagger: Tagger, flights: list[Utterance]) -> None:
    plain = tagger.tag_batch(flights)
    told = tagger.tag_batch(flights, confidence=True, nbest=2, alternatives=True)
    assert [utterance.tags for utterance in told] == [utterance.tags for utterance in plain]
    for utterance in told:
        assert utterance.certainty is not None
        assert utterance.certainty.nbest is not None
        assert utterance.certainty.intent is not None
        assert 0 < utterance.certainty.intent <= 1
        first, second = utterance.certainty.nbest
        assert first.tags == utterance.tags
        assert 1 > first.probability > second.probability > 0
        for span in utterance.spans:
            assert span.confidence is not None
            assert first.probability <= span.confidence <= 1


def test_a_model_that_was_asked_before_is_not_quoted_when_it_is_not_asked_again(tagger: Tagger) -> None:
    asked = tagger.tag("fly to oslo", confidence=True)
    assert asked.certainty is not None
    assert tagger.tag_batch([asked])[0].certainty is None


def test_spans_that_are_not_sure_enough_are_dropped(tagger: Tagger) -> None:
    (span,) = tagger.tag("fly to oslo", min_confidence=0).spans
    assert span.confidence is not None
    assert len(tagger.tag("fly to oslo", min_confidence=span.confidence - 0.001).spans) == 1
    assert tagger.tag("fly to oslo", min_confidence=span.confidence + 0.001).spans == []


def test_an_utterance_tagged_in_pieces_is_told_of_as_a_whole(tagger: Tagger) -> None:
    told = tagger.tag_words(("fly", "to", "oslo") * 600, nbest=3, alternatives=True)
    assert told.certainty is not None
    assert told.certainty.nbest is not None
    assert told.certainty.alternatives is not None
    assert len(told.certainty.confidences) == len(told.certainty.alternatives) == len(told.spans)
    assert [len(hypothesis.tags) for hypothesis in told.certainty.nbest] == [1800] * 3
    assert told.certainty.nbest[0].tags == told.tags


def test_what_cannot_be_asked_is_refused_before_anything_is_tagged(tagger: Tagger) -> None:
    for least in (2, "x"):
        with pytest.raises(UsageError, match="min_confidence is a probability"):
            tagger.tag_batch([], min_confidence=least)
    for count in (0, 2.5, "3", True):
        with pytest.raises(UsageError, match="nbest is how many to give"):
            tagger.tag_batch([], nbest=count)
    assert tagger.tag_batch([], nbest=np.int64(2), min_confidence=np.float32(0.5)) == []


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(), max_size=5))
def test_any_text_at_all_gets_legal_tags_and_spans_of_itself(tagger: Tagger, texts: list[str]) -> None:
    for text, utterance in zip(texts, tagger.tag_batch([tagger.tokenize(text) for text in texts]), strict=True):
        assert len(utterance.tags or ()) == len(utterance.words)
        assert not illegal_positions(utterance.tags or ())
        assert all(text[span.start : span.end] == span.text for span in utterance.spans)


def test_what_is_no_text_no_words_and_no_utterance_is_told_so(tagger: Tagger) -> None:
    for call, reason in (
        (lambda: tagger.tag(b"fly"), "a text is a str, not bytes"),
        (lambda: tagger.tag(None), "a text is a str, not NoneType"),
        (lambda: tagger.tag_words("fly to oslo"), "tag_words wants the words of one utterance: tag cuts a text"),
        (lambda: tagger.tag_batch("fly to oslo"), "an utterance is wanted, not str: tokenize makes one of a text"),
        (lambda: list(tagger.tag_all(["fly"])), "an utterance is wanted, not str: tokenize makes one of a text"),
    ):
        with pytest.raises(TypeError, match=reason):
            call()


def test_the_public_names_are_listed_for_completion() -> None:
    assert {"load", "Tagger", "Utterance", "Span", "SlotfillError"} <= set(dir(slotfill))
    assert issubclass(UsageError, slotfill.SlotfillError)


def test_a_model_cuts_text_by_the_pattern_it_was_made_with(model: Path, tmp_path: Path) -> None:
    tokenizer = Bundle(model).read_json(bundle.TOKENIZER) | {"word_pattern": "2"}
    older = forged(model, tmp_path / "older", {bundle.TOKENIZER: json.dumps(tokenizer).encode()})
    assert load(older).tag("ann@b.org").words == ("ann", "@", "b", ".", "org")
    assert load(model).tag("ann@b.org").words == ("ann@b.org",)


def test_a_model_runs_on_as_many_threads_as_are_asked_for(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def open_session(content: bytes, options: SessionOptions, **given: Any) -> InferenceSession:
        asked.append(options.intra_op_num_threads)
        return InferenceSession(content, options, **given)

    monkeypatch.setattr("slotfill.runtime.session.onnxruntime.InferenceSession", open_session)
    load(model)
    load(model, threads=2)
    assert asked == [1, 1, 2, 2]


def test_fewer_threads_than_one_are_refused() -> None:
    with pytest.raises(UsageError, match="threads must be at least 1, not 0"):
        load("nowhere", threads=0)


def test_a_score_that_is_not_finite_is_refused_but_at_padding_where_scores_have_no_meaning() -> None:
    lengths, intents = np.array([2, 1]), np.zeros((2, 4), np.float32)
    tags = np.zeros((2, 2, 3), np.float32)
    tags[1, 1, 0] = np.nan
    _require_finite(Outputs(tags, intents), lengths)
    for wrong in (np.nan, np.inf):
        unknown, wanted = tags.copy(), intents.copy()
        unknown[1, 0, 2] = wanted[0, 3] = wrong
        for outputs in (Outputs(unknown, intents), Outputs(tags, wanted)):
            with pytest.raises(ArtifactError, match=r"model\.onnx gives scores that are not finite"):
                _require_finite(outputs, lengths)
