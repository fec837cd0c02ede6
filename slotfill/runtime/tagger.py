"""Text in, tagged utterances out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Self, Unpack

from slotfill.corpus.certainty import Certainty
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import split_words
from slotfill.errors import ArtifactError
from slotfill.runtime.bundle import DECODER, NETWORK, TOKENIZER, Bundle, find
from slotfill.runtime.confidence import Asked, certainties, tell, wants
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


@dataclass
class _Found:
    """What is known of an utterance so far, in pieces that were tagged apart from each other."""

    tags: Tags = ()
    intent: str | None = None
    certainties: list[Certainty] = field(default_factory=list)


class Tagger:
    """A trained model in use.

    Args:
        vocabulary: its words, characters and tags.
        session: its network.
        decoder: how its scores become tags; None: the best legal ones, without transitions.

    Raises `ArtifactError` if the two do not belong together.
    """

    def __init__(self, vocabulary: Vocabulary, session: Session, decoder: Decoder | None = None) -> None:
        if session.tags != len(vocabulary.tags):
            raise ArtifactError(f"model.onnx scores {session.tags} tags, tokenizer.json has {len(vocabulary.tags)}")
        self.vocabulary = vocabulary
        self._session = session
        self._encoder = Encoder(vocabulary)
        self._decoder = decoder or Decoder(vocabulary.tags)

    @classmethod
    def open(cls, model: Bundle, threads: int = 1) -> Self:
        """Load a model; raise `ArtifactError` if it is damaged."""
        try:
            vocabulary = Vocabulary.from_json(model.read_json(TOKENIZER))
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{model.folder / TOKENIZER} is not a slotfill tokenizer: {error}") from None
        return cls(vocabulary, Session(model.read(NETWORK), threads), _decoder(model, vocabulary))

    def tag(self, text: str, **asked: Unpack[Asked]) -> Utterance:
        """Cut raw text into words and tag them; `asked` as in `tag_batch`."""
        return self.tag_batch([self.cut(text)], **asked)[0]

    def tag_words(self, words: Words, **asked: Unpack[Asked]) -> Utterance:
        """Tag words that are cut already; `asked` as in `tag_batch`."""
        return self.tag_batch([Utterance(tuple(words))], **asked)[0]

    def tag_all(self, utterances: Iterable[Utterance], **asked: Unpack[Asked]) -> Iterator[Utterance]:
        """Tag a stream: one out per one in, in order, in bounded memory; `asked` as in `tag_batch`."""
        stream = iter(utterances)
        while chunk := list(islice(stream, _CHUNK)):
            yield from self.tag_batch(chunk, **asked)

    def cut(self, text: str, id: str | None = None) -> Utterance:  # noqa: A002 - the record's field
        """Raw text cut into words by the pattern the model was trained with; not tagged yet."""
        return Utterance(tuple(split_words(text, self.vocabulary.word_pattern)), text=text, id=id)

    def tag_batch(self, utterances: Sequence[Utterance], **asked: Unpack[Asked]) -> list[Utterance]:
        """The same utterances with tags and intent; those they had are replaced.

        Args:
            utterances: any number, also such without words.
            asked: `confidence=True`, `min_confidence=0.5`, `nbest=3` or `alternatives=True` make `Utterance.certainty`
                and `Span.confidence` known: see `runtime.confidence.Asked`.

        Raises `UsageError` if what is asked for cannot be.
        """
        wanted = asked if wants(asked) else None
        tagged = []
        for utterance, found in zip(
            utterances, self._look([utterance.words for utterance in utterances], wanted), strict=True
        ):
            one = Utterance(utterance.words, found.tags, found.intent, utterance.id, utterance.text)
            tagged.append(one if wanted is None else tell(one, found.certainties, wanted))
        return tagged

    def _look(self, utterances: Sequence[Words], asked: Asked | None) -> list[_Found]:
        """What the network says of each utterance; those of like length share a run of it."""
        found = [_Found() for _ in utterances]
        order = sorted((i for i, words in enumerate(utterances) if words), key=lambda i: len(utterances[i]))
        batch: list[int] = []
        for index in order:
            if batch and len(utterances[index]) * (len(batch) + 1) > _BATCH_WORDS:
                self._look_alike([utterances[i] for i in batch], [found[i] for i in batch], asked)
                batch = []
            batch.append(index)
        if batch:
            self._look_alike([utterances[i] for i in batch], [found[i] for i in batch], asked)
        return found

    def _look_alike(self, batch: Sequence[Words], found: Sequence[_Found], asked: Asked | None) -> None:
        """Add to `found` what the network says of a batch, the longest utterance last."""
        for start in range(0, len(batch[-1]), _LONGEST):
            encoded = self._encoder.encode([words[start : start + _LONGEST] for words in batch])
            scores, intent_scores = self._session.run(encoded)
            decoded = self._decoder.decode(scores, encoded.lengths)
            intents = self.vocabulary.intents_of(intent_scores)
            for one, tags, intent in zip(found, decoded, intents, strict=True):
                one.tags += tags
                one.intent = one.intent or intent
            if asked is not None:
                told = certainties(self._decoder, scores, encoded.lengths, decoded, asked)
                for one, certainty in zip(found, told, strict=True):
                    one.certainties.append(certainty)


def _decoder(model: Bundle, vocabulary: Vocabulary) -> Decoder:
    """The decoder of a model; raise `ArtifactError` if it is not one for these tags."""
    try:
        return Decoder.from_json(model.read_json(DECODER), vocabulary.tags)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{model.folder / DECODER} does not fit the model's tags: {error}") from None


def load(model: str | os.PathLike[str] | None = None, threads: int = 1) -> Tagger:
    """The tagger in a model folder, or of that name in `models/`; None: the newest there.

    Raises `ArtifactError` if there is none or it is damaged.
    """
    return Tagger.open(find(None if model is None else os.fspath(model)), threads)
