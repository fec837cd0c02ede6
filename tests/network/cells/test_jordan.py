"""The Jordan cell: what it feeds back."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from slotfill.config import ACTIVATIONS, NetworkConfig
from slotfill.network import cells
from slotfill.network.unroll import states

INPUT, HIDDEN, TIME = 5, 7, 4


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_state_depends_on_the_output_before_it_and_not_on_the_state(activation: str) -> None:
    torch.manual_seed(0)
    cell = cells.build(INPUT, NetworkConfig(cell="jordan", hidden_size=HIDDEN, activation=activation))
    function = getattr(torch, activation)
    inputs = torch.randn(3, TIME, INPUT)
    passed = states(cell, inputs)
    for step, ((_, before), (hidden, after)) in enumerate(pairwise(passed)):
        expected = function(inputs[:, step] @ cell.input_weight.T + before @ cell.recurrent_weight.T + cell.bias)
        torch.testing.assert_close(hidden, expected)
        scores = hidden @ cell.get_parameter("output_weight").T + cell.get_parameter("output_bias")
        torch.testing.assert_close(after, scores.exp() / scores.exp().sum(dim=1, keepdim=True))


def test_what_its_output_is_made_of_starts_random() -> None:
    assert cells.build(3, NetworkConfig(cell="jordan", hidden_size=8)).output_weight.std() > 0.1
