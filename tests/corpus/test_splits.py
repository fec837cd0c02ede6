"""A corpus, from whatever names it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from slotfill.corpus import formats
from slotfill.corpus.format import Format
from slotfill.corpus.splits import Corpus, as_trained_on, corpus_digest, files_called, held_out, open_corpus, sample
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError, UsageError


def utterance(word: str) -> Utterance:
    return Utterance((word,), ("O",))


def write(path: Path, *words: str) -> Path:
    member = formats.by_suffix(path) if path.suffix else formats.load("seqio")
    member.write(map(utterance, words), path)
    return path


def test_a_folder_holds_one_file_or_folder_a_split_in_any_format(tmp_path: Path):
    write(tmp_path / "mine" / "test.tsv", "c")
    write(tmp_path / "mine" / "valid", "b")
    write(tmp_path / "mine" / "train.conll", "a")
    (tmp_path / "mine" / "README.md").write_text("about")
    corpus = open_corpus(str(tmp_path / "mine"), tmp_path)
    assert corpus == Corpus("mine", {"train": [utterance("a")], "dev": [utterance("b")], "test": [utterance("c")]})
    assert list(corpus.splits) == ["train", "dev", "test"]


def test_a_corpus_is_called_like_its_folder_dots_and_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path / "calls.v2" / "train.jsonl", "a")
    assert open_corpus(str(tmp_path / "calls.v2"), tmp_path).name == "calls.v2"
    monkeypatch.chdir(tmp_path / "calls.v2")
    assert open_corpus(".", tmp_path).name == "calls.v2"


@pytest.mark.parametrize("name", ["dev", "valid", "validation", "val", "Dev"])
def test_dev_has_many_names(tmp_path: Path, name: str):
    write(tmp_path / f"{name}.jsonl", "a")
    corpus = open_corpus(str(tmp_path), tmp_path)
    assert list(corpus.splits) == ["dev"]
    assert corpus.split("valid") == corpus.split("dev") == [utterance("a")]


def test_two_files_for_one_split_are_refused(tmp_path: Path):
    write(tmp_path / "dev.jsonl", "a")
    write(tmp_path / "valid.conll", "a")
    with pytest.raises(DataError, match=r"two for one split: dev\.jsonl and valid\.conll; remove one"):
        open_corpus(str(tmp_path), tmp_path)


def test_a_folder_without_splits_says_what_is_expected(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("a")
    with pytest.raises(DataError, match=r"expected train, dev .* such as train\.jsonl .* seq\.in and seq\.out"):
        open_corpus(str(tmp_path), tmp_path)


def test_one_file_answers_to_every_split(tmp_path: Path):
    corpus = open_corpus(str(write(tmp_path / "calls.jsonl", "a")), tmp_path)
    assert corpus.name == "calls"
    assert corpus.splits == {"all": [utterance("a")]}
    assert corpus.split("train") == corpus.split("test") == corpus.split("valid") == corpus.split("all")
    with pytest.raises(DataError, match="corpus 'calls' has no split 'tset': it has all"):
        corpus.split("tset")


def test_a_single_seqio_folder_counts_as_one_file(tmp_path: Path):
    assert list(open_corpus(str(write(tmp_path / "mine", "a")), tmp_path).splits) == ["all"]


def test_a_missing_split_lists_those_that_exist(tmp_path: Path):
    write(tmp_path / "mine" / "train.jsonl", "a")
    write(tmp_path / "mine" / "test.jsonl", "a")
    with pytest.raises(DataError, match="corpus 'mine' has no split 'dev': it has train, test"):
        open_corpus(str(tmp_path / "mine"), tmp_path).split("dev")


def test_a_name_is_looked_up_in_the_data_folder(tmp_path: Path):
    write(tmp_path / "atis" / "train.jsonl", "a")
    write(tmp_path / "massive-de-DE" / "train.jsonl", "b")
    assert open_corpus("atis", tmp_path).split("train") == [utterance("a")]
    assert open_corpus("massive/de-DE", tmp_path).split("train") == [utterance("b")]


def test_a_folder_of_another_kind_does_not_hide_the_built_in_corpus(tmp_path: Path):
    (tmp_path / "airline").mkdir()
    (tmp_path / "airline" / "manifest.json").write_text("{}")
    assert len(open_corpus("airline", tmp_path).splits["train"]) > 1000
    (tmp_path / "airline" / "train.inline").write_text("to [city : rome]\n")
    assert len(open_corpus("airline", tmp_path).splits["train"]) == 1


def test_a_folder_of_another_kind_does_not_hide_a_corpus_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write(tmp_path / "data" / "mine" / "train.jsonl", "a")
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert open_corpus("mine", Path("data")).split("train") == [utterance("a")]
    with pytest.raises(DataError, match="mine: no corpus in this folder"):
        open_corpus("mine", Path("elsewhere"))


def test_a_corpus_whose_name_is_not_utf8_is_refused_before_it_names_a_model(tmp_path: Path):
    write(tmp_path / "caf\udce9" / "train.jsonl", "a")
    with pytest.raises(UsageError, match="is not UTF-8"):
        open_corpus(str(tmp_path / "caf\udce9"), tmp_path)


def test_the_built_in_corpus_needs_no_file(tmp_path: Path):
    corpus = open_corpus("airline", tmp_path)
    assert corpus.name == "airline"
    assert list(corpus.splits) == ["train", "dev", "test"]


def test_a_known_corpus_that_is_not_there_says_how_to_get_it(tmp_path: Path):
    with pytest.raises(DataError, match=r"'atis' is not in .*: run `slotfill download atis --data-dir .*`") as error:
        open_corpus("atis", tmp_path)
    assert f"--data-dir {tmp_path}`" in str(error.value)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        with pytest.raises(DataError, match=r"'atis' is not in data/: run `slotfill download atis`$"):
            open_corpus("atis", Path("data"))


def test_an_unknown_corpus_lists_the_known_ones(tmp_path: Path):
    told = r"no such file or folder, and unknown corpus 'atos': .*snips.*did you mean 'atis'"
    with pytest.raises(DataError, match=told):
        open_corpus("atos", tmp_path)


def test_an_unknown_format_lists_those_that_can_be_read(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("to O\n")
    readable = [name for name in formats.FORMATS.names() if type(formats.load(name)).read is not Format.read]
    with pytest.raises(UsageError, match=f"unknown format 'nonsense': choose from {', '.join(readable)}$"):
        open_corpus(str(tmp_path / "mine.txt"), tmp_path, "nonsense")


def test_a_named_format_overrides_the_ending(tmp_path: Path):
    path = tmp_path / "train.tsv"
    path.write_text("a\tO\n")
    assert open_corpus(str(path), tmp_path, "conll").split("train") == [utterance("a")]
    with pytest.raises(DataError, match=r"train\.tsv:1: 2 cells"):
        open_corpus(str(path), tmp_path)
    with pytest.raises(UsageError, match="unknown format 'nonsense'"):
        open_corpus(str(path), tmp_path, "nonsense")


def test_another_scheme_is_noted(tmp_path: Path):
    (tmp_path / "train.conll").write_text("a S-x\n")
    (tmp_path / "test.conll").write_text("a B-x\n")
    (note,) = open_corpus(str(tmp_path), tmp_path).notes
    assert note == f"{tmp_path / 'train.conll'}: IOBES tags read as BIO"


def test_a_sample_is_seeded_and_keeps_the_order():
    whole = [utterance(str(number)) for number in range(60)]
    drawn = sample(whole, 10)
    assert drawn == sample(whole, 10) != whole[:10]
    assert [whole.index(one) for one in drawn] == sorted(whole.index(one) for one in drawn)
    assert sample(whole, 1000) == whole


def test_held_out_utterances_are_a_seeded_tenth_and_keep_their_order():
    everything = [utterance(f"{i:03}") for i in range(100)]
    train, dev = held_out(everything)
    assert (len(train), len(dev)) == (90, 10)
    assert sorted(train + dev, key=lambda u: u.words) == everything
    assert train == sorted(train, key=lambda u: u.words)
    assert dev == sorted(dev, key=lambda u: u.words)
    assert held_out(everything) == (train, dev)
    assert held_out(everything, seed=1) != (train, dev)


def test_as_many_are_held_out_as_are_nearest_to_a_tenth():
    # Held out otherwise, a corpus would not be the one that a model was trained on.
    assert [len(held_out([utterance(str(i)) for i in range(size)])[1]) for size in (14, 16, 27)] == [1, 2, 3]


def test_at_least_one_utterance_is_held_out_and_one_left():
    train, dev = held_out([utterance("a"), utterance("b")])
    assert (len(train), len(dev)) == (1, 1)
    with pytest.raises(DataError, match=r"^1 utterance: too few to hold one out"):
        held_out([utterance("a")])
    with pytest.raises(DataError, match=r"^0 utterances: too few to hold one out"):
        held_out([])


def test_a_corpus_is_parted_as_it_was_for_the_model_that_was_trained_on_it():
    utterances = [utterance(f"w{i}") for i in range(20)]
    train, dev = held_out(utterances)
    digest = corpus_digest(train, dev)
    for splits in ({"all": utterances}, {"train": utterances, "test": dev}):
        found = as_trained_on(Corpus("mine", splits), digest)
        assert found is not None
        assert (found.split("train"), found.split("valid")) == (train, dev)
        assert list(found.splits) == ["train", "dev", *([] if "all" in splits else ["test"])]
    assert as_trained_on(Corpus("mine", {"all": utterances[1:]}), digest) is None
    assert as_trained_on(Corpus("mine", {"all": utterances[:1]}), digest) is None
    assert as_trained_on(Corpus("mine", {"test": utterances}), digest) is None
    whole = Corpus("mine", {"train": train, "dev": dev, "test": dev})
    assert as_trained_on(whole, digest) == whole


def test_a_corpus_is_another_if_a_word_a_tag_or_an_intent_is():
    one = Utterance(("a", "b"), ("B-x", "O"), "go")
    others = [replace(one, tags=("O", "O")), replace(one, intent="stay"), replace(one, words=("a", "c"))]
    assert len({corpus_digest([each], []) for each in (one, *others)}) == 4
    assert corpus_digest([one], []) == corpus_digest([replace(one, id="7", text="a  b")], [])


def test_a_corpus_is_another_if_a_split_holds_other_utterances(flights: list[Utterance]):
    one = corpus_digest(flights, flights[:2])
    assert one == corpus_digest(list(flights), flights[:2])
    others = (flights, flights[:3]), (flights[1:], flights[:2]), (flights[:2], flights)
    assert len({one, *(corpus_digest(*splits) for splits in others)}) == 4


def test_only_files_are_looked_for_by_a_name_and_an_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.conll").mkdir()
    Path("mine.tsv").write_text("")
    assert files_called("mine") == ["mine.tsv"]


def test_a_path_comes_before_a_corpus_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path / "c" / "train.jsonl", "here")
    write(tmp_path / "data" / "c" / "train.jsonl", "there")
    monkeypatch.chdir(tmp_path)
    assert open_corpus("c", Path("data")).split("train") == [utterance("here")]
