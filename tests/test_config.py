"""Settings that cannot be are refused, through Python too."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from slotfill.config import NetworkConfig, TrainingConfig, cores
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


@pytest.mark.parametrize(
    ("config", "settings", "reason"),
    [
        (TrainingConfig, {"clip_norm": None, "clip_value": 1e39}, "clip_value must be at most 3.4e+38, not 1e+39"),
        (NetworkConfig, {"forget_bias": -1e39}, "forget_bias must be at least -3.4e+38, not -1e+39"),
        (NetworkConfig, {"hidden_size": 10**20}, "hidden_size must be at most 1000000, not 1" + 20 * "0"),
        (TrainingConfig, {"seed": 2**32}, "seed must be at most 4294967295, not 4294967296"),
    ],
)
def test_a_number_that_torch_cannot_hold_is_refused_in_full(
    config: type[NetworkConfig | TrainingConfig], settings: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UsageError) as refused:
        config(**settings)
    assert str(refused.value) == reason


def test_of_few_utterances_there_are_more_epochs_up_to_three_hundred() -> None:
    known = {13_084: 24, 4_478: 24, 4_000: 24, 3_900: 25, 1_000: 94, 300: 300, 1: 300}
    assert {count: TrainingConfig().passes(count) for count in known} == known
    assert TrainingConfig(batch_size=8).passes(1_000) == 24
    assert {TrainingConfig(epochs=5).passes(count) for count in known} == {5}


@pytest.mark.parametrize(
    ("config", "settings", "reason"),
    [
        (TrainingConfig, {"batch_size": 2.5}, "batch_size must be a whole number, not 2.5"),
        (TrainingConfig, {"seed": True}, "seed must be a whole number, not True"),
        (NetworkConfig, {"hidden_size": "9"}, "hidden_size must be a whole number, not '9'"),
        (NetworkConfig, {"crf": "no"}, "crf must be true or false, not 'no'"),
        (NetworkConfig, {"one_way": 1}, "one_way must be true or false, not 1"),
    ],
)
def test_a_setting_of_another_kind_is_refused(
    config: type[NetworkConfig | TrainingConfig], settings: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        config(**settings)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system hands out no processors")
def test_only_the_processors_that_this_process_may_use_are_counted() -> None:
    one = "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])"
    program = f"{one}; from slotfill.config import cores; print(cores())"
    assert cores() == len(os.sched_getaffinity(0))
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "1\n"
