"""The benchmarks' command lines: their helps, and what they refuse before anything is trained or measured."""

from __future__ import annotations

import errno
import shutil
import sys
from argparse import ArgumentTypeError
from importlib import import_module
from pathlib import Path
from unittest.mock import Mock

import pytest

from benchmarks import command_line, misspellings, runs, unseen_cities
from benchmarks.speed import __main__ as speed

MODULES = ("accuracy", "airline_baseline", "cells", "distillation", "misspellings", "speed", "unseen_cities")


def call(monkeypatch: pytest.MonkeyPatch, name: str, *arguments: str) -> object:
    """Call a benchmark's `main`; return its exit code."""
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    module = import_module("benchmarks.speed.__main__" if name == "speed" else f"benchmarks.{name}")
    with pytest.raises(SystemExit) as ended:
        module.main()
    return ended.value.code


@pytest.mark.parametrize("name", MODULES)
def test_a_help_tells_every_option_and_how_to_call_it(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    parsers: list[command_line.Parser] = []
    monkeypatch.setattr(command_line.Parser, "exit", lambda parser: parsers.append(parser) or sys.exit(0))
    assert call(monkeypatch, name, "--help") == 0
    told = capsys.readouterr().out
    assert told.startswith(f"usage: python -m benchmarks.{name} ")
    options = parsers[0]._actions
    assert all(option.help for option in options)
    assert told.count("(default: ") == sum(bool(option.default) for option in options[1:]), "but for --help"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("accuracy --corpus airline,nowhere", "nowhere"),
        ("accuracy --recipe default,nope", "unknown recipe 'nope': choose from default, no CRF"),
        ("accuracy --seeds 0,x", "--seeds: 'x' is no whole number of at least 0"),
        ("accuracy --seeds 3,0,3", "--seeds: 3 is named twice"),
        *(
            (f"{name} --seeds 4294967296", "seed must be at most 4294967295")
            for name in ("accuracy", "distillation", "misspellings", "unseen_cities")
        ),
        ("distillation --seeds 4294967295", "seed must be at most 4294967295"),
        ("distillation --corpus airline,nowhere", "nowhere"),
        ("misspellings --corpus airline,nowhere", "nowhere"),
        ("misspellings --corpus airline --split nope", "no split 'nope'"),
        ("distillation --teachers 1", "--teachers: '1' is no whole number of at least 2"),
        ("unseen_cities --corpus nowhere", "nowhere"),
        *((f"{name} --corpus c", "no split 'test'") for name in ("accuracy", "distillation", "unseen_cities", "speed")),
        *(
            (f"{name} --corpus c/train.jsonl", "corpus 'train' is one file, and trained on")
            for name in ("accuracy", "distillation", "unseen_cities", "speed", "misspellings --split test")
        ),
        ("unseen_cities --corpus airline --split nope", "no split 'nope'"),
        ("cells --rounds 0", "--rounds: '0' is no whole number of at least 1"),
        ("airline_baseline --model nowhere", "no model 'nowhere'"),
        ("speed --corpus nowhere", "nowhere"),
        ("speed --corpus airline --model nowhere", "no model 'nowhere'"),
        ("speed --train --model x", "leave out --model"),
        ("speed --output file", "--output is for a folder, and file is none"),
        ("speed --runs 0", "--runs"),
        ("speed --count 0", "--count"),
        ("speed --most-lines 0", "--most-lines"),
        ("speed --only growth --most-lines 999", "section growth needs --most-lines of 1000 at least"),
        ("speed --only growth --count 199", "section growth needs --count of 200 at least"),
        ("speed --only memory --most-lines 9999", "section memory needs --most-lines of 10000 at least"),
        ("speed --only nope", "no section 'nope'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2_before_anything_is_done(
    arguments: str,
    told: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "c").mkdir()
    for split in ("train", "dev"):
        shutil.copy(folder / f"{split}.jsonl", tmp_path / "c")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    for module in (runs, misspellings, unseen_cities):
        monkeypatch.setattr(module, "run_all", None)
    monkeypatch.setattr(speed, "train_default", None)
    assert call(monkeypatch, *arguments.split()) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith("benchmarks: ")
    assert told in printed.err


@pytest.mark.parametrize(
    ("ended_by", "told", "code"),
    [
        (KeyboardInterrupt(), "benchmarks: interrupted\n", 130),
        (OSError(errno.ENOSPC, "No space left", "out/speed.md"), "benchmarks: out/speed.md: No space left\n", 1),
    ],
)
def test_an_interruption_and_what_the_system_refuses_are_one_line(
    ended_by: BaseException, told: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.refusing(Mock(__name__="main", side_effect=ended_by))()
    assert (ended.value.code, capsys.readouterr().err) == (code, told)


def test_a_lower_bound_is_itself_allowed_and_nothing_but_whole_numbers_is() -> None:
    number = command_line.at_least(2)
    assert [number(given) for given in ("2", "30")] == [2, 30]
    for given in ("1", "-3", "2.5", "two", ""):
        with pytest.raises(ArgumentTypeError):
            number(given)
