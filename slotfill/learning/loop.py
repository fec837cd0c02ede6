"""The training loop: from labelled utterances to the weights that do best on dev."""

from __future__ import annotations

import itertools
import math
import random
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from slotfill.config import NetworkConfig, TrainingConfig, cores
from slotfill.corpus.splits import sample
from slotfill.corpus.tags import repair
from slotfill.corpus.utterance import Utterance
from slotfill.errors import UsageError
from slotfill.learning.baseline import Baseline
from slotfill.learning.batches import Labelled, LabelledBatch, shuffled_batches
from slotfill.learning.clipping import Clipped, Clipping
from slotfill.learning.distillation import Teachers, lesson_loss
from slotfill.learning.history import Epoch, Listener, Step, Steps, StepTally
from slotfill.learning.misspelling import Misspelling
from slotfill.learning.optimizer import AdamW
from slotfill.learning.prediction import intent_loss, predict, tag_loss
from slotfill.learning.rescue import DivergenceError, Rescuer, first_non_finite, name_non_finite
from slotfill.learning.schedule import learning_rates
from slotfill.learning.slot_swap import SlotSwap
from slotfill.learning.vectors import Vectors, initialise
from slotfill.learning.word_dropout import WordDropout
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary
from slotfill.scoring.evaluation import intent_accuracy, micro_f1

_KEPT_EVERY = 100
_AHEAD = 16
_MOST_BYTES = 2**31 - 2**24
"""An ONNX graph is a protocol buffer, of less than 2 GiB; what is not weights is left room."""
_WIDE = 2000
"""Hidden units of a network whose weights are counted before it is made."""
_LOOKED_AT = 100
"""Utterances by which the untrained network is judged."""
_NAMED = 3
_NAME_LENGTH = 50


@dataclass
class Trained:
    """What training leaves: the best weights, and how they were found."""

    network: TaggerNetwork
    """On the CPU, wherever it was trained."""
    vocabulary: Vocabulary
    vectors: Vectors | None
    best: Epoch
    history: list[Epoch]
    rescues: int
    """How often it went back to the last good weights, in an epoch that did not end as well."""
    stopped: BaseException | None
    """The interruption or `DivergenceError` that ended training early, if one did; the caller saves, then raises it."""

    def raise_if_stopped(self) -> Trained:
        """This training, if it was not ended early; raise what ended it if it was."""
        if self.stopped is not None:
            raise self.stopped
        return self


def choose_device(name: str) -> torch.device:
    """The device called `auto`, `cpu` or `cuda`; raise `UsageError` for a GPU that is not there."""
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("--device cuda: torch finds no GPU here; use --device cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def _network(config: NetworkConfig, vocabulary: Vocabulary) -> TaggerNetwork:
    """A new network; raise `UsageError` for one that no model could hold."""
    # Counting first takes torch a second; a wide network's start takes minutes, or more memory than there is.
    devices = ("meta", "cpu") if config.hidden_size >= _WIDE else ("cpu",)
    for device in devices:
        with torch.device(device):
            network = TaggerNetwork.for_vocabulary(config, vocabulary)
        if sum(4 * weight.numel() for weight in network.parameters()) > _MOST_BYTES:
            raise UsageError(
                "the network has more than the 2 GiB that a model holds: lower --hidden-size, --layers, --vector-words"
            )
    return network


def _words(utterances: Sequence[Utterance]) -> int:
    return sum(len(utterance.words) for utterance in utterances)


class _EpochResult(NamedTuple):
    """What one pass over the training utterances leaves.

    Attributes:
        record: of the weights as they stand.
        eligible: whether they may be a model.
        collapsed: what is wrong with the training loss, if they are to be gone back from.
    """

    record: Epoch
    eligible: bool
    collapsed: str | None


def _legal(utterances: Sequence[Utterance]) -> list[Utterance]:
    """The utterances with legal tags that spell the same spans.

    An illegal tag is never decoded: learnt as it stands, it would take what it is on from the tag that can be.
    """
    return [replace(one, tags=repair(one.tags)) if one.tags else one for one in utterances]


class _Run:
    """The state of one training run."""

    def __init__(
        self,
        training: Sequence[Utterance],
        dev: Sequence[Utterance],
        network_config: NetworkConfig,
        config: TrainingConfig,
        listener: Listener,
        teachers: Teachers | None,
        vectors: Vectors | None,
    ) -> None:
        training, dev = _legal(training), _legal(dev)
        self.training, self.dev, self.config, self.listener = training, dev, config, listener
        self.device = choose_device(config.device)
        self.teachers = teachers.to(self.device) if teachers else None
        self.vocabulary = Vocabulary.build(
            training, extra=vectors.words if vectors else (), intents=config.intent_weight is not None
        )
        if teachers is not None and teachers.vocabulary != self.vocabulary:
            raise UsageError("the teachers were trained on another corpus, or another version of it")
        if vectors:
            network_config = replace(network_config, word_size=vectors.size)
        self.network = _network(network_config, self.vocabulary)
        if vectors:
            initialise(self.network.features.embedding, self.vocabulary, vectors)
        if teachers is not None:
            teachers.begin(self.network)
        self.network.to(self.device)
        self.optimizer = AdamW(self.network, config.weight_decay)
        self.clipping = Clipping(config.clip_norm, config.clip_value, config.clip_percentile)
        self.rescuer = Rescuer(self.optimizer, config.learning_rate, config.rescues)
        self.word_dropout = WordDropout(
            self.vocabulary, training, config.word_dropout, config.slot_dropout, config.seed
        )
        self.misspelling = Misspelling(self.vocabulary, config.misspellings, config.seed)
        self.shuffling = random.Random(config.seed)
        self.slot_swap = SlotSwap(training, config.slot_swap, config.invented_values, self.shuffling)
        self.labelled = Labelled(training, self.vocabulary, as_written=True)
        self.steps = math.ceil(len(training) / config.batch_size)
        self.epochs = config.passes(len(training))
        rates = list(learning_rates(config, self.epochs * self.steps))
        self.rates = itertools.chain(rates, itertools.repeat(rates[-1]))  # An epoch may be begun again.
        untrained = None
        if config.rescues is not None:  # Without them training takes what comes.
            some = sample(training, _LOOKED_AT)
            untrained = predict(self.network, self.vocabulary, some).loss * len(some) / _words(some)
        self.baseline = Baseline(len(self.vocabulary.tags), untrained, _words(dev) / len(dev))
        self.started = time.perf_counter()

    def batches(self) -> Iterator[tuple[list[int], LabelledBatch]]:
        """One epoch's batches, each with its utterances' indices.

        Several are made at once: after a step its code is no longer in the processor's cache, and making one batch
        takes longer than making the next.
        """
        order = shuffled_batches(self.labelled.lengths.tolist(), self.config.batch_size, self.shuffling)
        while ahead := list(itertools.islice(order, _AHEAD)):
            yield from [
                (indices, self.misspelling(self.word_dropout(self.labelled.batch(indices)))) for indices in ahead
            ]

    def gradient(self, batch: LabelledBatch) -> tuple[float, Clipped]:
        """The tags' loss of one batch and what clipping met; the gradient is in the parameters."""
        batch = batch.to(self.device)
        self.optimizer.clear()
        outputs = self.network(*batch.inputs, bptt=self.config.bptt)
        loss = tag_loss(self.network, outputs, batch)
        joint = loss
        if self.config.intent_weight is not None:
            joint = joint + self.config.intent_weight * intent_loss(outputs.intents, batch.intents)
        if self.teachers is not None:
            lesson = lesson_loss(
                self.network, outputs, batch, self.teachers(batch), intent_weight=self.config.intent_weight or 0.0
            )
            share = self.config.distillation or 0.0
            joint = lesson if share == 1 else joint.lerp(lesson, share)
        joint.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach()), self.clipping([self.optimizer.weights])

    def rescue(self, epoch: int, step: int, reason: str, indices: Sequence[int] = ()) -> None:
        """Back to the last good weights; raise `DivergenceError` if that was done too often."""
        names = (f"{i + 1} {self.training[i].text[:_NAME_LENGTH]!r}" for i in indices[:_NAMED])
        self.listener.on_rescue(self.rescuer.rescue(epoch, step, reason, tuple(names)))

    def run_steps(self, number: int) -> StepTally:
        """Make the steps of one pass; of another one where each was refused, until rescues come to an end."""
        self.network.train()
        if self.slot_swap.swaps:
            swapped = [self.slot_swap(utterance) for utterance in self.training]
            self.labelled = Labelled(swapped, self.vocabulary, as_written=True)  # An invented word is unknown.
        tally = StepTally()
        while not tally.steps:
            self.make_steps(number, tally)
        return tally

    def make_steps(self, number: int, tally: StepTally) -> None:
        """Make a step for each batch, and add it to the tally."""
        for done, (indices, batch) in enumerate(self.batches(), start=1):
            rate = tally.rate = next(self.rates) * self.rescuer.rate_factor
            loss, (norm, cut) = self.gradient(batch)
            refused = not (math.isfinite(loss) and math.isfinite(norm))
            self.listener.on_step(Step(number, done, loss, norm, self.clipping.threshold, cut, rate, refused))
            if refused:
                reason = f"{name_non_finite(self.network, loss)} is not finite (loss {loss:g}, gradient norm {norm:g})"
                self.rescue(number, done, reason, indices)
                tally.undo()
                continue
            self.optimizer.step(rate)
            tally.since += Steps(1, len(indices), int(batch.lengths.sum()), loss * len(indices), norm, norm, cut)
            self.listener.on_batch(number, done, self.steps, tally.in_effect.mean_loss)
            if done % _KEPT_EVERY == 0 and not (self.broken() or self.baseline.collapse(tally.since)):
                self.rescuer.keep()
                tally.keep()

    def run_epoch(self, number: int) -> _EpochResult:
        """One pass over the training utterances, then one look at dev with the weights that it leaves."""
        began, rescues = time.perf_counter(), self.rescuer.count
        tally = self.run_steps(number)
        speed = self.labelled.lengths.sum() / (time.perf_counter() - began)
        if broken := self.broken():
            self.rescue(number, self.steps, broken)
        predicted = predict(self.network, self.vocabulary, self.dev)
        if not broken and not math.isfinite(predicted.loss):  # The last step's doing: no other followed to show it.
            broken = f"the loss on dev is not finite ({predicted.loss:g})"
            self.rescue(number, self.steps, broken)
            predicted = predict(self.network, self.vocabulary, self.dev)
        if broken:
            tally.undo()
        collapsed = self.baseline.collapse(tally.since) or self.baseline.ruin(predicted.loss)
        if not collapsed:
            self.rescuer.keep()
        reported = tally.in_effect if tally.in_effect.steps else tally.undone
        record = Epoch(
            epoch=number,
            loss=reported.mean_loss,
            dev_loss=predicted.loss,
            dev_f1=micro_f1(self.dev, predicted.utterances),
            dev_intent=intent_accuracy(self.dev, predicted.utterances),
            gradient_norm=reported.norms / reported.steps,
            largest_gradient_norm=reported.largest_norm,
            clipped=reported.cuts / reported.steps,
            clip_threshold=self.clipping.threshold,
            rescues=self.rescuer.count - rescues + bool(collapsed and self.rescuer.left),
            learning_rate=tally.rate,
            words_per_second=speed,
            seconds=time.perf_counter() - self.started,
        )
        better_than_guessing = predicted.loss < self.baseline.guessing_on_dev and record.dev_f1 > 0
        eligible = not broken and tally.in_effect.steps > 0 and (not collapsed or better_than_guessing)
        return _EpochResult(record, eligible, collapsed)

    def broken(self) -> str | None:
        """What is not finite among the weights, if anything is."""
        name = first_non_finite(self.network.state_dict())
        return name and f"weight {name} is not finite"


def train(
    training: Sequence[Utterance],
    dev: Sequence[Utterance],
    network_config: NetworkConfig,
    config: TrainingConfig,
    listener: Listener,
    teachers: Teachers | None = None,
    vectors: Vectors | None = None,
) -> Trained:
    """Train a tagger and return it with the weights of its best epoch on dev.

    On a CPU the same seed, data, thread count and torch version give the same weights. A step whose loss or gradient is
    not finite is refused, and an epoch whose loss has collapsed (see `Baseline.collapse`) is undone: training returns
    to the last good weights, of 100 steps ago or of the epoch's start, and goes on at half the rate. The weights of a
    collapsed epoch may be the model still, if they do better on dev than guessing.

    It sets torch's seed and its number of threads, for the whole process, and turns one of cuDNN's warnings off.

    Args:
        training: labelled utterances to learn from, at least one; its words and tags become the vocabulary. Illegal
            tags, here and in dev, are read as what they spell.
        dev: labelled utterances to choose the epoch by, at least one.
        network_config: the network's shape.
        config: how to train.
        listener: told of each step, rescue and epoch.
        teachers: an ensemble to learn from beside the labels, `config.distillation` of the loss; the first is what the
            network starts as. Its vocabulary must be that of `training`, its shape that of `network_config`.
        vectors: what the embeddings of their words start as; their size takes the place of `word_size`, and the
            vocabulary knows all their words.

    Raises:
        UsageError: the teachers know other words or tags than `training` has, or have another shape; there is no GPU
            to train on; or no model could hold the network.
        DivergenceError, KeyboardInterrupt, SystemExit: no rescue was left, or it was interrupted, before there was one
            good epoch. Later, the best weights so far are returned and the reason with them.
    """
    torch.set_num_threads(config.threads or cores())
    torch.manual_seed(config.seed)
    # All weights are parts of the optimizer's vector, of which cuDNN gathers a layer's at each call, and warns.
    warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")
    run = _Run(training, dev, network_config, config, listener, teachers, vectors)
    history: list[Epoch] = []
    weights: dict[str, Tensor] = {}
    best: Epoch | None = None
    stopped: BaseException | None = None
    try:
        listener.on_begin(run.epochs)
        for number in range(1, run.epochs + 1):
            record, eligible, collapsed = run.run_epoch(number)
            history.append(record)
            better = eligible and (best is None or record.selection_score > best.selection_score)
            if better:
                copied = {name: value.clone() for name, value in run.network.state_dict().items()}
                best, weights = record, copied  # Both or neither, whatever interrupts the copying.
            listener.on_epoch(record, better)
            listener.on_weights(record, run.network, run.vocabulary)
            if collapsed:
                run.rescue(number, run.steps, collapsed)
            if config.patience is not None and number - (best.epoch if best else 0) >= config.patience:
                break
    except (KeyboardInterrupt, SystemExit, DivergenceError) as reason:
        if best is None:
            raise
        stopped = reason
    if best is None:
        raise DivergenceError(f"no epoch of {len(history)} was better than guessing")
    run.network.load_state_dict(weights)
    run.network.cpu().eval()
    return Trained(run.network, run.vocabulary, vectors, best, history, run.rescuer.count, stopped)
