"""What students learn from their teachers: the tables of docs/recipe.md.

    python -m benchmarks.distillation [--corpus atis,snips] [--seeds 0,1,2,3,4]

The teachers are the default recipe with these seeds. Each student starts as another of them and learns from it and the
next three, so that the two means are over as many networks; `slotfill distill` has four teachers, too, and starts with
the one that does best on dev. The epoch is chosen by dev, and test scored once a run.
"""

from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import recipes, runs
from benchmarks.runs import Job, mean_percent
from slotfill.config import TEACHERS
from slotfill.learning.distillation import student_of

COLUMNS = ("dev F1", "dev intent", "test F1", "each", "test intent", "parameters", "seconds")


def students(teachers: list[Job]) -> list[Job]:
    """One that starts as each teacher."""
    found = []
    for number, first in enumerate(teachers):
        network, training = student_of(first.network, replace(first.training, distillation=1.0))
        order = (*teachers[number:], *teachers[:number])[:TEACHERS]
        found.append(Job(first.corpus, first.data_dir, network, training, order))
    return found


def row(name: str, found: list[dict[str, Any]]) -> str:
    """One line of the table."""
    cells = [
        name,
        mean_percent(found, "dev", "f1"),
        mean_percent(found, "dev", "intent_accuracy"),
        f"**{mean_percent(found, 'test', 'f1')}**",
        ", ".join(f"{100 * run['test']['f1']:.2f}" for run in found),
        mean_percent(found, "test", "intent_accuracy"),
        f"{found[0]['parameters']:,}",
        f"{statistics.mean(run['seconds'] for run in found):.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print two rows a corpus, as soon as their runs are through."""
    options = runs.parser("What students learn from teachers.", corpus="airline", seeds=[0, 1, 2, 3, 4]).parse_args()
    print(f"| | {' | '.join(COLUMNS)} |")
    print(f"| --- |{' ---: |' * len(COLUMNS)}")
    for corpus in options.corpus.split(","):
        teachers = [
            Job(corpus, options.data_dir, *recipes.recipe(recipes.DEFAULT, seed), kept=True) for seed in options.seeds
        ]
        name = Path(corpus).name
        print(row(f"{name}, teachers", runs.results(teachers)), flush=True)
        print(row(f"{name}, students", runs.results(students(teachers))), flush=True)


if __name__ == "__main__":
    main()
