"""What students learn from their teachers: the tables of docs/recipe.md.

    python -m benchmarks.distillation [--corpus atis,snips] [--seeds 0,1,2,3,4]

Each student is what `slotfill distill` makes: it has four teachers, default recipes, and starts as the one of them that
does best on dev. No two students share a teacher, so their scores are as many independent ones. The epoch is chosen by
dev, and test scored once a run.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import recipes, runs
from benchmarks.runs import Job, mean_percent
from slotfill.config import TEACHERS
from slotfill.learning.distillation import student_of
from slotfill.learning.history import rank

COLUMNS = ("networks", "dev F1", "dev intent", "test F1", "each", "test intent", "parameters", "seconds")
_SHOWN = 5
"""So many scores are named one by one at most."""


def teachers_of(corpus: str, data_dir: Path, seed: int) -> list[Job]:
    """The teachers of a student; no other student has one of them."""
    seeds = range(TEACHERS * seed, TEACHERS * (seed + 1))
    return [Job(corpus, data_dir, *recipes.recipe(recipes.DEFAULT, each), kept=True) for each in seeds]


def student(teachers: Sequence[Job], found: Sequence[dict[str, Any]], seed: int) -> Job:
    """The student of teachers with these numbers, which starts as the best of them."""
    ranks = [rank(numbers["dev"]["f1"], numbers["dev"]["intent_accuracy"]) for numbers in found]
    best_first = [teachers[place] for place in sorted(range(len(teachers)), key=lambda place: -ranks[place])]
    network, training = student_of(best_first[0].network, replace(best_first[0].training, seed=seed, distillation=1.0))
    return Job(best_first[0].corpus, best_first[0].data_dir, network, training, tuple(best_first))


def row(name: str, found: Sequence[dict[str, Any]]) -> str:
    """One line of the table."""
    f1 = [100 * run["test"]["f1"] for run in found]
    spread = f" ± {statistics.stdev(f1):.2f}" if len(f1) > 1 else ""
    cells = [
        name,
        f"{len(found)}",
        mean_percent(found, "dev", "f1"),
        mean_percent(found, "dev", "intent_accuracy"),
        f"**{statistics.mean(f1):.2f}**{spread}",
        ", ".join(f"{each:.2f}" for each in f1) if len(f1) <= _SHOWN else "",
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
        name = Path(corpus).name
        groups = [teachers_of(corpus, options.data_dir, seed) for seed in options.seeds]
        found = runs.results([teacher for group in groups for teacher in group])
        print(row(f"{name}, teachers", found), flush=True)
        parts = [found[start : start + TEACHERS] for start in range(0, len(found), TEACHERS)]
        jobs = [student(*each) for each in zip(groups, parts, options.seeds, strict=True)]
        print(row(f"{name}, students", runs.results(jobs)), flush=True)


if __name__ == "__main__":
    main()
