"""Weights averaged over the steps: what training circles around."""

from __future__ import annotations

import copy

import torch

from slotfill.network.tagger import TaggerNetwork


class WeightAverage:
    """An exponential moving average of a network's weights (Polyak & Juditsky, 1992; Tarvainen & Valpola, 2017, eq. 1).

    What is left of the average at step t is (1 + t) / (10 + t) and at most `decay`, so that the first weights, which
    are drawn at random, are soon forgotten, on a small corpus too.

    Args:
        network: the network in training.
        decay: what is left of the average at each step in the long run. None: no average is kept.

    Attributes:
        network: a network with the averaged weights; the one in training where no average is kept.
    """

    def __init__(self, network: TaggerNetwork, decay: float | None) -> None:
        self._training, self._decay = network, decay
        self._steps = 0
        self.network = network if decay is None else copy.deepcopy(network).requires_grad_(False)

    @torch.no_grad()
    def update(self) -> None:
        """After a step."""
        if self._decay is None:
            return
        self._steps += 1
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        for average, weight in zip(self.network.parameters(), self._training.parameters(), strict=True):
            average.lerp_(weight, 1 - decay)

    def restart(self) -> None:
        """Forget what was averaged, after the weights went back to earlier ones."""
        self._steps = 0
        self.network.load_state_dict(self._training.state_dict())
