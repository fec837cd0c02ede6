"""`slotfill eval`: how well a model does on a labelled corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slotfill.cli import _corpus
from slotfill.legible import counted

if TYPE_CHECKING:
    from slotfill.scoring.evaluation import Evaluation

_OF_SPANS = "f1", "precision", "recall", "f1_strict", "interval"
"""Null in `--json` where there is no span, right or wrong."""


def command(
    model: _corpus.Model = None,
    corpus: _corpus.OptionalCorpus = None,
    split: Annotated[str, typer.Option(help="Which part to score.")] = "test",
    as_json: _corpus.AsJson = False,
    data_dir: _corpus.DataDir = Path("data"),
) -> None:
    """Score a model on a labelled corpus.

    Micro precision, recall and F1 over spans as conlleval counts them (seqeval's default mode), strict IOB2 beside it,
    exact match, intent and sentence accuracy where intents are known, the expected calibration error of the spans'
    confidences, F1 of spans with unseen words, and a table of the slots.

    slotfill eval

    slotfill eval atis data/atis --split dev --json
    """
    from slotfill.scoring.evaluation import evaluate

    opened, labelled, gold, tagger = _corpus.open_scored(model, corpus, split, data_dir, "scoring")
    scores = evaluate(gold, list(tagger.tag_all(gold, confidence=True)), tagger.vocabulary.__contains__)
    if as_json:
        undefined = dict.fromkeys(() if scores.per_slot else _OF_SPANS)
        _corpus.print_model_json(opened, labelled, split, scores.to_json() | undefined)
    else:
        _show(scores)


def _show(scores: Evaluation) -> None:
    from rich.table import Table
    from rich.text import Text

    from slotfill.cli._screen import Screen, table

    console = Screen()
    low, high = scores.interval
    summary = Table.grid(padding=(0, 2))
    if scores.per_slot:
        summary.add_row("F1", f"[bold]{100 * scores.f1:.2f}[/]", f"95% interval {100 * low:.2f} to {100 * high:.2f}")
        summary.add_row("precision, recall", f"{100 * scores.precision:.2f}, {100 * scores.recall:.2f}")
        summary.add_row("F1, strict IOB2", f"{100 * scores.f1_strict:.2f}")
    summary.add_row("exact match", f"{100 * scores.exact_match:.2f}", f"of {counted(scores.utterances, 'utterance')}")
    if scores.intent_accuracy is not None and scores.sentence_accuracy is not None:
        known = scores.intent_support
        of_known = "" if known == scores.utterances else f", of {known:,} known"
        summary.add_row("intent", f"{100 * scores.intent_accuracy:.2f}", f"the most likely one is correct{of_known}")
        if scores.intent_exact is not None and scores.intent_exact != scores.intent_accuracy:
            summary.add_row("all intents", f"{100 * scores.intent_exact:.2f}", "all of them correct, and no other")
        summary.add_row(
            "sentence", f"{100 * scores.sentence_accuracy:.2f}", f"every span and the intent right{of_known}"
        )
    if scores.calibration_error is not None:
        summary.add_row("calibration error", f"{100 * scores.calibration_error:.2f}", "of the spans' confidences")
    if scores.unseen_f1 is not None:
        unseen = f"over {scores.unseen_support:,} spans with a word training has not seen"
        summary.add_row("F1, unseen words", f"{100 * scores.unseen_f1:.2f}", unseen)
    one = f"one span is {100 * scores.one_span:.3g} points of recall" if scores.support else "so there is no F1"
    summary.add_row("spans", f"{scores.support:,}", one)
    console.print(summary)
    if not scores.per_slot:
        return

    slots = table("slot", numbers=("precision", "recall", "F1", "support"))
    for slot, row in sorted(scores.per_slot.items(), key=lambda item: (-item[1].support, item[0])):
        shares = (f"{100 * share:.2f}" for share in (row.precision, row.recall, row.f1))
        slots.add_row(Text(slot), *shares, f"{row.support:,}")
    console.print(slots)
