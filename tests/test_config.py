"""Settings that cannot be are refused, through Python too."""

from __future__ import annotations

import pytest

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.errors import UsageError


def test_settings_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(UsageError, match="clip_norm and clip_value exclude each other"):
        TrainingConfig(clip_value=1.0)


def test_a_setting_of_another_version_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown setting 'depth': made by another version"):
        NetworkConfig.from_json({"depth": 2})


def test_settings_survive_json() -> None:
    network, training = NetworkConfig(cell="gru", crf=False), TrainingConfig(seed=3, slot_swap=None)
    assert NetworkConfig.from_json(network.to_json()) == network
    assert TrainingConfig.from_json(training.to_json()) == training
