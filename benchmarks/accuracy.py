"""How accurate recipes are: every corpus and recipe over several seeds, as a Markdown table.

    python -m benchmarks.accuracy [--corpus atis,snips] [--recipe default,no_CRF | all] [--seeds 0,1,2,3,4]

Means over the seeds, ± their standard deviation with n - 1, and the 95% interval of the mean by Student's t. The epoch
is chosen by dev, and test scored once a run. Each seed is named where there are five at most. Seconds are those of one
thread while another run has the other core.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from benchmarks import recipes, runs
from benchmarks.command_line import Parser, refusing
from benchmarks.runs import Job, mean_percent
from slotfill.scoring.evaluation import mean_interval

COLUMNS = (
    "corpus", "recipe", "runs", "parameters", "dev F1", "dev intent", "test F1", "95% interval", "each", "exact match",
    "intent", "sentence", "calibration error", "F1, unseen words", "seconds",
)  # fmt: skip
_NAMED = 5
"""So many scores are named one by one at most."""


def header() -> str:
    """The table's first two lines."""
    return f"| {' | '.join(COLUMNS)} |\n| --- | --- |{' ---: |' * (len(COLUMNS) - 2)}"


def row(name: str, recipe: str, found: list[dict[str, Any]]) -> str:
    """One line of the table."""
    f1 = [100 * run["test"]["f1"] for run in found]
    spread = interval = ""
    if len(f1) > 1:
        spread = f" ± {statistics.stdev(f1):.2f}"
        interval = "{:.2f} to {:.2f}".format(*mean_interval(f1))
    cells = [
        name,
        recipe,
        f"{len(found)}",
        f"{found[0]['parameters']:,}",
        mean_percent(found, "dev", "f1"),
        mean_percent(found, "dev", "intent_accuracy"),
        f"**{statistics.mean(f1):.2f}**{spread}",
        interval,
        ", ".join(f"{each:.2f}" for each in f1) if len(f1) <= _NAMED else "",
        mean_percent(found, "test", "exact_match"),
        mean_percent(found, "test", "intent_accuracy"),
        mean_percent(found, "test", "sentence_accuracy"),
        mean_percent(found, "test", "calibration_error"),
        mean_percent(found, "test", "unseen_f1"),
        f"{statistics.mean(run['seconds'] for run in found):.0f}",
    ]
    return f"| {' | '.join(cells)} |"


@refusing
def main() -> None:
    """Print the table, a row as soon as its runs are through."""
    parser = Parser("accuracy", "Accuracy of recipes.")
    parser.add_corpus("airline", runs.CORPORA)
    parser.add_seeds()
    parser.add_argument("--recipe", default=recipes.DEFAULT, help="names, separated by commas, _ for blanks; or all")
    options = parser.parse_args()
    chosen = recipes.names() if options.recipe == "all" else options.recipe.replace("_", " ").split(",")
    settings = {recipe: [recipes.recipe(recipe, seed) for seed in options.seeds] for recipe in chosen}
    corpora = runs.named(options.corpus, options.data_dir)
    print(header())
    for corpus in corpora:
        for recipe, by_seed in settings.items():
            jobs = [Job(corpus, options.data_dir, *each) for each in by_seed]
            print(row(Path(corpus).resolve().name, recipe, runs.results(jobs)), flush=True)


if __name__ == "__main__":
    main()
