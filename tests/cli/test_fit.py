"""What `train` and `distill` end with, where saving fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from slotfill.cli import _fit
from slotfill.corpus.utterance import Utterance
from slotfill.errors import SlotfillError
from slotfill.learning.loop import train
from slotfill.learning.rescue import DivergenceError
from tests.learning.small_runs import NETWORK, TRAINING, Silent


@pytest.mark.parametrize("stopped", [None, DivergenceError("a loss of 7")])
def test_a_divergence_is_told_though_nothing_could_be_saved(
    stopped: DivergenceError | None,
    flights: list[Utterance],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SlotfillError("not written")

    config = replace(TRAINING, epochs=1)
    trained = train(flights, flights, NETWORK, config, Silent())
    monkeypatch.setattr(_fit, "train", lambda *_: replace(trained, stopped=stopped))
    monkeypatch.setattr(_fit, "save", refuse)
    with pytest.raises(SlotfillError, match="not written" if stopped is None else "diverged: a loss of 7") as refused:
        _fit.fit(tmp_path / "m", "flights", flights, flights, NETWORK, config, quiet=True, as_json=False)
    assert isinstance(refused.value, DivergenceError) == (stopped is not None)
    assert ("not written" in capsys.readouterr().err) == (stopped is not None)
