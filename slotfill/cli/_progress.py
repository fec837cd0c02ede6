"""How training shows itself on stderr: a live line on a terminal, a line an epoch elsewhere, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from slotfill.cli._console import reraise_pending_signal, say
from slotfill.learning.history import Epoch, Listener, Step

if TYPE_CHECKING:
    from slotfill.learning.rescue import Rescue
    from slotfill.network.tagger import TaggerNetwork
    from slotfill.runtime.vocabulary import Vocabulary

    Examine = Callable[[Epoch, TaggerNetwork, Vocabulary], str]
    """After an epoch, what is to be said of the weights as they stand."""
    Tell = Callable[[Step], None]


class Records(Protocol):
    """What keeps the epochs of a run."""

    def append(self, record: Epoch, /) -> None:
        """Keep one more."""


class _Watcher(Listener):
    """Keeps the history, and passes on steps and warnings only."""

    _epochs = 0

    def __init__(self, history: Records, examine: Examine | None, tell: Tell | None) -> None:
        self._history, self._examine, self._tell = history, examine, tell

    def on_begin(self, epochs: int) -> None:
        """Remember how many there will be."""
        reraise_pending_signal()
        self._epochs = epochs

    def on_step(self, step: Step) -> None:
        """Pass it on to who asked for it."""
        if self._tell is not None:
            self._tell(step)

    def on_rescue(self, rescue: Rescue) -> None:
        """Say so, for the rate that was asked for holds no longer."""
        say(str(rescue))

    def on_epoch(self, record: Epoch, best: bool) -> None:  # noqa: ARG002 - the listener's signature
        """Keep the record."""
        self._history.append(record)
        reraise_pending_signal()

    def on_weights(self, record: Epoch, network: TaggerNetwork, vocabulary: Vocabulary) -> None:
        """Say what an examination finds, if one is wanted."""
        if self._examine is not None:
            say(f"  {self._examine(record, network, vocabulary)}")


class _Lines(_Watcher):
    """A line an epoch."""

    def on_epoch(self, record: Epoch, best: bool) -> None:
        """Keep the record and print it; a star marks the best so far."""
        super().on_epoch(record, best)
        width = max(2, len(str(self._epochs)))
        intents = "" if record.dev_intent is None else f"  intents {100 * record.dev_intent:6.2f}"
        say(
            f"epoch {record.epoch:>{width}}/{self._epochs}  loss {record.loss:7.3f}  dev F1 {100 * record.dev_f1:6.2f}"
            f"{intents}{'*' if best else ' '}  gradient {record.gradient_norm:6.2f}  clipped {record.clipped:4.0%}"
            f"  {record.words_per_second:7,.0f} words/s  {record.seconds:5.1f} s"
        )


class _Bar(_Lines):
    """A line an epoch above a live line."""

    def __init__(self, history: Records, examine: Examine | None, tell: Tell | None, progress: Progress) -> None:
        super().__init__(history, examine, tell)
        self._progress = progress
        self._task = progress.add_task("training", total=None, epoch=1, loss="")

    def on_batch(self, epoch: int, done: int, batches: int, loss: float) -> None:
        """Move the bar."""
        self._progress.update(
            self._task,
            total=batches * self._epochs,
            completed=(epoch - 1) * batches + done,
            epoch=epoch,
            loss=f"loss {loss:.3f}",
        )


@contextmanager
def watch(
    history: Records, examine: Examine | None = None, *, tell: Tell | None = None, quiet: bool
) -> Iterator[_Watcher]:
    """A listener for a run; `examine` sees the weights after each epoch, `tell` every step."""
    console = Console(stderr=True, highlight=False)
    if quiet:
        yield _Watcher(history, examine, tell)
    elif not console.is_terminal:
        yield _Lines(history, examine, tell)
    else:
        columns = (
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[loss]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, transient=True, redirect_stderr=True) as progress:
            yield _Bar(history, examine, tell, progress)
