"""`slotfill train`, `eval` and `models`, from a labelled file to a score."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from slotfill.corpus.utterance import Utterance
from slotfill.errors import ArtifactError
from slotfill.files import sha256
from slotfill.learning.artifact import load_network
from slotfill.learning.live_history import LiveHistory
from slotfill.learning.rescue import first_non_finite
from slotfill.network.cells import CELLS
from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle
from tests.conftest import Run, write_corpus

SMALL = ("--hidden-size", 16, "--threads", 1, "--batch-size", 8, "--learning-rate", 0.01)


@pytest.fixture
def corpus(tmp_path: Path, flights: list[Utterance]) -> Path:
    return write_corpus(tmp_path / "my-corpus", train=flights, dev=flights[::4], test=flights[1::4])


def test_a_corpus_becomes_a_model_that_eval_scores_and_models_lists(slotfill: Run, corpus: Path) -> None:
    done = slotfill("train", corpus, "--epochs", 40, "--patience", 40, "--json", *SMALL)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["dev"]["f1"] > 0.9
    assert "dev F1" in done.stderr
    model = corpus.parent / "models" / "my-corpus"
    assert {file.name for file in model.iterdir()} == {*bundle.FILES, bundle.MANIFEST}
    history = [json.loads(line) for line in (model / bundle.HISTORY).read_text().splitlines()]
    assert [line["epoch"] for line in history] == list(range(1, record["epochs"] + 1))
    best = max(history, key=lambda line: line["dev_f1"] + (line["dev_intent"] or 0))
    assert (best["epoch"], best["dev_f1"]) == (record["best_epoch"], record["dev"]["f1"])
    assert not model.with_name("my-corpus.partial").exists()

    scores = json.loads(slotfill("eval", model, corpus, "--json").stdout)
    wanted = {"f1", "precision", "recall", "f1_strict", "exact_match", "interval", "support", "unseen_f1", "per_slot"}
    assert wanted <= scores.keys()
    assert scores["f1"] > 0.9
    assert scores["support"] == 28
    dev = json.loads(slotfill("eval", "my-corpus", corpus, "--split", "dev", "--json").stdout)
    assert dev["f1"] == record["dev"]["f1"]
    shown = slotfill("eval", model, corpus)
    assert f"{100 * scores['f1']:.2f}" in shown.stdout
    assert "toloc.city_name" in shown.stdout
    assert "my-corpus" in slotfill("models").stdout


@pytest.mark.gpu
def test_a_model_trained_on_a_gpu_is_saved_and_scores_as_it_did(slotfill: Run, corpus: Path) -> None:
    done = slotfill("train", corpus, "--epochs", 20, "--device", "cuda", "--json", *SMALL)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    dev = json.loads(slotfill("eval", "my-corpus", corpus, "--split", "dev", "--json").stdout)
    assert dev["f1"] == json.loads(done.stdout)["dev"]["f1"]


def test_pretrained_vectors_enter_the_model_with_the_words_asked_for_and_no_path(slotfill: Run, corpus: Path) -> None:
    vectors = corpus.parent / "vectors.txt"
    vectors.write_text("from 1 -2 3\nwith 1 1 1\nTaipei 2 2 2\nto 3 0 -1\n")
    given = ("--output", "mine", "--vectors", vectors, "--vector-words", 2, "--epochs", 3, *SMALL)
    done = slotfill("train", corpus, *given)
    assert done.returncode == 0, done.stderr
    assert "vectors.txt: 4 vectors of 3 values; 2 of 14 words have a vector (14.3%), " in done.stderr
    model = Bundle(corpus.parent / "mine")
    config = model.read_json(bundle.CONFIG)
    assert config["network"]["word_size"] == 3
    assert config["vectors"] == {"file": "vectors.txt", "sha256": sha256(vectors), "words": 4, "size": 3}
    network, vocabulary = load_network(model)
    assert vocabulary.words[-2:] == ("with", "taipei")
    # No step of training meets these two: all that has changed them is weight decay.
    with_, taipei = network.features.embedding.weight[[vocabulary.lookup(word)[0] for word in ("with", "taipei")]]
    assert taipei.tolist() == pytest.approx((2 * with_).tolist())
    assert slotfill("tag", "--model", "mine", "fly from oslo to taipei").returncode == 0


def test_vector_options_that_cannot_be_met_are_refused(slotfill: Run, corpus: Path) -> None:
    done = slotfill("train", corpus, "--vector-words", 2)
    assert (done.returncode, done.stderr) == (2, "slotfill: --vector-words needs --vectors FILE\n")
    done = slotfill("train", corpus, "--quiet", "--vectors", "none.vec")
    assert (done.returncode, done.stderr) == (3, "slotfill: none.vec: no such file\n")


def test_an_existing_model_is_replaced_only_by_force_and_another_folder_never(
    slotfill: Run, corpus: Path, model: Path
) -> None:
    kept = Path(shutil.copytree(model, corpus.parent / "kept"))
    before = (kept / bundle.MANIFEST).read_bytes()
    done = slotfill("train", corpus, "--output", kept, *SMALL)
    assert (done.returncode, done.stdout) == (2, "")
    assert "choose another name or add --force" in done.stderr
    assert (kept / bundle.MANIFEST).read_bytes() == before
    assert slotfill("train", corpus, "--output", kept, "--force", "--epochs", 1, *SMALL).returncode == 0
    assert (kept / bundle.MANIFEST).read_bytes() != before
    done = slotfill("train", corpus, "--output", corpus, "--force", *SMALL)
    assert done.returncode == 2
    assert "is no model" in done.stderr
    assert (corpus / "train.jsonl").exists()


def test_a_place_that_cannot_be_written_is_told_before_training(slotfill: Run, corpus: Path) -> None:
    (corpus.parent / "loop").symlink_to("loop")
    done = slotfill("train", corpus, "--output", "loop", *SMALL)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Too many levels of symbolic links" in done.stderr
    assert "epoch" not in done.stderr
    assert not (corpus.parent / "loop.partial").exists()


def test_what_else_lies_in_a_model_folder_is_not_lost_to_force(slotfill: Run, model: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(model, tmp_path / "mine"))
    (mine / "notes.txt").write_text("mine")
    done = slotfill("train", "--output", "mine", "--force")
    assert (done.returncode, done.stdout) == (2, "")
    assert "mine holds more than a model (notes.txt)" in done.stderr
    assert (mine / "notes.txt").read_text() == "mine"


def test_models_names_a_damaged_one_and_lists_the_others(slotfill: Run, model: Path, tmp_path: Path) -> None:
    for name in ("whole", "damaged"):
        shutil.copytree(model, tmp_path / "models" / name)
    (tmp_path / "models" / "damaged" / bundle.CONFIG).write_text("{}")
    done = slotfill("models")
    assert done.returncode == 0
    assert "whole" in done.stdout
    assert "damaged" not in done.stdout
    assert "models/damaged/config.json is damaged" in done.stderr


def interrupt(corpus: Path, after: str, number: int) -> tuple[int, str, Path]:
    """Start a long training, send a signal once stderr says `after`, and return how it ended."""
    program = [sys.executable, "-m", "slotfill", "train", str(corpus), "--epochs", "5000", "--patience", "5000"]
    with subprocess.Popen(
        [*program, *map(str, SMALL)], stderr=subprocess.PIPE, text=True, cwd=corpus.parent
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(after):
                break
        time.sleep(0.2)
        process.send_signal(number)
        return process.wait(60), process.stderr.read(), corpus.parent / "models" / "my-corpus"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_an_interrupted_training_keeps_the_best_so_far_and_says_so(corpus: Path, number: int, code: int) -> None:
    ended, said, model = interrupt(corpus, "epoch    3/", number)
    assert ended == code
    assert "the best so far, epoch" in said
    assert "Traceback" not in said
    assert json.loads((model / bundle.METRICS).read_text())["interrupted"] is True
    network, vocabulary = load_network(Bundle(model))
    assert network.config.hidden_size == 16
    assert "oslo" in vocabulary


INTERRUPTS_BACKWARD = """
import os, signal, sys
from slotfill.cli import main
from slotfill.network.unroll import _Rearranged

steps, backward = iter(range(10**6)), _Rearranged.backward

def interrupts(ctx, gradient):
    if next(steps) == 50:
        os.kill(os.getpid(), signal.SIGINT)
    return backward(ctx, gradient)

_Rearranged.backward = staticmethod(interrupts)
sys.argv[0] = "slotfill"
main()
"""


def test_an_interruption_in_the_midst_of_a_gradient_ends_the_process(corpus: Path) -> None:
    program = [sys.executable, "-c", INTERRUPTS_BACKWARD, "train", str(corpus), "--quiet", *map(str, SMALL)]
    done = subprocess.run(program, capture_output=True, text=True, cwd=corpus.parent, timeout=60, check=False)
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == "slotfill: interrupted"


def test_a_reader_of_messages_that_goes_away_ends_no_training(corpus: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    program = [sys.executable, "-m", "slotfill", "train", str(corpus), "--epochs", "2", *map(str, SMALL)]
    done = subprocess.run(program, stdout=subprocess.PIPE, stderr=write, cwd=corpus.parent, timeout=60, check=False)
    os.close(write)
    assert done.returncode == 0
    assert (corpus.parent / "models" / "my-corpus" / bundle.MANIFEST).is_file()


def test_dev_without_intents_is_no_reason_not_to_save(slotfill: Run, corpus: Path, flights: list[Utterance]) -> None:
    write_corpus(corpus, dev=[replace(flight, intent=None) for flight in flights[::4]])
    done = slotfill("train", corpus, "--epochs", 2, *SMALL)
    assert done.returncode == 0, done.stderr
    card = (corpus.parent / "models" / "my-corpus" / bundle.CARD).read_text()
    assert "intent" in card
    assert "nan" not in card.lower()
    assert "my-corpus" in slotfill("models").stdout


def test_what_an_examination_finds_is_said_after_each_epoch_where_it_is_asked_for(slotfill: Run, corpus: Path) -> None:
    done = slotfill("train", corpus, "--epochs", 2, "--watch", *SMALL)
    assert done.returncode == 0, done.stderr
    told = [line[:9] for line in done.stderr.splitlines() if line.startswith(("epoch", "  layer"))]
    assert told == ["epoch  1/", "  layer 1", "epoch  2/", "  layer 1"]


def test_a_line_for_each_step_is_written_where_it_is_asked_for(slotfill: Run, corpus: Path) -> None:
    rates = "--learning-rate", 1e30, "--clip", "none"
    done = slotfill("train", corpus, *SMALL, "--epochs", 2, "--steps", "new/steps.jsonl", *rates)
    assert done.returncode == 1
    steps = [json.loads(line) for line in (corpus.parent / "new" / "steps.jsonl").read_text().splitlines()]
    assert [step["refused"] for step in steps[:2]] == [False, True]
    assert steps[0].keys() == {
        *("epoch", "step", "loss", "gradient_norm", "clip_threshold", "clipped", "learning_rate", "refused")
    }
    assert steps[1]["loss"] is None or steps[1]["gradient_norm"] is None
    batches_to_blame = done.stderr.count("in the batch that begins with")  # The last refusal ends the run.
    assert sum(step["refused"] for step in steps) == batches_to_blame + 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_line_of_a_step_that_cannot_be_written_ends_no_training(slotfill: Run, corpus: Path) -> None:
    done = slotfill("train", corpus, "--epochs", 1, "--steps", "/dev/full", *SMALL)
    assert done.returncode == 1  # The model is there, and what else was asked for is not.
    told = "/dev/full ends before step 1 of epoch 1: No space left on device"
    assert [line for line in done.stderr.splitlines() if told in line] == [told, f"slotfill: {told}"]
    assert (corpus.parent / "models" / "my-corpus" / bundle.MANIFEST).is_file()


def test_lines_of_steps_go_to_stdout_if_asked_for_and_never_into_the_model_that_is_replaced(
    slotfill: Run, corpus: Path
) -> None:
    done = slotfill("train", corpus, "--epochs", 1, "--steps", "-", *SMALL)
    assert done.returncode == 0, done.stderr
    assert all(json.loads(line)["epoch"] == 1 for line in done.stdout.splitlines())
    for options, reason in (
        (("--steps", "-", "--json"), "--json and --steps - both go to stdout"),
        (("--steps", "m/steps.jsonl", "--output", "m"), "--steps m/steps.jsonl is within the model's folder"),
        (("--steps", "models/../m", "--output", "m"), "is within the model's folder"),
    ):
        done = slotfill("train", corpus, "--epochs", 1, *options, *SMALL)
        assert done.returncode == 2
        assert reason in done.stderr
    assert not (corpus.parent / "m").exists()


@pytest.mark.parametrize("command", ["train", "distill", "noise"])
def test_a_corpus_with_nothing_to_learn_is_refused(slotfill: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "nothing.jsonl").write_text('{"text": "a b c", "spans": []}\n' * 20)
    done = slotfill(command, "nothing.jsonl", "--epochs", 1)
    assert done.returncode == 3
    assert "nothing has no slots and no intents: there is nothing to learn" in done.stderr


def test_without_intents_a_corpus_of_intents_alone_has_nothing_to_learn(slotfill: Run, tmp_path: Path) -> None:
    (tmp_path / "asked.jsonl").write_text('{"text": "a b c", "spans": [], "intent": "x"}\n' * 20)
    done = slotfill("train", "asked.jsonl", "--epochs", 1, "--no-intent", *SMALL)
    assert done.returncode == 3
    assert "asked has no slots: there is nothing to learn" in done.stderr


def test_two_trainings_do_not_share_a_name(slotfill: Run, corpus: Path) -> None:
    with LiveHistory(corpus.parent / "models" / "my-corpus"):
        done = slotfill("train", corpus, *SMALL)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(
        "slotfill: another run is being recorded in models/my-corpus.partial"
    )


def test_words_that_tag_would_cut_otherwise_are_told_of(slotfill: Run, tmp_path: Path) -> None:
    (tmp_path / "wake.conll").write_text("at O\n5pm B-time\n\nat O\nnoon B-time\n\n" * 5)
    done = slotfill("train", "wake.conll", "--epochs", 1, *SMALL)
    assert done.returncode == 0, done.stderr
    assert "training utterances have words that `slotfill tag` would cut otherwise" in done.stderr


def test_what_training_does_for_words_never_seen_can_be_chosen(slotfill: Run, corpus: Path) -> None:
    chosen = {
        "word_dropout": 0.5,
        "slot_dropout": None,
        "misspellings": 0.2,
        "slot_swap": None,
        "invented_values": 0.25,
    }
    options = [part for name, value in chosen.items() for part in (f"--{name.replace('_', '-')}", value or 0)]
    done = slotfill("train", corpus, "--epochs", 1, *options, *SMALL)
    assert done.returncode == 0, done.stderr
    settings = json.loads((corpus.parent / "models" / "my-corpus" / bundle.CONFIG).read_text())["training"]
    assert {name: settings[name] for name in chosen} == chosen


def test_auto_clipping_and_truncated_bptt_are_recorded_with_the_model(slotfill: Run, corpus: Path) -> None:
    done = slotfill("train", corpus, "--epochs", 2, "--clip", "auto", "--bptt", 3, *SMALL)
    assert done.returncode == 0, done.stderr
    model = corpus.parent / "models" / "my-corpus"
    settings = json.loads((model / bundle.CONFIG).read_text())["training"]
    assert (settings["clip_percentile"], settings["clip_norm"], settings["bptt"]) == (10, None, 3)
    history = [json.loads(line) for line in (model / bundle.HISTORY).read_text().splitlines()]
    assert all(line["clip_threshold"] > 0 and line["clipped"] > 0 and line["rescues"] == 0 for line in history)


def test_a_rate_of_ten_ends_in_a_finite_model_or_a_clear_refusal(slotfill: Run, corpus: Path) -> None:
    options = [option if option != 0.01 else 10 for option in SMALL]
    done = slotfill("train", corpus, "--epochs", 12, *options)
    assert "rescued in epoch 1" in done.stderr
    assert "Traceback" not in done.stderr
    model = corpus.parent / "models" / "my-corpus"
    if done.returncode:
        assert done.returncode == 1
        assert "training diverged" in done.stderr.splitlines()[-1]
    assert model.exists() or done.returncode
    if model.exists():
        network, _ = load_network(Bundle(model))
        assert first_non_finite(network.state_dict()) is None


SPOILS_LATER_GRADIENTS = """
import sys
from slotfill.cli import main
from slotfill.learning import loop

gradient, steps = loop._Run.gradient, iter(range(10**6))

def spoilt(run, batch):
    hook = run.network.head.tags.weight.register_hook(lambda found: found * (float("nan") if next(steps) > 20 else 1))
    try:
        return gradient(run, batch)
    finally:
        hook.remove()

loop._Run.gradient = spoilt
main()
"""


def test_training_that_no_rescue_helps_saves_the_best_epoch_and_exits_with_1(corpus: Path) -> None:
    program = [sys.executable, "-c", SPOILS_LATER_GRADIENTS, "train", str(corpus), "--quiet", *map(str, SMALL)]
    done = subprocess.run(program, capture_output=True, text=True, cwd=corpus.parent, check=False)
    assert done.returncode == 1
    *rescues, kept, refusal = done.stderr.splitlines()
    assert len(rescues) == 5
    assert all("gradient of head.tags.weight is not finite" in line for line in rescues)
    assert "in the batch that begins with" in rescues[0]
    assert "the best so far, epoch" in kept
    assert refusal.startswith("slotfill: training diverged: gradient of head.tags.weight is not finite")
    assert "--learning-rate" in refusal
    model = Bundle(corpus.parent / "models" / "my-corpus")
    network, _ = load_network(model)
    assert first_non_finite(network.state_dict()) is None
    metrics = model.read_json(bundle.METRICS)
    assert (metrics["diverged"], metrics["interrupted"], metrics["rescues"]) == (True, False, 5)


def test_a_single_file_has_a_tenth_held_out_and_says_so(slotfill: Run, corpus: Path) -> None:
    done = slotfill("train", corpus / "train.jsonl", "--epochs", 1, "--output", "m", *SMALL)
    assert done.returncode == 0
    assert "6 of its 56 utterances are held out" in done.stderr


def test_quiet_says_nothing(slotfill: Run, corpus: Path) -> None:
    (corpus.parent / "vectors.txt").write_text("to 1 2 3\n")
    for more in ((), ("--vectors", "vectors.txt", "--output", "mine")):
        done = slotfill("train", corpus, "--epochs", 1, "--quiet", *SMALL, *more)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_tag_that_occurs_only_in_test_is_scored(slotfill: Run, model: Path, corpus: Path) -> None:
    write_corpus(corpus, test=[Utterance(("fly", "home"), ("O", "B-place"))])
    done = slotfill("eval", model, corpus, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["per_slot"]["place"] == {"precision": 0, "recall": 0, "f1": 0, "support": 1}


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["nowhere"], 3, "no such file or folder, and unknown corpus 'nowhere'"),
        (["atis"], 3, "run `slotfill download atis`"),
        (["--cell", "lstn"], 2, f"choose from {', '.join(CELLS.names())}"),
        (["--activation", "relu"], 2, "--activation is not an option of cell 'lstm'"),
        (["--cell", "elman", "--activation", "step"], 2, "choose from relu, sigmoid, tanh"),
        (["--clip", "none", "--clip-norm", "1"], 2, "exclude each other"),
        (["--clip", "auto", "--clip-value", "1"], 2, "exclude each other"),
        (["--clip", "some"], 2, "choose from auto, none"),
        (["--bptt", "0"], 2, "bptt must be at least 1"),
        (["--hidden-size", "1000000", "--quiet"], 2, "more than the 2 GiB that a model holds: lower --hidden-size"),
        (["--seed", "9" * 23], 2, "seed must be at most 4294967295"),
        (["--threads", "100000"], 2, "threads must be at most 1024"),
        (["--clip-norm", "0"], 2, "clip_norm must be above 0"),
        (["--hidden-size", "0"], 2, "hidden_size must be at least 1"),
        (["--dropout", "1"], 2, "dropout must be below 1"),
        (["--learning-rate", "nan"], 2, "must be a finite number"),
        (["--device", "tpu"], 2, "choose from auto, cpu, cuda"),
    ],
)
def test_a_bad_call_gets_one_clear_line_and_its_code(
    slotfill: Run, arguments: list[str], code: int, reason: str
) -> None:
    done = slotfill("train", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", None, "no utterances"),
        (b"fly O\nto\n", 2, ""),
        (b"fly O\nto X-y\n", 2, "X-y"),
        (b"fly O\n\xff O\n", 2, "not UTF-8"),
    ],
)
def test_a_malformed_corpus_is_refused_with_its_line(
    slotfill: Run, tmp_path: Path, content: bytes, line: int | None, reason: str
) -> None:
    (tmp_path / "bad.conll").write_bytes(content)
    done = slotfill("train", "bad.conll")
    assert done.returncode == 3
    assert done.stderr.startswith(f"slotfill: bad.conll:{'' if line is None else line}")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("name", [bundle.NETWORK, bundle.WEIGHTS])
def test_a_damaged_model_is_refused_wherever_it_is_read(model: Path, tmp_path: Path, slotfill: Run, name: str) -> None:
    copy = Path(shutil.copytree(model, tmp_path / "copy"))
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    if name == bundle.WEIGHTS:
        with pytest.raises(ArtifactError, match=r"model.safetensors is damaged"):
            load_network(Bundle(copy))
    else:
        done = slotfill("eval", copy, "airline")
        assert done.returncode == 4
        assert "model.onnx is damaged" in done.stderr
