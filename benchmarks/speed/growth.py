"""What tagging costs as the work grows, and the power that the cost follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np
import torch

from benchmarks.speed.children import median_seconds
from benchmarks.speed.report import Table
from benchmarks.speed.subject import Subject
from benchmarks.speed.taggers import CHUNK
from slotfill.config import NetworkConfig
from slotfill.corpus.formats.jsonl import FORMAT
from slotfill.learning.prediction import decoder_of
from slotfill.network.export import export
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.encoding import encode
from slotfill.runtime.session import Session
from slotfill.runtime.tagger import Tagger
from slotfill.runtime.vocabulary import Vocabulary

LINES = (1_000, 10_000, 100_000, 1_000_000)
WORDS = (5, 10, 20, 50, 100, 200)
TAGS = (10, 20, 50, 100, 200)
UNITS = (32, 64, 128, 256, 512)

_ONCE = 100_000
"""As many lines and more are tagged once, not `runs` times: chance has evened out by then."""


@dataclass(frozen=True)
class Curve:
    """The cost of tagging for several sizes of one thing, all else alike.

    Attributes:
        title: what grows.
        x: the same as an axis names it.
        y: the cost, with its unit.
        points: (size, cost).
    """

    title: str
    x: str
    y: str
    points: Sequence[tuple[float, float]]

    @property
    def exponent(self) -> float | None:
        """The k of the power law `cost = a * size^k` that fits best, by least squares of logarithms.

        None of fewer than two points.
        """
        if len(self.points) < 2:
            return None
        sizes, costs = np.log(np.array(self.points)).T
        return float(np.polyfit(sizes, costs, 1)[0])

    def table(self) -> Table:
        """The points."""
        power = self.exponent
        note = "" if power is None else f"{self.y} grows as {self.x} to the power of {power:.2f}."
        return Table(f"Growth: {self.title}", {self.x: ",", self.y: ",.3g"}, self.points, note)


def curves(subject: Subject, most_lines: int) -> list[Curve]:
    """The cost of more lines, longer lines, more tags and wider networks; one thread, start-up apart."""
    trained = Tagger.open(subject.model)
    lines = [(count, _seconds(trained, subject.own, count, subject.runs)) for count in LINES if count <= most_lines]
    cut_words = [word.encode() for line in subject.own for word in trained.tokenize(line.decode()).words]
    words = list(islice(cycle(cut_words), subject.words))
    longer = []
    for length in WORDS:
        cut = [b" ".join(words[start : start + length]) for start in range(0, len(words) - length + 1, length)]
        longer.append((length, 1e3 * _seconds(trained, cut, len(cut), subject.runs) / len(cut)))

    def per_word(tags: int, units: int) -> float:
        tagger = untrained(trained.vocabulary, replace(subject.network, hidden_size=units), tags)
        return 1e6 * _seconds(tagger, subject.lines, subject.count, subject.runs) / subject.words

    more_tags = [(tags, per_word(tags, subject.network.hidden_size)) for tags in TAGS]
    wider = [(units, per_word(subject.tags, units)) for units in UNITS]
    return [
        Curve("lines", "lines", "seconds", lines),
        Curve("words a line", "words a line", "ms a line", longer),
        Curve("tags (untrained)", "tags", "µs a word", more_tags),
        Curve("hidden units (untrained)", "hidden units", "µs a word", wider),
    ]


def _seconds(tagger: Tagger, lines: Sequence[bytes], count: int, runs: int) -> float:
    """Seconds from raw lines, repeated to `count`, to JSON lines; words have been met before."""

    def run(count: int) -> None:
        left = islice(cycle(lines), count)
        while chunk := [tagger.tokenize(line.decode()) for line in islice(left, CHUNK)]:
            "".join(map(FORMAT.render, tagger.tag_batch(chunk)))

    run(min(len(lines), CHUNK))
    return median_seconds(lambda: run(count), 1 if count >= _ONCE else runs)


def untrained(vocabulary: Vocabulary, network: NetworkConfig, tags: int) -> Tagger:
    """A tagger with random weights, these words and this many tags.

    `O` is by far the best tag of each word, so that decoding needs no search, as a trained network's seldom does.
    """
    slots = [f"slot{number}" for number in range(1 + tags // 2)]
    names = ["O", *(f"{prefix}-{slot}" for slot in slots for prefix in "BI")][:tags]
    vocabulary = replace(vocabulary, tags=tuple(names))
    torch.manual_seed(0)
    made = TaggerNetwork.for_vocabulary(network, vocabulary).eval()
    with torch.no_grad():
        made.head.tags.bias[0] += 100
    sample = encode([["a"], ["a", "b"]], vocabulary)
    return Tagger(vocabulary, Session(export(made, [sample])), decoder_of(made, vocabulary))
