"""Features of words: those of a word met before are the same as at first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slotfill.runtime.bundle import FEATURES, NETWORK, TOKENIZER, Bundle
from slotfill.runtime.encoding import encode
from slotfill.runtime.features import Features
from slotfill.runtime.session import Exported, FeatureVectors, Session
from slotfill.runtime.vocabulary import Vocabulary

UTTERANCES = [("fly", "to", "oslo"), ("to", "oslo"), ("taipei",), ("fly", "fly", "from", "nowhere")]


@pytest.fixture(scope="module")
def vocabulary(model: Path) -> Vocabulary:
    return Vocabulary.from_json(Bundle(model).read_json(TOKENIZER))


@pytest.fixture(scope="module")
def session(model: Path) -> Session:
    return Session(Exported(Bundle(model).read(FEATURES), Bundle(model).read(NETWORK)))


def expected(vocabulary: Vocabulary, session: Session, word: str) -> FeatureVectors:
    batch = encode([(word,)], vocabulary)
    return session.features(batch.words[0], batch.characters)[0]


def test_each_word_of_a_batch_stands_in_its_place(vocabulary: Vocabulary, session: Session) -> None:
    features, lengths = Features(vocabulary, session).look_up(UTTERANCES)
    assert features.shape == (4, 4, session.width)
    assert lengths.tolist() == [3, 2, 1, 4]
    for row, utterance in enumerate(UTTERANCES):
        for place, word in enumerate(utterance):
            np.testing.assert_array_equal(features[place, row], expected(vocabulary, session, word))


@pytest.mark.parametrize("remembered", [0, 3, 51, 1000])
def test_what_is_forgotten_comes_out_the_same(
    vocabulary: Vocabulary, session: Session, remembered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slotfill.runtime.features._REMEMBERED", remembered)
    features = Features(vocabulary, session)
    for number in range(40):
        words = [f"w{number * 50 + i}" for i in range(50)]
        features.look_up([words])
        found, _ = features.look_up([["fly", words[0]]])
        np.testing.assert_array_equal(found[0, 0], expected(vocabulary, session, "fly"))
        np.testing.assert_allclose(found[1, 0], expected(vocabulary, session, words[0]), rtol=1e-6, atol=1e-6)


def test_an_interrupt_leaves_no_word_without_its_features(
    vocabulary: Vocabulary, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    features = Features(vocabulary, session)
    with monkeypatch.context() as patch:
        patch.setattr(session, "features", interrupt)
        with pytest.raises(KeyboardInterrupt):
            features.look_up(UTTERANCES)
    found, _ = features.look_up([("oslo",)])
    np.testing.assert_array_equal(found[0, 0], expected(vocabulary, session, "oslo"))
