"""`slotfill errors`: what a model gets wrong, and how."""

from __future__ import annotations

from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slotfill.cli import _corpus
from slotfill.cli._console import say
from slotfill.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from slotfill.corpus.tags import Segment
    from slotfill.scoring.error_analysis import Analysis
    from slotfill.scoring.span_errors import Error

_ROWS = 10
"""How many slots, and pairs of slots, the terminal lists; `--json` and `--html` have them all."""
_TALLY = ("F1", "gold\nspans", "not\nfound", "wrongly\nfound", "of all\nwrong")
_NUMBERS = {"errors", "share", "utterances", *_TALLY}
_WRAPPED = {"such as", "what it is"}


def command(
    model: _corpus.Model = None,
    corpus: _corpus.OptionalCorpus = None,
    split: Annotated[
        str, typer.Option(help="Which part to look into. Study errors on dev: leave test unread.")
    ] = "dev",
    examples: Annotated[int, typer.Option(min=0, help="How many examples of each group to show.")] = 3,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Write every error to a web page, whole or not at all, or to stdout (-).",
        ),
    ] = None,
    as_json: _corpus.AsJson = False,
    data_dir: _corpus.DataDir = Path("data"),
) -> None:
    """Show what a model gets wrong: in which way, between which slots, on which words; and between which intents.

    An error is a wrong gold span, a wrong predicted span, or one of each that overlap: type (the right words, another
    slot), boundary (the right slot, overlapping words), both at once, missed, or spurious. Each wrong span is in
    exactly one error. An intent is wrong if the likeliest is none of those asked for.

    slotfill errors

    slotfill errors atis data/atis --examples 5 --html errors.html
    """
    from slotfill.files import STDOUT, atomic_file, output_path
    from slotfill.scoring.error_analysis import analyse

    html = html and output_path(html)
    if as_json and html == STDOUT:
        raise UsageError("--json and --html - both go to stdout: choose one, or give --html a file")
    opened, labelled, gold, tagger = _corpus.open_scored(model, corpus, split, data_dir, "errors of")
    analysis = analyse(gold, list(tagger.tag_all(gold)), tagger.vocabulary.__contains__)
    if html is not None:
        from slotfill.scoring.error_page import page

        with atomic_file(html) as file:
            file.write(page(analysis, opened.folder.name, labelled.name, split))
        if html == STDOUT:
            return
        say(f"wrote {html}")
    if as_json:
        _corpus.print_model_json(opened, labelled, split, analysis.to_json())
    else:
        _show(analysis, examples)


def _show(analysis: Analysis, examples: int) -> None:
    from slotfill.cli._screen import Screen

    console = Screen(markup=False, emoji=False)
    console.print(analysis.summary, style="green" if analysis.all_right else "bold")
    if analysis.errors:
        _show_spans(console, analysis, examples)
    if analysis.intent_errors:
        console.print(_intents(analysis, examples))


def _show_spans(console: Console, analysis: Analysis, examples: int) -> None:
    console.print(_kinds(analysis))
    for kind, errors in analysis.by_kind().items():
        _show_examples(console, kind, errors, examples)
    console.print(_confusions(analysis, examples))
    console.print(_slots(analysis, examples))
    console.print(_words(analysis))
    _show_examples(console, "with an unseen word", [error for error in analysis.errors if error.unseen], examples)


def _table(title: str, *columns: str) -> Table:
    from slotfill.cli._screen import table

    made = table(title=title, title_style="bold", title_justify="left")
    for column in columns:
        wraps = column in _WRAPPED
        made.add_column(column, justify="right" if column in _NUMBERS else "left", no_wrap=not wraps)
    return made


def _first(title: str, rows: int) -> str:
    return f"{title}, the first {_ROWS} of {rows:,}" if rows > _ROWS else title


def _kinds(analysis: Analysis) -> Table:
    from slotfill.scoring.span_errors import KINDS

    table = _table("Kinds", "kind", "errors", "share", "what it is")
    for kind, errors in analysis.by_kind().items():
        table.add_row(kind, f"{len(errors):,}", f"{len(errors) / len(analysis.errors):.1%}", KINDS[kind])
    return table


def _confusions(analysis: Analysis, examples: int) -> Table:
    confusions = analysis.confusions()
    table = _table(_first("Slots taken for others", len(confusions)), "gold", "predicted", "errors", "such as")
    for (gold, predicted), errors in islice(confusions.items(), _ROWS):
        table.add_row(_slot(gold), _slot(predicted), f"{len(errors):,}", _values(errors, examples))
    return table


def _slots(analysis: Analysis, examples: int) -> Table:
    wrong = {slot: tally for slot, tally in analysis.slots.items() if tally.wrong}
    table = _table(_first("Slots by what they cost", len(wrong)), "slot", *_TALLY, "such as")
    for slot, tally in islice(wrong.items(), _ROWS):
        errors = [error for error in analysis.errors if slot in error.slots]
        table.add_row(_slot(slot), *tally.row, f"{analysis.share(tally):.1%}", _values(errors, examples))
    return table


def _words(analysis: Analysis) -> Table:
    table = _table("Words training has not seen", "spans", *_TALLY)
    for name, tally in (("with one", analysis.unseen), ("without", analysis.others)):
        table.add_row(name, *tally.row, f"{analysis.share(tally):.1%}")
    return table


def _intents(analysis: Analysis, examples: int) -> Table:
    from rich.text import Text

    confusions = analysis.intent_confusions()
    table = _table(_first("Intents taken for others", len(confusions)), "gold", "predicted", "utterances", "such as")
    for (gold, predicted), errors in islice(confusions.items(), _ROWS):
        texts = "\n".join(f"{error.number:,}  {error.utterance.text}" for error in errors[:examples])
        table.add_row(Text(gold), Text(predicted), f"{len(errors):,}", Text(texts))
    return table


def _slot(slot: str | None) -> Text:
    from rich.text import Text

    from slotfill.corpus.colours import colour

    return Text("-") if slot is None else Text(slot, colour(slot))


def _values(errors: list[Error], limit: int) -> Text:
    """The first different values, what is gold before what is predicted, as far as one line holds them."""
    from rich.text import Text

    values = (
        " → ".join(dict.fromkeys(error.span(segment).text for segment in (error.gold, error.predicted) if segment))
        for error in errors
    )
    return Text(", ".join(islice(dict.fromkeys(values), limit)), no_wrap=True, overflow="ellipsis")


def _show_examples(console: Console, title: str, errors: list[Error], limit: int) -> None:
    """The first errors, one an utterance: its text with the gold span in brackets, and with the predicted one."""
    from rich.table import Table

    one_each = (next(group) for _, group in groupby(errors, key=lambda error: error.number))
    chosen = list(islice(one_each, limit))
    if not chosen:
        return
    console.print(title, style="bold")
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right", style="dim", no_wrap=True)
    lines.add_column(no_wrap=True)
    lines.add_column()
    for error in chosen:
        number = f"{error.number:,}"
        for side, segment in (("gold", error.gold), ("predicted", error.predicted)):
            if segment:
                lines.add_row(number, side, _marked(error, segment))
                number = ""
    console.print(lines)
    console.print()


def _marked(error: Error, segment: Segment) -> Text:
    """The text with one span as the format inline writes it, in colour."""
    from rich.text import Text

    from slotfill.corpus.colours import colour

    span, text = error.span(segment), error.utterance.text
    style = colour(span.slot)
    marked = (f"[{span.slot} : ", style), (span.text, f"bold {style}"), ("]", style)
    return Text.assemble(text[: span.start], *marked, text[span.end :])
