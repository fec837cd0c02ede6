"""Going back to the last good weights."""

from __future__ import annotations

import math
import pickle

import pytest
import torch
from torch import nn

from slotfill.learning.optimizer import AdamW
from slotfill.learning.rescue import DivergenceError, Rescuer, first_non_finite, name_non_finite


class Trained:
    """Two layers and the optimizer that moves them."""

    def __init__(self, limit: int | None = 2) -> None:
        torch.manual_seed(0)
        self.network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
        self.optimizer = AdamW(self.network, weight_decay=0.01)
        self.rescuer = Rescuer(self.optimizer, 0.1, limit)

    def step(self) -> None:
        self.optimizer.clear()
        self.network(torch.ones(2, 3)).square().sum().backward()
        self.optimizer.step(0.1)

    @property
    def weights(self) -> list[torch.Tensor]:
        return [value.clone() for value in self.network.state_dict().values()]

    @property
    def moments(self) -> list[torch.Tensor]:
        return self.optimizer.state()[1:]


def same(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_weights_and_moments_go_back_to_the_last_good_ones_each_time() -> None:
    trained = Trained()
    trained.step()
    trained.rescuer.keep()
    weights, moments = trained.weights, trained.moments
    for _ in range(2):
        trained.step()
        assert not same(trained.weights, weights)
        trained.rescuer.rescue(1, 1, "test")
        assert same(trained.weights, weights)
        assert same(trained.moments, moments)


def test_before_anything_was_kept_it_goes_back_to_the_start() -> None:
    trained = Trained()
    weights = trained.weights
    trained.step()
    trained.rescuer.rescue(1, 1, "test")
    assert same(trained.weights, weights)
    assert not any(moment.any() for moment in trained.moments)
    trained.step()


def test_each_rescue_halves_the_rate_and_after_the_last_there_is_advice() -> None:
    rescuer = Trained(limit=2).rescuer
    assert [rescuer.rescue(1, step, "test").learning_rate for step in (1, 2)] == [0.05, 0.025]
    with pytest.raises(DivergenceError, match=r"diverged: test \(epoch 3, step 4 after 2 rescues\).*--learning-rate"):
        rescuer.rescue(3, 4, "test")


def test_what_ended_training_in_another_process_reads_the_same() -> None:
    error = DivergenceError("test")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_without_rescues_the_first_ends_it() -> None:
    with pytest.raises(DivergenceError, match=r"diverged: test \(epoch 1, step 1\)"):
        Trained(limit=None).rescuer.rescue(1, 1, "test")


def test_a_rescue_says_where_why_and_what_follows() -> None:
    told = str(Trained().rescuer.rescue(2, 7, "loss is not finite", ("17 'fly to oslo'",)))
    for part in ("epoch 2, step 7", "loss is not finite", "17 'fly to oslo'", "learning rate now 0.05"):
        assert part in told


def test_the_first_bad_is_a_weight_else_the_gradient_nearest_the_loss_else_the_loss_else_the_norm() -> None:
    trained = Trained()
    trained.step()
    assert name_non_finite(trained.network, math.nan) == "loss"
    assert name_non_finite(trained.network, 1e30) == "the gradient's norm"
    for name in ("0.weight", "1.weight"):
        gradient = trained.network.get_parameter(name).grad
        assert gradient is not None
        gradient[0, 0] = torch.nan
        assert name_non_finite(trained.network, 1.0) == f"gradient of {name}"
    with torch.no_grad():
        trained.network.get_parameter("0.bias")[0] = torch.inf
    assert name_non_finite(trained.network, 1.0) == "weight 0.bias"


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_what_is_not_finite_is_found_by_name(bad: float) -> None:
    assert first_non_finite({"a": torch.zeros(2), "b": torch.zeros(0)}) is None
    assert first_non_finite({"a": torch.zeros(2), "b": torch.tensor([0, bad])}) == "b"
