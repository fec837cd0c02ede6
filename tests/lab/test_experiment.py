"""What an experiment is given."""

from __future__ import annotations

from slotfill.corpus.splits import Corpus
from slotfill.lab.experiment import Settings


def test_another_seed_shares_no_run_with_this_one() -> None:
    zero, one, two = (Settings(seed=seed, quick=True, corpus=Corpus("none", {})).seeds(3) for seed in (0, 1, 2))
    assert list(zero) == [0, 1, 2]
    assert len({*zero, *one, *two}) == 9
