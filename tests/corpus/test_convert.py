"""A corpus in another format."""

from __future__ import annotations

from pathlib import Path

import pytest

from slotfill.corpus import formats
from slotfill.corpus.convert import convert
from slotfill.corpus.splits import Corpus, open_corpus
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError, UsageError

A = Utterance(("to", "taipei"), ("O", "B-city"), "go", "7", "to: taipei")
B = Utterance(("hello",), ("O",), "greet")
FILE = Corpus("mine", {"all": [A, B]})
SPLITS = Corpus("mine", {"train": [A], "dev": [B], "test": [A, B]})


@pytest.mark.parametrize("name", ["conll", "jsonl", "tsv", "inline", "seqio"])
def test_splits_become_a_folder_that_can_be_opened(tmp_path: Path, name: str):
    done = convert(SPLITS, tmp_path / "out", name)
    read = open_corpus(str(tmp_path / "out"), tmp_path)
    assert {split: [u.tags for u in some] for split, some in read.splits.items()} == {
        "train": [A.tags],
        "dev": [B.tags],
        "test": [A.tags, B.tags],
    }
    assert list(done.written.values()) == [1, 1, 2]
    assert all(path.exists() for path in done.written)


def test_a_file_becomes_a_file_in_the_format_of_its_ending(tmp_path: Path):
    done = convert(FILE, tmp_path / "out.conll")
    assert done.written == {tmp_path / "out.conll": 2}
    assert done.dropped == []
    assert open_corpus(str(tmp_path / "out.conll"), tmp_path).split("all") == [A, B]


def test_a_named_format_overrides_the_ending(tmp_path: Path):
    convert(FILE, tmp_path / "out.conll", "jsonl")
    assert (tmp_path / "out.conll").read_text().startswith('{"id":"7"')


@pytest.mark.parametrize(
    ("name", "dropped"),
    [("jsonl", []), ("tsv", ["text"]), ("seqio", ["id", "text"]), ("inline", ["id", "text", "intent"])],
)
def test_what_the_format_cannot_hold_is_said(tmp_path: Path, name: str, dropped: list[str]):
    assert convert(FILE, tmp_path / "out", name).dropped == dropped


def test_a_text_of_its_words_with_blanks_between_is_held_by_every_format(tmp_path: Path):
    joined = Corpus("mine", {"all": [Utterance(("to", "rome"), ("O", "B-city"))]})
    assert convert(joined, tmp_path / "out", "inline").dropped == []


def test_splits_need_a_named_format(tmp_path: Path):
    with pytest.raises(UsageError, match=r"will be a folder, one file per split: .*--to .*conll"):
        convert(SPLITS, tmp_path / "out.jsonl")


def test_an_unknown_ending_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match=r"out\.nonsense: .*--to"):
        convert(FILE, tmp_path / "out.nonsense")


def test_what_exists_is_replaced_only_by_force(tmp_path: Path):
    for corpus, target in ((FILE, tmp_path / "out.jsonl"), (SPLITS, tmp_path / "out")):
        convert(corpus, target, "jsonl")
        with pytest.raises(UsageError, match="exists: choose another name or add --force"):
            convert(corpus, target, "jsonl")
        convert(corpus, target, "jsonl", force=True)


def test_force_leaves_no_split_of_the_old_corpus_behind(tmp_path: Path):
    convert(SPLITS, tmp_path / "out", "jsonl")
    convert(Corpus("mine", {"train": [A]}), tmp_path / "out", "conll", force=True)
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["train.conll"]


def test_force_never_removes_what_is_no_corpus(tmp_path: Path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    (tmp_path / "code" / "test").mkdir(parents=True)
    (tmp_path / "file").write_text("dear")
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "train.py").write_text("dear")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "test").write_text("dear")
    formats.load("seqio").write(SPLITS.splits["train"], tmp_path / "mine" / "train")
    (tmp_path / "mine" / "train" / "notes.txt").write_text("dear")
    for target, message in (
        ("home", r"holds more than a corpus \(letter\.txt\)"),
        ("code", r"\(test\)"),
        ("mine", r"\(train\)"),
        ("program", r"\(train\.py\)"),
        ("bin", r"\(test\)"),
        ("file", "is a file"),
    ):
        with pytest.raises(UsageError, match=message):
            convert(SPLITS, tmp_path / target, "jsonl", force=True)
    with pytest.raises(UsageError, match="is a folder, but a file is to be written"):
        convert(FILE, tmp_path / "home", "jsonl", force=True)
    assert (tmp_path / "home" / "letter.txt").read_text() == "dear"


def test_force_replaces_what_was_written_whatever_its_ending(tmp_path: Path):
    for name in ("jsonl", "pretty", "pretty", "seqio"):
        target = tmp_path / ("p" if name == "pretty" else "x")
        convert(SPLITS, target, name, force=True)
        convert(SPLITS, target, name, force=True)
    upper = tmp_path / "upper"
    upper.mkdir()
    (upper / "TRAIN.JSONL").write_text("{}\n")
    convert(SPLITS, upper, "conll", force=True)
    assert sorted(file.suffix for file in upper.iterdir()) == [".conll"] * len(SPLITS.splits)


def test_a_stream_does_not_become_a_folder():
    for corpus, name in ((SPLITS, "jsonl"), (FILE, "seqio")):
        with pytest.raises(UsageError, match="/dev/null cannot become a folder of splits"):
            convert(corpus, Path("/dev/null"), name, force=True)


def test_a_failed_conversion_leaves_what_was_there(tmp_path: Path):
    convert(SPLITS, tmp_path / "out", "jsonl")
    mixed = Corpus("mine", {"train": [A, Utterance(("x",), ("O",))]})
    with pytest.raises(DataError, match="1 of 2 utterances have an intent"):
        convert(mixed, tmp_path / "out", "seqio", force=True)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "dev.jsonl",
        "test.jsonl",
        "train.jsonl",
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["out"]
