"""Fixtures shared by the tests of commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from slotfill.corpus.utterance import Utterance
from tests.conftest import write_corpus


@pytest.fixture
def corpus(tmp_path: Path, flights: list[Utterance]) -> Path:
    """The corpus of the fixture `model`, with its name."""
    return write_corpus(tmp_path / "corpora" / "flights", train=flights, dev=flights[::3])
