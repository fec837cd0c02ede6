"""Small networks and cells with random weights, and what they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from slotfill.config import NetworkConfig
from slotfill.network import cells
from slotfill.network.cell import Cell
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.encoding import Batch

INPUT, HIDDEN, BATCH, TIME = 5, 7, 3, 6


def build_network(*, intents: int = 3, **options: Any) -> TaggerNetwork:
    """A network with the same weights at every call."""
    torch.manual_seed(0)
    config = NetworkConfig(**{"hidden_size": 8, "word_size": 6, "character_size": 5, "character_filters": 4} | options)
    return TaggerNetwork(config, word_rows=30, character_rows=12, tags=5, intents=intents).eval()


def batch(lengths: list[int], seed: int = 0) -> Batch:
    """Utterances of these lengths for `build_network`."""
    draw = np.random.default_rng(seed)
    shape = (len(lengths), max(lengths))
    words, spellings = draw.integers(2, 30, shape), draw.integers(0, 7, shape)
    characters = draw.integers(1, 12, (7, 6))
    characters[2:, 3:] = 0
    for row, length in enumerate(lengths):
        words[row, length:] = 0
    return Batch(words, spellings, characters, np.array(lengths))


def build_cell(name: str, options: dict[str, Any], dtype: torch.dtype = torch.float64) -> Cell:
    """A cell with larger weights than it starts with."""
    torch.manual_seed(1)
    cell = cells.build(INPUT, NetworkConfig(cell=name, hidden_size=HIDDEN, **options)).to(dtype)
    for parameter in cell.parameters():
        nn.init.normal_(parameter, std=0.4)
    return cell


def inputs(dtype: torch.dtype = torch.float64) -> Tensor:
    """A sequence for `build_cell`."""
    return torch.randn(BATCH, TIME, INPUT, generator=torch.Generator().manual_seed(2), dtype=dtype)
