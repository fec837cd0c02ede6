"""`slotfill compare`, from a corpus to a table."""

from __future__ import annotations

import json
import shutil
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from slotfill.cli import _app, _fit, _runs
from slotfill.cli.compare import _show
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus import formats
from slotfill.corpus.utterance import Utterance
from slotfill.errors import SlotfillError
from slotfill.learning.comparison import CellResult, Comparison, RunResult
from slotfill.learning.side_by_side import Run as Training
from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle
from tests.conftest import Run, write_corpus

SMALL = ("--hidden-size", 12, "--batch-size", 8, "--learning-rate", 0.02, "--epochs", 4, "--dropout", 0.1)
CELLS = ("--cell", "gru,elman", "--seeds", 2)
OPTIONS = ("--clip", "auto", "--bptt", "4", "--one-way", "--activation", "sigmoid")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory, flights: list[Any]) -> tuple[Path, dict[str, Any]]:
    """A folder with the corpus `c` and its comparison, and the JSON that it printed."""
    folder = tmp_path_factory.mktemp("compared")
    write_corpus(folder / "c", train=flights, dev=flights[::4], test=flights[1::4])
    done = start(folder, "--json", *OPTIONS)
    out, said = done.communicate(timeout=120)
    assert done.returncode == 0, said
    return folder, json.loads(out)


def start(folder: Path, *options: object) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", "slotfill", "compare", "c", "--jobs", 2, *CELLS, *SMALL, *options]
    return subprocess.Popen(
        list(map(str, program)), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def history(folder: Path, cell: str, seed: int) -> list[dict[str, Any]]:
    lines = (folder / "compare" / "c" / f"{cell}-{seed}" / bundle.HISTORY).read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_its_numbers_are_those_of_the_runs_histories(compared: tuple[Path, dict[str, Any]]) -> None:
    folder, found = compared
    assert {cell["cell"] for cell in found["cells"]} == {"gru", "elman"}
    assert json.loads((folder / "compare" / "c" / "comparison.json").read_text()) == found
    for cell in found["cells"]:
        histories = [history(folder, cell["cell"], seed) for seed in (0, 1)]
        best = [epochs[run["best_epoch"] - 1]["dev_f1"] for run, epochs in zip(cell["runs"], histories, strict=True)]
        assert [run["dev_f1"] for run in cell["runs"]] == best
        assert cell["dev_f1"] == pytest.approx(statistics.mean(best))
        assert cell["dev_f1_sd"] == pytest.approx(statistics.stdev(best))
        assert cell["test_f1_sd"] == pytest.approx(statistics.stdev(run["test_f1"] for run in cell["runs"]))
        assert cell["seconds"] == pytest.approx(statistics.mean(epochs[-1]["seconds"] for epochs in histories))
        clipped = [statistics.mean(epoch["clipped"] for epoch in epochs) for epochs in histories]
        assert cell["clipped"] == pytest.approx(statistics.mean(clipped))
        assert cell["clipped"] > 0
        low, high = cell["interval"]
        assert low <= cell["test_f1"] <= high
    first, second = found["cells"]
    assert first["dev_f1"] >= second["dev_f1"]
    assert first["p"] is None
    assert 0 < second["p"] <= 1
    assert (folder / "compare" / "c" / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_its_test_scores_are_those_of_eval(compared: tuple[Path, dict[str, Any]], slotfill: Run) -> None:
    folder, found = compared
    run = found["cells"][0]["runs"][1]
    model = folder / "compare" / "c" / f"{found['cells'][0]['cell']}-1"
    scores = json.loads(slotfill("eval", model, folder / "c", "--json").stdout)
    assert run["test_f1"] == pytest.approx(scores["f1"])


def test_each_cell_has_the_options_that_it_reads(compared: tuple[Path, dict[str, Any]]) -> None:
    for cell, activation in (("elman", "sigmoid"), ("gru", NetworkConfig.activation)):
        config = Bundle(compared[0] / "compare" / "c" / f"{cell}-0").read_json(bundle.CONFIG)
        assert config["network"]["activation"] == activation


@pytest.mark.slow
def test_finished_runs_are_kept_and_missing_and_damaged_ones_trained(
    compared: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, found = compared
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    runs = tmp_path / "compare" / "c"
    shutil.rmtree(runs / "gru-1")
    (runs / "elman-0" / bundle.WEIGHTS).write_bytes(b"")
    kept = (runs / "gru-0" / bundle.MANIFEST).stat().st_mtime_ns
    done = start(tmp_path, *OPTIONS)
    table, said = done.communicate(timeout=120)
    assert done.returncode == 0, said
    assert "4 runs, 2 of them finished already" in said
    assert (runs / "gru-0" / bundle.MANIFEST).stat().st_mtime_ns == kept
    again = json.loads((runs / "comparison.json").read_text())
    assert [(cell["dev_f1"], cell["test_f1"], cell["p"]) for cell in again["cells"]] == [
        (cell["dev_f1"], cell["test_f1"], cell["p"]) for cell in found["cells"]
    ]
    for cell in found["cells"]:
        assert f"{100 * cell['dev_f1']:.2f}±{100 * cell['dev_f1_sd']:.2f}" in table
    assert "by the choice of test utterances alone; ±: seeds" in " ".join(table.split())


def test_runs_with_other_settings_or_another_corpus_are_refused_not_replaced(
    compared: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, _ = compared
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    lines = (tmp_path / "c" / "dev.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "c" / "dev.jsonl").write_text("".join(lines[1:]))
    for options in (OPTIONS[2:], OPTIONS):
        done = start(tmp_path, *options)
        _, said = done.communicate(timeout=60)
        assert done.returncode == 2
        assert "from another corpus or has other settings" in said
        assert len(said.splitlines()) == 1


def test_an_interruption_stops_the_runs_and_says_how_to_go_on(
    compared: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    shutil.copytree(compared[0] / "c", tmp_path / "c")
    process = start(tmp_path, "--epochs", 5000, "--patience", 5000)
    runs = tmp_path / "compare" / "c"
    while len(list(runs.glob("*.partial/history.jsonl"))) < 2:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"finished runs are kept in {Path('compare/c')}: the same command goes on from there" in said
    assert "Traceback" not in said
    assert not list(runs.glob("*.partial")), "a run goes on"
    assert not (runs / "comparison.json").exists()


def test_cells_are_not_compared_on_a_corpus_without_slots(slotfill: Run, tmp_path: Path) -> None:
    (tmp_path / "slotless.tsv").write_text("".join(f"{i}\tfly {i}\tO O\tfly\n" for i in range(30)))
    done = slotfill("compare", "slotless.tsv")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[-1] == "slotfill: slotless has no slots: cells are compared by their F1"
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "train.conll").write_text("fly O\nrome B-city\n\n" * 30)
    (tmp_path / "half" / "dev.conll").write_text("fly O\n\n" * 9)
    told = slotfill("compare", "half").stderr.splitlines()[-1]
    assert told == "slotfill: the dev split of half has no slots: cells are ranked by their F1 on it"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--cell", "lstm,lstn"], "unknown cell 'lstn'"),
        (["--cell", "lstm,lstm"], "names a cell twice"),
        (["--seeds", "0"], "greater than or equal to 1"),
        (["--cell", "gru,irnn", "--activation", "relu"], "--activation is not an option of cell 'gru' or 'irnn'"),
    ],
)
def test_a_bad_call_gets_one_clear_line(slotfill: Run, arguments: list[str], reason: str) -> None:
    done = slotfill("compare", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_comparison_in_which_every_run_diverges_is_refused_with_the_reason(
    compared: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    shutil.copytree(compared[0] / "c", tmp_path / "c")
    done = start(tmp_path, "--cell", "elman", "--seeds", 1, "--learning-rate", 10, "--epochs", 2)
    _, said = done.communicate(timeout=120)
    assert done.returncode == 1
    assert "no run left a model" in said
    assert "training diverged" in said
    assert "Traceback" not in said


def test_the_table_fits_eighty_columns_also_where_runs_left_no_model(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run = RunResult(0, 0.9536, 0.9459, 24, 20, 1257.0, 1.0, 0, False, [0.9])
    scores = 0.9536, 0.0014, 0.9459, 0.0049, (0.941, 0.951), 0.001
    cell = CellResult("minlstm", 1_824_471, *scores, 1257.0, 1.0, 0, [run] * 4, failed=1)
    _show(Comparison("c", {}, {}, [cell], {}))
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert shown[4:6] == ["minlstm 1,824,471 95.36±0.14 94.59±0.49 94.1–95.1 0.001 1257 s 100%", "4/5"]


def test_runs_that_needed_rescue_or_left_no_model_are_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    run = RunResult(0, 0.9, 0.9, 24, 20, 9.0, 0.0, 3, False, [0.9])
    best = CellResult("gru", 1000, 0.9, None, 0.9, None, (0.8, 0.95), None, 9.0, 0.0, 0, [run], 0)
    rescued = CellResult("elman", 1000, 0.8, None, 0.8, None, (0.7, 0.85), 0.0004, 9.0, 0.0, 3, [run] * 2, 0)
    _show(Comparison("c", {}, {}, [best, rescued], {"irnn-1": "training diverged"}))
    shown, said = capsys.readouterr()
    assert "<0.001" in shown
    assert said == "elman: 3 rescues in 2 runs; see history.jsonl\nleft out: irnn-1: training diverged\n"


OTHER_NETWORK = NetworkConfig(cell="gru", layers=2, hidden_size=7, dropout=0.3, one_way=True, crf=False)
OTHER_TRAINING = TrainingConfig(
    epochs=4,
    patience=5,
    batch_size=6,
    learning_rate=0.1,
    bptt=7,
    clip_norm=None,
    clip_value=0.5,
    threads=1,
    device="cpu",
)
"""Nothing that `compare` can be asked for is as it is by default."""


@pytest.mark.parametrize(
    ("network", "training"),
    [
        (OTHER_NETWORK, replace(OTHER_TRAINING, seed=3, intent_weight=None)),
        (NetworkConfig(), TrainingConfig(clip_norm=None, clip_percentile=10.0)),
        (NetworkConfig(), TrainingConfig(clip_norm=None)),
        (NetworkConfig(forget_bias=0.0), TrainingConfig(clip_norm=2.0)),
        (NetworkConfig(cell="elman", activation="relu"), TrainingConfig()),
        (
            NetworkConfig(),
            TrainingConfig(
                rescues=2, word_dropout=0.5, slot_dropout=0.1, misspellings=0.4, slot_swap=0.2, invented_values=0.3
            ),
        ),
        (
            NetworkConfig(),
            TrainingConfig(
                rescues=None,
                word_dropout=None,
                slot_dropout=None,
                misspellings=None,
                slot_swap=None,
                invented_values=None,
            ),
        ),
    ],
)
def test_a_run_asks_train_for_its_own_settings(
    flights: list[Utterance],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    network: NetworkConfig,
    training: TrainingConfig,
) -> None:
    corpus = tmp_path / "flights.jsonl"
    formats.load("jsonl").write(flights, corpus)
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(_fit, "fit", lambda *given, **_: asked.append(given))
    assert _app.run(["train", str(corpus), *Training(network, training, tmp_path / "model").options()]) == 0
    ((folder, *_, network_asked, training_asked),) = asked
    assert (folder, network_asked, training_asked) == (tmp_path / "model", network, training)


def test_its_runs_have_the_settings_that_were_asked_for(
    flights: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def train_missing(_: str, runs: list[Training], *rest: object) -> None:
        asked.extend((*runs, rest[2]))
        raise SlotfillError

    monkeypatch.setattr(_runs, "train_missing", train_missing)
    corpus = write_corpus(tmp_path / "c", train=flights, dev=flights[::4])
    options = "--layers 2 --hidden-size 7 --one-way --dropout 0.3 --no-crf --epochs 4 --patience 5 --batch-size 6"
    more = f"--learning-rate 0.1 --bptt 7 --clip-value 0.5 --jobs 3 --output {tmp_path / 'out'}"
    with pytest.raises(SlotfillError):
        _app.run(["compare", str(corpus), "--cell", "gru", "--seeds", "1", *options.split(), *more.split()])
    assert asked == [Training(OTHER_NETWORK, OTHER_TRAINING, tmp_path / "out" / "gru-0"), 3]


def test_a_corpus_may_be_called_like_an_option_or_a_formula(
    slotfill: Run, flights: list[Utterance], tmp_path: Path
) -> None:
    formats.load("jsonl").write(flights, tmp_path / "-us$_$eur.jsonl")
    small = ("--cell", "elman", "--seeds", 1, "--epochs", 1, "--hidden-size", 8, "--jobs", 1)
    done = slotfill("compare", *small, "--", "-us$_$eur.jsonl")
    assert done.returncode == 0, done.stderr
    assert "elman" in done.stdout
