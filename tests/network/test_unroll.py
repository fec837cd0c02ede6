"""Truncated BPTT: the scores of the whole, a gradient that ends."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from slotfill.network import cells
from slotfill.network.unroll import Reversal, unroll
from tests.network.made import BATCH, TIME, batch, build_cell, build_network, inputs

K = 2
every_cell = pytest.mark.parametrize("name", cells.CELLS.names())


def gradient(name: str, time: int, *, bptt: int | None, backwards: bool = False) -> Tensor:
    """What each word's input contributes to one output: (batch, time) sizes."""
    cell, sequence = build_cell(name, {}), inputs().requires_grad_()
    lengths = torch.full((BATCH,), TIME)
    output = unroll(cell, sequence, lengths, backwards=backwards, bptt=bptt)[:, time].sum()
    (found,) = torch.autograd.grad(output, sequence)
    return found.abs().sum(dim=2)


def test_a_reversal_turns_each_utterances_own_words_and_undoes_itself() -> None:
    words = torch.tensor([[1, 2, 3, 0, 0], [4, 0, 0, 0, 0], [5, 6, 7, 8, 9]], dtype=torch.float64).unsqueeze(2)
    turn = Reversal(torch.tensor([3, 1, 5]), 5)
    expected = [[3, 2, 1, 0, 0], [4, 0, 0, 0, 0], [9, 8, 7, 6, 5]]
    assert turn(words).squeeze(2).tolist() == expected
    assert torch.equal(turn(turn(words)), words)
    assert torch.autograd.gradcheck(turn, words.clone().requires_grad_())


@every_cell
@pytest.mark.parametrize("backwards", [False, True])
def test_truncation_changes_no_output(name: str, backwards: bool) -> None:
    cell, sequence, lengths = build_cell(name, {}), inputs(), torch.tensor([TIME, 2, 5])
    whole, uncut, cut = (unroll(cell, sequence, lengths, backwards=backwards, bptt=bptt) for bptt in (None, TIME, K))
    assert torch.equal(uncut, cut)
    for row, length in enumerate(lengths):
        torch.testing.assert_close(whole[row, :length], cut[row, :length], rtol=0, atol=1e-12)


@every_cell
def test_the_gradient_ends_at_the_start_of_its_window_and_is_whole_within(name: str) -> None:
    for time in range(TIME):
        cut, whole = gradient(name, time, bptt=K), gradient(name, time, bptt=None)
        start = time - time % K
        assert not cut[:, :start].any()
        assert (cut[:, start : time + 1].sum(dim=0) > 0).all()
        torch.testing.assert_close(cut[:, start:], whole[:, start:], rtol=0, atol=1e-12)


@every_cell
def test_windows_are_counted_in_the_direction_of_travel(name: str) -> None:
    forwards, turned = gradient(name, 2, bptt=K), gradient(name, TIME - 3, bptt=K, backwards=True)
    assert (forwards > 0).any(dim=0).tolist() == (turned > 0).any(dim=0).tolist()[::-1]


@every_cell
def test_a_windows_length_that_no_utterance_reaches_cuts_nothing(name: str) -> None:
    torch.testing.assert_close(
        gradient(name, TIME - 1, bptt=TIME), gradient(name, TIME - 1, bptt=None), rtol=0, atol=1e-12
    )


def test_a_tagger_scores_the_same_with_truncation() -> None:
    network, given = build_network(layers=2), [torch.from_numpy(array) for array in batch([7, 3, 5])]
    torch.testing.assert_close(network(*given, bptt=2), network(*given))
