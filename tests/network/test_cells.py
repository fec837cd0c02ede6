"""The cell contract, held over every file in `network/cells`."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from slotfill.config import NetworkConfig
from slotfill.errors import UsageError
from slotfill.network import cells
from slotfill.network.cell import Cell
from slotfill.network.unroll import outputs_of, states, unroll
from tests.conftest import ROOT
from tests.network.made import BATCH, HIDDEN, INPUT, TIME, build_cell, inputs

VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in cells.CELLS.names()),
    ("elman", {"activation": "sigmoid"}),
    ("elman", {"activation": "relu"}),
    ("jordan", {"activation": "sigmoid"}),
    ("jordan", {"activation": "relu"}),
    ("lstm", {"forget_bias": 0.0}),
    ("minlstm", {"forget_bias": 0.0}),
]
every_cell = pytest.mark.parametrize(("name", "options"), VARIANTS)


def stepped(cell: Cell, sequence: Tensor) -> Tensor:
    return outputs_of(states(cell, sequence))


@every_cell
def test_the_fused_path_equals_the_step_path(name: str, options: dict[str, Any]) -> None:
    cell, sequence = build_cell(name, options), inputs()
    torch.testing.assert_close(cell.sequence(sequence), stepped(cell, sequence), rtol=0, atol=1e-12)


@every_cell
def test_both_paths_have_the_same_gradients_in_float32(name: str, options: dict[str, Any]) -> None:
    cell, sequence = build_cell(name, options, torch.float32), inputs(torch.float32)
    weights = torch.randn(BATCH, TIME, HIDDEN)
    found = []
    for path in (cell.sequence, lambda given: stepped(cell, given)):
        cell.zero_grad()
        (path(sequence) * weights).sum().backward()
        found.append([parameter.grad.clone() for parameter in cell.parameters() if parameter.grad is not None])
    assert len(found[0]) == len(list(cell.parameters()))
    for fused, step in zip(*found, strict=True):
        torch.testing.assert_close(fused, step, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", cells.CELLS.names())
def test_a_cells_own_options_are_settings_of_a_network(name: str) -> None:
    assert cells.CELLS.load(name).CELL.options <= {field.name for field in fields(NetworkConfig)}


@every_cell
def test_a_cell_with_several_gates_names_them_and_they_lie_between_0_and_1(name: str, options: dict[str, Any]) -> None:
    cell = build_cell(name, options)
    gates = cell.gate_values(cell.project(30 * inputs()[:, 0]), cell.initial_state(BATCH))
    assert bool(gates) >= (cell.gates > 1)
    for values in gates.values():
        assert values.shape == (BATCH, HIDDEN)
        assert 0 <= values.min() < 0.1
        assert 0.9 < values.max() <= 1


@every_cell
def test_padding_changes_nothing(name: str, options: dict[str, Any]) -> None:
    cell, sequence = build_cell(name, options), inputs()
    lengths = torch.tensor([TIME, 2, 4])
    other = sequence.clone()
    for row, length in enumerate(lengths):
        other[row, length:] = 1e3
    for backwards in (False, True):
        one = unroll(cell, sequence, lengths, backwards=backwards)
        two = unroll(cell, other, lengths, backwards=backwards)
        alone = [
            unroll(cell, sequence[row : row + 1, :length], lengths[row : row + 1], backwards=backwards)[0]
            for row, length in enumerate(lengths)
        ]
        for row, length in enumerate(lengths):
            assert torch.equal(one[row, :length], two[row, :length])
            torch.testing.assert_close(one[row, :length], alone[row], rtol=0, atol=1e-12)


@every_cell
def test_a_state_depends_on_the_words_before_it_and_on_no_later_one(name: str, options: dict[str, Any]) -> None:
    cell, sequence = build_cell(name, options), inputs().requires_grad_()
    middle = unroll(cell, sequence, torch.full((BATCH,), TIME))[:, 3].sum()
    (gradient,) = torch.autograd.grad(middle, sequence)
    assert (gradient[:, :4].abs().sum(dim=(0, 2)) > 0).all()
    assert (gradient[:, 4:] == 0).all()


@every_cell
def test_backwards_is_forwards_on_the_turned_utterance(name: str, options: dict[str, Any]) -> None:
    cell, sequence = build_cell(name, options), inputs()
    lengths = torch.full((BATCH,), TIME)
    turned = unroll(cell, sequence.flip(1), lengths).flip(1)
    torch.testing.assert_close(unroll(cell, sequence, lengths, backwards=True), turned, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "options", "module"),
    [
        ("elman", {}, nn.RNN(INPUT, HIDDEN, batch_first=True)),
        ("elman", {"activation": "relu"}, nn.RNN(INPUT, HIDDEN, batch_first=True, nonlinearity="relu")),
        ("irnn", {}, nn.RNN(INPUT, HIDDEN, batch_first=True, nonlinearity="relu")),
        ("lstm", {}, nn.LSTM(INPUT, HIDDEN, batch_first=True)),
        ("gru", {}, nn.GRU(INPUT, HIDDEN, batch_first=True)),
    ],
)
def test_a_cell_equals_torchs_own_under_copied_weights(name: str, options: dict[str, Any], module: nn.RNNBase) -> None:
    cell, sequence = build_cell(name, options), inputs()
    module = module.to(torch.float64)
    given = dict(module.named_parameters())
    bias, recurrent_bias = given["bias_ih_l0"].detach().clone(), given["bias_hh_l0"].detach().clone()
    with torch.no_grad():
        cell.input_weight.copy_(given["weight_ih_l0"])
        cell.recurrent_weight.copy_(given["weight_hh_l0"])
        if name == "gru":
            cell.get_parameter("candidate_bias").copy_(recurrent_bias[2 * HIDDEN :])
            recurrent_bias[2 * HIDDEN :] = 0
        cell.bias.copy_(bias + recurrent_bias)
    expected = module(sequence)[0]
    torch.testing.assert_close(stepped(cell, sequence), expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(cell.sequence(sequence), expected, rtol=0, atol=1e-12)


def test_an_irnn_starts_as_the_identity_with_zero_biases() -> None:
    cell = cells.build(INPUT, NetworkConfig(cell="irnn", hidden_size=HIDDEN))
    assert torch.equal(cell.recurrent_weight, torch.eye(HIDDEN))
    assert not cell.bias.any()
    kept = torch.rand(2, HIDDEN)
    assert torch.equal(cell.step(torch.zeros(2, INPUT), (kept,))[0], kept)


def test_an_lstms_forget_gate_starts_at_its_bias_and_the_others_at_zero() -> None:
    cell = cells.build(INPUT, NetworkConfig(cell="lstm", hidden_size=HIDDEN, forget_bias=1.5))
    i, f, g, o = cell.bias.detach().chunk(4)
    assert (f == 1.5).all()
    assert not torch.cat([i, g, o]).any()


def test_the_page_on_cells_tells_every_cell_and_counts_its_parameters() -> None:
    page = (ROOT / "docs" / "cells.md").read_text()
    formulas = dict(re.findall(r"^\| `(\w+)` \|.*\| `([^`]*)` \|$", page, flags=re.MULTILINE))
    assert sorted(formulas) == cells.CELLS.names(), "each cell has a row in docs/cells.md"
    for name, formula in formulas.items():
        cell = cells.build(INPUT, NetworkConfig(cell=name, hidden_size=HIDDEN))
        counted = sum(parameter.numel() for parameter in cell.parameters())
        assert counted == eval(formula, {"x": INPUT, "h": HIDDEN}), name


def test_an_unknown_cell_is_refused_with_the_choices() -> None:
    choices = ", ".join(cells.CELLS.names())
    with pytest.raises(UsageError, match=f"unknown cell 'lstn': choose from {choices}; did you mean 'lstm'"):
        cells.build(INPUT, NetworkConfig(cell="lstn"))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_each_gates_recurrent_matrix_starts_orthogonal(cell: str) -> None:
    made = cells.build(5, NetworkConfig(cell=cell, hidden_size=6))
    for matrix in made.recurrent_weight.detach().chunk(made.gates):
        torch.testing.assert_close(matrix @ matrix.T, torch.eye(6), rtol=0, atol=1e-5)
