"""Imports go down only, and the light commands stay light."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT, loaded

PACKAGE = ROOT / "slotfill"
FLOORS = [
    {"cli"},
    {"lab"},
    {"learning"},
    {"network"},
    {"scoring"},
    {"runtime"},
    {"corpus"},
    {"config", "errors", "files", "legible", "registry", "__init__"},
]
LEVEL = {name: level for level, floor in enumerate(FLOORS) for name in floor}
HEAVY = {"torch", "datasets", "seqeval", "sklearn", "pandas", "onnx", "scipy"}


def imported(file: Path) -> set[str]:
    """The modules of slotfill that a file imports anywhere in it, type-checking blocks left out."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith("slotfill.")}


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_imports_only_from_its_own_floor_or_below(file: Path) -> None:
    own = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in ("__init__", "__main__"):
        return
    reached = {name.split(".")[1] for name in imported(file)} & set(LEVEL)
    above = {name for name in reached if LEVEL[name] < LEVEL[own]}
    beside = {name for name in reached if LEVEL[name] == LEVEL[own] != len(FLOORS) - 1} - {own}
    assert not above | beside


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("train", "--help"), ("train", "--cell", "lstn"), ("tag", "--nonsense"), ("nope",)],
    ids=" ".join,
)
def test_help_and_usage_errors_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments, check=False)
    assert "typer" in modules
    assert not modules & (HEAVY | {"numpy", "onnxruntime"})


def test_tagging_loads_no_torch_and_no_training_library(model: Path) -> None:
    modules = loaded("tag", "--model", str(model), "fly to oslo")
    assert "onnxruntime" in modules
    assert not modules & HEAVY


def test_corpus_modules_import_neither_torch_nor_numpy() -> None:
    for file in (PACKAGE / "corpus").rglob("*.py"):
        names = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(file.read_text()))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert not names & {"torch", "numpy"}, file
