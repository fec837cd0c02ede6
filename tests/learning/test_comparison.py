"""Comparing cells: what chance alone would give."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import corpus_digest
from slotfill.corpus.utterance import Utterance
from slotfill.errors import SlotfillError, UsageError
from slotfill.learning import comparison
from slotfill.learning.comparison import compare, p_value, resampled_mean_f1
from slotfill.learning.side_by_side import Run, plan
from slotfill.runtime import bundle
from slotfill.runtime.bundle import CONFIG, Bundle
from slotfill.scoring.evaluation import f1_of, percentile_interval
from tests.conftest import forged

UTTERANCES = 400


def runs(rights: list[float], seed: int) -> NDArray[np.int64]:
    """Span counts of runs that find each of an utterance's two gold spans with these probabilities: one run a seed."""
    draw = np.random.default_rng(seed)
    both = np.stack([draw.binomial(2, right, UTTERANCES) for right in rights])
    twos = np.full_like(both, 2)
    return np.stack([both, twos, twos], axis=2)


def test_a_large_difference_is_significant_and_none_is_not() -> None:
    best = runs([0.95, 0.95], seed=0)
    assert p_value(best, best) == 1
    assert p_value(best, runs([0.8, 0.8], seed=1)) == 1 / 2001
    assert p_value(best, runs([0.95, 0.95], seed=1)) > 0.05


def test_the_sign_of_the_difference_does_not_matter() -> None:
    one, other = runs([0.9], seed=0), runs([0.92, 0.93], seed=1)
    assert p_value(one, other) == p_value(other, one)


@pytest.mark.slow
def test_p_is_uniform_where_there_is_no_difference() -> None:
    found = [p_value(runs([0.9], 2 * i), runs([0.9], 2 * i + 1)) for i in range(200)]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.04)
    assert np.mean(found) == pytest.approx(0.5, abs=0.07)


def test_the_interval_is_that_of_the_mean_over_the_seeds() -> None:
    counts = runs([0.9, 0.8, 0.85], seed=0)
    low, high = percentile_interval(resampled_mean_f1(counts))
    mean = float(f1_of(counts.sum(axis=1)).mean())
    assert low < mean < high
    alone = [percentile_interval(resampled_mean_f1(counts[[i]])) for i in range(3)]
    assert high - low < min(upper - lower for lower, upper in alone)


@pytest.fixture
def run(model: Path) -> Run:
    """The run that left the model of the tests."""
    config = Bundle(model).read_json(CONFIG)
    return Run(NetworkConfig.from_json(config["network"]), TrainingConfig.from_json(config["training"]), model)


def test_without_a_test_split_dev_alone_is_told(run: Run, flights: list[Utterance], tmp_path: Path) -> None:
    digest = corpus_digest(flights, flights[::3])
    failed = replace(run, folder=tmp_path / "none", network=replace(run.network, cell="gru"))
    found = compare("flights", [run, failed], {failed.name: "diverged"}, digest, None)
    (cell,) = found.cells
    assert (cell.test_f1, cell.interval, cell.p, cell.dev_f1_sd) == (None, None, None, None)
    assert cell.dev_f1 == cell.runs[0].dev_f1 == max(cell.runs[0].dev_f1_by_epoch)
    assert found.failures == {"gru, seed 0": "diverged"}
    assert (cell.name, cell.failed) == (run.network.cell, 0)
    lost = replace(run, folder=tmp_path / "none", training=replace(run.training, seed=9))
    (cell,) = compare("flights", [run, lost], {lost.name: "diverged"}, digest, None).cells
    assert cell.name == f"{run.network.cell} 1/2"
    tested = compare("flights", [run], {}, digest, flights[1::3]).cells[0]
    assert tested.test_f1 == tested.runs[0].test_f1 is not None
    with pytest.raises(SlotfillError, match="no run left a model; gru, seed 0: diverged"):
        compare("flights", [failed], {failed.name: "diverged"}, digest, None)


def test_each_cell_is_held_against_the_best_on_dev(
    run: Run, flights: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, metrics = (Bundle(run.folder).read_json(name) for name in (bundle.CONFIG, bundle.METRICS))
    right = {"gru": 0.95, "lstm": 0.94, "elman": 0.7}
    given = []
    for cell, share in right.items():
        network, folder = replace(run.network, cell=cell, forget_bias=1.0), tmp_path / cell
        told = {
            bundle.CONFIG: config | {"network": network.to_json()},
            bundle.METRICS: metrics | {"dev": metrics["dev"] | {"f1": share}},
        }
        forged(run.folder, folder, {name: json.dumps(values).encode() for name, values in told.items()})
        given.append(replace(run, network=network, folder=folder))
    counts = {cell: runs([share], seed)[0] for seed, (cell, share) in enumerate(right.items())}
    monkeypatch.setattr(comparison, "_count", lambda run, _: counts[run.network.cell])
    found = compare("flights", given, {}, corpus_digest(flights, flights[::3]), (flights * 8)[:UTTERANCES])
    assert [cell.cell for cell in found.cells] == ["gru", "lstm", "elman"]
    gru, lstm, elman = (cell.p for cell in found.cells)
    assert gru is None
    assert lstm is not None
    assert lstm > 0.05
    assert elman == 1 / 2001


def test_a_run_is_finished_if_its_model_has_its_settings_and_its_corpus(run: Run, flights: list[Utterance]) -> None:
    digest = corpus_digest(flights, flights[::3])
    assert run.finished(digest)
    assert not replace(run, folder=run.folder / "none").finished(digest)
    for other, known in ((replace(run, network=replace(run.network, layers=2)), digest), (run, "another")):
        with pytest.raises(UsageError, match="from another corpus or has other settings") as refused:
            other.finished(known)
        assert str(refused.value).endswith(f"(what differs: {'layers' if known == digest else 'corpus'})")


def test_every_cell_has_every_seed_in_a_folder_of_its_own() -> None:
    networks = [NetworkConfig(cell=cell, layers=2) for cell in ("gru", "lstm")]
    runs = plan(networks, 2, TrainingConfig(epochs=3), Path("c"))
    assert [run.name for run in runs] == ["gru, seed 0", "lstm, seed 0", "gru, seed 1", "lstm, seed 1"]
    assert [run.folder.name for run in runs] == ["gru-0", "lstm-0", "gru-1", "lstm-1"]
    assert all(run.network.layers == 2 and run.training.epochs == 3 for run in runs)


def test_an_interrupted_run_is_not_finished(model: Path, flights: list[Utterance], tmp_path: Path) -> None:
    config, metrics = (Bundle(model).read_json(name) for name in (bundle.CONFIG, bundle.METRICS))
    network, training = NetworkConfig.from_json(config["network"]), TrainingConfig.from_json(config["training"])
    for interrupted in (False, True):
        told = json.dumps(metrics | {"interrupted": interrupted}).encode()
        run = Run(network, training, forged(model, tmp_path / "m", {bundle.METRICS: told}))
        assert run.finished(metrics["corpus_sha256"]) != interrupted
        with pytest.raises(UsageError, match="has other settings: choose another --teachers-dir, or remove it"):
            run.finished("of another corpus", "--teachers-dir")  # A person's model, it may be.


@pytest.mark.parametrize(
    ("name", "content"),
    [(bundle.METRICS, b"{}"), (bundle.CONFIG, b"{}"), (bundle.CONFIG, b'{"network": []}'), (bundle.HISTORY, b"[]")],
)
def test_a_run_whose_records_are_damaged_is_not_finished(
    run: Run, flights: list[Utterance], tmp_path: Path, name: str, content: bytes
) -> None:
    folder = forged(run.folder, tmp_path / "m", {name: content})
    assert not replace(run, folder=folder).finished(corpus_digest(flights, flights[::3]))


def test_the_interval_holds_95_percent_of_the_resamples() -> None:
    values = resampled_mean_f1(runs([0.9, 0.8], seed=0))
    low, high = percentile_interval(values)
    assert np.mean((low <= values) & (values <= high)) == pytest.approx(0.95, abs=0.01)


def test_a_model_with_vectors_is_another_than_the_one_asked_for(model: Path, tmp_path: Path) -> None:
    config, metrics = (Bundle(model).read_json(name) for name in (bundle.CONFIG, bundle.METRICS))
    told = json.dumps(config | {"vectors": {"file": "v.vec"}}).encode()
    network, training = NetworkConfig.from_json(config["network"]), TrainingConfig.from_json(config["training"])
    run = Run(network, training, forged(model, tmp_path / "m", {bundle.CONFIG: told}))
    with pytest.raises(SlotfillError, match="other settings"):
        run.finished(metrics["corpus_sha256"])


def test_both_cells_are_scored_on_the_same_resampled_utterances() -> None:
    best = runs([0.6], seed=0)
    other = best.copy()
    other[0, :40, 0] = np.maximum(other[0, :40, 0] - 1, 0)  # As good but in a few utterances: by chance it is not.
    assert p_value(best, other) < 0.01


def test_a_cells_f1_is_the_mean_over_its_seeds_however_many_spans_each_tells() -> None:
    all_or_none = np.stack([np.full((9, 3), 3), np.tile([0, 0, 3], (9, 1))])
    two_thirds = np.tile([2, 3, 3], (1, 9, 1))  # By the spans of all seeds together both have two thirds.
    assert p_value(all_or_none, two_thirds) == 1 / 2001


def test_the_rescues_of_all_runs_of_a_cell_are_counted(run: Run, flights: list[Utterance], tmp_path: Path) -> None:
    config, metrics = (Bundle(run.folder).read_json(name) for name in (bundle.CONFIG, bundle.METRICS))
    given = []
    for seed, rescues in ((0, 2), (1, 3)):
        training, folder = replace(run.training, seed=seed), tmp_path / str(seed)
        told = {
            bundle.CONFIG: config | {"training": training.to_json()},
            bundle.METRICS: metrics | {"rescues": rescues},
        }
        forged(run.folder, folder, {name: json.dumps(values).encode() for name, values in told.items()})
        given.append(replace(run, training=training, folder=folder))
    (cell,) = compare("flights", given, {}, corpus_digest(flights, flights[::3]), None).cells
    assert cell.rescues == 5
