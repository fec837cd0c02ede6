"""seqio: three aligned files in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from slotfill.corpus.formats.seqio import FORMAT
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError, UsageError


def folder(path: Path, words: str, tags: str, intents: str | None = None) -> Path:
    for name, content in (("seq.in", words), ("seq.out", tags), ("label", intents)):
        if content is not None:
            (path / name).write_bytes(content.encode())
    return path


def test_line_i_of_each_file_is_utterance_i(tmp_path: Path):
    path = folder(tmp_path, "to taipei\nhello\n", "O B-city\nO\n", "atis_flight#atis_airfare\nhi\n")
    assert list(FORMAT.read(path)) == [
        Utterance(("to", "taipei"), ("O", "B-city"), "atis_flight#atis_airfare"),
        Utterance(("hello",), ("O",), "hi"),
    ]


def test_stray_blanks_windows_ends_and_a_missing_last_end_change_nothing(tmp_path: Path):
    path = folder(tmp_path, "  to  taipei \r\nhello", "O B-city  \r\nO", " a \r\nb")
    assert [(u.words, u.tags, u.intent) for u in FORMAT.read(path)] == [
        (("to", "taipei"), ("O", "B-city"), "a"),
        (("hello",), ("O",), "b"),
    ]


def test_without_a_label_file_intents_are_unknown(tmp_path: Path):
    assert [u.intent for u in FORMAT.read(folder(tmp_path, "hello\n", "O\n"))] == [None]


@pytest.mark.parametrize(
    ("words", "tags", "intents", "message"),
    [
        ("a\nb\n", "O\n", None, r"seq\.out: 1 lines, but seq\.in has 2$"),
        ("a\nb\n", "O\nO\n", "x\ny\nz\n", r"label: 3 lines, but seq\.in has 2$"),
        ("a\na b c\n", "O\nO O\n", None, r"seq\.out:2: 3 words in seq\.in but 2 tags$"),
        ("a\n \n", "O\n\n", None, r"seq\.in:2: empty utterance: remove it$"),
        ("a\nb\n", "O\nS-x\n", None, r"seq\.out:2: tag 'S-x' is not O, B-slot or I-slot$"),
        ("a\nb\rc\n", "O\nO\n", None, r"seq\.in:2: word 'b\\rc' is empty or holds a blank or line end$"),
        ("a\nb\n", "O\nO\n", "x\n\n", r"label:2: no intent on this line$"),
    ],
)
def test_a_malformed_line_is_refused_with_its_file_and_number(
    tmp_path: Path, words: str, tags: str, intents: str | None, message: str
):
    with pytest.raises(DataError, match=message):
        list(FORMAT.read(folder(tmp_path, words, tags, intents)))


def test_a_missing_tag_file_is_named(tmp_path: Path):
    (tmp_path / "seq.in").write_text("a\n")
    with pytest.raises(DataError, match=r"seq\.out: no such file"):
        list(FORMAT.read(tmp_path))


def test_invalid_utf8_is_refused_with_its_line(tmp_path: Path):
    path = folder(tmp_path, "a\nb\n", "O\nO\n")
    (path / "seq.in").write_bytes(b"a\n\xff\n")
    with pytest.raises(DataError, match=r"seq\.in:2: not UTF-8: byte 0xff at column 1"):
        list(FORMAT.read(path))


def test_a_label_file_is_written_only_for_known_intents(tmp_path: Path):
    FORMAT.write([Utterance(("a",), ("O",))], tmp_path / "out")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["seq.in", "seq.out"]


def test_some_intents_only_are_refused(tmp_path: Path):
    with pytest.raises(DataError, match="1 of 2 utterances have an intent"):
        FORMAT.write([Utterance(("a",), ("O",), "x"), Utterance(("b",), ("O",))], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_it_cannot_be_streamed():
    with pytest.raises(UsageError, match="does not go to one stream"):
        FORMAT.render(Utterance(("a",), ("O",)))


@pytest.mark.parametrize("name", ["atis", "snips"])
def test_the_published_files_survive_a_round_trip(shared_data: Path, tmp_path: Path, name: str):
    test = list(FORMAT.read(shared_data / name / "test"))
    assert len(test) == {"atis": 893, "snips": 700}[name]
    FORMAT.write(test, tmp_path / "test")
    assert list(FORMAT.read(tmp_path / "test")) == test
