"""What students learn from their teachers: the tables of docs/recipe.md.

    python -m benchmarks.distillation [--corpus atis,snips] [--seeds 0,1,2,3,4] [--teachers 4]

Each student is what `slotfill distill` makes: its teachers are default recipes, and it starts as the one of them that
does best on dev. No two students share a teacher, so their scores are as many independent ones. The epoch is chosen by
dev, and test scored once a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import accuracy, recipes, runs
from benchmarks.command_line import Parser, at_least, refusing
from benchmarks.runs import Job
from slotfill.config import DISTILLATION, TEACHERS
from slotfill.errors import SlotfillError
from slotfill.learning.distillation import student_of
from slotfill.learning.history import selection_score_of


def teachers_of(corpus: str, data_dir: Path, seed: int, count: int) -> list[Job]:
    """The teachers of a student; no other student has one of them."""
    seeds = range(count * seed, count * (seed + 1))
    return [Job(corpus, data_dir, *recipes.recipe(recipes.DEFAULT, each), kept=True) for each in seeds]


def student(teachers: Sequence[Job], found: Sequence[dict[str, Any]], seed: int) -> Job:
    """The student of teachers with these numbers, which starts as the best of them.

    Raises `SlotfillError` if one of them diverged.
    """
    for teacher, numbers in zip(teachers, found, strict=True):
        if numbers.get("diverged"):  # Not in numbers kept from before it was told.
            told = f"the teacher of seed {teacher.training.seed} on {teacher.corpus}"
            raise SlotfillError(f"{told} diverged in training and cannot teach: choose other --seeds")
    ranks = [selection_score_of(numbers["dev"]) for numbers in found]
    best, *others = (teacher for _, teacher in sorted(zip(ranks, teachers, strict=True), key=lambda each: -each[0]))
    network, training = student_of(best.network, replace(best.training, seed=seed, distillation=DISTILLATION))
    return Job(best.corpus, best.data_dir, network, training, (best, *others))


@refusing
def main() -> None:
    """Print two rows a corpus, as soon as their runs are through."""
    parser = Parser("distillation", "What students learn from teachers.")
    parser.add_corpus("airline", runs.CORPORA)
    parser.add_seeds("0,1,2,3,4")
    parser.add_argument("--teachers", default=TEACHERS, type=at_least(2), help="how many each student has")
    options = parser.parse_args()
    corpora = runs.named(options.corpus, options.data_dir)
    plans = [
        [teachers_of(corpus, options.data_dir, seed, options.teachers) for seed in options.seeds] for corpus in corpora
    ]
    print(accuracy.header())
    for corpus, groups in zip(corpora, plans, strict=True):
        name = Path(corpus).resolve().name
        found = runs.results([teacher for group in groups for teacher in group])
        print(accuracy.row(name, "teachers", found), flush=True)
        parts = [found[start : start + options.teachers] for start in range(0, len(found), options.teachers)]
        jobs = [student(*each) for each in zip(groups, parts, options.seeds, strict=True)]
        print(accuracy.row(name, "students", runs.results(jobs)), flush=True)


if __name__ == "__main__":
    main()
