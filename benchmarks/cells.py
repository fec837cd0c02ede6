"""What each cell costs, as a Markdown table; `slotfill compare` tells what it reaches.

    python -m benchmarks.cells [--rounds 31]

Speed is that of one thread on 32 utterances of 12 words, the median of the rounds; all cells take turns in each round.
Training is one cell at its default size, forward and backward to the weights; tagging is the exported network in
onnxruntime, words looked up already.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.command_line import Parser, at_least, refusing
from slotfill.config import NetworkConfig
from slotfill.network import cells
from slotfill.network.cell import Cell
from slotfill.network.export import export
from slotfill.network.features import WordFeatures
from slotfill.network.tagger import TaggerNetwork
from slotfill.network.unroll import outputs_of, states
from slotfill.runtime.encoding import Batch
from slotfill.runtime.session import Session

BATCH, TIME = 32, 12
WORDS, CHARACTERS, LENGTH, TAGS = 1000, 50, 8, 128
INPUT, HIDDEN = WordFeatures(WORDS, CHARACTERS, NetworkConfig()).size, NetworkConfig.hidden_size

TORCH = "torch.nn.LSTM"


def stepped(cell: Cell) -> Callable[[Tensor], Tensor]:
    """All outputs of a cell by its step path."""
    return lambda inputs: outputs_of(states(cell, inputs))


def training_step(run: Callable[[Tensor], Tensor]) -> Callable[[], None]:
    """Once forward and backward through `run`."""
    inputs = torch.randn(BATCH, TIME, INPUT)

    def step() -> None:
        run(inputs).sum().backward()  # type: ignore[no-untyped-call]

    return step


def tagging_step(name: str) -> Callable[[], object]:
    """Once through the exported network with this cell."""
    network = TaggerNetwork(NetworkConfig(cell=name), word_rows=WORDS, character_rows=CHARACTERS, tags=TAGS)
    draw = np.random.default_rng(0)
    batch = Batch(
        words=draw.integers(2, WORDS, (BATCH, TIME)),
        spellings=draw.integers(0, BATCH * TIME, (BATCH, TIME)),
        characters=draw.integers(1, CHARACTERS, (BATCH * TIME, LENGTH)),
        lengths=np.full(BATCH, TIME),
    )
    session = Session(export(network, [batch]))
    inputs = session.inputs(batch)
    return lambda: session.scores(inputs)


def words_per_second(steps: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median speed of each step; all take turns, so that what else the machine does falls on all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - began)
    return {name: BATCH * TIME / statistics.median(taken) for name, taken in seconds.items()}


def speeds(rounds: int) -> dict[str, float]:
    """Words a second of every cell's `NAME fused`, `NAME step` and `NAME tagging`, and of torch's own LSTM."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    reference = nn.LSTM(INPUT, HIDDEN, batch_first=True)
    steps: dict[str, Callable[[], object]] = {TORCH: training_step(lambda inputs: reference(inputs)[0])}
    for name in cells.CELLS.names():
        cell = cells.build(INPUT, NetworkConfig(cell=name))
        steps[f"{name} fused"] = training_step(cell.sequence)
        steps[f"{name} step"] = training_step(stepped(cell))
        steps[f"{name} tagging"] = tagging_step(name)
    words_per_second(steps, 3)  # the first calls allocate
    return words_per_second(steps, rounds)


def row(name: str, speed: dict[str, float]) -> str:
    """One line of the table."""
    cell = cells.build(INPUT, NetworkConfig(cell=name))
    fused = speed[f"{name} fused"]
    columns = [
        f"`{name}`",
        f"{sum(parameter.numel() for parameter in cell.parameters()):,}",
        f"{fused:,.0f}",
        f"{fused / speed[TORCH]:.2f}",
        f"{fused / speed[f'{name} step']:.1f}",
        f"{speed[f'{name} tagging']:,.0f}",
    ]
    return f"| {' | '.join(columns)} |"


@refusing
def main() -> None:
    """Print the table."""
    parser = Parser("cells", "Every cell's size and speed.")
    parser.add_argument("--rounds", default=31, type=at_least(1), help="of which medians are taken")
    speed = speeds(parser.parse_args().rounds)
    names = ["cell", "parameters", "training, words/s", f"of {TORCH}'s", "fused / step", "tagging, words/s"]
    print(f"| {' | '.join(names)} |")
    print(f"| --- |{' ---: |' * (len(names) - 1)}")
    for name in cells.CELLS.names():
        print(row(name, speed))
    print(f"\n{TORCH}: {speed[TORCH]:,.0f} words/s, {INPUT} inputs, {HIDDEN} units")


if __name__ == "__main__":
    main()
