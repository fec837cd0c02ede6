"""The minimal cells: one function in three forms, which are the paper's equations, the step and the scan."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from slotfill.config import NetworkConfig
from slotfill.network import cells
from slotfill.network.cells.mingru import MinGru

INPUT, HIDDEN, TIME = 5, 7, 200

both = pytest.mark.parametrize("name", ["mingru", "minlstm"])


def build(name: str, dtype: torch.dtype = torch.float64) -> MinGru:
    torch.manual_seed(1)
    cell = cells.build(INPUT, NetworkConfig(cell=name, hidden_size=HIDDEN)).to(dtype)
    assert isinstance(cell, MinGru)
    nn.init.normal_(cell.bias)
    return cell


def inputs(dtype: torch.dtype = torch.float64) -> Tensor:
    return 3 * torch.randn(2, TIME, INPUT, generator=torch.Generator().manual_seed(2), dtype=dtype)


def g(values: Tensor) -> Tensor:
    return torch.where(values >= 0, values + 0.5, torch.sigmoid(values))


def test_mingru_is_the_papers_recurrence() -> None:
    cell, sequence = build("mingru"), inputs()
    z, n = (sequence @ cell.input_weight.T + cell.bias).split(HIDDEN, dim=2)
    state, expected = torch.zeros(2, HIDDEN, dtype=torch.float64), []
    for update, candidate in zip(torch.sigmoid(z).unbind(1), g(n).unbind(1), strict=True):
        state = (1 - update) * state + update * candidate
        expected.append(state)
    torch.testing.assert_close(cell.sequence(sequence), torch.stack(expected, 1), rtol=0, atol=1e-12)


def test_minlstm_is_the_papers_recurrence() -> None:
    cell, sequence = build("minlstm"), inputs()
    i, f, n = (sequence @ cell.input_weight.T + cell.bias).split(HIDDEN, dim=2)
    i, f = torch.sigmoid(i), torch.sigmoid(f)
    state, expected = torch.zeros(2, HIDDEN, dtype=torch.float64), []
    for kept, added in zip((f / (f + i)).unbind(1), (i / (f + i) * g(n)).unbind(1), strict=True):
        state = kept * state + added
        expected.append(state)
    torch.testing.assert_close(cell.sequence(sequence), torch.stack(expected, 1), rtol=0, atol=1e-12)


@both
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-11), (torch.float32, 1e-3)])
def test_the_scan_equals_the_loop_over_200_words(name: str, dtype: torch.dtype, tolerance: float) -> None:
    cell, sequence = build(name, dtype), inputs(dtype)
    torch.testing.assert_close(cell.scan(cell.project(sequence)), cell.sequence(sequence), rtol=tolerance, atol=0)


@both
def test_the_scan_has_the_loops_gradients(name: str) -> None:
    cell, sequence = build(name), inputs()
    paths = cell.scan(cell.project(sequence)), cell.sequence(sequence)
    scanned, looped = (torch.autograd.grad(outputs.square().sum(), list(cell.parameters())) for outputs in paths)
    torch.testing.assert_close(scanned, looped, rtol=1e-10, atol=0)


@both
@pytest.mark.parametrize("size", [-300.0, -0.5, 300.0])
def test_shut_and_open_gates_leave_the_scan_and_its_gradients_finite(name: str, size: float) -> None:
    cell = build(name, torch.float32)
    projected = torch.full((1, TIME, cell.gates * HIDDEN), size, requires_grad=True)
    outputs = cell.scan(projected)
    (gradient,) = torch.autograd.grad(outputs.sum(), projected)
    assert outputs.isfinite().all()
    assert gradient.isfinite().all()


@both
def test_outputs_are_positive(name: str) -> None:
    cell, sequence = build(name), inputs()
    assert (cell.sequence(sequence) > 0).all()


def test_a_minlstms_forget_gate_starts_at_its_bias_and_the_others_at_zero() -> None:
    cell = cells.build(INPUT, NetworkConfig(cell="minlstm", hidden_size=HIDDEN, forget_bias=1.5))
    i, f, n = cell.bias.detach().chunk(3)
    assert (f == 1.5).all()
    assert not torch.cat([i, n]).any()


@both
@pytest.mark.gpu
def test_training_on_a_gpu_takes_the_scan(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cell, sequence = build(name).cuda(), inputs().cuda()
    expected = cell.eval().sequence(sequence)
    torch.testing.assert_close(cell.train().sequence(sequence), expected, rtol=1e-11, atol=0)
    monkeypatch.delattr(MinGru, "scan")
    with pytest.raises(AttributeError):
        cell.sequence(sequence)
