"""A model with 8-bit weights, as long as it tags as well with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

from slotfill.config import NetworkConfig
from slotfill.corpus.splits import corpus_digest
from slotfill.corpus.utterance import Utterance
from slotfill.errors import ArtifactError, DataError, SlotfillError, UsageError
from slotfill.learning.card import card
from slotfill.legible import first_line
from slotfill.runtime import bundle, provenance
from slotfill.runtime.decoding import Decoder
from slotfill.runtime.session import Exported, Session
from slotfill.runtime.tagger import Tagger
from slotfill.scoring.evaluation import Evaluation, evaluate

LARGEST_LOSS = 0.0005
"""So much dev F1, or of intents where there are no spans, is too much to lose: a fraction."""

_OPERATORS = ["MatMul"]
"""What has weights in an exported network, and is computed with 8-bit ones, within a Scan as well."""


class LossyError(SlotfillError):
    """With 8-bit weights the model tags dev worse than `LARGEST_LOSS` allows."""


@dataclass(frozen=True)
class Quantised:
    """A model with 8-bit weights, not written yet.

    Attributes:
        files: those of its folder.
        before, after: how well it tags dev with the weights it had and with those of 8 bits.
    """

    files: dict[str, bytes]
    before: Evaluation
    after: Evaluation


def quantise(model: bundle.Bundle, name: str, training: Sequence[Utterance], dev: Sequence[Utterance]) -> Quantised:
    """The same model with 8-bit weights in the network; `model.safetensors` and the decoder stay as they are.

    Args:
        model: a trained model.
        name: what the new one is called.
        training: what the model was trained on.
        dev: what its epoch was chosen by.

    Raises `UsageError` if the weights are in 8 bits already; `DataError` if the utterances are not those that the model
    was trained with; `LossyError` if dev F1, or intents where dev has no spans, falls by `LARGEST_LOSS` or more.
    """
    metrics, config = provenance.metrics(model), provenance.config(model)
    if "weights" in metrics:
        raise UsageError(f"{model.folder} has {metrics['weights']} weights already")
    if corpus_digest(training, dev) != metrics["corpus_sha256"]:
        raise DataError(
            f"this is not the corpus {metrics['corpus']!r} as {model.folder} was trained on it: name that one"
        )
    tagger = Tagger.open(model)
    vocabulary = tagger.vocabulary
    try:
        network = eight_bits(model.read(bundle.NETWORK))
    except OSError:
        raise
    except Exception as error:  # onnx' and onnxruntime's own errors share no public base class
        raise ArtifactError(
            f"{model.folder / bundle.NETWORK} cannot be put into 8 bits: {first_line(error)}"
        ) from error
    decoder = Decoder.from_json(model.read_json(bundle.DECODER), vocabulary.tags)
    quantised = Tagger(vocabulary, Session(Exported(model.read(bundle.WORDS), network)), decoder)
    before, after = (
        evaluate(dev, list(each.tag_all(dev, confidence=True)), vocabulary.__contains__) for each in (tagger, quantised)
    )
    (measure, was), (_, remains) = before.headline, after.headline
    if was - remains >= LARGEST_LOSS:
        raise LossyError(
            f"with 8-bit weights dev {measure} falls from {100 * was:.2f} to {100 * remains:.2f}; not written"
        )
    metrics |= {"weights": "int8", "dev": after.to_json()}
    shape, seed = NetworkConfig.from_json(config["network"]), config["training"]["seed"]
    files = {
        **{each: model.read(each) for each in bundle.FILES},
        bundle.NETWORK: network,
        bundle.CONFIG: bundle.json_file(config | {"weights": "int8"}),
        bundle.METRICS: bundle.json_file(metrics),
        bundle.CARD: card(name, vocabulary, shape, seed, metrics).encode(),
    }
    return Quantised(files, before, after)


def eight_bits(network: bytes) -> bytes:
    """An ONNX model with each weight that can be in 8 bits, a scale for each output of a matrix.

    What is multiplied by them is put into 8 bits as it comes ("dynamic" quantisation).
    """
    with TemporaryDirectory() as folder:
        given, inferred, written = (Path(folder) / f"{name}.onnx" for name in ("given", "inferred", "written"))
        given.write_bytes(network)
        # Without this step `quantize_dynamic` logs a warning. Optimising is left to when the model is loaded.
        quant_pre_process(str(given), str(inferred), skip_optimization=True, skip_symbolic_shape=True)
        quantize_dynamic(
            inferred,
            written,
            _OPERATORS,
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"EnableSubgraph": True},
        )
        return written.read_bytes()
