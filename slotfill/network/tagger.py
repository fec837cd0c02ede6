"""The tagger network: features, recurrent layers, tag scores."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from slotfill.config import NetworkConfig
from slotfill.network import cells
from slotfill.network.cell import Cell
from slotfill.network.features import WordFeatures
from slotfill.network.unroll import unroll


class RecurrentLayer(nn.Module):
    """One cell that reads forwards and, unless the network is one-way, another that reads backwards."""

    def __init__(self, input_size: int, config: NetworkConfig) -> None:
        super().__init__()
        directions = 1 if config.one_way else 2
        self.cells = nn.ModuleList(cells.build(input_size, config) for _ in range(directions))
        self.output_size = directions * config.hidden_size

    def read(self, run: Callable[[Cell, bool], Tensor]) -> list[Tensor]:
        """Call `run(cell, backwards)` for each direction."""
        return [run(cell, backwards) for cell, backwards in zip(self.cells, (False, True), strict=False)]  # type: ignore[arg-type]

    def forward(self, inputs: Tensor, lengths: Tensor, bptt: int | None = None) -> Tensor:
        """(batch, time, input) to (batch, time, directions * hidden)."""

        def run(cell: Cell, backwards: bool) -> Tensor:
            return unroll(cell, inputs, lengths, backwards=backwards, bptt=bptt)

        return torch.cat(self.read(run), dim=2)


class TaggerNetwork(nn.Module):
    """Scores each tag for each word of an utterance.

    Mesnil et al. (2013), "Investigation of recurrent-neural-network architectures and learning methods for spoken
    language understanding", with the character features of Ma & Hovy (2016).
    """

    def __init__(self, config: NetworkConfig, *, word_rows: int, character_rows: int, tags: int) -> None:
        super().__init__()
        self.config = config
        self.features = WordFeatures(word_rows, character_rows, config)
        self.dropout = nn.Dropout(config.dropout)
        self.layers = nn.ModuleList()
        size = self.features.size
        for _ in range(config.layers):
            layer = RecurrentLayer(size, config)
            self.layers.append(layer)
            size = layer.output_size
        self.scores = nn.Linear(size, tags)

    def forward(
        self, words: Tensor, spellings: Tensor, characters: Tensor, lengths: Tensor, *, bptt: int | None = None
    ) -> Tensor:
        """Tag scores (batch, time, tags) of a batch; see `runtime.encoding.Batch` for the shapes.

        `bptt` truncates the gradient, as in `unroll`; the scores are the same.
        """
        hidden = self.dropout(self.features(words, spellings, characters))
        for layer in self.layers:
            hidden = self.dropout(layer(hidden, lengths, bptt))
        scores: Tensor = self.scores(hidden)
        return scores
