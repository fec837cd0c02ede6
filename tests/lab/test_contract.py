"""What every experiment holds to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slotfill.corpus.splits import BUILT_IN, open_corpus
from slotfill.errors import UsageError
from slotfill.lab import EXPERIMENTS, claim
from slotfill.lab.experiment import Settings
from slotfill.lab.report import perform
from tests.conftest import loaded

every_experiment = pytest.mark.parametrize("name", EXPERIMENTS.names())


@every_experiment
def test_an_experiment_states_its_claim_and_source(name: str) -> None:
    module = EXPERIMENTS.load(name)
    assert claim(name) == module.CLAIM
    for text in (module.CLAIM, module.SOURCE):
        assert text
        assert "\n" not in text
    assert module.CLAIM.endswith(".")
    assert callable(module.run)


def test_an_unknown_experiment_has_no_claim() -> None:
    with pytest.raises(UsageError, match=r"unknown experiment 'buterfly'.*did you mean 'butterfly'"):
        claim("buterfly")


def test_listing_the_claims_loads_neither_torch_nor_matplotlib() -> None:
    modules = loaded("lab")
    assert "rich" in modules
    assert not modules & {"torch", "numpy", "matplotlib", "seqeval"}


@pytest.mark.slow
@every_experiment
def test_a_quick_run_fills_its_table_its_numbers_and_its_picture(name: str, tmp_path: Path) -> None:
    report = perform(name, Settings(seed=0, quick=True, corpus=open_corpus(BUILT_IN, tmp_path)))
    assert report.outcome.findings
    for finding in report.outcome.findings:
        assert finding.expected
        assert finding.measured
        assert "nan" not in finding.measured
        assert finding.holds in (True, False, None)
    numbers, picture = report.write(tmp_path)
    record = json.loads(numbers.read_text())
    assert record["data"]
    assert record["experiment"] == name
    assert len(record["findings"]) == len(report.outcome.findings)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert all(side >= 900 for side in report.outcome.figure.canvas.get_width_height())
