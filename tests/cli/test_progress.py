"""What training says of itself while it goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from slotfill.cli._progress import _Bar, watch
from slotfill.corpus.utterance import Utterance
from slotfill.learning.history import Epoch
from tests.learning.untrained import build

RECORD = Epoch(
    epoch=1,
    loss=1.5,
    dev_loss=1.25,
    dev_f1=0.5,
    dev_intent=0.75,
    gradient_norm=2.0,
    largest_gradient_norm=3.0,
    clipped=0.25,
    clip_threshold=5.0,
    rescues=0,
    learning_rate=0.01,
    words_per_second=1000.0,
    seconds=2.0,
)


def test_an_epochs_line_has_both_scores_that_epochs_are_chosen_by(capsys: pytest.CaptureFixture[str]) -> None:
    history: list[Epoch] = []
    with watch(history, quiet=False) as listener:
        listener.on_begin(24)
        listener.on_epoch(RECORD, best=True)
        listener.on_epoch(replace(RECORD, dev_intent=None), best=False)
    with_intents, without = capsys.readouterr().err.splitlines()
    assert "dev F1  50.00  intents  75.00*  gradient" in with_intents
    assert "dev F1  50.00   gradient" in without
    assert len(history) == 2


def test_epochs_stand_under_each_other_however_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with watch([], quiet=False) as listener:
        listener.on_begin(300)
        listener.on_epoch(RECORD, best=False)
    assert capsys.readouterr().err.startswith("epoch   1/300  loss")


@pytest.mark.parametrize("colour", [None, "1"], ids=["piped", "terminal"])
def test_what_an_examination_finds_stands_below_the_epochs_line(
    colour: str | None, flights: list[Utterance], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if colour is not None:
        monkeypatch.setenv("FORCE_COLOR", colour)
    network, vocabulary, _ = build(flights)
    with watch([], lambda record, *_: f"radius of epoch {record.epoch}", quiet=False) as listener:
        listener.on_begin(24)
        listener.on_epoch(RECORD, best=True)
        listener.on_weights(RECORD, network, vocabulary)
    told = capsys.readouterr().err
    assert "epoch  1/24" in told.partition("  radius of epoch 1\n")[0]
    assert "  radius of epoch 1\n" in told


def test_a_live_line_tells_no_loss_before_there_is_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with watch([], quiet=False) as listener:
        listener.on_begin(2)
        before = capsys.readouterr().err
        listener.on_batch(1, 1, 10, 3.25)
    after = capsys.readouterr().err
    assert "epoch 1" in before
    assert "loss" not in before
    assert "loss 3.250" in after


def test_the_bar_is_full_after_the_last_batch_of_the_last_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with watch([], quiet=False) as listener:
        assert isinstance(listener, _Bar)
        (task,) = listener._progress.tasks
        listener.on_begin(2)
        for epoch, done, percent in ((1, 1, 5), (1, 10, 50), (2, 10, 100)):
            listener.on_batch(epoch, done, 10, 3.25)
            assert task.percentage == percent


def test_a_signal_whose_exception_was_dropped_ends_training_before_its_first_step() -> None:
    program = """
import os, signal, sys
from slotfill.cli import _console
from slotfill.cli._progress import watch

def program():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except SystemExit:
        pass  # As C code does while a library loads.
    with watch([], quiet=True) as listener:
        listener.on_begin(1)
    return 0

sys.exit(_console.run(program))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 128 + signal.SIGTERM
