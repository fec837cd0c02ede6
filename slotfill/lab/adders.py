"""Networks that learn to add two numbers among many."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from slotfill.config import NetworkConfig
from slotfill.learning.clipping import Clipping
from slotfill.network import cells

_UNSEEN = 500


def problems(count: int, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw adding problems (Hochreiter & Schmidhuber, 1997, in the form of Le et al., 2015).

    Returns:
        (count, length, 2) inputs: a number uniform between 0 and 1, and beside it 1 at two of the places, else 0;
        and (count,) answers: the sum of the two numbers so marked.
    """
    numbers = torch.rand(count, length, generator=generator)
    places = torch.rand(count, length, generator=generator).topk(2, dim=1).indices
    marks = torch.zeros(count, length).scatter_(1, places, 1.0)
    return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(dim=1)


class Adder(nn.Module):
    """A cell that reads a problem once, and a linear read-out of its last output."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.cell = cells.build(2, config)
        self.answer = nn.Linear(config.hidden_size, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch,) answers to (batch, length, 2) inputs."""
        answers: Tensor = self.answer(self.cell.sequence(inputs)[:, -1]).squeeze(1)
        return answers


@dataclass(frozen=True, kw_only=True)
class AddingRun:
    """One network's training.

    Attributes:
        network: its cell.
        length: T, the numbers in a problem.
        seed: of the weights and of the problems.
        steps: of Adam, on fresh problems each.
        batch_size: problems a step.
        learning_rate: Adam's.
        clip_norm: largest L2 norm of the whole gradient.
        every: steps between two looks at the error.
    """

    network: NetworkConfig
    length: int
    seed: int
    steps: int
    batch_size: int
    learning_rate: float
    clip_norm: float
    every: int


def learn(run: AddingRun) -> list[float]:
    """Train one network; its mean squared error on 500 problems kept apart, before training and each `every` steps."""
    drawing = torch.Generator().manual_seed(run.seed)
    unseen, sums = problems(_UNSEEN, run.length, drawing)
    torch.manual_seed(run.seed)
    adder = Adder(run.network)
    parameters = list(adder.parameters())
    optimizer = torch.optim.Adam(parameters, lr=run.learning_rate, fused=True)
    clipping = Clipping(norm=run.clip_norm)

    def error() -> float:
        with torch.inference_mode():
            return float(nn.functional.mse_loss(adder(unseen), sums))

    errors = [error()]
    for step in range(1, run.steps + 1):
        inputs, answers = problems(run.batch_size, run.length, drawing)
        optimizer.zero_grad()
        nn.functional.mse_loss(adder(inputs), answers).backward()  # type: ignore[no-untyped-call]
        clipping(parameters)
        optimizer.step()
        if step % run.every == 0:
            errors.append(error())
    return errors
