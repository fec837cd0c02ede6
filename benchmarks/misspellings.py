"""What a typing error costs, and what training with some is worth.

    python -m benchmarks.misspellings [--corpus atis,snips] [--split dev] [--seeds 0,1,2] [--data-dir data]

The default recipe is trained as it is, and with `--misspellings 0.05`. Scored are the split as it is; the same with a
slip in one word of each utterance that is in no value; and with one in a value. A word has four letters or more, its
first and last stay, and the slip is one of those that training makes: two letters swapped, one left out, doubled, or
replaced.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase

from benchmarks import recipes, runs
from benchmarks.command_line import Parser, refusing
from slotfill.cli._console import say
from slotfill.corpus.splits import open_corpus, training_splits
from slotfill.corpus.tags import OUTSIDE
from slotfill.corpus.utterance import Utterance
from slotfill.lab.runs import run_all
from slotfill.scoring.evaluation import micro_f1

_SHORTEST = 4

_WHERE: dict[str, Callable[[str], bool] | None] = {
    "as it is": None,
    "a slip outside of values": lambda tag: tag == OUTSIDE,
    "a slip in a value": lambda tag: tag != OUTSIDE,
}

_RECIPES = (recipes.DEFAULT, "misspellings 0.05")


def misspelt(word: str, draw: random.Random) -> str:
    """A word of four letters or more with two letters swapped, one left out, one doubled, or another in its place."""
    i = draw.randrange(1, len(word) - 2)
    before, here, there, after = word[:i], word[i], word[i + 1], word[i + 2 :]
    kinds = there + here, there, 2 * here + there, draw.choice(ascii_lowercase) + there
    return before + draw.choice(kinds) + after


def with_slips(utterances: Sequence[Utterance], where: Callable[[str], bool], seed: int) -> list[Utterance]:
    """The same utterances, one word of each misspelt whose tag is `where`; unchanged where there is none."""
    draw = random.Random(seed)
    found = []
    for utterance in utterances:
        words = list(utterance.words)
        places = [
            i
            for i, (word, tag) in enumerate(zip(words, utterance.tags or (), strict=True))
            if where(tag) and word.isalpha() and len(word) >= _SHORTEST
        ]
        if places:
            i = draw.choice(places)
            words[i] = misspelt(words[i], draw)
        found.append(replace(utterance, words=tuple(words), text=""))
    return found


@dataclass(frozen=True)
class Trial:
    """One training; `gold` are texts to be scored on."""

    corpus: str
    training: list[Utterance]
    dev: list[Utterance]
    gold: list[list[Utterance]]
    recipe: str
    seed: int


def measure(trial: Trial) -> list[float]:
    """F1, in percent, on each text."""
    network, training = recipes.recipe(trial.recipe, trial.seed)
    tagger, _ = runs.train_and_export(trial.corpus, trial.training, trial.dev, network, training)
    return [100 * micro_f1(gold, list(tagger.tag_all(gold))) for gold in trial.gold]


@refusing
def main() -> None:
    """Print a line for each corpus and recipe: means over the seeds."""
    parser = Parser("misspellings", "F1 on text with typing errors.")
    parser.add_corpus("atis,snips", "names or folders, separated by commas")
    parser.add_seeds()
    parser.add_argument("--split", default="dev", help="what is scored")
    options = parser.parse_args()
    chosen = []
    for name in options.corpus.split(","):
        corpus = open_corpus(name, options.data_dir)
        gold = runs.scored(corpus, options.split)
        training, dev = training_splits(corpus, say)
        texts = [gold if where is None else with_slips(gold, where, seed=0) for where in _WHERE.values()]
        chosen += [
            Trial(corpus.name, training, dev, texts, recipe, seed) for recipe in _RECIPES for seed in options.seeds
        ]
    scores = run_all(measure, chosen)
    print(f"| corpus, recipe | {' | '.join(_WHERE)} |")
    print(f"| --- | {' | '.join('---:' for _ in _WHERE)} |")
    for i in range(0, len(chosen), len(options.seeds)):
        means = map(statistics.mean, zip(*scores[i : i + len(options.seeds)], strict=True))
        print(f"| {chosen[i].corpus}, {chosen[i].recipe} | {' | '.join(f'{mean:.2f}' for mean in means)} |")


if __name__ == "__main__":
    main()
