"""`slotfill distill`: several taggers taught into one, as small and as fast as each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slotfill.cli import _training as options
from slotfill.cli._console import say
from slotfill.cli._corpus import open_with_notes, require_labels
from slotfill.config import DISTILLATION, TEACHERS, NetworkConfig, TrainingConfig
from slotfill.errors import SlotfillError
from slotfill.network.cells import CELLS


def command(
    corpus: options.Corpus = "airline",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The student's model folder.",
            show_default="models/CORPUS-distilled",
            rich_help_panel=options.RUN,
        ),
    ] = None,
    force: options.Force = False,
    teachers_dir: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the teachers' models.", show_default="distill/CORPUS", rich_help_panel=options.RUN
        ),
    ] = None,
    teachers: Annotated[
        int, typer.Option(min=2, help="How many, with the seeds 0, 1, 2, ...", rich_help_panel=options.TRAINING)
    ] = TEACHERS,
    cell: options.Cell = NetworkConfig.cell,
    hidden_size: options.HiddenSize = NetworkConfig.hidden_size,
    crf: options.Crf = NetworkConfig.crf,
    seed: Annotated[int, typer.Option(help="Of the student.", rich_help_panel=options.TRAINING)] = TrainingConfig.seed,
    epochs: options.Epochs = TrainingConfig.epochs,
    patience: options.Patience = TrainingConfig.patience,
    share: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Weight of the teachers in the loss: 1 teachers alone, 0 labels alone.",
            rich_help_panel=options.TRAINING,
        ),
    ] = DISTILLATION,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="Teachers at once, one thread each; then the student's threads.",
            show_default="all cores",
            rich_help_panel=options.RUN,
        ),
    ] = None,
    data_dir: options.DataDir = Path("data"),
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Train teachers that differ in their seed, then a student that learns from all of them.

    The student starts as the teacher that does best on dev and has its size and speed (knowledge distillation; Hinton
    et al., 2015). Both the teachers' mean dev F1 and the student's are printed. Teachers are kept: after an
    interruption the same command continues where it stopped.

    slotfill distill

    slotfill distill atis --teachers 8 --output models/atis-best
    """
    from slotfill.corpus.splits import corpus_digest, training_splits
    from slotfill.runtime.bundle import refuse_existing

    network = NetworkConfig(cell=CELLS.require(cell), hidden_size=hidden_size, crf=crf)
    opened = open_with_notes(corpus, data_dir)
    training, dev = training_splits(opened, say)
    folder = output or Path("models") / f"{opened.name}-distilled"
    refuse_existing(folder, force=force)
    require_labels(opened.name, training, intents=True)

    from slotfill.cli import _fit, _runs
    from slotfill.learning.artifact import load_network
    from slotfill.learning.distillation import Teachers, student_of
    from slotfill.learning.history import selection_score_of
    from slotfill.learning.side_by_side import plan
    from slotfill.runtime import provenance
    from slotfill.runtime.bundle import Bundle

    config = TrainingConfig(seed=seed, epochs=epochs, patience=patience, distillation=share, threads=jobs)
    student_network, student_config = student_of(network, config)
    alone = TrainingConfig(epochs=epochs, patience=patience, threads=1, device="cpu")
    runs = plan([network], teachers, alone, teachers_dir or Path("distill") / opened.name)
    title = f"{teachers} teachers on {opened.name}"
    digest = corpus_digest(training, dev)
    if failures := _runs.train_missing(title, runs, corpus, data_dir, jobs, digest, "--teachers-dir"):
        name, last_words = next(iter(failures.items()))
        raise SlotfillError(f"a teacher could not be trained: {name}: {last_words}")
    by_dev = [(model, provenance.metrics(model)) for model in (Bundle(run.folder) for run in runs)]
    if diverged := [model.folder for model, metrics in by_dev if metrics["diverged"]]:
        raise SlotfillError(
            f"{diverged[0]} diverged in training and cannot teach: choose another --cell or --teachers-dir"
        )
    say(f"teachers' mean dev F1 {100 * sum(metrics['dev']['f1'] for _, metrics in by_dev) / len(by_dev):.2f}")
    by_dev.sort(key=lambda each: selection_score_of(each[1]["dev"]), reverse=True)
    networks, vocabularies = zip(*(load_network(model) for model, _ in by_dev), strict=True)
    student = _fit.fit(
        folder,
        opened.name,
        training,
        dev,
        student_network,
        student_config,
        teachers=Teachers(networks, vocabularies),
        quiet=quiet,
        as_json=as_json,
    )
    best, metrics = by_dev[0]
    if selection_score_of(student["dev"]) < selection_score_of(metrics["dev"]):
        say(f"the student does worse on dev than {best.folder}, which it began as: train longer, or take that one")
