"""The peers that slotfill is measured against learn and tag; they come with the extra `bench`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.speed import kept, peers
from benchmarks.speed.subject import Subject
from slotfill.corpus.formats import load
from slotfill.corpus.splits import open_corpus
from slotfill.corpus.utterance import Utterance
from slotfill.runtime.bundle import Bundle


@pytest.fixture
def crfsuite() -> ModuleType:
    pytest.importorskip("pycrfsuite")
    from benchmarks.speed.taggers import crfsuite

    return crfsuite


def test_a_words_features_are_those_of_two_words_to_each_side(crfsuite: ModuleType) -> None:
    first, *_, last = crfsuite.features(["Fly", "to", "New", "York", "12a"])
    assert {"word=Fly", "0:shape=Xxx", "0:lower=fly", "1:lower=to", "2:suffix2=ew", "-1:outside"} <= set(first)
    assert not any("york" in feature for feature in first)
    assert {"0:shape=ddx", "-2:lower=new", "2:outside"} <= set(last)


def test_crfsuite_learns_flights(crfsuite: ModuleType, flights: list[Utterance], tmp_path: Path) -> None:
    crfsuite.train(flights, [], tmp_path / "crf")
    assert crfsuite.load(tmp_path / "crf").tag(flights) == flights


def test_spacy_keeps_words_and_their_entities(
    flights: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("spacy")
    from benchmarks.speed.taggers import spacy

    monkeypatch.setattr(spacy, "SETTINGS", {"max_steps": 40, "patience": 40, "eval_frequency": 20})
    spacy.train(flights, flights[::3], tmp_path / "spacy")
    tagged = spacy.load(tmp_path / "spacy").tag(flights)
    assert [each.words for each in tagged] == [each.words for each in flights]
    assert sum(each.tags == gold.tags for each, gold in zip(tagged, flights, strict=True)) > len(flights) / 2


@pytest.mark.parametrize("installed", [True, False])
def test_peers_stand_in_one_table_and_a_missing_one_is_named(
    installed: bool, flights: list[Utterance], model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installed:
        pytest.importorskip("pycrfsuite")
    import_name = "pycrfsuite" if installed else "a_peer_that_nobody_has"
    monkeypatch.setattr(peers, "PEERS", {"crfsuite": (import_name, "A peer")})
    monkeypatch.setattr(kept, "RESULTS", tmp_path)
    for split in ("train", "dev", "test"):
        load("jsonl").write(flights, tmp_path / "flights" / f"{split}.jsonl")
    corpus = open_corpus(str(tmp_path / "flights"), Path("data"))
    table = peers.table(Subject(Bundle(model), corpus, str(tmp_path / "flights"), Path("data"), None, 56, 1, tmp_path))
    assert [row[0] for row in table.rows] == ["slotfill", *["A peer"] * installed]
    assert all(row[1] > 0.95 for row in table.rows)
    assert ("A peer" in table.note) is not installed
    assert all(len(row) == len(table.columns) for row in table.rows)
