"""The peers that slotfill is measured against learn and tag; they come with the extra `bench`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.speed import peers, training_cache
from benchmarks.speed.children import Taken
from benchmarks.speed.subject import Subject
from benchmarks.speed.training_cache import Training
from slotfill.corpus.utterance import Utterance


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
    installed: bool, subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installed:
        pytest.importorskip("pycrfsuite")
    import_name = "pycrfsuite" if installed else "a_peer_that_nobody_has"
    monkeypatch.setattr(peers, "PEERS", {"crfsuite": (import_name, "A peer")})
    monkeypatch.setattr(training_cache, "RESULTS", tmp_path / "results")
    table = peers.table(subject)
    assert [row[0] for row in table.rows] == ["slotfill", *["A peer"] * installed]
    assert all(row[1] > 0.95 for row in table.rows)
    assert ("A peer" in table.note) is not installed
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_a_peer_is_told_by_its_speed_and_by_slotfills_as_a_multiple(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Taken(seconds=9.0, cpu_seconds=8.0, mebibytes=70.0)
    found = iter([{"seconds": seconds, "median_ms": 1.0, "p99_ms": 2.0} for seconds in (2.0, 8.0)])
    monkeypatch.setattr(peers, "PEERS", {"slotfill": ("json", "A peer")})
    monkeypatch.setattr(peers, "_train", lambda *_: Training(subject.model.folder, taken))
    monkeypatch.setattr(peers, "measured", lambda *_: next(found))
    monkeypatch.setattr(peers, "child", lambda *_: taken)
    monkeypatch.setattr(peers, "cold_seconds", lambda *_: 0.5)
    own, peer = peers.table(subject).to_json()["rows"]
    assert subject.words == sum(len(line.split()) for line in subject.lines)
    assert [row["words/s"] for row in (own, peer)] == [subject.words / 2, subject.words / 8]
    assert [row["slotfill / this"] for row in (own, peer)] == [1, 4]
    assert [row["training, CPU s"] for row in (own, peer)] == [None, 8.0]
    assert [peer[name] for name in ("median, ms", "p99, ms", "cold start, s", "peak memory, MiB")] == [1, 2, 0.5, 70]
