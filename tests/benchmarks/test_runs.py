"""Trainings whose numbers are kept."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import runs
from benchmarks.runs import Job
from slotfill.corpus.splits import corpus_digest, open_corpus, training_splits
from slotfill.errors import DataError
from slotfill.learning.artifact import load_network
from slotfill.runtime.bundle import Bundle


def place(job: Job) -> Path:
    corpus = open_corpus(job.corpus, job.data_dir)
    return job.place(corpus.name, corpus_digest(*corpus.splits.values()))


def test_a_run_is_trained_once_and_its_model_kept_where_asked_for(job: Job) -> None:
    model = place(job)
    numbers = runs.result(replace(job, kept=False))
    assert not model.exists()
    assert runs.result(job) | {"seconds": 0} == numbers | {"seconds": 0}
    assert (model / "model.onnx").exists()
    model.with_name(f"{model.name}.json").write_text('{"marked": true}')
    assert runs.result(job) == {"marked": True}


def test_a_run_is_another_by_its_corpus_network_training_or_teachers(job: Job) -> None:
    others = [
        replace(job, network=replace(job.network, hidden_size=9)),
        replace(job, training=replace(job.training, epochs=3)),
        replace(job, teachers=(job,)),
        replace(job, teachers=(replace(job, training=replace(job.training, epochs=3)),)),
    ]
    places = [one.place("flights", "digest") for one in (job, *others)] + [job.place("flights", "another")]
    assert len(set(places)) == 6


def test_a_run_is_scored_on_test_and_chosen_by_dev(job: Job) -> None:
    corpus, found = open_corpus(job.corpus, job.data_dir), runs.result(job)
    assert len({len(split) for split in corpus.splits.values()}) == 3
    for split in ("dev", "test"):
        assert found[split]["utterances"] == len(corpus.split(split))
    assert found["diverged"] is False


@pytest.mark.parametrize("damage", ["numbers", "no object", "weights", "manifest", "older"])
def test_what_cannot_be_read_of_an_earlier_run_is_trained_anew(job: Job, damage: str) -> None:
    numbers, model = runs.result(job), place(job)
    file = model.with_name(f"{model.name}.json")
    if damage in ("numbers", "no object"):
        file.write_text(file.read_text()[:-9] if damage == "numbers" else "[]")
    elif damage == "older":
        manifest = json.loads((model / "manifest.json").read_text())
        (model / "manifest.json").write_text(json.dumps(manifest | {"format": manifest["format"] - 1}))
    else:
        (model / {"weights": "model.safetensors", "manifest": "manifest.json"}[damage]).write_bytes(b"?")
    assert runs.result(job) | {"seconds": 0} == numbers | {"seconds": 0}
    load_network(Bundle(model))


def test_a_corpus_without_a_test_split_is_refused_before_training(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c").mkdir()
    shutil.copy(Path(job.corpus) / "train.jsonl", tmp_path / "c")
    monkeypatch.setattr(runs, "train", None)
    with pytest.raises(DataError, match="no split 'test'"):
        runs.result(replace(job, corpus=str(tmp_path / "c")))


def test_one_file_is_scored_on_what_is_held_out_of_it_and_on_nothing_that_is_trained_on(folder: Path) -> None:
    corpus = open_corpus(str(folder / "train.jsonl"), folder)
    training, dev = training_splits(corpus, lambda _: None)
    assert runs.scored(corpus, "dev") == runs.scored(corpus, "valid") == dev
    assert not [utterance for utterance in dev if utterance in training]
    with pytest.raises(DataError, match="is one file, and trained on: give a folder with train and test"):
        runs.scored(corpus, "test")


def test_trainings_side_by_side_are_on_the_processor(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    devices: list[str] = []

    def begun(*given: object) -> None:
        devices.append(given[3].device)
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "train", begun)
    with pytest.raises(KeyboardInterrupt):
        runs.result(job)
    assert devices == ["cpu"]


def test_every_corpus_is_looked_up_and_what_is_told_of_it_goes_to_stderr(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c").mkdir()
    for split in ("train", "test"):
        shutil.copy(folder / f"{split}.jsonl", tmp_path / "c")
    assert runs.named(f"{folder},c", tmp_path) == [str(folder), "c"]
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "c has no dev split" in told.err
    (tmp_path / "c" / "test.jsonl").unlink()
    with pytest.raises(DataError, match="no split 'test'"):
        runs.named(f"{folder},c", tmp_path)
