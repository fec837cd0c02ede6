"""A folder as a registry."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from slotfill.errors import UsageError
from slotfill.registry import Registry, unknown


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    package = tmp_path / "zoo"
    package.mkdir()
    for name in ("__init__", "_shared", "zebra", "ant"):
        (package / f"{name}.py").write_text(f"NAME = {name!r}\n")
    (package / "notes.txt").write_text("no member")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("zoo", "zoo.ant", "zoo.zebra"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return Registry("zoo", str(package), "animal")


def test_members_are_the_files_sorted_and_not_imported(registry: Registry):
    assert registry.names() == ["ant", "zebra"]
    assert "zoo.ant" not in sys.modules


def test_a_member_is_loaded_by_its_name(registry: Registry):
    assert registry.require("ant") == "ant"
    assert registry.load("ant").NAME == "ant"


@pytest.mark.parametrize("name", ["zebre", "_shared", "__init__", ""])
def test_an_unknown_name_lists_the_choices(registry: Registry, name: str):
    with pytest.raises(UsageError, match=f"unknown animal '{name}': choose from ant, zebra"):
        registry.load(name)


def test_a_close_name_is_suggested():
    assert str(unknown("cell", "lstn", ["gru", "lstm"])) == (
        "unknown cell 'lstn': choose from gru, lstm; did you mean 'lstm'?"
    )
    assert "did you mean" not in str(unknown("cell", "transformer", ["gru", "lstm"]))
