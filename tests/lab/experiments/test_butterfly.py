"""The linear recurrence over a thousand steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from slotfill.corpus.splits import BUILT_IN, open_corpus
from slotfill.lab.experiment import Settings
from slotfill.lab.experiments import butterfly
from slotfill.lab.experiments.butterfly import STEPS, gradient, run, state, unroll


@pytest.mark.parametrize("weight", [1.01, 0.99, 1.0, -1.01])
def test_real_steps_equal_the_closed_forms(weight: float) -> None:
    states, gradients = unroll(weight, STEPS)
    assert len(states) == STEPS + 1
    assert states[STEPS] == pytest.approx(state(weight, STEPS), rel=1e-6)
    for step, slope in gradients.items():
        assert slope == pytest.approx(gradient(weight, step), rel=1e-6)


def test_the_numbers_of_the_claim() -> None:
    assert unroll(1.01, STEPS).states[-1] == pytest.approx(20_959, rel=1e-4)
    assert unroll(0.99, STEPS).states[-1] == pytest.approx(4.3e-5, rel=1e-2)


def test_steps_that_leave_the_closed_form_bear_nothing_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(seed=0, quick=True, corpus=open_corpus(BUILT_IN, tmp_path))
    monkeypatch.setattr(butterfly, "gradient", lambda weight, steps: (1 + 1e-5) * gradient(weight, steps))
    assert [finding.holds for finding in run(settings).findings] == [True, False] * 2
