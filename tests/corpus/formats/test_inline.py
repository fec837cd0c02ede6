"""inline: slots in brackets within the sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from slotfill.corpus.formats.inline import FORMAT
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError


def test_brackets_hold_slot_and_words():
    assert FORMAT.parse("fly to [toloc.city_name : new york] on [date : monday]") == Utterance(
        ("fly", "to", "new", "york", "on", "monday"),
        ("O", "O", "B-toloc.city_name", "I-toloc.city_name", "O", "B-date"),
    )


def test_neighbouring_brackets_are_two_slots():
    assert FORMAT.parse("[x : a] [x : b c]").tags == ("B-x", "B-x", "I-x")


def test_a_bracket_ends_a_word_even_without_a_blank():
    utterance = FORMAT.parse("[date : 今天]下雨吗 [person : mary]'s")
    assert utterance.words == ("今天", "下雨吗", "mary", "'s")
    assert utterance.tags == ("B-date", "O", "B-person", "O")


def test_a_slot_may_hold_a_colon_and_a_word_too():
    utterance = FORMAT.parse("at [a:b : 5:30 : x] :")
    assert utterance.words == ("at", "5:30", ":", "x", ":")
    assert utterance.tags == ("O", "B-a:b", "I-a:b", "I-a:b", "O")


def test_literal_brackets_and_backslashes_are_escaped():
    utterance = Utterance(("[a]", "\\", "c:\\d", "]"), ("O", "B-x", "I-x", "O"))
    line = FORMAT.render(utterance)
    assert line == "\\[a\\] [x : \\\\ c:\\\\d] \\]\n"
    assert FORMAT.parse(line.removesuffix("\n")) == utterance


def test_a_backslash_before_anything_else_stands_for_itself():
    assert FORMAT.parse(r"a\b \n").words == (r"a\b", r"\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("to [city : taipei", "the bracket of 'city : taipei' is never closed"),
        ("to taipei]", "a bracket closes that was never opened, after 'to taipei'"),
        ("[a : b [c : d]]", "a bracket opens inside the bracket of 'a : b'"),
        ("[city taipei]", r"expected \[slot : words\], found \[city taipei\]"),
        ("[city: taipei]", r"expected \[slot : words\]"),
        ("[city : ]", r"expected \[slot : words\], found \[city :\]"),
        ("[]", r"expected \[slot : words\]"),
        ("", "blank line: remove it"),
    ],
)
def test_a_malformed_line_is_refused_with_its_number(tmp_path: Path, line: str, message: str):
    path = tmp_path / "train.inline"
    path.write_text(f"hello\n{line}\n")
    with pytest.raises(DataError, match=rf"train\.inline:2: {message}"):
        list(FORMAT.read(path))
