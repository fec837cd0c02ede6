"""AdamW over all weights at once: torch's own steps, and the network's weights stay its own."""

from __future__ import annotations

import copy
import subprocess
import sys

import torch
from torch import nn

from slotfill.learning.optimizer import AdamW


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))


def backward(given: nn.Module) -> None:
    given(torch.tensor([[1.0, -2.0, 0.5], [0.1, 3.0, 1.0]])).square().sum().backward()


def test_its_steps_are_those_of_torchs_adamw() -> None:
    ours, theirs = network(), network()
    optimizer = AdamW(ours, weight_decay=0.1)
    reference = torch.optim.AdamW(theirs.parameters(), lr=0.01, weight_decay=0.1)
    for rate in (0.01, 0.02, 0.005):
        optimizer.clear()
        backward(ours)
        optimizer.step(rate)
        reference.zero_grad()
        backward(theirs)
        reference.param_groups[0]["lr"] = rate
        reference.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_weights_and_gradients_of_the_network_are_parts_of_the_vectors() -> None:
    given = network()
    before = copy.deepcopy(given.state_dict())
    optimizer = AdamW(given, weight_decay=0.0)
    for name, value in given.state_dict().items():
        assert torch.equal(value, before[name]), name
    backward(given)
    gradients = [weight.grad for weight in given.parameters()]
    assert all(gradient is not None and gradient.any() for gradient in gradients)
    assert torch.equal(
        torch.cat([gradient.flatten() for gradient in gradients if gradient is not None]), optimizer.gradient
    )
    given.load_state_dict({name: torch.zeros_like(value) for name, value in before.items()})
    assert not optimizer.weights.any()
    optimizer.clear()
    assert not any(gradient is not None and gradient.any() for gradient in gradients)


def test_a_state_is_a_copy_that_can_be_gone_back_to_more_than_once() -> None:
    given = network()
    optimizer = AdamW(given, weight_decay=0.1)
    found = []
    for _ in range(2):
        backward(given)
        optimizer.step(0.1)
    state = optimizer.state()
    for _ in range(2):
        for _ in range(3):
            optimizer.clear()
            backward(given)
            optimizer.step(0.1)
        found.append(optimizer.weights.detach().clone())
        optimizer.restore(state)
    assert torch.equal(*found)
    assert not torch.equal(found[0], state[0])


def test_it_does_not_load_torchs_compiler() -> None:
    code = """
import sys, torch
from slotfill.learning.optimizer import AdamW
optimizer = AdamW(torch.nn.Linear(2, 2), 0.01)
optimizer.step(0.1)
print("torch._dynamo" in sys.modules)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
