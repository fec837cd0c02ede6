"""Words and their characters to vectors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from slotfill.config import NetworkConfig
from slotfill.runtime.vocabulary import PADDING


class CharacterCnn(nn.Module):
    """What a word looks like: convolutions over its characters, each filter's maximum (Ma & Hovy, 2016).

    It stands in for a word that training has never seen.
    """

    def __init__(self, rows: int, config: NetworkConfig) -> None:
        super().__init__()
        self.embedding = nn.Embedding(rows, config.character_size, padding_idx=PADDING)
        self.convolution = nn.Conv1d(
            config.character_size, config.character_filters, config.character_width, padding="same"
        )

    def forward(self, characters: Tensor) -> Tensor:
        """(words, length) character ids to (words, filters); no part of it depends on padding.

        A convolution over embeddings is a sum of what each character gives at each place of the filter. There are fewer
        characters than there are places in a batch, so that is looked up instead of multiplied out.
        """
        (width,), (rows, _) = self.convolution.kernel_size, self.embedding.weight.shape
        numbers = torch.arange(rows, device=characters.device)
        embeddings = self.embedding.weight * (numbers != PADDING).unsqueeze(1)  # padding has no gradient either
        given = torch.einsum("rc,fcw->wrf", embeddings, self.convolution.weight).flatten(0, 1)
        around = nn.functional.pad(characters, ((width - 1) // 2, width // 2), value=PADDING).unfold(1, width, 1)
        rows_of = around + rows * torch.arange(width, device=characters.device)
        summed = nn.functional.embedding_bag(rows_of.flatten(0, 1), given, mode="sum")
        # Bias and rectifier keep the order of values, so that they may wait until only the largest is left.
        padding = torch.where(characters == PADDING, -torch.inf, 0.0).unsqueeze(2)
        largest = (summed.view(*characters.shape, -1) + padding).max(dim=1).values
        return (largest + self.convolution.bias).relu()  # type: ignore[operator]


class WordFeatures(nn.Module):
    """A word as a vector: its embedding beside its character features."""

    def __init__(self, word_rows: int, character_rows: int, config: NetworkConfig) -> None:
        super().__init__()
        self.embedding = nn.Embedding(word_rows, config.word_size, padding_idx=PADDING)
        nn.init.normal_(self.embedding.weight, std=config.word_size**-0.5)
        self.characters = CharacterCnn(character_rows, config)
        self.size = config.word_size + config.character_filters

    def forward(self, words: Tensor, spellings: Tensor, characters: Tensor) -> Tensor:
        """Features (batch, time, feature) of a batch; see `runtime.encoding.Batch` for the shapes."""
        looks = nn.functional.embedding(spellings, self.characters(characters))
        return torch.cat([self.embedding(words), looks], dim=2)
