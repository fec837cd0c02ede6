"""Claims about training recurrent networks as experiments: one file each, and the file name is its name.

An experiment's module holds `CLAIM` and `SOURCE`, a string each, and `run(settings) -> Outcome`. It imports torch and
matplotlib freely: its claim is read from its text.
"""

from __future__ import annotations

import ast

from slotfill.registry import Registry

EXPERIMENTS = Registry(f"{__name__}.experiments", f"{__path__[0]}/experiments", "experiment")


def claim(name: str) -> str:
    """The claim that an experiment tests, without importing it; raise `UsageError` if there is no such experiment."""
    file = EXPERIMENTS.folder / f"{EXPERIMENTS.require(name)}.py"
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name("CLAIM")], value=ast.Constant(str(text)))
                | ast.AnnAssign(target=ast.Name("CLAIM"), value=ast.Constant(str(text)))
            ):
                return text
    raise LookupError(f"{file} has no line CLAIM = ..., a string")
