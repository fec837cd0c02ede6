"""`slotfill train`: a labelled corpus to a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slotfill.cli._console import say
from slotfill.config import ACTIVATIONS, DEVICES, NetworkConfig, TrainingConfig
from slotfill.errors import UsageError
from slotfill.network.cells import CELLS

_NETWORK, _TRAINING, _CLIPPING, _RUN = "Network", "Training", "Clipping", "Run"


def command(
    corpus: Annotated[
        str, typer.Argument(metavar="[CORPUS]", help="A corpus name, a folder with train and dev, or one file.")
    ] = "airline",
    output: Annotated[
        Path | None,
        typer.Option(help="The model folder to write.", show_default="models/CORPUS", rich_help_panel=_RUN),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing model.", rich_help_panel=_RUN)] = False,
    cell: Annotated[
        str, typer.Option(metavar="NAME", help=f"{', '.join(CELLS.names())}.", rich_help_panel=_NETWORK)
    ] = NetworkConfig.cell,
    activation: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=f"Elman's: {', '.join(ACTIVATIONS)}.",
            show_default=NetworkConfig.activation,
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    forget_bias: Annotated[
        float | None,
        typer.Option(
            help="An LSTM's forget-gate bias at the start.",
            show_default=str(NetworkConfig.forget_bias),
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    layers: Annotated[int, typer.Option(help="Recurrent layers.", rich_help_panel=_NETWORK)] = NetworkConfig.layers,
    hidden_size: Annotated[
        int, typer.Option(help="Units per direction and layer.", rich_help_panel=_NETWORK)
    ] = NetworkConfig.hidden_size,
    one_way: Annotated[
        bool, typer.Option("--one-way", help="Look back only, never ahead.", rich_help_panel=_NETWORK)
    ] = NetworkConfig.one_way,
    dropout: Annotated[
        float, typer.Option(help="Share of activations dropped.", rich_help_panel=_NETWORK)
    ] = NetworkConfig.dropout,
    seed: Annotated[
        int, typer.Option(help="Of weights, order and dropout.", rich_help_panel=_TRAINING)
    ] = TrainingConfig.seed,
    epochs: Annotated[
        int, typer.Option(help="Passes over the corpus, at most.", rich_help_panel=_TRAINING)
    ] = TrainingConfig.epochs,
    patience: Annotated[
        int, typer.Option(help="Epochs without a better dev F1 before it stops.", rich_help_panel=_TRAINING)
    ] = TrainingConfig.patience,
    batch_size: Annotated[
        int, typer.Option(help="Utterances a step.", rich_help_panel=_TRAINING)
    ] = TrainingConfig.batch_size,
    learning_rate: Annotated[
        float, typer.Option(help="AdamW's peak rate.", rich_help_panel=_TRAINING)
    ] = TrainingConfig.learning_rate,
    clip_norm: Annotated[
        float | None,
        typer.Option(
            help="Longest gradient, as an L2 norm.",
            show_default=str(TrainingConfig.clip_norm),
            rich_help_panel=_CLIPPING,
        ),
    ] = None,
    clip_value: Annotated[
        float | None,
        typer.Option(help="Threshold in the place of larger gradient elements.", rich_help_panel=_CLIPPING),
    ] = None,
    clip: Annotated[
        str | None, typer.Option(metavar="none", help="Turn clipping off.", rich_help_panel=_CLIPPING)
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Torch's threads.", show_default="all cores", rich_help_panel=_RUN)
    ] = TrainingConfig.threads,
    device: Annotated[
        str, typer.Option(metavar="NAME", help=f"{', '.join(DEVICES)}.", rich_help_panel=_RUN)
    ] = TrainingConfig.device,
    data_dir: Annotated[Path, typer.Option(help="Where downloaded corpora are.", rich_help_panel=_RUN)] = Path("data"),
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.", rich_help_panel=_RUN)] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object when done.", rich_help_panel=_RUN)
    ] = False,
) -> None:
    """Train a tagger and write it to a model folder.

    CORPUS is the built-in airline corpus unless you name another. The epoch with the best dev F1 is kept; Ctrl-C keeps
    the best so far.

    slotfill train

    slotfill train atis --cell gru --seed 1

    slotfill train my-corpus/ --output models/mine
    """
    clip_norm, clip_value = _clipping(clip, clip_norm, clip_value)
    own = {"activation": activation, "forget_bias": forget_bias}
    given = {name: value for name, value in own.items() if value is not None}
    network = NetworkConfig(
        cell=CELLS.require(cell),
        layers=layers,
        hidden_size=hidden_size,
        one_way=one_way,
        dropout=dropout,
        **given,  # type: ignore[arg-type]
    )
    config = TrainingConfig(
        seed=seed,
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        learning_rate=learning_rate,
        clip_norm=clip_norm,
        clip_value=clip_value,
        threads=threads,
        device=device,
    )
    from slotfill.corpus.splits import open_corpus, training_splits

    opened = open_corpus(corpus, data_dir)
    for note in opened.notes:
        say(note)
    training, dev = training_splits(opened, say)
    folder = output or Path("models") / opened.name

    from slotfill.cli._progress import watch
    from slotfill.learning.artifact import LiveHistory, refuse_existing, save
    from slotfill.learning.loop import train

    refuse_existing(folder, force=force)
    foreign = sorted(set(given) - CELLS.load(cell).CELL.options)
    if foreign:
        raise UsageError(f"--{foreign[0].replace('_', '-')} is not an option of cell {cell!r}")
    if not quiet:
        say(f"training {cell} on {opened.name}: {len(training):,} utterances, {len(dev):,} for dev")
    with LiveHistory(folder) as history:
        with watch(config.epochs, history, quiet=quiet) as listener:
            trained = train(training, dev, network, config, listener)
        saved = save(trained, folder, corpus=opened.name, training=training, dev=dev, config=config)
    if trained.stopped is not None:
        say(f"stopped early: the best so far, epoch {trained.best.epoch}, is kept")
    if not quiet:
        say(
            f"dev F1 {100 * saved.dev.f1:.2f} (epoch {trained.best.epoch} of {len(trained.history)}), saved in {folder}"
        )
    if as_json:
        import orjson

        typer.echo(orjson.dumps({"model": str(folder), **saved.metrics}))
    if trained.stopped is not None:
        raise trained.stopped


def _clipping(clip: str | None, norm: float | None, value: float | None) -> tuple[float | None, float | None]:
    """The two thresholds that the three clipping options ask for."""
    if sum(option is not None for option in (clip, norm, value)) > 1:
        raise UsageError("--clip, --clip-norm and --clip-value exclude each other: choose one")
    if clip not in (None, "none"):
        raise UsageError(f"unknown clipping {clip!r}: choose from none; or give --clip-norm X or --clip-value X")
    if clip is None and norm is None and value is None:
        norm = TrainingConfig.clip_norm
    return norm, value
