"""What commands print for people."""

import io
import sys

import pytest
from rich.text import Text

from slotfill.cli._screen import Screen, listing, table


def shown(**options: object) -> str:
    """A table of one hostile and one harmless word, a line for each way to print a word, and a number."""
    out = io.StringIO()
    screen = Screen(file=out, width=60, **options)
    words = table("slot", "title", numbers=("F1",))
    words.add_row(Text("ci\x1b\x1b[2Jty"), Text("to lima", "bold"), "1")
    words.add_row("na\x1b\x1b\x1bme", "", "2")
    screen.print(words)
    screen.print("plain \x9b2J", Text("text \r\b\x1b"))
    return out.getvalue()


def test_no_control_character_of_data_reaches_the_terminal() -> None:
    text = shown()
    assert "ci␛␛[2Jty" in text
    assert "na␛␛␛me" in text
    assert {character for character in text if not character.isprintable()} == {"\n"}


def test_what_colours_a_table_still_does() -> None:
    text = shown(force_terminal=True, color_system="standard")
    assert "\x1b[1mto lima" in text
    assert "\x1b[2J" not in text


def test_numbers_end_alike_under_their_header() -> None:
    header, _, row = [line for line in shown().splitlines() if line.strip()][:3]
    assert header.index("F1") + len("F1") == row.rindex("1") + len("1")


def test_a_list_is_as_wide_as_the_terminal_and_wide_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setenv("TERM", "xterm")
    widths = []
    for terminal in (True, False):
        monkeypatch.setattr(sys.stdout, "isatty", lambda terminal=terminal: terminal)
        widths.append(listing().width)
    assert widths == [70, 200]
