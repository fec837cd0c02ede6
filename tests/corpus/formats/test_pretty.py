"""pretty: for people."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from slotfill.corpus.certainty import Alternative, Certainty, Hypothesis
from slotfill.corpus.formats.pretty import FORMAT
from slotfill.corpus.utterance import Utterance

UTTERANCE = Utterance(("to", "taipei", "now"), ("O", "B-city", "B-time"), text="to taipei, now")


def test_each_slot_stands_under_the_text_with_its_value():
    assert FORMAT.render(UTTERANCE) == "to taipei, now\n  city: taipei\n  time: now\n"


def test_a_long_text_is_one_line_which_a_terminal_breaks_and_a_file_does_not():
    text = " ".join(["to"] * 100)
    assert FORMAT.render(Utterance(tuple(text.split()), ("O",) * 100)) == f"{text}\n"


def test_the_intent_stands_above_the_text():
    asked = Utterance(("hello",), ("O",), "greet#ask")
    assert FORMAT.render(asked) == "intent: greet#ask\nhello\n"


def test_probabilities_stand_beside_what_they_belong_to():
    certainty = Certainty(
        (0.974, 0.5),
        ((), (Alternative(None, 0.3), Alternative("part", 0.2))),
        (Hypothesis(UTTERANCE.tags or (), 0.487), Hypothesis(("O", "O", "O"), 0.0123)),
        intent=0.914,
    )
    sure = Utterance(UTTERANCE.words, UTTERANCE.tags, "go", text=UTTERANCE.text, certainty=certainty)
    assert FORMAT.render(sure) == (
        "intent: go 91%\n"
        "to taipei, now\n"
        "  city: taipei 97%\n"
        "  time: now 50%\n"
        "    or no slot 30%, part 20%\n"
        "  1.  48.7% city: taipei, time: now\n"
        "  2.   1.2% no slots\n"
    )


def test_a_terminal_shows_control_characters_and_does_not_obey_them():
    words = ("to", "\x1b[2Jtai\x07pei", "now")
    assert FORMAT.render(Utterance(("rome",), ("B-ci\x1bty",), "go\x07")) == "intent: go␇\nrome\n  ci␛ty: rome\n"
    hostile = Utterance(words, ("O", "B-city", "B-time"), text="to\t\x1b[2Jtai\x07pei\x9b, now")
    other = Certainty((0.5,), ((Alternative("c\x1b[2Jd", 0.3),),))
    assert "or c␛[2Jd 30%" in FORMAT.render(Utterance(("rome",), ("B-city",), certainty=other))
    assert FORMAT.render(hostile) == "to ␛[2Jtai␇pei\N{REPLACEMENT CHARACTER}, now\n  city: ␛[2Jtai␇pei\n  time: now\n"


def test_only_a_terminal_is_given_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", Terminal())
    assert "\x1b[" in FORMAT.render(UTTERANCE)
    FORMAT.write([UTTERANCE], tmp_path / "out")
    assert (tmp_path / "out").read_text() == "to taipei, now\n  city: taipei\n  time: now\n"
    with redirect_stdout(io.StringIO()):
        assert "\x1b[" not in FORMAT.render(UTTERANCE)
    assert "\x1b[" in FORMAT.render(UTTERANCE)


def test_a_slot_has_the_same_colour_in_every_process():
    code = "from slotfill.corpus.colours import colour; print([colour(f'slot{i}') for i in range(20)])"
    shown = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "12"
    }
    assert len(shown) == 1
