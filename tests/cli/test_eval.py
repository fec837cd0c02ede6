"""`slotfill eval`: what is shown where there is little to score."""

from __future__ import annotations

from pathlib import Path

from slotfill.corpus import formats
from slotfill.corpus.utterance import Utterance
from tests.conftest import Run

SMALL = ("--epochs", 2, "--hidden-size", 8, "--threads", 1, "--quiet", "--output", "m")


def test_a_corpus_without_slots_has_intents_and_no_f1(slotfill: Run, tmp_path: Path) -> None:
    asked = [Utterance((verb, "it"), ("O", "O"), intent=verb) for verb in ("book", "pay")]
    for split in ("train", "dev", "test"):
        formats.load("jsonl").write(asked * 20, tmp_path / "c" / f"{split}.jsonl")
    assert slotfill("train", "c", *SMALL).returncode == 0
    shown = slotfill("eval", "m", "c").stdout
    assert "F1" not in shown.replace("so there is no F1", "")
    assert "exact match" in shown
    assert "intent" in shown


def test_of_a_single_span_one_is_all(slotfill: Run, model: Path, tmp_path: Path) -> None:
    one = Utterance(("fly", "to", "oslo"), ("O", "O", "B-toloc.city_name"))
    for split in ("train", "dev", "test"):
        formats.load("jsonl").write([one], tmp_path / "c" / f"{split}.jsonl")
    shown = slotfill("eval", model, "c").stdout
    assert any(line.rstrip().endswith("one span = 100") for line in shown.splitlines())
