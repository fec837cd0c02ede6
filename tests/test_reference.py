"""What the project promises, on real training runs. Slow: CI runs these."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import slotfill as package
from slotfill.corpus.airline import generate
from slotfill.corpus.splits import open_corpus
from slotfill.corpus.utterance import Utterance
from slotfill.learning.artifact import load_network
from slotfill.learning.prediction import predict
from slotfill.runtime.bundle import NETWORK, WORDS, Bundle
from slotfill.runtime.encoding import encode
from slotfill.runtime.session import Exported, Session
from slotfill.scoring.calibration import expected_calibration_error, span_outcomes
from slotfill.scoring.evaluation import intent_accuracy, micro_f1

pytestmark = pytest.mark.slow


def train(corpus: Path | str, folder: Path) -> Path:
    program = [sys.executable, "-m", "slotfill", "train", str(corpus), "--output", str(folder), "--quiet"]
    subprocess.run(program, check=True)
    return folder


@pytest.fixture(scope="module")
def atis(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(shared_data / "atis", tmp_path_factory.mktemp("models") / "atis")


@pytest.fixture(scope="module")
def airline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train("airline", tmp_path_factory.mktemp("models") / "airline")


@pytest.fixture(scope="module")
def atis_test(shared_data: Path) -> list[Utterance]:
    return open_corpus(str(shared_data / "atis"), Path("data")).split("test")


def test_atis_with_default_settings_scores_95_on_test(atis: Path, atis_test: list[Utterance]) -> None:
    tagged = list(package.load(atis).tag_all(atis_test, confidence=True))
    assert micro_f1(atis_test, tagged) >= 0.95
    assert (intent_accuracy(atis_test, tagged) or 0) >= 0.965
    assert (expected_calibration_error(*span_outcomes(atis_test, tagged)) or 1) <= 0.03


def test_torch_and_onnx_tag_the_whole_atis_test_split_identically(atis: Path, atis_test: list[Utterance]) -> None:
    network, vocabulary = load_network(Bundle(atis))
    by_torch = predict(network, vocabulary, atis_test).utterances
    by_onnx = list(package.load(atis).tag_all(atis_test))
    assert [(one.tags, one.intent) for one in by_torch] == [(one.tags, one.intent) for one in by_onnx]
    exported = Exported((atis / WORDS).read_bytes(), (atis / NETWORK).read_bytes())
    session = Session(exported)
    for utterance in atis_test[:50]:
        batch = encode([utterance.words], vocabulary)
        with torch.inference_mode():
            expected = network(*map(torch.from_numpy, batch))
        for found, wanted in zip(session.run(batch), expected, strict=True):
            np.testing.assert_allclose(found, wanted.numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["atis", "airline"])
def test_a_city_that_training_never_showed_is_tagged(name: str, request: pytest.FixtureRequest) -> None:
    tagger = package.load(request.getfixturevalue(name))
    assert "taipei" not in tagger.vocabulary
    (span,) = tagger.tag("fly to taipei").spans
    assert (span.slot, span.text) == ("toloc.city_name", "taipei")


def test_a_recurrent_tagger_does_far_better_on_airline_than_a_window_of_three(airline: Path) -> None:
    from benchmarks.airline_baseline import f1, window_tagger

    corpus = generate()
    tagger = package.load(airline)
    recurrent = f1(lambda words: tagger.tag_words(words).tags or (), corpus["test"])
    assert recurrent > f1(window_tagger(corpus["train"]), corpus["test"]) + 0.25
    assert recurrent > 0.9


def tag_lines(model: Path, lines: int, folder: Path) -> tuple[list[str], int]:
    """Tag that many different lines; the records and the most memory the program held, in KiB."""
    source, target = folder / "in.txt", folder / "out.jsonl"
    source.write_text("".join(f"show flights from boston to denver on flight {i}\n" for i in range(lines)))
    program = [sys.executable, "-m", "slotfill", "tag", "--model", str(model), "-i", str(source), "-o", str(target)]
    with subprocess.Popen(program) as process:
        _, status, usage = _wait(process.pid)
        process.returncode = status
    assert status == 0
    return target.read_text().splitlines(), usage.ru_maxrss


def _wait(pid: int) -> tuple[int, int, resource.struct_rusage]:
    import os

    return os.wait4(pid, 0)


def test_a_hundred_thousand_lines_come_out_in_order_in_flat_memory(airline: Path, tmp_path: Path) -> None:
    few, small = tag_lines(airline, 10_000, tmp_path)
    many, large = tag_lines(airline, 100_000, tmp_path)
    assert [len(few), len(many)] == [10_000, 100_000]
    for number, line in enumerate(many):
        record = json.loads(line)
        assert record["id"] == str(number + 1)
        assert record["tokens"][-1] == str(number)
    assert large < 1.25 * small
