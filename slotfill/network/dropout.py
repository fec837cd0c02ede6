"""Dropout, several times as fast on a CPU as torch's own, which draws one number after another."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Sets values to zero at random in training (Srivastava et al., 2014); in evaluation it changes nothing.

    Args:
        share: of the values, dropped; the others are scaled up in return.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, inputs: Tensor) -> Tensor:
        """Any shape to the same."""
        if not self.training or not self.share:
            return inputs
        # One draw makes four numbers of 16 bits, which is the costly part.
        drawn = torch.empty(-(-inputs.numel() // 4), dtype=torch.int64, device=inputs.device).random_(-(2**63), None)
        numbers = drawn.view(torch.int16)[: inputs.numel()].view(inputs.shape)
        # An integer, so that numbers need not become floats to be compared.
        least = min(math.ceil(self.share * 2**16), 2**16 - 1) - 2**15
        return inputs * ((numbers >= least) / (1 - self.share))
