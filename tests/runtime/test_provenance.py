"""What a model's folder tells of its training is there, and of its kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slotfill.errors import ArtifactError
from slotfill.runtime import bundle, provenance
from slotfill.runtime.bundle import Bundle
from tests.conftest import forged

KINDS = {
    "corpus": "text",
    "corpus_sha256": "text",
    "training_utterances": "a count",
    "parameters": "a count",
    "epochs": "a count",
    "best_epoch": "a count",
    "seconds": "a number of seconds",
    "rescues": "a count",
    "diverged": "true or false",
    "interrupted": "true or false",
}


@pytest.mark.parametrize("name", KINDS)
def test_metrics_without_a_field_that_commands_read_are_refused(model: Path, tmp_path: Path, name: str) -> None:
    values = Bundle(model).read_json(bundle.METRICS)
    del values[name]
    made = forged(model, tmp_path / "forged", {bundle.METRICS: json.dumps(values).encode()})
    with pytest.raises(ArtifactError, match=f"does not tell how it was trained: {name} is not {KINDS[name]};"):
        provenance.metrics(Bundle(made))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "it holds no epoch"), (b"[" * 100_000, "holds no JSON lines"), (b"[]", "a line is no")],
)
def test_a_history_that_tells_of_no_epoch_is_refused(model: Path, tmp_path: Path, content: bytes, reason: str) -> None:
    made = forged(model, tmp_path / "forged", {bundle.HISTORY: content})
    with pytest.raises(ArtifactError, match=reason):
        provenance.history(Bundle(made))
