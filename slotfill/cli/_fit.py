"""What `train` and `distill` end with: a network trained, saved and told of."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slotfill.cli import _progress
from slotfill.cli._console import print_json, say
from slotfill.cli._step_log import StepLog
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.errors import SlotfillError
from slotfill.files import require_room
from slotfill.learning.artifact import save
from slotfill.learning.live_history import LiveHistory
from slotfill.learning.loop import choose_device, train
from slotfill.legible import counted

if TYPE_CHECKING:
    from slotfill.learning.distillation import Teachers
    from slotfill.learning.vectors import Vectors


def fit(
    folder: Path,
    corpus: str,
    training: Sequence[Utterance],
    dev: Sequence[Utterance],
    network: NetworkConfig,
    config: TrainingConfig,
    *,
    examine: _progress.Examine | None = None,
    steps: Path | None = None,
    teachers: Teachers | None = None,
    vectors: Vectors | None = None,
    quiet: bool,
    as_json: bool,
) -> dict[str, Any]:
    """Train, write the model folder and return its `metrics.json`; a line for each step to the file `steps`.

    What ended training early is raised after the best so far is saved, and so is that lines of steps are missing.
    """
    choose_device(config.device)  # A GPU that is not there is told of first.
    if not quiet:
        say(f"training {network.cell} on {corpus}: {counted(len(training), 'utterance')}, {len(dev):,} for dev")
    require_room(folder)
    log = StepLog(steps) if steps else None
    with LiveHistory(folder) as history, log or nullcontext():
        with _progress.watch(history, examine, tell=log, quiet=quiet) as listener:
            trained = train(training, dev, network, config, listener, teachers, vectors)
        best, epochs = trained.best.epoch, len(trained.history)
        if trained.stopped is not None:
            say(f"stopped early: saving the best so far, epoch {best}")
        try:
            saved = save(trained, folder, corpus=corpus, training=training, dev=dev, config=config)
        except SlotfillError as error:
            if trained.stopped is not None:
                say(str(error))
                trained.raise_if_stopped()
            raise
    if not quiet:
        name, score = saved.dev.headline
        say(f"dev {name} {100 * score:.2f} (epoch {best} of {epochs}), saved in {folder}")
    if as_json:
        print_json({"model": str(folder), **saved.metrics})
    trained.raise_if_stopped()
    if log is not None:
        log.require_whole()
    return saved.metrics
