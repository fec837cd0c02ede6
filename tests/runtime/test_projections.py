"""Projections of words: those of a word met before are the same as at first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slotfill.runtime.bundle import NETWORK, TOKENIZER, WORDS, Bundle
from slotfill.runtime.encoding import encode
from slotfill.runtime.projections import Projections
from slotfill.runtime.session import Exported, Inputs, Session, Table
from slotfill.runtime.vocabulary import Vocabulary

UTTERANCES = [("fly", "to", "oslo"), ("to", "oslo"), ("taipei",), ("fly", "fly", "from", "nowhere")]


@pytest.fixture(scope="module")
def vocabulary(model: Path) -> Vocabulary:
    return Vocabulary.from_json(Bundle(model).read_json(TOKENIZER))


@pytest.fixture(scope="module")
def session(model: Path) -> Session:
    return Session(Exported(Bundle(model).read(WORDS), Bundle(model).read(NETWORK)))


def expected(vocabulary: Vocabulary, session: Session, word: str) -> Table:
    batch = encode([(word,)], vocabulary)
    return np.concatenate([table[0] for table in session.tables(batch.words[0], batch.characters).values()])


def found(inputs: Inputs, row: int, place: int) -> Table:
    return np.concatenate([table[inputs.rows[place, row]] for table in inputs.tables.values()])


def test_each_word_of_a_batch_stands_in_its_place(vocabulary: Vocabulary, session: Session) -> None:
    inputs = Projections(vocabulary, session).look_up(UTTERANCES)
    assert inputs.rows.shape == (4, 4)
    assert inputs.lengths.tolist() == [3, 2, 1, 4]
    for row, utterance in enumerate(UTTERANCES):
        for place, word in enumerate(utterance):
            np.testing.assert_array_equal(found(inputs, row, place), expected(vocabulary, session, word))


@pytest.mark.parametrize("remembered", [0, 3, 51, 1000])
def test_what_is_forgotten_comes_out_the_same(
    vocabulary: Vocabulary, session: Session, remembered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_word = 4 * sum(session.widths.values())
    monkeypatch.setattr("slotfill.runtime.projections._REMEMBERED", remembered * a_word)
    projections = Projections(vocabulary, session)
    for number in range(40):
        words = [f"w{number * 50 + i}" for i in range(50)]
        before = projections.look_up([words])
        kept = found(before, 0, 7).copy()
        after = projections.look_up([["fly", words[0]]])
        np.testing.assert_array_equal(found(after, 0, 0), expected(vocabulary, session, "fly"))
        np.testing.assert_allclose(found(after, 0, 1), expected(vocabulary, session, words[0]), rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(found(before, 0, 7), kept)


def test_long_words_are_forgotten_for_their_length_and_come_out_the_same(
    vocabulary: Vocabulary, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slotfill.runtime.projections._REMEMBERED", 100 * 4 * sum(session.widths.values()))
    projections = Projections(vocabulary, session)
    for number in range(40):
        long = f"{number}" * 30_000
        np.testing.assert_array_equal(
            found(projections.look_up([("to", long)]), 0, 1), expected(vocabulary, session, long)
        )
        assert sum(map(len, projections._rows)) < 300_000


def test_what_has_been_forgotten_takes_no_room_any_more(
    vocabulary: Vocabulary, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = 100 * 4 * sum(session.widths.values())
    monkeypatch.setattr("slotfill.runtime.projections._REMEMBERED", room)
    projections = Projections(vocabulary, session)
    for words in (["a" * room], ["b"], ["oslo"], ["fly"]):
        projections.look_up([words])
    monkeypatch.setattr(session, "tables", lambda *_: pytest.fail("computed again"))
    projections.look_up([["oslo", "fly"]])


def test_an_interrupt_leaves_no_word_without_its_projections(
    vocabulary: Vocabulary, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    projections = Projections(vocabulary, session)
    with monkeypatch.context() as patch:
        patch.setattr(session, "tables", interrupt)
        with pytest.raises(KeyboardInterrupt):
            projections.look_up(UTTERANCES)
    inputs = projections.look_up([("oslo",)])
    np.testing.assert_array_equal(found(inputs, 0, 0), expected(vocabulary, session, "oslo"))
