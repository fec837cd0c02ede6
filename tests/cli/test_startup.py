"""What a command loads before it begins; a person waits for it."""

from __future__ import annotations

import inspect
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from slotfill.cli import COMMANDS, _app, _tagging
from slotfill.cli import tag as declared
from slotfill.cli._console import say
from tests.conftest import Run, loaded

PARSING = {"typer", "pydantic", "rich", "importlib.metadata", "email", "difflib", "asyncio"}
ELSEWHERE = {"torch", "numpy.ma", "slotfill.runtime.lattice", "slotfill.runtime.nbest", "slotfill.runtime.pool"}


def of_commands(modules: set[str]) -> set[str]:
    """Those of these modules that are commands."""
    return {name for name in COMMANDS.names() if f"slotfill.cli.{name}" in modules}


@pytest.mark.parametrize("option", ["--model", "-m"])
def test_tagging_a_line_loads_no_command_no_parser_and_nothing_it_does_not_use(model: Path, option: str) -> None:
    modules = loaded("tag", option, str(model), "fly to oslo")
    assert {"onnxruntime", "slotfill.cli._tagging"} <= modules
    assert not modules & (PARSING | ELSEWHERE)
    assert not of_commands(modules)


def test_a_command_loads_no_other_command(model: Path) -> None:
    modules = loaded("tag", "--model", str(model), "--format", "inline", "fly to oslo")
    assert of_commands(modules) == {"tag"}
    assert not modules & ELSEWHERE
    assert of_commands(loaded("models")) == {"models"}


def test_tagging_past_the_parser_is_tagging_with_every_default() -> None:
    parsed = {name: given.default for name, given in inspect.signature(declared.command).parameters.items()}
    direct = {name: given.default for name, given in inspect.signature(_tagging.tag).parameters.items()}
    for name in ("model", "source", "output", "format_name", "tokenized", "ids", "on_error", "jobs"):
        assert direct[name] == parsed[name]


def test_tagging_is_given_every_option_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(_tagging, "tag", lambda text, **options: given.append({"text": text, **options}))
    monkeypatch.setattr(declared, "exit_now", lambda: None)
    options = "--input a --output b --format tsv --tokenized --ids --from text --on-error skip --jobs 3 --model m"
    assert _app.run(["tag", *options.split(), "--min-confidence", "0.5", "--nbest", "2", "--alternatives"]) == 0
    assert given == [
        {
            "text": None,
            "model": "m",
            "source": "a",
            "output": Path("b"),
            "format_name": "tsv",
            "tokenized": True,
            "ids": True,
            "from_format": "text",
            "asked": {"confidence": False, "min_confidence": 0.5, "nbest": 2, "alternatives": True},
            "on_error": "skip",
            "jobs": 3,
        }
    ]


@pytest.mark.parametrize("texts", [("fly to oslo", "", "to lima, please"), ()], ids=["text", "stdin"])
def test_tagging_past_the_parser_gives_what_the_parser_leads_to(
    slotfill: Run, model: Path, texts: tuple[str, ...]
) -> None:
    direct = slotfill("tag", "--model", model, *texts, input="fly to oslo\nand back\n")
    parsed = slotfill("tag", "--model", model, "--jobs", 1, *texts, input="fly to oslo\nand back\n")
    assert direct.stdout.count("\n") == len(texts or "ab")
    assert (direct.stdout, direct.stderr, direct.returncode) == (parsed.stdout, parsed.stderr, 0)


def test_help_lists_every_command_and_a_near_name_is_suggested(slotfill: Run) -> None:
    told = slotfill("--help").stdout
    for name in COMMANDS.names():
        assert f"│ {name} " in told
    done = slotfill("trian")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "slotfill: No such command 'trian'. Did you mean 'train'?\n"


INTERRUPTED = """
import sys

class CtrlC:
    def find_spec(self, name, *_):
        if name == "{module}":
            raise KeyboardInterrupt

sys.meta_path.insert(0, CtrlC())
from slotfill.cli import main
main()
"""


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("onnxruntime", ["tag", "fly"]),
        ("typer", ["train"]),
        ("slotfill.cli.train", ["train"]),
        ("pydantic", ["models"]),
    ],
)
def test_ctrl_c_while_a_command_is_loaded_is_one_line(module: str, arguments: list[str]) -> None:
    program = [sys.executable, "-c", INTERRUPTED.format(module=module), *arguments]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "slotfill: interrupted\n")


INTERRUPTS_AN_IMPORT = """
import builtins, os, sys
from slotfill.cli import _console

def program():
    try:
        os.kill(os.getpid(), int(sys.argv[1]))
        return 0
    except BaseException:
        # As a library makes of it while it loads: one in C the first, numpy the second.
        raise getattr(builtins, sys.argv[2])("initialization failed") from None

sys.exit(_console.run(program))
"""


@pytest.mark.parametrize(
    ("number", "ended"), [(signal.SIGINT, (130, "slotfill: interrupted\n")), (signal.SIGTERM, (143, ""))]
)
@pytest.mark.parametrize("error", ["ImportError", "RecursionError", "SystemError"])
def test_an_interrupted_import_is_an_interruption(number: int, ended: tuple[int, str], error: str) -> None:
    program = [sys.executable, "-c", INTERRUPTS_AN_IMPORT, str(int(number)), error]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == ended


INTERRUPTS_THE_END = """
import os, signal
from slotfill.cli import _console

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)

_console.run(interrupt)
interrupt()
"""


def test_one_more_interruption_at_the_very_end_shows_no_traceback() -> None:
    program = [sys.executable, "-c", INTERRUPTS_THE_END]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "slotfill: interrupted\n")  # A shell says 130.


@pytest.mark.parametrize(("module", "known"), [("torch", True), ("slotfill.corpus", False)])
def test_a_package_that_is_missing_is_named_and_one_of_ours_is_a_defect(
    module: str, known: bool, tmp_path: Path
) -> None:
    missing = f"import sys; sys.modules[{module!r}] = None; from slotfill.cli import main; main()"
    program = [sys.executable, "-c", missing, "train"]
    done = subprocess.run(program, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"slotfill: {module} is not installed") == known
    assert ("Traceback" in done.stderr) != known


def test_a_message_shows_control_characters_and_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    say("no slot 'a\x1b[2J'\n  here")
    assert capsys.readouterr().err == "no slot 'a␛[2J'\n  here\n"


def test_tagging_leaves_nothing_in_the_home_folder(slotfill: Run, model: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = slotfill("tag", "--model", model, "fly to oslo", HOME=str(home), XDG_CACHE_HOME="")
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(home.rglob("*"))


RUNS_OUT_OF_MEMORY = """
import sys
from slotfill.cli import _console

def program():
    raise RuntimeError(sys.argv[1])

sys.exit(_console.run(program))
"""


@pytest.mark.parametrize(
    ("torch_says", "known"),
    [
        ("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried to", True),
        ("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of", True),
        ("mat1 and mat2 shapes cannot be multiplied", False),
    ],
)
def test_too_little_memory_is_one_line_and_a_defect_keeps_its_traceback(torch_says: str, known: bool) -> None:
    program = [sys.executable, "-c", RUNS_OUT_OF_MEMORY, torch_says]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("slotfill: not enough memory") == known
    assert ("Traceback" in done.stderr) != known


@pytest.mark.parametrize("command", ["train", "distill"])
def test_a_folder_that_is_taken_is_refused_before_torch_is_loaded(command: str, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("mine")
    without_torch = "import sys; sys.modules['torch'] = None; from slotfill.cli import main; main()"
    program = [sys.executable, "-c", without_torch, command, "airline", "--output", "taken"]
    done = subprocess.run(program, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "slotfill: taken exists and is no model: choose another name\n")
