"""What a tagger loses on cities that training has never named.

    python -m benchmarks.unseen_cities [--corpus atis] [--split test] [--seeds 0,1,2] [--data-dir data]

A third of the city names, drawn by the seed, is taken out of the training utterances, from airports named after them
too: each gives its place to another value of its slot. The same recipe is trained with and without them, and scored on
the spans of the split that hold one of them: F1 of the gold spans of these cities and of the predicted spans that
overlap them. The epoch is chosen by dev, which still names them all.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import runs
from benchmarks.command_line import Parser, refusing
from slotfill.cli._console import say
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import Corpus, open_corpus, training_splits
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.lab.runs import run_all

CITY = "city_name"
"""What the names of slots for cities end in."""

Words = tuple[str, ...]


def cities(utterances: Sequence[Utterance]) -> list[Words]:
    """The distinct values of the slots for cities, in their order."""
    found = {
        utterance.words[start:end]: None
        for utterance in utterances
        for slot, start, end in utterance.segments
        if slot.endswith(CITY)
    }
    return list(found)


def names_one(words: Words, removed: set[Words]) -> bool:
    """Whether one of `removed` stands among the words."""
    return any(
        words[start : start + len(city)] == city for city in removed for start in range(len(words) - len(city) + 1)
    )


def without(utterances: Sequence[Utterance], removed: set[Words], seed: int) -> list[Utterance]:
    """The same utterances with another value of its slot wherever one named a city of `removed`.

    That goes for slots of airports and others that cities lend their names to; utterances that name one outside of any
    slot, or in a slot that has no other value, are left out.
    """
    draw = random.Random(seed)
    values: dict[str, dict[Words, None]] = {}
    for utterance in utterances:
        for slot, start, end in utterance.segments:
            if not names_one(utterance.words[start:end], removed):
                values.setdefault(slot, {})[utterance.words[start:end]] = None
    found = []
    for utterance in utterances:
        others = {
            span: draw.choice(list(values[span.slot]))
            for span in reversed(utterance.segments)
            if span.slot in values and names_one(utterance.words[span.start : span.end], removed)
        }
        changed = utterance.with_values(others)
        if not names_one(changed.words, removed):
            found.append(changed)
    return found


def f1_of_removed(gold: Sequence[Utterance], predicted: Sequence[Utterance], removed: set[Words]) -> float:
    """F1, a fraction, of the gold spans whose words are one of `removed` and the predicted spans that overlap them."""
    right = wanted = given = 0
    for utterance, tagged in zip(gold, predicted, strict=True):
        spans = {
            span
            for span in utterance.segments
            if span.slot.endswith(CITY) and utterance.words[span.start : span.end] in removed
        }
        found = {
            span
            for span in tagged.segments
            if any(span.start < other.end and other.start < span.end for other in spans)
        }
        right += len(spans & found)
        wanted += len(spans)
        given += len(found)
    return 2 * right / max(wanted + given, 1)


@dataclass(frozen=True)
class Trial:
    """One training, and the cities of a seed that it is scored on in `gold`."""

    corpus: str
    training: list[Utterance]
    dev: list[Utterance]
    gold: list[Utterance]
    seed: int
    removed: set[Words]


def trials(corpus: Corpus, split: str, seeds: Sequence[int]) -> list[Trial]:
    """Two a seed: with the cities that it draws, and without them.

    Raises `DataError` if training names no city, or the split none of those that a seed draws.
    """
    gold = runs.scored(corpus, split)
    training, dev = training_splits(corpus, say)
    known = cities(training)
    if not known:
        raise DataError(f"corpus {corpus.name!r} has no slot that ends in {CITY}")
    found = []
    for seed in seeds:
        removed = set(random.Random(seed).sample(known, len(known) // 3))
        if removed.isdisjoint(cities(gold)):
            raise DataError(f"split {split!r} of {corpus.name} names none of the cities that seed {seed} draws")
        ways = training, without(training, removed, seed)
        found += [Trial(corpus.name, given, dev, gold, seed, removed) for given in ways]
    return found


def measure(trial: Trial) -> float:
    """F1, a fraction, on the cities that the seed draws."""
    config = TrainingConfig(seed=trial.seed, threads=1)
    tagger, _ = runs.train_and_export(trial.corpus, trial.training, trial.dev, NetworkConfig(), config)
    return f1_of_removed(trial.gold, list(tagger.tag_all(trial.gold)), trial.removed)


@refusing
def main() -> None:
    """Print a line a seed, and the mean."""
    parser = Parser("unseen_cities", "F1 on cities that training has never named.")
    parser.add_corpus("atis", "a name or a folder, with slots for cities")
    parser.add_seeds()
    parser.add_argument("--split", default="test", help="what is scored")
    options = parser.parse_args()
    chosen = trials(open_corpus(options.corpus, options.data_dir), options.split, options.seeds)
    scores = [100 * score for score in run_all(measure, chosen)]
    print("| seed | trained with them | without | lost |")
    print("| ---: | ---: | ---: | ---: |")
    for seed, known, unknown in zip(options.seeds, scores[::2], scores[1::2], strict=True):
        print(f"| {seed} | {known:.2f} | {unknown:.2f} | {known - unknown:.2f} |")
    known, unknown = statistics.mean(scores[::2]), statistics.mean(scores[1::2])
    print(f"| mean | {known:.2f} | {unknown:.2f} | {known - unknown:.2f} |")


if __name__ == "__main__":
    main()
