"""Fixtures shared by the tests of commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from slotfill.corpus import formats
from slotfill.corpus.utterance import Utterance


@pytest.fixture
def corpus(tmp_path: Path, flights: list[Utterance]) -> Path:
    """The corpus of the fixture `model`, with its name."""
    folder = tmp_path / "corpora" / "flights"
    for name, part in (("train", flights), ("dev", flights[::3])):
        formats.load("jsonl").write(part, folder / f"{name}.jsonl")
    return folder
