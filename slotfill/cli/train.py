"""`slotfill train`: a labelled corpus to a model folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from slotfill.cli import _training as options
from slotfill.cli._console import say
from slotfill.cli._corpus import open_with_notes, require_labels
from slotfill.config import DEVICES, NetworkConfig, TrainingConfig
from slotfill.errors import UsageError
from slotfill.files import STDOUT, output_path
from slotfill.network.cells import CELLS

_UNSEEN = "For words never seen"


def _share(help: str) -> Any:  # noqa: A002 - as Typer calls it
    """An option of that panel: a share, below 1."""
    return typer.Option(metavar="SHARE", min=0, help=f"{help}. Below 1; 0: off.", rich_help_panel=_UNSEEN)


def command(
    corpus: options.Corpus = "airline",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The model folder to write.",
            show_default="models/CORPUS",
            rich_help_panel=options.RUN,
        ),
    ] = None,
    force: options.Force = False,
    cell: options.Cell = NetworkConfig.cell,
    activation: options.Activation = None,
    forget_bias: options.ForgetBias = None,
    layers: options.Layers = NetworkConfig.layers,
    hidden_size: options.HiddenSize = NetworkConfig.hidden_size,
    one_way: options.OneWay = NetworkConfig.one_way,
    dropout: options.Dropout = NetworkConfig.dropout,
    crf: options.Crf = NetworkConfig.crf,
    vectors: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Pretrained word vectors: word2vec text or binary, GloVe, fastText .vec; any of them gzipped.",
            show_default="none",
            rich_help_panel=options.NETWORK,
        ),
    ] = None,
    vector_words: Annotated[
        int,
        typer.Option(
            min=0,
            help="So many of the most frequent other words of FILE are known, too.",
            rich_help_panel=options.NETWORK,
        ),
    ] = 0,
    seed: Annotated[
        int, typer.Option(help="Of weights, order and dropout.", rich_help_panel=options.TRAINING)
    ] = TrainingConfig.seed,
    epochs: options.Epochs = TrainingConfig.epochs,
    patience: options.Patience = TrainingConfig.patience,
    batch_size: options.BatchSize = TrainingConfig.batch_size,
    learning_rate: options.LearningRate = TrainingConfig.learning_rate,
    intent: Annotated[
        bool,
        typer.Option(
            "--intent/--no-intent",
            help="Learn intents too, where the corpus has them.",
            rich_help_panel=options.TRAINING,
        ),
    ] = True,
    word_dropout: Annotated[
        float,
        typer.Option(
            metavar="A",
            min=0,
            help="A word seen n times is hidden with probability A / (A + n); 0: off.",
            rich_help_panel=_UNSEEN,
        ),
    ] = TrainingConfig.word_dropout or 0,
    slot_dropout: Annotated[
        float, _share("Of the values of slots that share theirs with other slots: hidden")
    ] = TrainingConfig.slot_dropout or 0,
    misspellings: Annotated[
        float, _share("Of the words outside of values: misspelt; try 0.05 for typed text")
    ] = TrainingConfig.misspellings or 0,
    slot_swap: Annotated[float, _share("Of the values: replaced by others of their slot")] = TrainingConfig.slot_swap
    or 0,
    invented_values: Annotated[
        float, _share("Of the values of slots that share theirs: replaced by invented ones")
    ] = TrainingConfig.invented_values or 0,
    bptt: options.Bptt = TrainingConfig.bptt,
    rescues: Annotated[
        int,
        typer.Option(
            min=0,
            help="Returns to the last good weights before giving up; 0: losses may grow, the first NaN ends it.",
            rich_help_panel=options.TRAINING,
        ),
    ] = TrainingConfig.rescues or 0,
    clip_norm: options.ClipNorm = None,
    clip_value: options.ClipValue = None,
    clip: options.Clip = None,
    threads: Annotated[
        int | None,
        typer.Option(
            help="Torch's threads; 1 where other work shares the machine.",
            show_default="all cores",
            rich_help_panel=options.RUN,
        ),
    ] = TrainingConfig.threads,
    device: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=f"{', '.join(DEVICES)}; auto takes a GPU if there is one.",
            rich_help_panel=options.RUN,
        ),
    ] = TrainingConfig.device,
    data_dir: options.DataDir = Path("data"),
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="After each epoch print how far gradients reach, and what is wrong.",
            rich_help_panel=options.RUN,
        ),
    ] = False,
    steps: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Write a JSON line for each step as it is made, - to stdout: loss, gradient norm, clipping, rate.",
            show_default="none",
            rich_help_panel=options.RUN,
        ),
    ] = None,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Train a tagger and write it to a model folder.

    CORPUS is the built-in airline corpus unless you name another. The model is that of the epoch with the best mean of
    F1 and intent accuracy on dev; Ctrl-C keeps the best so far. A step whose loss or gradient is not finite is refused:
    training restores the last good weights and goes on at half the learning rate. If that does not help, it keeps the
    best model so far and exits with 1.

    slotfill train

    slotfill train atis --cell gru --seed 1

    slotfill train my-corpus/ --output models/mine

    slotfill train snips --vectors glove.6B.100d.txt --vector-words 20000
    """
    if vector_words and vectors is None:
        raise UsageError("--vector-words needs --vectors FILE")
    steps = steps and output_path(steps)
    if steps == STDOUT and as_json:
        raise UsageError("--json and --steps - both go to stdout: choose one, or give --steps a file")
    own = options.cell_settings(activation, forget_bias)
    network = NetworkConfig(
        cell=CELLS.require(cell),
        layers=layers,
        hidden_size=hidden_size,
        one_way=one_way,
        dropout=dropout,
        crf=crf,
        **own,
    )
    config = TrainingConfig(
        seed=seed,
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        learning_rate=learning_rate,
        intent_weight=TrainingConfig.intent_weight if intent else None,
        word_dropout=word_dropout or None,
        slot_dropout=slot_dropout or None,
        misspellings=misspellings or None,
        slot_swap=slot_swap or None,
        invented_values=invented_values or None,
        bptt=bptt,
        rescues=rescues or None,
        **options.clipping(clip, clip_norm, clip_value),
        threads=threads,
        device=device,
    )
    from slotfill.corpus.check import cut_otherwise
    from slotfill.corpus.splits import training_splits
    from slotfill.runtime.bundle import refuse_existing

    opened = open_with_notes(corpus, data_dir)
    training, dev = training_splits(opened, say)
    if other := cut_otherwise(training):
        say(
            f"{len(other):,} of {len(training):,} training utterances have words that `slotfill tag` would cut "
            "otherwise: pass it words cut as here, with --tokenized (`slotfill check` tells which they are)"
        )
    require_labels(opened.name, training, intents=intent)
    folder = output or Path("models") / opened.name
    refuse_existing(folder, force=force)
    if steps is not None and steps.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            f"--steps {steps} is within the model's folder, which is replaced as a whole: choose another place"
        )

    from slotfill.cli import _fit
    from slotfill.learning import diagnosis
    from slotfill.learning.vectors import load_vectors
    from slotfill.runtime.vocabulary import word_counts

    (network,) = options.networks_for([cell], network, own)
    pretrained = None
    if vectors is not None:
        counts = word_counts(training)
        pretrained = load_vectors(vectors, counts, vector_words)
        if not quiet:
            say(f"{pretrained}; {pretrained.coverage(counts)}")
    examine = partial(diagnosis.epoch_report, dev=dev, config=config) if watch else None
    _fit.fit(
        folder,
        opened.name,
        training,
        dev,
        network,
        config,
        examine=examine,
        steps=steps,
        vectors=pretrained,
        quiet=quiet,
        as_json=as_json,
    )
