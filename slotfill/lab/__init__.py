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
    text = (EXPERIMENTS.folder / f"{EXPERIMENTS.require(name)}.py").read_text(encoding="utf-8")
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "CLAIM":
            return str(ast.literal_eval(statement.value))
    raise LookupError(f"experiment {name!r} states no CLAIM")
