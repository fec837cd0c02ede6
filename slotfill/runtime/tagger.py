"""Text in, tagged utterances out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Self

from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import split_words
from slotfill.errors import ArtifactError
from slotfill.runtime.bundle import NETWORK, TOKENIZER, Bundle, find
from slotfill.runtime.decoding import Decoder
from slotfill.runtime.encoding import Encoder
from slotfill.runtime.session import Session
from slotfill.runtime.vocabulary import Vocabulary

_CHUNK = 1024
_BATCH_WORDS = 1024
_LONGEST = 1000
"""An utterance of more words than this is tagged in pieces, so that memory stays bounded."""

Words = Sequence[str]
Tags = tuple[str, ...]


class Tagger:
    """A trained model in use.

    Args:
        vocabulary: its words, characters and tags.
        session: its network.

    Raises `ArtifactError` if the two do not belong together.
    """

    def __init__(self, vocabulary: Vocabulary, session: Session) -> None:
        if session.tags != len(vocabulary.tags):
            raise ArtifactError(f"model.onnx scores {session.tags} tags, tokenizer.json has {len(vocabulary.tags)}")
        self.vocabulary = vocabulary
        self._session = session
        self._encoder = Encoder(vocabulary)
        self._decoder = Decoder(vocabulary.tags)

    @classmethod
    def open(cls, model: Bundle, threads: int = 1) -> Self:
        """Load a model; raise `ArtifactError` if it is damaged."""
        try:
            vocabulary = Vocabulary.from_json(model.read_json(TOKENIZER))
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{model.folder / TOKENIZER} is not a slotfill tokenizer: {error}") from None
        return cls(vocabulary, Session(model.read(NETWORK), threads))

    def tag(self, text: str) -> Utterance:
        """Cut raw text into words and tag them."""
        return self.tag_batch([self.cut(text)])[0]

    def tag_words(self, words: Words) -> Utterance:
        """Tag words that are cut already."""
        return self.tag_batch([Utterance(tuple(words))])[0]

    def tag_all(self, utterances: Iterable[Utterance]) -> Iterator[Utterance]:
        """Tag a stream: one out per one in, in order, in bounded memory."""
        stream = iter(utterances)
        while chunk := list(islice(stream, _CHUNK)):
            yield from self.tag_batch(chunk)

    def cut(self, text: str, id: str | None = None) -> Utterance:  # noqa: A002 - the record's field
        """Raw text cut into words by the pattern the model was trained with; not tagged yet."""
        return Utterance(tuple(split_words(text, self.vocabulary.word_pattern)), text=text, id=id)

    def tag_batch(self, utterances: Sequence[Utterance]) -> list[Utterance]:
        """The same utterances with tags; tags they had are replaced."""
        tags = self._tags([utterance.words for utterance in utterances])
        return [replace(utterance, tags=found) for utterance, found in zip(utterances, tags, strict=True)]

    def _tags(self, utterances: Sequence[Words]) -> list[Tags]:
        """Legal tags for each utterance; those of like length share a run of the network."""
        found: list[Tags] = [()] * len(utterances)
        order = sorted((i for i, words in enumerate(utterances) if words), key=lambda i: len(utterances[i]))
        batch: list[int] = []
        for index in order:
            if batch and len(utterances[index]) * (len(batch) + 1) > _BATCH_WORDS:
                self._tag_alike(batch, utterances, found)
                batch = []
            batch.append(index)
        if batch:
            self._tag_alike(batch, utterances, found)
        return found

    def _tag_alike(self, batch: list[int], utterances: Sequence[Words], found: list[Tags]) -> None:
        """Tag the utterances of a batch into `found`."""
        longest = len(utterances[batch[-1]])
        for start in range(0, longest, _LONGEST):
            pieces = [utterances[index][start : start + _LONGEST] for index in batch]
            encoded = self._encoder.encode(pieces)
            for index, tags in zip(
                batch, self._decoder.decode(self._session.scores(encoded), encoded.lengths), strict=True
            ):
                found[index] += tags


def load(model: str | os.PathLike[str] | None = None, threads: int = 1) -> Tagger:
    """The tagger in a model folder, or of that name in `models/`; None: the newest there.

    Raises `ArtifactError` if there is none or it is damaged.
    """
    return Tagger.open(find(None if model is None else os.fspath(model)), threads)
