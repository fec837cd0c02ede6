"""`slotfill export`: a model with 8-bit weights, as a user makes one."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Run


def test_the_new_model_is_told_of_tags_and_can_be_scored_and_examined(slotfill: Run, model: Path, corpus: Path) -> None:
    done = slotfill("export", model, "small", "--int8", "--corpus", corpus, "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["network_bytes_after"] < record["network_bytes_before"]
    assert record["dev_f1_after"] == record["dev_f1_before"] == 1
    assert record["dev_intent_after"] == record["dev_intent_before"] == 1
    told = "dev F1 100.00 before, 100.00 after; intents 100.00 before, 100.00 after; model.onnx 0.0"
    assert done.stderr.startswith(told)
    assert done.stderr.count("\n") == 1
    tagged = [slotfill("tag", "--model", each, "fly from oslo to lima").stdout for each in ("small", model)]
    assert "oslo" in tagged[0]
    assert tagged[0] == tagged[1]
    for command in ("eval", "doctor"):
        assert slotfill(command, "small", corpus, "--split", "dev").returncode == 0

    again = slotfill("export", model, "small", "--int8", "--corpus", corpus)
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "slotfill: small exists: choose another name or add --force\n"


def test_a_model_in_8_bits_is_not_put_into_them_again(slotfill: Run, model: Path, corpus: Path) -> None:
    assert slotfill("export", model, "small", "--int8", "--corpus", corpus).returncode == 0
    again = slotfill("export", "./small", "smaller", "--int8", "--corpus", corpus)
    assert (again.returncode, again.stderr) == (2, "slotfill: small has int8 weights already\n")


def test_the_form_must_be_named(slotfill: Run, model: Path) -> None:
    done = slotfill("export", model, "small")
    assert (done.returncode, done.stderr) == (2, "slotfill: Missing option '--int8'.\n")


def test_a_corpus_that_is_not_there_or_another_leaves_nothing_behind(slotfill: Run, model: Path, corpus: Path) -> None:
    missing = slotfill("export", model, "small", "--int8")
    assert (missing.returncode, missing.stderr.count("\n")) == (3, 1)
    assert "name the corpus in the call, by --corpus\n" in missing.stderr
    other = slotfill("export", model, "small", "--int8", "--corpus", "airline")
    assert (other.returncode, other.stderr.count("\n")) == (3, 1)
    assert "was trained on" in other.stderr
    assert not (corpus.parents[1] / "small").exists()
