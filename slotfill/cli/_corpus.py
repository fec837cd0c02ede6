"""A model and the corpus that a command holds it against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from slotfill.cli import _console
from slotfill.cli._console import say
from slotfill.errors import ArtifactError, DataError
from slotfill.legible import counted

if TYPE_CHECKING:
    from slotfill.corpus.splits import Corpus
    from slotfill.corpus.utterance import Utterance
    from slotfill.runtime.bundle import Bundle
    from slotfill.runtime.tagger import Tagger
    from slotfill.runtime.vocabulary import Vocabulary

SHOWN = 6
"""How many names or places a line on the terminal lists; `--json` has them all."""
_LONGEST_NAME = 240
"""Bytes; a file's name has at most 255, its ending among them."""

Model = Annotated[
    str | None,
    typer.Argument(metavar="MODEL", help="A model folder or a name in models/; without it, the newest there."),
]
OptionalCorpus = Annotated[
    str | None,
    typer.Argument(
        metavar="CORPUS",
        help="A corpus name, folder or file; without it, the one the model was trained on, if it is here.",
    ),
]
Source = Annotated[str, typer.Argument(metavar="CORPUS", help="A corpus name, a folder of splits, or one file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, shares as fractions.")]
DataDir = Annotated[Path, typer.Option(help="Where downloaded corpora are.")]


def open_with_notes(corpus: str, data_dir: Path, format_name: str | None = None) -> Corpus:
    """`open_corpus`, with its notes said."""
    from slotfill.corpus.splits import open_corpus

    opened = open_corpus(corpus, data_dir, format_name)
    for note in opened.notes:
        say(note)
    return opened


def require_slots(name: str, splits: Iterable[Sequence[Utterance]], consequence: str) -> None:
    """Raise `DataError`, with what follows from it, if no utterance of a corpus has a span."""
    if not any(utterance.spans for split in splits for utterance in split):
        raise DataError(f"{name} has no slots: {consequence}")


def require_labels(name: str, training: Sequence[Utterance], *, intents: bool) -> None:
    """Raise `DataError` if there is nothing to learn: no span and, where `intents` are learnt, no intent."""
    if not any(utterance.spans or (intents and utterance.intent) for utterance in training):
        raise DataError(f"{name} has no slots{' and no intents' if intents else ''}: there is nothing to learn")


class ModelCorpus(NamedTuple):
    """A corpus that a model is held against.

    Attributes:
        corpus: as the model saw it, what was held out for dev apart, if it was trained on this one.
        own: whether it was.
    """

    corpus: Corpus
    own: bool


def open_for(model: Bundle, corpus: str | None, data_dir: Path, *, named: str = "after the model") -> ModelCorpus:
    """The corpus that was named or, without a name, the one the model was trained on.

    A model remembers no path: without a name, the corpus is looked for here and in `data_dir` by the name that it had.

    Args:
        model: what is held against it.
        corpus: as it was named in the call.
        data_dir: where downloaded corpora are.
        named: where in the call that is done.

    Raises `DataError` if it is not there, or if it was not named and is another one of that name; `ArtifactError` if
    the model is damaged, or what it remembers is no name.
    """
    from slotfill.corpus.catalog import CATALOG
    from slotfill.corpus.splits import as_trained_on, files_called
    from slotfill.runtime import provenance

    digest, name = provenance.metrics(model)["corpus_sha256"], provenance.config(model)["corpus"]
    if corpus is not None:
        opened = open_with_notes(corpus, data_dir)
        own = as_trained_on(opened, digest)
        if own is None and opened.name == name:
            say(f"{name} has changed since the model was trained on it: some of this may be what it was trained on")
        return ModelCorpus(own or opened, own is not None)
    if name in ("", "..") or Path(name).name != name or len(name.encode()) > _LONGEST_NAME:
        raise ArtifactError(f"{model.folder} was trained on a corpus of no name: name one in the call, {named}")
    refused: DataError | str = ""
    for place in (name, *files_called(name)):
        try:
            opened = open_with_notes(place, data_dir)
        except DataError as error:
            if place in CATALOG or any((folder / place).exists() for folder in (Path(), data_dir)):
                refused = error
            continue
        if own := as_trained_on(opened, digest):
            return ModelCorpus(own, own=True)
        refused = f"{place!r} has changed since the model was trained on it, or is another corpus of that name"
    refused = refused or f"the model was trained on a corpus called {name!r}, which is neither here nor in {data_dir}/"
    raise DataError(f"{refused}; name the corpus in the call, {named}")


class Scored(NamedTuple):
    """A model, and the labelled utterances that it is scored on."""

    model: Bundle
    corpus: Corpus
    gold: list[Utterance]
    tagger: Tagger


def open_scored(model: str | None, corpus: str | None, split: str, data_dir: Path, doing: str) -> Scored:
    """A model, its tagger and a split of the corpus, as the call names them; say what is being done to them."""
    from slotfill.runtime.bundle import find
    from slotfill.runtime.tagger import Tagger

    opened = find(model, tell=say)
    labelled, _ = open_for(opened, corpus, data_dir)
    gold = labelled.split(split)
    say(f"{doing} {opened.folder} on {labelled.name}, {split}: {counted(len(gold), 'utterance')}")
    tagger = Tagger.open(opened)
    _tell_unknown(gold, tagger.vocabulary)
    return Scored(opened, labelled, gold, tagger)


def print_model_json(model: Bundle, corpus: Corpus, split: str, found: dict[str, Any]) -> None:
    """Write one JSON object to stdout: what was found of a model on a split of a corpus."""
    _console.print_json({"model": str(model.folder), "corpus": corpus.name, "split": split, **found})


def first_few(names: Iterable[str]) -> str:
    """The first few names or places for a line on the terminal, and how many more there are."""
    first = list(names)
    rest = len(first) - SHOWN
    return ", ".join(first[:SHOWN]) + (f" and {rest:,} more" if rest > 0 else "")


def _tell_unknown(gold: Sequence[Utterance], vocabulary: Vocabulary) -> None:
    """Say which slots and intents of labelled utterances a model was never shown, and so cannot find."""
    from slotfill.corpus.tags import split_tag

    asked = {"slots": [one.slot for utterance in gold for one in utterance.segments]}
    known: dict[str, Container[str]] = {"slots": {split_tag(tag)[1] for tag in vocabulary.tags}}
    if vocabulary.intents:
        asked["intents"] = [name for utterance in gold for name in utterance.intents]
        known["intents"] = vocabulary.intent_ids
    for kind, names in asked.items():
        counts = Counter(names)
        strange = [name for name, _ in counts.most_common() if name not in known[kind]]
        if strange:
            say(f"the model does not know {len(strange):,} of {len(counts):,} {kind}: {first_few(strange)}")
