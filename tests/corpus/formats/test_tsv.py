"""tsv: one record a line, four cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from slotfill.corpus.formats.tsv import FORMAT
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError


def read(tmp_path: Path, content: str) -> list[Utterance]:
    path = tmp_path / "train.tsv"
    path.write_bytes(content.encode())
    return list(FORMAT.read(path))


def test_a_record_is_id_words_tags_and_intent(tmp_path: Path):
    assert read(tmp_path, "7\tto taipei\tO B-city\task\n\ta\tO\t\n") == [
        Utterance(("to", "taipei"), ("O", "B-city"), "ask", "7"),
        Utterance(("a",), ("O",)),
    ]


def test_unknown_cells_are_written_empty():
    assert FORMAT.render(Utterance(("a", "b"), ("O", "B-x"))) == "\ta b\tO B-x\t\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("taipei\tB-city", "2 cells where id, words, tags and intent make 4; .*call it .conll$"),
        ("", "blank line: remove it"),
        ("7\ta b\tO\t", "2 words but 1 tags"),
        ("7\t\t\task", "empty utterance"),
        ("7\tto rome\tO X-city\task", "tag 'X-city' is not O, B-slot or I-slot"),
        ("7\ta\tX\t", "tag 'X' is not O, B-slot or I-slot"),
    ],
)
def test_a_malformed_line_is_refused_with_its_number(tmp_path: Path, line: str, message: str):
    with pytest.raises(DataError, match=rf"train\.tsv:2: {message}"):
        read(tmp_path, f"\ta\tO\t\n{line}\n")


def test_an_intent_with_a_tab_is_not_written():
    with pytest.raises(DataError, match=r"intent 'a\\tb' cannot be written"):
        FORMAT.render(Utterance(("a",), ("O",), intent="a\tb"))


def test_blanks_around_a_cell_are_no_part_of_it(tmp_path: Path):
    (one,) = read(tmp_path, " 7 \t to  rome \tO B-city\t ask \n")
    assert (one.id, one.words, one.intent) == ("7", ("to", "rome"), "ask")
