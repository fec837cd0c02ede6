"""spaCy: blank English with an entity recognizer, as `spacy init config --optimize efficiency` sets it up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

import spacy
from spacy.tokens import Doc, DocBin, Span

from benchmarks.speed.taggers import Tagger
from slotfill.corpus.tags import Segment, tags_of
from slotfill.corpus.utterance import Utterance

DISTRIBUTION = "spacy"
SETTINGS: dict[str, Any] = {"seed": 0, "max_steps": 20_000, "patience": 1600}


def train(training: Sequence[Utterance], dev: Sequence[Utterance], folder: Path) -> None:
    """Labelled utterances to a model folder; dev says when to stop and which weights to keep."""
    from spacy.cli.init_config import init_config
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train as loop

    config = init_config(lang="en", pipeline=["ner"], optimize="efficiency")
    config["training"] |= SETTINGS
    with TemporaryDirectory() as given:
        for split, utterances in (("train", training), ("dev", dev)):
            config["paths"][split] = f"{given}/{split}.spacy"
            DocBin(docs=_docs(utterances)).to_disk(config["paths"][split])
        loop(init_nlp(config), Path(given))
        copytree(Path(given) / "model-best", folder)


def _docs(utterances: Sequence[Utterance]) -> Iterator[Doc]:
    vocabulary = spacy.blank("en").vocab
    for utterance in utterances:
        doc = Doc(vocabulary, list(utterance.words))
        doc.set_ents([Span(doc, start, end, slot) for slot, start, end in utterance.segments])
        yield doc


class Spacy(Tagger):
    """A trained pipeline."""

    def __init__(self, folder: Path) -> None:
        self._nlp = spacy.load(folder)

    def tag(self, utterances: Sequence[Utterance]) -> list[Utterance]:
        """The same utterances with its tags."""
        docs = self._nlp.pipe(Doc(self._nlp.vocab, list(each.words)) for each in utterances)
        return [replace(each, tags=_tags(doc)) for each, doc in zip(utterances, docs, strict=True)]


def _tags(doc: Doc) -> tuple[str, ...]:
    return tags_of((Segment(span.label_, span.start, span.end) for span in doc.ents), len(doc))


load = Spacy
