"""How accurate the default recipe is: every corpus and cell over several seeds, as a Markdown table.

    python -m benchmarks.accuracy [--corpus atis,snips] [--cell lstm,gru] [--seeds 0,1,2] [--data-dir data]

The epoch is chosen by dev and test is scored once a run, with the exported model that users get. Each run's numbers
are kept in benchmarks/results/ under a digest of its settings and of the corpus: an interrupted benchmark goes on where
it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import Corpus, open_corpus, training_splits
from slotfill.learning.artifact import save
from slotfill.learning.evaluation import evaluate
from slotfill.learning.history import Listener
from slotfill.learning.loop import train
from slotfill.network.cells import CELLS
from slotfill.runtime.tagger import load

RESULTS = Path(__file__).parent / "results"


def run(corpus: Corpus, network: NetworkConfig, config: TrainingConfig) -> dict[str, Any]:
    """Train, export, score on test; shares as fractions."""
    training, dev = training_splits(corpus, print)
    trained = train(training, dev, network, config, Listener())
    with tempfile.TemporaryDirectory() as folder:
        saved = save(trained, Path(folder) / "model", corpus=corpus.name, training=training, dev=dev, config=config)
        tagger = load(Path(folder) / "model")
    test = corpus.split("test")
    scores = evaluate(test, [tagged.tags or () for tagged in tagger.tag_all(test)], tagger.vocabulary.__contains__)
    return {
        "dev_f1": saved.dev.f1,
        "f1": scores.f1,
        "f1_strict": scores.f1_strict,
        "exact_match": scores.exact_match,
        "unseen_f1": scores.unseen_f1,
        "seconds": saved.metrics["seconds"],
        "epochs": saved.metrics["epochs"],
        "parameters": saved.metrics["parameters"],
    }


def cached(corpus: Corpus, network: NetworkConfig, config: TrainingConfig) -> dict[str, Any]:
    """The numbers of a run, from an earlier one with the same settings and corpus if there is one."""
    content = {split: [(u.words, u.tags) for u in utterances] for split, utterances in corpus.splits.items()}
    settings = {"network": network.to_json(), "training": config.to_json(), "corpus": content}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
    file = RESULTS / f"accuracy-{corpus.name}-{network.cell}-{config.seed}-{digest}.json"
    if not file.exists():
        RESULTS.mkdir(exist_ok=True)
        file.write_text(json.dumps(run(corpus, network, config)))
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def row(name: str, cell: str, runs: list[dict[str, Any]]) -> str:
    """One line of the table: means over the seeds, and the test F1 of each."""

    def mean(key: str) -> float:
        return statistics.mean(run[key] or 0.0 for run in runs)

    spread = statistics.stdev(run["f1"] for run in runs) if len(runs) > 1 else 0.0
    each = ", ".join(f"{100 * run['f1']:.2f}" for run in runs)
    cells = [
        name,
        cell,
        f"{runs[0]['parameters']:,}",
        f"{100 * mean('dev_f1'):.2f}",
        f"**{100 * mean('f1'):.2f}** ± {100 * spread:.2f}",
        each,
        f"{100 * mean('exact_match'):.2f}",
        f"{100 * mean('unseen_f1'):.2f}",
        f"{mean('seconds'):.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table, a row as soon as its runs are through."""
    parser = argparse.ArgumentParser(description="Accuracy of the default recipe.")
    parser.add_argument("--corpus", default="airline", help="names or folders, separated by commas")
    parser.add_argument("--cell", default=",".join(CELLS.names()), help="names, separated by commas")
    parser.add_argument("--seeds", default="0,1,2", help="separated by commas")
    parser.add_argument("--data-dir", default="data", type=Path)
    options = parser.parse_args()
    print("| corpus | cell | parameters | dev F1 | test F1 | each seed | exact match | F1, unseen words | seconds |")
    print("| --- | --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |")
    for name in options.corpus.split(","):
        corpus = open_corpus(name, options.data_dir)
        for cell in options.cell.split(","):
            network = NetworkConfig(cell=CELLS.require(cell))
            seeds = [TrainingConfig(seed=int(seed)) for seed in options.seeds.split(",")]
            print(row(corpus.name, cell, [cached(corpus, network, config) for config in seeds]), flush=True)


if __name__ == "__main__":
    main()
