"""The training loop: from labelled utterances to the weights that do best on dev."""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.errors import SlotfillError, UsageError
from slotfill.learning.batches import NO_TAG, LabelledBatch, RareWords, orders
from slotfill.learning.clipping import Clipping
from slotfill.learning.evaluation import micro_f1
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.decoding import Decoder
from slotfill.runtime.encoding import Encoder
from slotfill.runtime.vocabulary import Vocabulary

_EVALUATION_BATCH = 128
_LAST_RATE = 0.1


@dataclass(frozen=True)
class Epoch:
    """One line of `history.jsonl`.

    Attributes:
        epoch: counted from 1.
        loss: mean over the training utterances of the sum of their words' cross entropies, in nats.
        dev_loss: the same over dev, without dropout.
        dev_f1: micro F1 of dev's spans, default scorer, a fraction.
        gradient_norm: mean L2 norm of the gradient before clipping.
        largest_gradient_norm: the largest of the epoch.
        clipped: share of steps whose gradient was cut.
        learning_rate: at the end of the epoch.
        words_per_second: training words, evaluation excluded.
        seconds: since training began.
    """

    epoch: int
    loss: float
    dev_loss: float
    dev_f1: float
    gradient_norm: float
    largest_gradient_norm: float
    clipped: float
    learning_rate: float
    words_per_second: float
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The record as a JSON object."""
        return asdict(self)


class Listener(Protocol):
    """Who watches a training run."""

    def on_batch(self, epoch: int, done: int, batches: int, loss: float) -> None:
        """After each step; `loss` is the epoch's mean so far."""

    def on_epoch(self, record: Epoch, best: bool) -> None:
        """After each epoch; `best`: no epoch before it was better on dev."""


@dataclass
class Trained:
    """What training leaves: the best weights, and how they were found."""

    network: TaggerNetwork
    vocabulary: Vocabulary
    best: Epoch
    history: list[Epoch]
    stopped: BaseException | None
    """The interruption that ended training early, if one did; the caller saves and then raises it again."""


def choose_device(name: str) -> torch.device:
    """The device called `auto`, `cpu` or `cuda`; raise `UsageError` for a GPU that is not there."""
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("--device cuda: torch finds no GPU here; use --device cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def learning_rates(config: TrainingConfig, steps: int) -> Iterator[float]:
    """Each step's rate: up to the peak over the warm-up, then along half a cosine down to a tenth of it."""
    rising = max(1, round(config.warmup * steps))
    for step in range(1, steps + 1):
        if step <= rising:
            yield config.learning_rate * step / rising
        else:
            fallen = (1 - math.cos(math.pi * (step - rising) / (steps - rising))) / 2
            yield config.learning_rate * (1 - (1 - _LAST_RATE) * fallen)


def sequence_loss(scores: Tensor, tags: Tensor) -> Tensor:
    """The sum of the words' cross entropies, in nats, per utterance (mean over the batch).

    Args:
        scores: (batch, time, tags).
        tags: (batch, time) tag ids, `NO_TAG` where no loss is asked for.
    """
    total = nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=NO_TAG, reduction="sum")
    return total / len(tags)


def predict(
    network: TaggerNetwork, vocabulary: Vocabulary, encoder: Encoder, utterances: Sequence[Utterance]
) -> tuple[list[tuple[str, ...]], float]:
    """The network's tags for each utterance, and the loss per utterance."""
    device = next(network.parameters()).device
    decoder = Decoder(vocabulary.tags)
    order = sorted(range(len(utterances)), key=lambda i: len(utterances[i].words))
    tags: dict[int, tuple[str, ...]] = {}
    loss = 0.0
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(order), _EVALUATION_BATCH):
            indices = order[start : start + _EVALUATION_BATCH]
            batch = LabelledBatch.encode([utterances[i] for i in indices], encoder, vocabulary).to(device)
            scores = network(batch.words, batch.spellings, batch.characters, batch.lengths)
            loss += float(sequence_loss(scores, batch.tags)) * len(indices)
            decoded = decoder.decode(scores.cpu().numpy(), batch.lengths.cpu().numpy())
            tags.update(zip(indices, decoded, strict=True))
    return [tags[i] for i in range(len(utterances))], loss / len(utterances)


class _Run:
    """The state of one training run."""

    def __init__(
        self,
        training: Sequence[Utterance],
        dev: Sequence[Utterance],
        network_config: NetworkConfig,
        config: TrainingConfig,
        listener: Listener,
    ) -> None:
        self.training, self.dev, self.config, self.listener = training, dev, config, listener
        self.vocabulary = Vocabulary.build(training)
        self.encoder = Encoder(self.vocabulary)
        self.network = TaggerNetwork(
            network_config,
            word_rows=self.vocabulary.word_rows,
            character_rows=self.vocabulary.character_rows,
            tags=len(self.vocabulary.tags),
        ).to(choose_device(config.device))
        self.parameters = list(self.network.parameters())
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
        )
        self.clipping = Clipping(config.clip_norm, config.clip_value)
        self.rare_words = RareWords(self.vocabulary, config.rare_count, config.rare_replacement)
        self.shuffling = random.Random(config.seed)
        self.lengths = [len(utterance.words) for utterance in training]
        steps = config.epochs * math.ceil(len(training) / config.batch_size)
        self.rates = learning_rates(config, steps)
        self.started = time.perf_counter()

    def step(self, indices: list[int]) -> tuple[float, float, bool, float]:
        """One batch: its summed loss, the gradient's norm, whether it was cut, the rate."""
        batch = LabelledBatch.encode([self.training[i] for i in indices], self.encoder, self.vocabulary)
        words = self.rare_words.replace(batch.words)
        device = self.parameters[0].device
        batch = batch.to(device)
        self.optimizer.zero_grad()
        scores = self.network(words.to(device), batch.spellings, batch.characters, batch.lengths)
        loss = sequence_loss(scores, batch.tags)
        loss.backward()  # type: ignore[no-untyped-call]
        norm, cut = self.clipping(self.parameters)
        value = float(loss.detach())
        if not (math.isfinite(value) and math.isfinite(norm)):
            raise SlotfillError(
                f"training diverged: loss {value:g}, gradient norm {norm:g}. "
                "Try a smaller --learning-rate, or --clip-norm 1"
            )
        rate = next(self.rates)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        return value * len(indices), norm, cut, rate

    def epoch(self, number: int) -> Epoch:
        """One pass over the training utterances, then one look at dev."""
        self.network.train()
        batches = list(orders(self.lengths, self.config.batch_size, self.shuffling))
        began = time.perf_counter()
        total, seen, norms, cuts, rate = 0.0, 0, [], 0, 0.0
        for done, indices in enumerate(batches, start=1):
            loss, norm, cut, rate = self.step(indices)
            total += loss
            seen += len(indices)
            norms.append(norm)
            cuts += cut
            self.listener.on_batch(number, done, len(batches), total / seen)
        speed = sum(self.lengths) / (time.perf_counter() - began)
        tags, dev_loss = predict(self.network, self.vocabulary, self.encoder, self.dev)
        return Epoch(
            epoch=number,
            loss=total / seen,
            dev_loss=dev_loss,
            dev_f1=micro_f1([utterance.tags or () for utterance in self.dev], tags),
            gradient_norm=sum(norms) / len(norms),
            largest_gradient_norm=max(norms),
            clipped=cuts / len(batches),
            learning_rate=rate,
            words_per_second=speed,
            seconds=time.perf_counter() - self.started,
        )


def train(
    training: Sequence[Utterance],
    dev: Sequence[Utterance],
    network_config: NetworkConfig,
    config: TrainingConfig,
    listener: Listener,
) -> Trained:
    """Train a tagger and return it with the weights of its best epoch on dev.

    The same seed, data, thread count, torch version and device give the same weights.

    Args:
        training: labelled utterances to learn from; its words and tags become the vocabulary.
        dev: labelled utterances to choose the epoch by.
        network_config: the network's shape.
        config: how to train.
        listener: told of each step and epoch.

    Raises:
        SlotfillError: the loss or a gradient became NaN or infinite.
        KeyboardInterrupt, SystemExit: interrupted before the first epoch was through. Later, the best weights so far
            are returned and the interruption with them.
    """
    torch.set_num_threads(config.threads or os.cpu_count() or 1)
    torch.manual_seed(config.seed)
    run = _Run(training, dev, network_config, config, listener)
    history: list[Epoch] = []
    weights: dict[str, Tensor] = {}
    stopped: BaseException | None = None
    best_epoch = 0
    try:
        for number in range(1, config.epochs + 1):
            record = run.epoch(number)
            better = all(record.dev_f1 > earlier.dev_f1 for earlier in history)
            if better:
                best_epoch = number
                weights = {name: value.clone() for name, value in run.network.state_dict().items()}
            history.append(record)
            listener.on_epoch(record, better)
            if number - best_epoch >= config.patience:
                break
    except (KeyboardInterrupt, SystemExit) as interruption:
        if not history:
            raise
        stopped = interruption
    run.network.load_state_dict(weights)
    run.network.eval()
    return Trained(run.network, run.vocabulary, history[best_epoch - 1], history, stopped)
