"""How fast training and tagging are: as shares of the machine's own arithmetic, and beside what else one might pick.

    python -m benchmarks.speed [--corpus atis] [--model FOLDER] [--only peak,tagging] [--train] [--output speed]

Without `--model` the default recipe is trained once and kept in benchmarks/results/; so are the peers. Nothing else
should run meanwhile: times are those of the clock. Prints Markdown; docs/speed.md tells how to read it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from benchmarks.command_line import Parser, at_least, refusing
from benchmarks.runs import scored
from benchmarks.speed import eight_bits, footprint, growth, peak, peers, tagging, training
from benchmarks.speed.picture import growth_picture
from benchmarks.speed.report import Report, Table, command, machine
from benchmarks.speed.subject import Subject, train_default
from slotfill.config import cores
from slotfill.corpus.splits import open_corpus
from slotfill.errors import DataError, UsageError
from slotfill.files import atomic_file
from slotfill.runtime.bundle import Bundle, find


def _training(subject: Subject, options: argparse.Namespace) -> Iterator[Table]:
    yield training.cells_table(subject, options.runs)
    if options.train:
        named, data_dir = subject.corpus_name, subject.data_dir
        alone = train_default(subject.corpus, named, data_dir, anew=True, threads=1) if cores() > 1 else None
        yield training.whole_table(subject, alone)


def _growth(subject: Subject, options: argparse.Namespace) -> Iterator[Table]:
    found = growth.curves(subject, options.most_lines)
    yield from (curve.table() for curve in found)
    if options.output is not None:
        with atomic_file(options.output / _PICTURE, "wb") as file:
            where = f"{machine()['processor']}, one of {machine()['cores']} cores"
            file.write(growth_picture(found, f"{command()}. {where}. {subject}"))


def _memory(subject: Subject, options: argparse.Namespace) -> Iterator[Table]:
    yield footprint.memory(subject, [count for count in footprint.LINES if count <= options.most_lines])


SECTIONS: dict[str, Callable[[Subject, argparse.Namespace], Iterable[Table]]] = {
    "peak": lambda *_: [peak.table()],
    "training": _training,
    "tagging": lambda subject, _: tagging.tables(subject),
    "cold": lambda subject, _: [footprint.cold(subject)],
    "memory": _memory,
    "sizes": lambda subject, _: [footprint.sizes(subject)],
    "int8": lambda subject, _: [eight_bits.table(subject)],
    "growth": _growth,
    "peers": lambda subject, _: [peers.table(subject)],
}


_LEAST = {
    "memory": {"most_lines": footprint.LINES[0]},
    "growth": {"most_lines": growth.LINES[0], "count": growth.WORDS[-1]},
}
"""What options must be for a section to measure anything; the longest line is made of the words of --count lines."""
_PICTURE = "speed.png"


def parser() -> Parser:
    """The options."""
    made = Parser("speed", "Speed of training and tagging.")
    made.add_corpus("atis")
    made.add_argument("--model", help="a model folder or a name in models/; without: the default recipe, trained once")
    made.add_argument("--train", action="store_true", help="train the default recipe anew and tell what it took")
    made.add_argument("--only", type=_sections, default=",".join(SECTIONS), help="sections, separated by commas")
    made.add_argument(
        "--count", type=at_least(1), default=10_000, help="lines to tag; those of the test split, repeated"
    )
    made.add_argument("--most-lines", type=at_least(1), default=1_000_000, help="of memory and growth")
    made.add_argument("--runs", type=at_least(1), default=5, help="of which medians are taken")
    made.add_argument("--output", type=Path, help="a folder for speed.md, speed.json and speed.png")
    return made


def _sections(given: str) -> list[str]:
    chosen = given.split(",")
    if unknown := [name for name in chosen if name not in SECTIONS]:
        raise argparse.ArgumentTypeError(f"no section {unknown[0]!r}: choose from {', '.join(SECTIONS)}")
    return chosen


def _named(corpus: str, data_dir: Path) -> str:
    """What names the corpus wherever a command runs; a folder that is called like it need not hold one."""
    place = Path(corpus).resolve()
    if place.exists():
        with suppress(DataError):
            open_corpus(str(place), data_dir)
            return str(place)
    return corpus


def _require(options: argparse.Namespace) -> None:
    """Raise `UsageError` if options exclude each other or leave a section nothing to measure."""
    if options.train and options.model:
        raise UsageError("--train measures the default recipe: leave out --model")
    if options.output is not None and options.output.exists() and not options.output.is_dir():
        raise UsageError(f"--output is for a folder, and {options.output} is none")
    for section in options.only:
        for name, least in _LEAST.get(section, {}).items():
            if getattr(options, name) < least:
                told = f"--{name.replace('_', '-')} of {least} at least"
                raise UsageError(f"section {section} needs {told}: give more, or leave it out by --only")


@refusing
def main() -> None:
    """Measure, print, and write."""
    options = parser().parse_args()
    _require(options)
    corpus = open_corpus(options.corpus, options.data_dir)
    if options.model and "peers" not in options.only:
        corpus.split("test")
    else:
        scored(corpus, "test")
    named = _named(options.corpus, options.data_dir)
    data_dir = options.data_dir.resolve()
    trained = None if options.model else train_default(corpus, named, data_dir, anew=options.train)
    model = Bundle(trained.model) if trained else find(options.model)
    with tempfile.TemporaryDirectory() as folder:
        subject = Subject(model, corpus, named, data_dir, trained, options.count, options.runs, Path(folder))
        report = Report(str(subject))
        if options.output is not None:
            (options.output / _PICTURE).unlink(missing_ok=True)  # An earlier run's.
        for section in options.only:
            for table in SECTIONS[section](subject, options):
                report.add(table)
            if options.output is not None:  # After each section: the last ones take long.
                report.write(options.output)


if __name__ == "__main__":
    main()
