"""`slotfill check`: what a corpus holds, and what in it would mislead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slotfill.cli._console import print_json
from slotfill.cli._corpus import SHOWN, DataDir, Source, first_few
from slotfill.legible import counted

if TYPE_CHECKING:
    from rich.table import Table

    from slotfill.corpus.check import Report, SplitReport


def command(
    corpus: Source,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object with everything.")] = False,
    from_format: Annotated[
        str | None,
        typer.Option("--from", metavar="FORMAT", help="The format of CORPUS.", show_default="by its ending"),
    ] = None,
    data_dir: DataDir = Path("data"),
) -> None:
    """Count what a corpus holds and point at what would mislead training or its score.

    It reports tags, words and intents that train never shows, illegal BIO, duplicates, duplicates with different
    labels, sentences that occur in two splits, and words that `slotfill tag` would cut otherwise. Findings are no
    errors: the exit code is 0 if the corpus can be read.

    slotfill check atis

    slotfill check my-corpus/ --json
    """
    from slotfill.corpus.check import check
    from slotfill.corpus.splits import open_corpus

    report = check(open_corpus(corpus, data_dir, from_format))
    if as_json:
        print_json(report, indented=True)
    else:
        _show(report)


def _show(report: Report) -> None:
    from rich.table import Table
    from rich.text import Text

    from slotfill.cli._screen import Screen

    console = Screen()
    console.print(Text(report.name, "bold"))
    console.print(_counts(report))
    if any(split.unseen for split in report.splits.values()):
        console.print("Never seen in train, and its share of the split", style="bold")
        console.print(_unseen(report))
    findings = Table.grid(padding=(0, 1))
    for finding in _findings(report) or ["Nothing found that would mislead."]:
        findings.add_row("•", Text(finding))
    console.print(findings)


def _counts(report: Report) -> Table:
    from slotfill.cli._screen import table

    counts = table("split", numbers=("utterances", "words", "different", "slots", "tags", "intents", "longest"))
    for name, split in report.splits.items():
        types = (split.word_types, len(split.slots), len(split.tags), len(split.intents))
        counts.add_row(name, *(f"{n:,}" for n in (split.utterances, split.words, *types, split.longest)))
    return counts


def _unseen(report: Report) -> Table:
    from slotfill.cli._screen import table

    unseen = table("split", numbers=("tags", "words", "intents"))
    for name, split in report.splits.items():
        if split.unseen:
            unseen.add_row(name, *(f"{len(new.types):,} ({new.share:.2%})" for new in split.unseen.values()))
    return unseen


def _findings(report: Report) -> list[str]:
    """One sentence for each thing worth knowing."""
    found = list(report.notes)
    for name, split in report.splits.items():
        found += _split_findings(name, split)
    for shared in report.shared:
        if shared.sentences:
            total = report.splits[shared.second].utterances
            found.append(
                f"{shared.utterances:,} of {total:,} {shared.second} utterances "
                f"also occur in {shared.first} ({shared.sentences:,} different)"
            )
    for one in report.disagreements[:SHOWN]:
        found.append(f"same words, different {' and '.join(one.differ)}: {first_few(one.places)}: {one.text}")
    if (rest := len(report.disagreements) - SHOWN) > 0:
        found.append(f"{counted(rest, 'more sentence')} with different labels: see --json")
    return found


def _split_findings(name: str, split: SplitReport) -> Iterator[str]:
    from slotfill.corpus.splits import WHOLE

    single = name == WHOLE  # A corpus of one file has no splits to tell apart.
    within, utterances = ("", "utterances") if single else (f" in {name}", f"{name} utterances")
    for kind in ("tags", "intents"):
        if split.unseen and split.unseen[kind].types:
            yield f"{kind}{within} that train never shows: {first_few(split.unseen[kind].types)}"
    if not split.slots:
        yield "no utterance has a slot" if single else f"{name} has no slots"
    if split.illegal:
        places = first_few(map(str, split.illegal_at))
        yield f"illegal tags{within} (I- that continues nothing): {split.illegal:,}, in utterances {places}"
    if split.cut_otherwise_at:
        yield (
            f"{len(split.cut_otherwise_at):,} of {split.utterances:,} {utterances} have words that `slotfill tag` "
            "would cut otherwise (pass it words cut as here, with --tokenized): "
            f"{first_few(map(str, split.cut_otherwise_at))}"
        )
    if split.broken_at:
        word = next(iter(split.broken))
        yield (
            f"{len(split.broken_at):,} of {split.utterances:,} {utterances} have spans that begin or end within a word "
            f"({word}): {first_few(map(str, split.broken_at))}; unless that is meant, make the `end` of spans exclusive"
        )
    if split.cut_up:
        yield f"words{within} that it would cut: {first_few(split.cut_up)}"
    if 0 < (known := sum(split.intents.values())) < split.utterances:
        yield f"{split.utterances - known:,} of {split.utterances:,} {utterances} have no intent"
    if split.several_intents:
        yield f"{split.several_intents:,} of {split.utterances:,} {utterances} have several intents, by # or +"
    if split.repeated:
        yield f"{split.repeated:,} of {split.utterances:,} {utterances} repeat an earlier one"
