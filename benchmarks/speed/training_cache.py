"""Trainings whose models and times are kept in benchmarks/results/, under a digest of their corpus and settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.runs import RESULTS
from benchmarks.speed.children import Taken, child
from slotfill.corpus.splits import Corpus, corpus_digest
from slotfill.files import atomic_folder

_MODEL, _TAKEN = "model", "taken.json"


class Training(NamedTuple):
    """A finished training: the model, and what it took to make it."""

    model: Path
    taken: Taken


def cached_training(
    name: str,
    corpus: Corpus,
    settings: dict[str, Any],
    command: Callable[[Path], Sequence[str]],
    *,
    anew: bool = False,
) -> Training:
    """A training by a command, from an earlier one with the same settings and corpus if there is one.

    Args:
        name: whose training it is.
        corpus: what it learns from.
        settings: what else it depends on.
        command: what trains and writes its model to a folder.
        anew: train again, whether or not there is one; that one stays until the new one is whole.
    """
    told = json.dumps([settings, corpus_digest(*corpus.splits.values())], sort_keys=True)
    folder = RESULTS / f"speed-{corpus.name}-{name}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    if anew or not (folder / _TAKEN).exists():
        with atomic_folder(folder) as made:
            taken = child(command(made / _MODEL))
            (made / _TAKEN).write_text(json.dumps(asdict(taken)))
    return Training(folder / _MODEL, Taken(**json.loads((folder / _TAKEN).read_text())))
