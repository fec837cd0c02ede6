"""`slotfill compare`: which recurrent cell does best on a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slotfill.cli import _training as options
from slotfill.cli._console import print_json, say
from slotfill.cli._corpus import open_with_notes, require_slots
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.errors import UsageError
from slotfill.legible import counted
from slotfill.network.cells import CELLS

if TYPE_CHECKING:
    from slotfill.learning.comparison import Comparison

RESULT, PICTURE = "comparison.json", "comparison.png"


def command(
    corpus: options.Corpus = "airline",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            file_okay=False,
            help="Folder of the runs and results.",
            show_default="compare/CORPUS",
            rich_help_panel=options.RUN,
        ),
    ] = None,
    cell: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help=f"Separated by commas: {', '.join(CELLS.names())}.",
            rich_help_panel=options.NETWORK,
        ),
    ] = "lstm,gru,irnn,elman",
    activation: options.Activation = None,
    forget_bias: options.ForgetBias = None,
    layers: options.Layers = NetworkConfig.layers,
    hidden_size: options.HiddenSize = NetworkConfig.hidden_size,
    one_way: options.OneWay = NetworkConfig.one_way,
    dropout: options.Dropout = NetworkConfig.dropout,
    crf: options.Crf = NetworkConfig.crf,
    seeds: Annotated[
        int, typer.Option(min=1, help="Runs per cell, with the seeds 0, 1, 2, ...", rich_help_panel=options.TRAINING)
    ] = 5,
    epochs: options.Epochs = TrainingConfig.epochs,
    patience: options.Patience = TrainingConfig.patience,
    batch_size: options.BatchSize = TrainingConfig.batch_size,
    learning_rate: options.LearningRate = TrainingConfig.learning_rate,
    bptt: options.Bptt = TrainingConfig.bptt,
    clip_norm: options.ClipNorm = None,
    clip_value: options.ClipValue = None,
    clip: options.Clip = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="Runs at once, one thread each.",
            show_default="all cores",
            rich_help_panel=options.RUN,
        ),
    ] = None,
    data_dir: options.DataDir = Path("data"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, shares as fractions.", rich_help_panel=options.RUN)
    ] = False,
) -> None:
    """Train cells over several seeds and set them side by side.

    Each run is a `slotfill train` with one thread. The cells are ranked by dev; test is scored once, when all runs are
    done. ± is the standard deviation over the seeds; the interval and p come from 2,000 bootstrap resamples of the test
    utterances, p from the paired test against the cell that is best on dev. Runs, comparison.json and comparison.png go
    to the output folder; after an interruption the same command continues where it stopped.

    slotfill compare

    slotfill compare atis --cell lstm,gru,irnn,elman --seeds 5

    slotfill compare atis --cell elman,irnn --activation relu
    """
    cells = [CELLS.require(name.strip()) for name in cell.split(",")]
    if len(set(cells)) < len(cells):
        raise UsageError(f"--cell {cell} names a cell twice")
    own = options.cell_settings(activation, forget_bias)
    network = NetworkConfig(layers=layers, hidden_size=hidden_size, one_way=one_way, dropout=dropout, crf=crf, **own)
    training = TrainingConfig(
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        learning_rate=learning_rate,
        bptt=bptt,
        **options.clipping(clip, clip_norm, clip_value),
        threads=1,
        device="cpu",
    )
    from slotfill.corpus.splits import corpus_digest, training_splits

    opened = open_with_notes(corpus, data_dir)
    digested = training_splits(opened, say)
    require_slots(opened.name, digested, "cells are compared by their F1")
    require_slots(f"the dev split of {opened.name}", digested[1:], "cells are ranked by their F1 on it")
    folder = output or Path("compare") / opened.name

    from slotfill.cli import _runs
    from slotfill.learning.comparison import compare
    from slotfill.learning.side_by_side import plan

    digest = corpus_digest(*digested)
    runs = plan(options.networks_for(cells, network, own), seeds, training, folder)
    title = f"comparing {', '.join(cells)} on {opened.name}"
    failures = _runs.train_missing(title, runs, corpus, data_dir, jobs, digest, "--output")
    found = compare(opened.name, runs, failures, digest, opened.splits.get("test"))
    _write(found, folder)
    if as_json:
        print_json(found.to_json())
    else:
        _show(found)
    if "test" not in opened.splits:
        say(f"{opened.name} has no test split: the cells are ranked by dev alone")
    say(f"wrote {folder / RESULT} and {folder / PICTURE}")


def _write(found: Comparison, folder: Path) -> None:
    import json

    from slotfill.files import atomic_file
    from slotfill.lab.comparison import draw
    from slotfill.lab.picture import png

    with atomic_file(folder / RESULT) as file:
        file.write(json.dumps(found.to_json(), indent=2) + "\n")
    with atomic_file(folder / PICTURE, "wb") as file:
        file.write(png(draw(found)))


def _show(found: Comparison) -> None:
    from slotfill.cli._screen import Screen, table

    numbers = ("weights", "dev F1", "test F1", "95%\ninterval", "p", "time", "clipped")
    cells = table("cell", numbers=numbers, whole=True, collapse_padding=True)  # Narrow enough for 80 columns.
    for cell in found.cells:
        cells.add_row(
            cell.name,
            f"{cell.parameters:,}",
            _spread(cell.dev_f1, cell.dev_f1_sd),
            "" if cell.test_f1 is None else _spread(cell.test_f1, cell.test_f1_sd),
            "" if cell.interval is None else "{:.1f}–{:.1f}".format(*(100 * end for end in cell.interval)),
            "" if cell.p is None else f"{cell.p:.3f}" if cell.p >= 0.001 else "<0.001",
            f"{cell.seconds:.0f} s",
            f"{cell.clipped:.0%}",
        )
    screen = Screen()
    screen.print(cells)
    if any(cell.p is not None for cell in found.cells):
        screen.print(
            "[dim]p: how likely a difference in test F1 to the first cell as large as this one is, up or down, by the "
            "choice of test utterances alone; ±: seeds[/]"
        )
    for cell in found.cells:
        if cell.rescues:
            rescues, runs = counted(cell.rescues, "rescue"), counted(len(cell.runs), "run")
            say(f"{cell.cell}: {rescues} in {runs}; see history.jsonl")
    for name, last_words in found.failures.items():
        say(f"left out: {name}: {last_words}")


def _spread(mean: float, deviation: float | None) -> str:
    """Mean and standard deviation in percent."""
    return f"{100 * mean:.2f}" + ("" if deviation is None else f"±{100 * deviation:.2f}")
