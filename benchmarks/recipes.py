"""The default recipe, and what it is without each of its ingredients or with another: what docs/recipe.md weighs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.registry import unknown

DEFAULT = "default"

_CHANGES: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "no CRF": {"crf": False},
    "no slot swap": {"slot_swap": None},
    "no word dropout": {"word_dropout": None},
    "no slot dropout": {"slot_dropout": None},
    "no invented values": {"invented_values": None},
    "misspellings 0.05": {"misspellings": 0.05},
    "no intents": {"intent_weight": None},
    "dropout 0.3": {"dropout": 0.3},
    "two layers": {"layers": 2},
}


def names() -> list[str]:
    """Every recipe, the default one first."""
    return list(_CHANGES)


def recipe(name: str, seed: int) -> tuple[NetworkConfig, TrainingConfig]:
    """The settings of a recipe; raise `UsageError` for an unknown one."""
    if name not in _CHANGES:
        raise unknown("recipe", name, names())
    changes, network, training = _CHANGES[name], NetworkConfig(), TrainingConfig(seed=seed, threads=1)
    own = {key: value for key, value in changes.items() if hasattr(network, key)}
    rest = {key: value for key, value in changes.items() if key not in own}
    return replace(network, **own), replace(training, **rest)
