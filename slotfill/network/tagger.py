"""The tagger network: features, recurrent layers, tag scores; and the scores of intents."""

from __future__ import annotations

from typing import Self, cast

import torch
from torch import Tensor, nn

from slotfill.config import NetworkConfig
from slotfill.network import cells
from slotfill.network.cell import Cell
from slotfill.network.crf import Crf
from slotfill.network.dropout import Dropout
from slotfill.network.features import WordFeatures
from slotfill.network.unroll import unroll, word_mask
from slotfill.runtime.session import Outputs
from slotfill.runtime.vocabulary import Vocabulary


class RecurrentLayer(nn.Module):
    """One cell that reads forwards and, unless the network is one-way, another that reads backwards."""

    def __init__(self, input_size: int, config: NetworkConfig) -> None:
        super().__init__()
        directions = 1 if config.one_way else 2
        self.cells = nn.ModuleList(cells.build(input_size, config) for _ in range(directions))
        self.output_size = directions * config.hidden_size

    @property
    def directions(self) -> list[tuple[Cell, bool]]:
        """Each cell, and whether it reads backwards."""
        return [(cast(Cell, cell), place == 1) for place, cell in enumerate(self.cells)]

    def forward(self, inputs: Tensor, lengths: Tensor, bptt: int | None = None) -> Tensor:
        """(batch, time, input) to (batch, time, directions * hidden)."""
        outputs = [unroll(cell, inputs, lengths, backwards=back, bptt=bptt) for cell, back in self.directions]
        return torch.cat(outputs, dim=2)


class IntentHead(nn.Module):
    """Scores of intents from a mean of the words' states.

    How much a word weighs in the mean is learnt, a softmax over the words of an utterance (Yang et al., 2016,
    "Hierarchical attention networks for document classification", eq. 6-7, without their hidden layer).
    """

    def __init__(self, size: int, intents: int) -> None:
        super().__init__()
        self.attention = nn.Linear(size, 1, bias=False)
        self.scores = nn.Linear(size, intents)

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """(batch, time, feature) states to (batch, intents) scores."""
        padding = ~word_mask(lengths, hidden.shape[1]).unsqueeze(2)
        weights = self.attention(hidden).masked_fill(padding, -torch.inf).softmax(dim=1)
        mean = weights.transpose(1, 2) @ hidden.masked_fill(padding, 0)
        scores: Tensor = self.scores(mean.squeeze(1))
        return scores


class Head(nn.Module):
    """Recurrent states to scores: of tags word by word, and of intents where there are any."""

    def __init__(self, size: int, tags: int, intents: int) -> None:
        super().__init__()
        self.tags = nn.Linear(size, tags)
        self.intents = IntentHead(size, intents) if intents else None

    def forward(self, hidden: Tensor, lengths: Tensor) -> Outputs[Tensor]:
        """(batch, time, feature) states to scores."""
        none = hidden.new_empty(len(hidden), 0)
        return Outputs(self.tags(hidden), none if self.intents is None else self.intents(hidden, lengths))


class TaggerNetwork(nn.Module):
    """Scores each tag for each word of an utterance.

    Mesnil et al. (2013), "Investigation of recurrent-neural-network architectures and learning methods for spoken
    language understanding", with the character features of Ma & Hovy (2016).
    """

    def __init__(
        self, config: NetworkConfig, *, word_rows: int, character_rows: int, tags: int, intents: int = 0
    ) -> None:
        super().__init__()
        self.config = config
        self.features = WordFeatures(word_rows, character_rows, config)
        self.dropout = Dropout(config.dropout)
        self.layers = nn.ModuleList()
        size = self.features.size
        for _ in range(config.layers):
            layer = RecurrentLayer(size, config)
            self.layers.append(layer)
            size = layer.output_size
        self.head = Head(size, tags, intents)
        self.crf = Crf(tags) if config.crf else None

    @property
    def recurrent_layers(self) -> list[RecurrentLayer]:
        """The layers, the one next to the words first; `layers` holds them for torch, which forgets their type."""
        return cast(list[RecurrentLayer], list(self.layers))

    @classmethod
    def for_vocabulary(cls, config: NetworkConfig, vocabulary: Vocabulary) -> Self:
        """A network with a row or column for each word, character, tag and intent of `vocabulary`."""
        return cls(
            config,
            word_rows=vocabulary.word_rows,
            character_rows=vocabulary.character_rows,
            tags=len(vocabulary.tags),
            intents=len(vocabulary.intents),
        )

    def forward(
        self, words: Tensor, spellings: Tensor, characters: Tensor, lengths: Tensor, *, bptt: int | None = None
    ) -> Outputs[Tensor]:
        """The scores of a batch; see `runtime.encoding.Batch` for the shapes.

        `bptt` truncates the gradient, as in `unroll`; the scores are the same.
        """
        hidden = self.dropout(self.features(words, spellings, characters))
        for layer in self.layers:
            hidden = self.dropout(layer(hidden, lengths, bptt))
        outputs: Outputs[Tensor] = self.head(hidden, lengths)
        return outputs
