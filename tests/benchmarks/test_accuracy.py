"""Recipes, and their table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import accuracy, recipes, runs
from benchmarks.runs import Job
from slotfill.errors import UsageError
from tests.benchmarks.numbers import run


def cells(*found: dict[str, Any]) -> dict[str, str]:
    """A row's cells by their columns."""
    values = accuracy.row("flights", "default", list(found)).strip("| ").split(" | ")
    return dict(zip(accuracy.COLUMNS, values, strict=True))


def test_a_row_has_means_the_deviation_with_n_minus_1_and_students_interval() -> None:
    assert cells(run(0.90, 2, 0.9), run(0.92, 4, 0.8), run(0.97, 9, 1.0)) == {
        "corpus": "flights",
        "recipe": "default",
        "runs": "3",
        "parameters": "12,345",
        "dev F1": "94.00",
        "dev intent": "90.00",
        "test F1": "**93.00** ± 3.61",
        "95% interval": "84.04 to 101.96",
        "each": "90.00, 92.00, 97.00",
        "exact match": "83.00",
        "intent": "90.00",
        "sentence": "90.00",
        "calibration error": "2.00",
        "F1, unseen words": "50.00",
        "seconds": "5",
    }


def test_one_run_has_no_interval_and_a_corpus_without_intents_no_intent() -> None:
    found = cells(run(0.9, 2))
    assert (found["test F1"], found["95% interval"], found["intent"]) == ("**90.00**", "", "")


def test_more_than_five_runs_are_not_named_one_by_one() -> None:
    assert cells(*[run(0.9, 2)] * 5)["each"].count("90.00") == 5
    assert cells(*[run(0.9, 2)] * 6)["each"] == ""


def test_each_row_is_of_one_recipe_and_a_folder_is_called_by_its_own_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[list[Job]] = []
    monkeypatch.setattr(runs, "results", lambda jobs: asked.append(jobs) or [run(0.9, 2), run(0.8, 2)])
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["accuracy", "--corpus", ".", "--recipe", "default,no_CRF", "--seeds", "4,1"])
    accuracy.main()
    _, _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[:3] for row in rows] == [["| flights", name, "2"] for name in ("default", "no CRF")]
    assert [[(job.network.crf, job.training.seed) for job in jobs] for jobs in asked] == [
        [(crf, seed) for seed in (4, 1)] for crf in (True, False)
    ]


def test_a_recipe_is_the_default_but_for_what_it_names() -> None:
    (network, training), (plain_network, plain_training) = recipes.recipe("no CRF", 3), recipes.recipe("default", 3)
    assert (network.crf, plain_network.crf, training, training.seed) == (False, True, plain_training, 3)
    assert recipes.recipe("no slot swap", 3)[1].slot_swap is None


def test_an_unknown_recipe_is_refused_with_the_choices() -> None:
    with pytest.raises(UsageError, match=r"unknown recipe 'no crf': choose from default, no CRF, .*, two layers"):
        recipes.recipe("no crf", 0)
