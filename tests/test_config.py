"""Settings that cannot be are refused, through Python too."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from slotfill.config import EPOCHS, MOST_EPOCHS, STEPS, NetworkConfig, TrainingConfig, cores
from slotfill.errors import UsageError
from tests.conftest import ROOT


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
        (NetworkConfig, {"character_width": 0}, "character_width must be at least 1, not 0"),
        (TrainingConfig, {"rescues": 0}, "rescues must be at least 1, not 0"),
        (TrainingConfig, {"weight_decay": -0.1}, "weight_decay must be at least 0, not -0.1"),
        (TrainingConfig, {"warmup": 1.0}, "warmup must be below 1, not 1"),
        (TrainingConfig, {"clip_norm": None, "clip_percentile": 101}, "clip_percentile must be at most 100, not 101"),
        (TrainingConfig, {"word_dropout": 0}, "word_dropout must be above 0, not 0"),
        (TrainingConfig, {"intent_weight": 0}, "intent_weight must be above 0, not 0"),
        (TrainingConfig, {"distillation": 1.5}, "distillation must be at most 1, not 1.5"),
    ],
)
def test_a_number_out_of_its_range_is_refused_in_full(
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


def test_the_recipe_tells_what_training_does_unless_told_otherwise() -> None:
    recipe = (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8")
    network, training = NetworkConfig(), TrainingConfig()
    for setting in (
        f"{network.word_size} and {network.character_filters} wide, filters of {network.character_width} characters",
        f"{network.hidden_size} units, dropout {network.dropout} before and after",
        f"replaced, with probability {training.invented_values} times the share",
        f"with probability {training.slot_dropout} times that share",
        f"{EPOCHS} epochs, or as many as make {STEPS:,} steps, {MOST_EPOCHS} at most; "
        f"batches of {training.batch_size}, rate {training.learning_rate}, {training.warmup:.0%} warm-up, "
        f"cosine to a tenth, decay {training.weight_decay}, norm clipped to {training.clip_norm:g}",
    ):
        assert setting in recipe


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system hands out no processors")
def test_only_the_processors_that_this_process_may_use_are_counted() -> None:
    one = "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])"
    program = f"{one}; from slotfill.config import cores; print(cores())"
    assert cores() == len(os.sched_getaffinity(0))
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "1\n"
