"""`slotfill models`, and what commands make of a model whose records of its training are forged.

Its manifest is signed anew. One line says what is wrong and the exit code is 4.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from slotfill.cli import _app
from slotfill.cli._console import say
from slotfill.corpus.utterance import Utterance
from slotfill.errors import SlotfillError
from slotfill.runtime import bundle
from tests.conftest import forged, write_corpus

GONE = ...
HALF = "\ud800"
"""Of a character: JSON can spell it, UTF-8 cannot."""
UNTOLD = "does not tell how it was trained"

Forge = Callable[[Mapping[str, bytes]], Path]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def forge(model: Path, tmp_path: Path, flights: list[Utterance], monkeypatch: pytest.MonkeyPatch) -> Forge:
    """Writes `models/forged`, the fixture `model` with other files; its corpus is there, too."""
    monkeypatch.chdir(tmp_path)
    write_corpus(tmp_path / "flights", train=flights, dev=flights[::3])
    return lambda changed: forged(model, Path("models/forged"), changed)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    """A command in this process: its exit code, what it printed and what it said."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = _app.run(list(map(str, arguments)))
        except SlotfillError as error:
            say(f"slotfill: {error}")
            code = error.exit_code
        return code, *capsys.readouterr()

    return command


def require_refused(told: tuple[int, str, str], reason: str) -> None:
    """One line is about what is wrong, and tells this."""
    code, out, said = told
    (line,) = (line for line in said.splitlines() if line.startswith("slotfill: "))
    assert (code, out) == (4, ""), told
    assert reason in line


def require_passed_over(told: tuple[int, str, str], reason: str) -> None:
    """`models` lists nothing, and says why in one line."""
    code, out, said = told
    assert (code, out, said.count("\n")) == (0, "", 1), told
    assert said.startswith("passed over: models/forged")
    assert reason in said


def changed(content: bytes, keys: tuple[str, ...], value: object) -> bytes:
    """A JSON object with another value there, or without it."""
    values = inner = json.loads(content)
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    if value is GONE:
        del inner[keys[-1]]
    return json.dumps(values).encode()


def test_only_the_folder_that_train_writes_to_is_said_to_be_filled_by_it(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("models") == (0, "", "no models in models/ yet: make one with `slotfill train`\n")
    Path("file").write_text("")
    for other in ("other", "file"):
        assert run("models", "--models-dir", other) == (0, "", f"no models in {other}/\n")


@pytest.mark.parametrize("value", [GONE, None, HALF, [], {}, True, -1, 10**30, float("nan"), float("inf")], ids=ascii)
@pytest.mark.parametrize(
    "keys", [("corpus_sha256",), ("parameters",), ("dev",), ("dev", "f1"), ("dev", "interval"), ("seconds",)], ids=str
)
def test_forged_metrics_are_told_of(
    forge: Forge, run: Command, model: Path, keys: tuple[str, ...], value: object
) -> None:
    made = forge({bundle.METRICS: changed((model / bundle.METRICS).read_bytes(), keys, value)})
    for command in (["doctor", made], ["export", made, "small", "--int8"], ["eval", made]):
        require_refused(run(*command), f"metrics.json {UNTOLD}: ")
    require_passed_over(run("models"), f"metrics.json {UNTOLD}: ")


@pytest.mark.parametrize(
    ("keys", "value", "reason"),
    [
        (("corpus",), GONE, "corpus is not text"),
        (("network",), GONE, "network is no JSON object"),
        (("network",), [], "network is no JSON object"),
        (("network", "cell"), 10**30, "network.cell is not text"),
        (("network", "cell"), HALF, "network.cell is not text"),
        (("network", "layers"), -1, "layers must be at least 1"),
        (("network", "nonsense"), 1, "unknown setting 'nonsense'"),
        (("training",), None, "training is no JSON object"),
        (("training", "seed"), GONE, "training.seed is not a count"),
        (("training", "bptt"), "x", "training.bptt is not a count or null"),
        (("training", "clip_norm"), [], "training.clip_norm is not a number or null"),
    ],
)
def test_forged_settings_are_told_of(
    forge: Forge, run: Command, model: Path, keys: tuple[str, ...], value: object, reason: str
) -> None:
    made = forge({bundle.CONFIG: changed((model / bundle.CONFIG).read_bytes(), keys, value)})
    for command in (["doctor", made, "flights"], ["export", made, "small", "--int8", "--corpus", "flights"]):
        require_refused(run(*command), reason)
    require_passed_over(run("models", "--json"), reason)


@pytest.mark.parametrize("value", [GONE, None, "x", [], True, 10**30, -1], ids=repr)
@pytest.mark.parametrize("field", ["epoch", "clipped"])
def test_a_forged_history_is_told_of(forge: Forge, run: Command, model: Path, field: str, value: object) -> None:
    first, *others = (model / bundle.HISTORY).read_bytes().splitlines()
    made = forge({bundle.HISTORY: b"\n".join([changed(first, (field,), value), *others])})
    require_refused(run("doctor", made), f"history.jsonl {UNTOLD}: {field} is not")


@pytest.mark.parametrize("value", ["../../../etc", "/dev/stdin", "..", "", "x" * 250], ids=lambda value: value[:9])
def test_the_name_of_a_models_corpus_is_never_a_path(forge: Forge, run: Command, model: Path, value: str) -> None:
    made = forge({bundle.CONFIG: changed((model / bundle.CONFIG).read_bytes(), ("corpus",), value)})
    require_refused(run("eval", made), "a corpus of no name: name one in the call, after the model")
    require_refused(run("export", made, "small", "--int8"), "name one in the call, by --corpus")
    assert run("eval", made, "flights", "--split", "dev")[0] == 0


def test_names_are_shown_and_not_obeyed(forge: Forge, run: Command, model: Path) -> None:
    config = changed((model / bundle.CONFIG).read_bytes(), ("network", "cell"), "[bold]lstm[/x]")
    path = forge({bundle.CONFIG: config}) / bundle.MANIFEST
    path.write_bytes(changed(path.read_bytes(), ("created",), "9[/x]\x1b[2J"))
    code, out, said = run("models")
    assert (code, said) == (0, "")
    assert "[bold]lstm[/x]" in out
    assert "9[/x]␛[2J" in out
    path.write_bytes(changed(path.read_bytes(), ("created",), HALF))
    require_passed_over(run("models", "--json"), "manifest.json is damaged")


def test_a_name_that_is_not_utf8_hides_no_other_model(forge: Forge, run: Command) -> None:
    shutil.copytree(forge({}), b"models/\xff".decode(errors="surrogateescape"))
    code, out, said = run("models", "--json")
    assert (code, json.loads(out)["name"]) == (0, "forged")
    assert said == r"passed over: 'models/\udcff' is not UTF-8: rename it" + "\n"


def test_a_model_is_a_row_and_a_folder_without_any_says_so(forge: Forge, run: Command) -> None:
    assert run("models") == (0, "", "no models in models/ yet: make one with `slotfill train`\n")
    made = bundle.Bundle(forge({}))
    parameters = made.read_json(bundle.METRICS)["parameters"]
    _, out, _ = run("models")
    date, time = made.created[:10], made.created[11:16]
    assert [line for line in out.splitlines() if line.strip()][-1].split() == [
        "forged",
        "flights",
        "lstm",
        f"{parameters:,}",
        "100.00",
        date,
        time,
    ]


def test_a_model_with_8_bit_weights_is_told_by_them(forge: Forge, run: Command, model: Path) -> None:
    metrics = json.loads((model / bundle.METRICS).read_bytes())
    forge({bundle.METRICS: json.dumps(metrics | {"weights": "int8"}).encode()})
    assert "lstm, 8-bit" in run("models")[1]
    assert json.loads(run("models", "--json")[1])["weights"] == "int8"
    forge({})
    assert "8-bit" not in run("models")[1]
    assert json.loads(run("models", "--json")[1])["weights"] == "float32"
