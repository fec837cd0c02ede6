"""The recurrent network of rectified linear units that starts as the identity (Le et al., 2015)."""

from __future__ import annotations

from torch import nn

from slotfill.network.cells.elman import Elman


class Irnn(Elman):
    """`s_t = max(0, U x_t + W s_{t-1} + b)` with W at first the identity and b zero.

    Le, Jaitly & Hinton (2015), "A simple way to initialize recurrent networks of rectified linear units": at first
    the state is copied from step to step, and the gradient with it.
    """

    options = frozenset()

    def reset_parameters(self) -> None:
        """W the identity, b zero; U as in every cell."""
        super().reset_parameters()
        nn.init.eye_(self.recurrent_weight)

    @property
    def activation(self) -> str:
        """Always the rectifier."""
        return "relu"


CELL = Irnn
