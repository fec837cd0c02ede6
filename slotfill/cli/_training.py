"""Options of more than one command: how a network looks and how it is trained. Defaults are those of `config`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypedDict

import typer

from slotfill.config import (
    ACTIVATIONS,
    AUTO_PERCENTILE,
    EPOCHS,
    MOST_EPOCHS,
    STEPS,
    NetworkConfig,
    TrainingConfig,
)
from slotfill.errors import UsageError
from slotfill.network.cells import CELLS

NETWORK, TRAINING, CLIPPING, RUN = "Network", "Training", "Clipping", "Run"

Corpus = Annotated[
    str, typer.Argument(metavar="CORPUS", help="A corpus name, a folder with train and perhaps dev, or one file.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing model.", rich_help_panel=RUN)]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing on success, but for --json.", rich_help_panel=RUN)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object when done.", rich_help_panel=RUN)]
Cell = Annotated[str, typer.Option(metavar="NAME", help=f"{', '.join(CELLS.names())}.", rich_help_panel=NETWORK)]
Activation = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=f"Of elman and jordan: {', '.join(ACTIVATIONS)}.",
        show_default=NetworkConfig.activation,
        rich_help_panel=NETWORK,
    ),
]
ForgetBias = Annotated[
    float | None,
    typer.Option(
        help="Of lstm and minlstm: the forget gate's bias at the start.",
        show_default=str(NetworkConfig.forget_bias),
        rich_help_panel=NETWORK,
    ),
]
Layers = Annotated[int, typer.Option(help="Recurrent layers.", rich_help_panel=NETWORK)]
HiddenSize = Annotated[int, typer.Option(help="Units per direction and layer.", rich_help_panel=NETWORK)]
OneWay = Annotated[
    bool, typer.Option("--one-way", help="Unidirectional: look back only, never ahead.", rich_help_panel=NETWORK)
]
Dropout = Annotated[float, typer.Option(help="Share of activations dropped.", rich_help_panel=NETWORK)]
Crf = Annotated[
    bool,
    typer.Option(
        "--crf/--no-crf", help="A CRF layer, which scores each tag after the one before.", rich_help_panel=NETWORK
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option(
        help="Passes over the corpus, at most.",
        show_default=f"{EPOCHS}, or as many as make {STEPS:,} steps, up to {MOST_EPOCHS}",
        rich_help_panel=TRAINING,
    ),
]
Patience = Annotated[
    int | None,
    typer.Option(
        help="Stop after so many epochs without improvement on dev.",
        show_default="none: all epochs run",
        rich_help_panel=TRAINING,
    ),
]
BatchSize = Annotated[int, typer.Option(help="Utterances per step.", rich_help_panel=TRAINING)]
LearningRate = Annotated[float, typer.Option(help="AdamW's peak rate.", rich_help_panel=TRAINING)]
Bptt = Annotated[
    int | None,
    typer.Option(
        metavar="WORDS",
        help="Cut utterances into windows of this many words; the gradient ends at the start of its window.",
        show_default="all words",
        rich_help_panel=TRAINING,
    ),
]
Clip = Annotated[
    str | None,
    typer.Option(
        metavar="auto|none",
        help=f"auto: to the {AUTO_PERCENTILE:g}th percentile of the norms so far. none: off.",
        rich_help_panel=CLIPPING,
    ),
]
ClipNorm = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="Rescale a gradient whose L2 norm exceeds this.",
        show_default=str(TrainingConfig.clip_norm),
        rich_help_panel=CLIPPING,
    ),
]
ClipValue = Annotated[
    float | None,
    typer.Option(metavar="X", help="Clamp each gradient element to [-X, X].", rich_help_panel=CLIPPING),
]
DataDir = Annotated[Path, typer.Option(help="Where downloaded corpora are.", rich_help_panel=RUN)]


def cell_settings(activation: str | None, forget_bias: float | None) -> dict[str, Any]:
    """What was given of the settings that only some cells read."""
    settings = {"activation": activation, "forget_bias": forget_bias}
    return {name: value for name, value in settings.items() if value is not None}


def networks_for(cells: Sequence[str], network: NetworkConfig, own: dict[str, Any]) -> list[NetworkConfig]:
    """The network with each of the cells; what was given of `own` is for the cells that read it.

    Raises `UsageError` for a setting that none of them reads.
    """
    # Loading a cell loads torch.
    read = {cell: CELLS.load(cell).CELL.options if own else frozenset() for cell in cells}
    for name in own:
        if all(name not in options for options in read.values()):
            names = " or ".join(map(repr, cells))
            readers = [each for each in CELLS.names() if name in CELLS.load(each).CELL.options]
            raise UsageError(
                f"--{name.replace('_', '-')} is not an option of cell {names}: it is for {' and '.join(readers)}"
            )
    return [
        replace(network, cell=cell, **{name: getattr(NetworkConfig, name) for name in set(own) - options})
        for cell, options in read.items()
    ]


class ClippingSettings(TypedDict):
    """The fields of `TrainingConfig` that clipping has, of which at most one is set."""

    clip_norm: float | None
    clip_value: float | None
    clip_percentile: float | None


def clipping(clip: str | None, norm: float | None, value: float | None) -> ClippingSettings:
    """The settings of `TrainingConfig` that the three clipping options ask for; raise `UsageError` for two of them."""
    if sum(option is not None for option in (clip, norm, value)) > 1:
        raise UsageError("--clip, --clip-norm and --clip-value exclude each other: choose one")
    if clip not in (None, "auto", "none"):
        raise UsageError(f"unknown clipping {clip!r}: choose from auto, none; or give --clip-norm X or --clip-value X")
    if clip is None and value is None:
        norm = TrainingConfig.clip_norm if norm is None else norm
    return {
        "clip_norm": norm,
        "clip_value": value,
        "clip_percentile": AUTO_PERCENTILE if clip == "auto" else None,
    }
