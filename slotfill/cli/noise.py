"""`slotfill noise`: where the labels of a corpus may be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from slotfill.cli import _corpus
from slotfill.cli._console import print_json, say
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.legible import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.text import Text

    from slotfill.learning.annotation_findings import Finding, IntentFinding, SpanFinding

Found = TypeVar("Found", bound="Finding[Any]")


def command(
    corpus: _corpus.Source = "airline",
    split: Annotated[str, typer.Option(help="Which part to judge.")] = "train",
    folds: Annotated[int, typer.Option(min=2, help="Taggers to train; each judges what it has not seen.")] = 4,
    epochs: Annotated[
        int | None, typer.Option(help="Passes of each, at most.", show_default="as `slotfill train`")
    ] = TrainingConfig.epochs,
    seed: Annotated[int, typer.Option(help="Of the folds and of training.")] = TrainingConfig.seed,
    threads: Annotated[
        int | None,
        typer.Option(help="Torch's threads; 1 where other work shares the machine.", show_default="all cores"),
    ] = TrainingConfig.threads,
    limit: Annotated[int, typer.Option(min=1, help="Findings in the table; --json has them all.")] = 20,
    data_dir: _corpus.DataDir = Path("data"),
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    as_json: _corpus.AsJson = False,
) -> None:
    """Find likely annotation errors in a labelled corpus, and what the labels should perhaps be.

    The utterances are dealt into folds, the same words always into one; each fold is judged by a tagger trained on the
    others. A finding is where that tagger disagrees with the corpus; the first are those whose labels it finds least
    probable. Nothing is changed: whether the corpus or the tagger is wrong is for you to say.

    `slotfill check` lists sentences labelled in two ways without any training.

    slotfill noise atis

    slotfill noise my-corpus/ --split test --limit 50

    slotfill noise my-corpus.conll --json | jq .findings[]
    """
    config = TrainingConfig(seed=seed, epochs=epochs, threads=threads)

    opened = _corpus.open_with_notes(corpus, data_dir)
    utterances = opened.split(split)
    _corpus.require_labels(opened.name, utterances, intents=True)

    from slotfill.cli import _progress
    from slotfill.learning.annotation_findings import intent_findings, span_findings
    from slotfill.learning.annotation_noise import Judgement, deal, judge

    judgements: dict[int, Judgement] = {}
    for number, fold in enumerate(deal(utterances, folds, seed), start=1):
        if not quiet:
            say(f"fold {number} of {folds}: {len(fold):,} of {len(utterances):,} utterances of {opened.name}, {split}")
        with _progress.watch([], quiet=quiet) as listener:
            judgements |= judge(utterances, fold, NetworkConfig(), config, listener)
    spans, wrong_intents = span_findings(utterances, judgements), intent_findings(utterances, judgements)
    unjudged = sum(judgement.unknown for judgement in judgements.values())
    if unjudged:
        say(f"not judged, as their tagger has not learnt their tag: {counted(unjudged, 'word')}")
    intents = [judgement.intent for judgement in judgements.values() if judgement.intent]
    unjudged_intents = sum(intent.unknown for intent in intents)
    if unjudged_intents:
        say(f"not judged, as their tagger has not learnt them: {counted(unjudged_intents, 'intent')}")
    if as_json:
        record = {"corpus": opened.name, "split": split, "utterances": len(utterances), "folds": folds, "seed": seed}
        found = {
            "unjudged_words": unjudged,
            "unjudged_intents": unjudged_intents,
            "findings": [each.to_json() for each in spans],
            "intent_findings": [each.to_json() for each in wrong_intents],
        }
        print_json({**record, **found})
    else:
        if spans:
            _show(spans[:limit], _span)
        say(f"{min(limit, len(spans)):,} of {len(spans):,} spans in doubt shown")
        if intents:
            if wrong_intents:
                _show(wrong_intents[:limit], _intent)
            say(f"{min(limit, len(wrong_intents)):,} of {len(wrong_intents):,} intents in doubt shown")


def _show(findings: Sequence[Found], told: Callable[[Found], tuple[Text, Text, Text]]) -> None:
    """Findings as a table; `told` gives the utterance, what is given and what is suggested."""
    from slotfill.cli._screen import Screen, table

    listed = table(numbers=("#", "utterance", "p"), whole=True)
    listed.add_column("text")
    for place, each in enumerate(findings, start=1):
        text, given, suggested = told(each)
        listed.add_row(str(place), str(each.utterance), "", text)
        listed.add_row("", "given", _share(each.given_probability), given)
        listed.add_row("", "suggested", _share(each.suggested_probability), suggested)
        if each.twins:
            listed.add_row("", "", "", f"labelled as suggested in {', '.join(map(str, each.twins))}: the same words")
        listed.add_section()
    Screen().print(listed)


def _span(finding: SpanFinding) -> tuple[Text, Text, Text]:
    from rich.text import Text

    text = Text(finding.text)
    text.stylize("bold", finding.start, finding.end)
    return text, _inline(finding.words, finding.given), _inline(finding.words, finding.suggested)


def _intent(finding: IntentFinding) -> tuple[Text, Text, Text]:
    from rich.text import Text

    return Text(finding.text), Text(finding.given), Text(finding.suggested)


def _inline(words: tuple[str, ...], tags: tuple[str, ...]) -> Text:
    """Words with their slots in brackets, as the format `inline` writes them."""
    from rich.text import Text

    from slotfill.corpus import formats
    from slotfill.corpus.utterance import Utterance

    return Text(formats.load("inline").render(Utterance(words, tags)).strip())


def _share(share: float) -> str:
    return "<0.001" if share < 0.001 else f"{share:.3f}"
