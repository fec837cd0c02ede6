"""Cities that training does not name."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import unseen_cities
from benchmarks.unseen_cities import cities, f1_of_removed, names_one, trials, without
from slotfill.corpus.splits import Corpus
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from tests.conftest import flight

NEW_YORK = ("new", "york")
FLIGHTS = [
    flight("boston", "new york"),
    flight("oslo", "lima"),
    Utterance(("from", "new", "york", "airport"), ("O", "B-airport", "I-airport", "I-airport")),
    Utterance(("no", "new", "york"), ("O", "O", "O")),
]
"""New York as a city, not at all, within an airport's name, and outside of any slot."""


def test_a_citys_name_is_found_as_a_whole_wherever_it_stands() -> None:
    assert [names_one(each.words, {NEW_YORK}) for each in FLIGHTS] == [True, False, True, True]
    assert not any(names_one(words, {NEW_YORK}) for words in (("york", "new"), ("new", "delhi"), ("new",)))
    assert cities(FLIGHTS) == [("boston",), NEW_YORK, ("oslo",), ("lima",)]


def test_a_removed_city_gives_its_place_to_another_value_of_its_slot_or_its_utterance_goes() -> None:
    for seed in range(5):
        assert without(FLIGHTS, {NEW_YORK}, seed) == [flight("boston", "lima"), FLIGHTS[1]]
    other = Utterance(("at", "logan"), ("O", "B-airport"))
    changed = replace(other, words=("from", "logan"), text="from logan")
    assert without([*FLIGHTS, other], {NEW_YORK}, 0) == [flight("boston", "lima"), FLIGHTS[1], changed, other]


def test_f1_is_of_the_spans_of_removed_cities_and_what_overlaps_them() -> None:
    removed = {("boston",), NEW_YORK, ("oslo",), ("new", "york", "airport")}
    # Right: Boston. Wrong: New York in two, Oslo in another slot. The last two have no spans of cities.
    tagged = [
        replace(FLIGHTS[0], tags=("O", "O", "B-fromloc.city_name", "O", "B-toloc.city_name", "B-toloc.city_name")),
        replace(FLIGHTS[1], tags=("O", "O", "B-toloc.city_name", "O", "O")),
        replace(FLIGHTS[2], tags=("O", "B-toloc.city_name", "I-toloc.city_name", "O")),
        replace(FLIGHTS[3], tags=("O", "B-toloc.city_name", "I-toloc.city_name")),
    ]
    assert f1_of_removed(FLIGHTS, FLIGHTS, removed) == 1
    assert f1_of_removed(FLIGHTS, tagged, removed) == 2 * 1 / (3 + 4)
    assert f1_of_removed(FLIGHTS, [replace(each, tags=("O",) * len(each.words)) for each in FLIGHTS], removed) == 0


def test_a_seed_is_trained_with_its_cities_and_without_them(
    flights: list[Utterance], capsys: pytest.CaptureFixture[str]
) -> None:
    known, unknown = trials(Corpus("flights", {"train": flights, "test": flights}), "test", [5])
    assert len(known.removed) == 8 // 3
    assert known.removed == unknown.removed <= set(cities(known.training))
    assert known.removed.isdisjoint(cities(unknown.training))
    assert unknown.dev == known.dev
    told = capsys.readouterr()
    assert told.out == ""
    assert "has no dev split" in told.err


def test_a_line_is_a_seeds_f1_with_its_cities_and_without_and_the_last_their_means(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trained: list[unseen_cities.Trial] = []
    monkeypatch.setattr(unseen_cities, "run_all", lambda _, each: trained.extend(each) or [0.9, 0.8, 0.7, 0.65])
    monkeypatch.setattr(sys, "argv", ["unseen_cities", "--corpus", str(folder), "--seeds", "5,2"])
    unseen_cities.main()
    assert [len(trial.training) for trial in trained[::2]] == [56, 56]
    assert [trial.seed for trial in trained] == [5, 5, 2, 2]
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| 5 | 90.00 | 80.00 | 10.00 |",
        "| 2 | 70.00 | 65.00 | 5.00 |",
        "| mean | 80.00 | 72.50 | 7.50 |",
    ]


def test_a_corpus_without_cities_and_a_split_without_removed_ones_are_refused(flights: list[Utterance]) -> None:
    with pytest.raises(DataError, match="'notes' has no slot that ends in city_name"):
        trials(Corpus("notes", {"train": FLIGHTS[2:], "test": flights}), "test", [0])
    with pytest.raises(DataError, match="split 'test' of flights names none of the cities that seed 0 draws"):
        trials(Corpus("flights", {"train": flights, "test": FLIGHTS[2:]}), "test", [0])
    with pytest.raises(DataError, match="no split 'test'"):
        trials(Corpus("flights", {"train": flights}), "test", [0])
