"""`slotfill convert`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from slotfill.corpus.formats import load


def slotfill(*arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slotfill", *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_what_was_written_how_it_was_read_and_what_was_left_out_is_said(tmp_path: Path):
    source, target = tmp_path / "in.txt", tmp_path / "out.inline"
    source.write_text("# intent = go\nto O\nnew B-city\nyork L-city\n")
    done = slotfill("convert", source, target)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == (
        f"{source}: IOBES tags read as BIO\n"
        f"wrote 1 utterance to {target}\n"
        "not written, for this format cannot hold it: intent\n"
    )
    assert target.read_text() == "to [city : new york]\n"


def test_a_pipe_is_read_and_another_written():
    done = slotfill("convert", "-", "-", "--from", "conll", "--to", "inline", text="to O\nnew B-city\nyork L-city\n")
    assert (done.returncode, done.stdout) == (0, "to [city : new york]\n")
    assert done.stderr == "wrote 1 utterance to stdout\n"


def test_redirected_files_go_on_where_they_stand(tmp_path: Path):
    (tmp_path / "in").write_text("a header\nto O\n")
    (tmp_path / "out").write_text("before\n")
    command = [sys.executable, "-m", "slotfill", "convert", "-", "-", "--from", "conll", "--to", "inline"]
    with (tmp_path / "in").open("rb", buffering=0) as source, (tmp_path / "out").open("r+b", buffering=0) as target:
        source.readline()
        target.readline()
        assert subprocess.run(command, stdin=source, stdout=target, check=False).returncode == 0
        assert source.read() == b""
        target.write(b"after\n")
    assert (tmp_path / "out").read_text() == "before\nto\nafter\n"


def test_an_existing_output_ends_with_2_and_stays(tmp_path: Path):
    (tmp_path / "in.conll").write_text("to O\n")
    (tmp_path / "out.jsonl").write_text("mine")
    done = slotfill("convert", tmp_path / "in.conll", tmp_path / "out.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "out.jsonl").read_text() == "mine"


def test_a_corpus_is_looked_up_by_its_name_where_corpora_are(tmp_path: Path):
    (tmp_path / "corpora" / "mine").mkdir(parents=True)
    (tmp_path / "corpora" / "mine" / "train.conll").write_text("to O\n")
    done = slotfill("convert", "mine", tmp_path / "out", "--to", "inline", "--data-dir", tmp_path / "corpora")
    assert (done.returncode, done.stderr) == (0, f"wrote 1 utterance to {tmp_path / 'out' / 'train.inline'}\n")


def test_atis_goes_to_jsonl_and_back_unchanged(shared_data: Path, tmp_path: Path):
    assert slotfill("convert", shared_data / "atis", tmp_path / "jsonl", "--to", "jsonl").returncode == 0
    assert slotfill("convert", tmp_path / "jsonl", tmp_path / "seqio", "--to", "seqio").returncode == 0
    seqio = load("seqio")
    for old, new in (("train", "train"), ("valid", "dev"), ("test", "test")):
        assert list(seqio.read(shared_data / "atis" / old)) == list(seqio.read(tmp_path / "seqio" / new))
