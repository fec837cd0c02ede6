"""Runs of `slotfill train` in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.errors import SlotfillError
from slotfill.learning import side_by_side
from slotfill.learning.side_by_side import Run, train_all

RUNS = [Run(NetworkConfig(), TrainingConfig(seed=seed), Path(f"run-{seed}")) for seed in range(4)]


def ending(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let each run be this program."""
    monkeypatch.setattr(side_by_side, "_program", lambda *_: [sys.executable, "-c", program])


NOT_ASKED_FOR = {
    *("word_size", "character_size", "character_filters", "character_width"),
    *("weight_decay", "warmup", "distillation"),
}
"""`train` has no options for these."""


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (config, field.name)
        for config in (NetworkConfig(), TrainingConfig())
        for field in fields(config)
        if field.name not in NOT_ASKED_FOR
    ],
)
def test_whatever_a_run_has_set_it_asks_for(config: NetworkConfig | TrainingConfig, name: str) -> None:
    others: dict[str, Any] = {"cell": "gru", "activation": "relu", "device": "cuda", "misspellings": 0.25}
    others |= dict.fromkeys(("intent_weight", "clip_norm"))
    clipping = {"clip_norm": None} if name.startswith("clip_") else {}
    value = getattr(config, name)
    other = others.get(name, (not value) if isinstance(value, bool) else 0.25 if isinstance(value, float) else 9)
    changed = replace(config, **{**clipping, name: other})
    runs = [RUNS[0], replace(RUNS[0], **{"network" if isinstance(config, NetworkConfig) else "training": changed})]
    assert runs[0].options() != runs[1].options()


def test_a_run_that_diverges_leaves_the_others_be_and_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, "import sys; print('epoch 1\\nslotfill: training diverged', file=sys.stderr); sys.exit(1)")
    ended = []
    failures = train_all(RUNS[:2], "c", Path("data"), 1, lambda run, words: ended.append((run.name, words)))
    assert failures == {run.name: "training diverged" for run in RUNS[:2]} == dict(ended)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("raise RuntimeError('a defect')", "RuntimeError: a defect"),
        ("import sys; print('slotfill: no such option', file=sys.stderr); sys.exit(2)", "no such option"),
        ("import sys; print('slotfill: m: No space left', file=sys.stderr); sys.exit(1)", "m: No space left"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended with -9"),
    ],
)
def test_what_is_no_divergence_ends_them_all(monkeypatch: pytest.MonkeyPatch, program: str, told: str) -> None:
    ending(monkeypatch, program)
    with pytest.raises(SlotfillError, match=f"^{RUNS[0].name}: {told}$"):
        train_all(RUNS[:1], "c", Path("data"), 1, lambda *_: None)


def test_a_run_that_says_more_than_a_pipe_holds_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    ending(
        monkeypatch, "import sys; sys.stderr.write(200_000 * 'word ' + '\\nslotfill: training diverged'); sys.exit(1)"
    )
    assert train_all(RUNS[:1], "c", Path("data"), 1, lambda *_: None) == {RUNS[0].name: "training diverged"}


def test_no_more_runs_than_jobs_go_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    live: list[subprocess.Popen[bytes]] = []
    most = 0

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        nonlocal most
        live.append(popen(*arguments, **options))
        most = max(most, sum(process.poll() is None for process in live))
        return live[-1]

    ending(monkeypatch, "")
    popen = subprocess.Popen
    monkeypatch.setattr(side_by_side.subprocess, "Popen", start)
    assert train_all(RUNS, "c", Path("data"), 2, lambda *_: None) == {}
    assert (len(live), most) == (4, 2)
