"""How hard the built-in corpus is: the span F1 of a tagger that sees three words, and of a trained model.

    python -m benchmarks.airline_baseline [--model models/airline]

F1 is micro-averaged over spans and read as conlleval does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import slotfill
from benchmarks.command_line import Parser, refusing
from slotfill.corpus.airline import generate
from slotfill.corpus.tags import OUTSIDE, repair
from slotfill.corpus.utterance import Utterance
from slotfill.scoring.evaluation import micro_f1

Tagger = Callable[[Sequence[str]], Sequence[str]]
Window = tuple[str | None, str, str | None]


def windows(words: Sequence[str]) -> Iterator[list[Window]]:
    """For each word what the window tagger looks up, the most telling first. None stands for any word."""
    for before, word, after in zip(["<s>", *words[:-1]], words, [*words[1:], "</s>"], strict=True):
        yield [(before, word, after), (before, word, None), (None, word, after), (None, word, None)]


def window_tagger(train: Iterable[Utterance]) -> Tagger:
    """A tagger that gives each word the tag it had most often in train between the same two neighbours.

    It backs off to the word with the one before, the word with the one after, the word alone, then `O`.
    """
    counts: defaultdict[Window, Counter[str]] = defaultdict(Counter)
    for utterance in train:
        for keys, tag in zip(windows(utterance.words), utterance.tags or (), strict=True):
            for key in keys:
                counts[key][tag] += 1
    best = {key: max(sorted(tags), key=tags.__getitem__) for key, tags in counts.items()}

    def most_often(words: Sequence[str]) -> Sequence[str]:
        return repair(next((best[key] for key in keys if key in best), OUTSIDE) for keys in windows(words))

    return most_often


def f1(tagger: Tagger, utterances: Iterable[Utterance]) -> float:
    """The micro-averaged span F1 of `tagger`, between 0 and 1."""
    gold = list(utterances)
    return micro_f1(gold, [replace(utterance, tags=tuple(tagger(utterance.words))) for utterance in gold])


def parts(test: Sequence[Utterance]) -> dict[str, list[Utterance]]:
    """The test split by what in it train never shows, after the utterances' ids."""
    by_part: dict[str, list[Utterance]] = {"all": list(test)}
    for part in ("known", "names", "pattern", "names-pattern"):
        by_part[part] = [each for each in test if (each.id or "").split("-", 2)[2] == part]
    return by_part


@refusing
def main() -> None:
    """Print F1 in percent for the whole test split and for its parts."""
    parser = Parser("airline_baseline", "Span F1 on the test split of the built-in corpus.")
    parser.add_argument("--model", help="also score this trained model, such as models/airline")
    model = parser.parse_args().model
    corpus = generate()
    taggers = {"window of 3": window_tagger(corpus["train"])}
    if model:
        trained = slotfill.load(model)
        taggers[model] = lambda words: trained.tag_words(list(words)).tags or ()
    print(f"{'new in test':16}{'utterances':>12}" + "".join(f"{name:>20}" for name in taggers))
    for part, utterances in parts(corpus["test"]).items():
        scores = "".join(f"{100 * f1(tagger, utterances):20.2f}" for tagger in taggers.values())
        print(f"{part:16}{len(utterances):12}{scores}")


if __name__ == "__main__":
    main()
