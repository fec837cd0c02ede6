"""A trained network to a model folder, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch.overrides import TorchFunctionMode

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import corpus_digest, sample
from slotfill.corpus.utterance import Utterance
from slotfill.errors import ArtifactError, SlotfillError, UsageError
from slotfill.learning.card import card
from slotfill.learning.loop import Trained
from slotfill.learning.prediction import decoder_of, score
from slotfill.learning.rescue import DivergenceError, first_non_finite
from slotfill.legible import first_line
from slotfill.network.export import export
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime import bundle, provenance
from slotfill.runtime.decoding import Decoder
from slotfill.runtime.encoding import encode
from slotfill.runtime.session import Session
from slotfill.runtime.tagger import Tagger
from slotfill.runtime.vocabulary import Vocabulary
from slotfill.scoring.calibration import Scored, fit_temperature
from slotfill.scoring.evaluation import Evaluation, evaluate

_SAMPLED = 64
_CALIBRATED_ON = 4_000_000
"""Tag scores at most, so that a large dev split with many tags fits in memory and in seconds; ATIS' has 650,000."""


@dataclass(frozen=True)
class Saved:
    """What `save` wrote, in numbers."""

    dev: Evaluation
    metrics: dict[str, Any]


def save(
    trained: Trained,
    folder: Path,
    *,
    corpus: str,
    training: Sequence[Utterance],
    dev: Sequence[Utterance],
    config: TrainingConfig,
) -> Saved:
    """Write the model folder, whole or not at all.

    Raises `SlotfillError` if a weight is not finite, or the exported network does not score as the trained one does.
    """
    network, vocabulary = trained.network, trained.vocabulary
    weights = {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    if name := first_non_finite(weights):
        raise SlotfillError(
            f"{folder} is not written: weight {name} is not finite; train with a smaller --learning-rate"
        )
    samples = [encode([utterance.words for utterance in part], vocabulary) for part in (dev[:1], dev[:_SAMPLED])]
    exported = export(network, samples)
    decoder = _calibrated(network, vocabulary, dev)
    tagger = Tagger(vocabulary, Session(exported), decoder)
    scores = evaluate(dev, list(tagger.tag_all(dev, confidence=True)), vocabulary.__contains__)
    metrics = {
        "corpus": corpus,
        "training_utterances": len(training),
        "corpus_sha256": corpus_digest(training, dev),
        **_metrics(trained),
        "dev": scores.to_json(),
    }
    settings = {
        "corpus": corpus,
        "vectors": trained.vectors and trained.vectors.to_json(),
        "network": network.config.to_json(),
        "training": config.to_json(),
    }
    bundle.write(
        folder,
        {
            bundle.WEIGHTS: safetensors.torch.save(weights),
            bundle.WORDS: exported.words,
            bundle.NETWORK: exported.network,
            bundle.CONFIG: bundle.json_file(settings),
            bundle.TOKENIZER: json.dumps(vocabulary.to_json(), ensure_ascii=False).encode(),
            bundle.DECODER: bundle.json_file(decoder.to_json()),
            bundle.METRICS: bundle.json_file(metrics),
            bundle.HISTORY: b"".join(record.to_line() for record in trained.history),
            bundle.CARD: card(folder.name, vocabulary, network.config, config.seed, metrics).encode(),
        },
    )
    return Saved(scores, metrics)


def _metrics(trained: Trained) -> dict[str, Any]:
    """What a training was like, for `metrics.json`."""
    return {
        "parameters": sum(parameter.numel() for parameter in trained.network.parameters()),
        "epochs": len(trained.history),
        "best_epoch": trained.best.epoch,
        "seconds": trained.history[-1].seconds,
        "rescues": trained.rescues,
        "diverged": isinstance(trained.stopped, DivergenceError),
        "interrupted": isinstance(trained.stopped, KeyboardInterrupt | SystemExit),
    }


def _calibrated(network: TaggerNetwork, vocabulary: Vocabulary, dev: Sequence[Utterance]) -> Decoder:
    """The network's decoder, with the temperature at which its confidences on dev are worth their name."""
    decoder = decoder_of(network, vocabulary)
    scores = len(vocabulary.tags) * sum(len(utterance.words) for utterance in dev)
    dev = sample(dev, max(1, len(dev) * _CALIBRATED_ON // max(scores, _CALIBRATED_ON)))
    batches = [
        Scored(outputs.tags.numpy(force=True), batch.lengths.numpy(force=True), [dev[i].tags or () for i in indices])
        for indices, batch, outputs in score(network, vocabulary, dev)
    ]
    return decoder.with_temperature(fit_temperature(decoder, batches))


def load_network(model: bundle.Bundle) -> tuple[TaggerNetwork, Vocabulary]:
    """The network of a model folder as torch modules, and its vocabulary; raise `ArtifactError` if damaged."""
    config = NetworkConfig.from_json(provenance.config(model)["network"])
    try:
        vocabulary = Vocabulary.from_json(model.read_json(bundle.TOKENIZER))
        weights = safetensors.torch.load(model.read(bundle.WEIGHTS))
        if config.layers > len(weights):
            raise ValueError(f"{config.layers} layers, but {len(weights)} weights")
        with torch.device("meta"), _Unfilled():
            network = TaggerNetwork.for_vocabulary(config, vocabulary)
    except (KeyError, TypeError, ValueError, OverflowError, RuntimeError, UsageError, SafetensorError) as error:
        raise ArtifactError(f"{model.folder} does not hold one network: {first_line(error)}") from None
    if {name: value.shape for name, value in weights.items()} != {
        name: value.shape for name, value in network.state_dict().items()
    }:
        raise ArtifactError(
            f"the weights in {model.folder} are not those of its network: made by another version? train it again"
        )
    if name := next(
        (name for name, value in weights.items() if value.dtype != torch.float32), first_non_finite(weights)
    ):
        raise ArtifactError(f"weight {name} in {model.folder} holds what is no finite float32: train it again")
    network.to_empty(device="cpu").load_state_dict(weights)
    return network.eval(), vocabulary


class _Unfilled(TorchFunctionMode):
    """For modules on torch's device "meta", whose tensors have a shape and nothing else, however large.

    Random numbers for them would do nothing, but load torch's compiler, which takes a second.
    """

    def __torch_function__(self, function: Any, types: Any, given: Any = (), named: Any = None) -> Any:
        """Call what torch calls, unless it is for normally distributed numbers."""
        named = named or {}
        if function in (torch.Tensor.normal_, torch.nn.init.normal_):
            return given[0] if given else named["tensor"]
        return function(*given, **named)
