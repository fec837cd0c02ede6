"""Text in, tagged utterances out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self, Unpack

from slotfill.corpus.certainty import Certainty
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import split_words
from slotfill.errors import ArtifactError
from slotfill.runtime.bundle import DECODER, FEATURES, NETWORK, TOKENIZER, Bundle, find
from slotfill.runtime.confidence import Asked, certainties, tell, wants
from slotfill.runtime.decoding import Decoder, Scores
from slotfill.runtime.encoding import Ids, alike
from slotfill.runtime.features import Features
from slotfill.runtime.session import Exported, Session
from slotfill.runtime.vocabulary import Vocabulary

_CHUNK = 1024
_BATCH_WORDS = 768
_DECODED = 10
"""So many batches are decoded together."""
_LONGEST = 1000
"""An utterance of more words than this is tagged in pieces, so that memory stays bounded."""

Words = Sequence[str]
Tags = tuple[str, ...]


@dataclass(slots=True)
class _Piece:
    """An utterance, or a part of a long one, and what is known of it so far."""

    words: Words
    tags: Tags = ()
    intent: str | None = None
    certainty: Certainty | None = None


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
        self._features = Features(vocabulary, session)
        self._decoder = decoder or Decoder(vocabulary.tags)

    @classmethod
    def open(cls, model: Bundle, threads: int = 1) -> Self:
        """Load a model; raise `ArtifactError` if it is damaged."""
        try:
            vocabulary = Vocabulary.from_json(model.read_json(TOKENIZER))
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{model.folder / TOKENIZER} is not a slotfill tokenizer: {error}") from None
        exported = Exported(model.read(FEATURES), model.read(NETWORK))
        return cls(vocabulary, Session(exported, threads), _decoder(model, vocabulary))

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
        cut = [
            [_Piece(utterance.words[start : start + _LONGEST]) for start in range(0, len(utterance.words), _LONGEST)]
            for utterance in utterances
        ]
        self._look([piece for pieces in cut for piece in pieces], wanted)
        return [self._whole(*both, wanted) for both in zip(utterances, cut, strict=True)]

    def _whole(self, utterance: Utterance, pieces: Sequence[_Piece], asked: Asked | None) -> Utterance:
        """An utterance with what is known of its pieces."""
        tags: Tags = ()
        for piece in pieces:
            tags += piece.tags
        intent = pieces[0].intent if pieces else None
        one = Utterance(utterance.words, tags, intent, utterance.id, utterance.text)
        return one if asked is None else tell(one, [piece.certainty for piece in pieces if piece.certainty], asked)

    def _look(self, pieces: Sequence[_Piece], asked: Asked | None) -> None:
        """Fill in what the network says of each piece; those of like length share a run of it."""
        batches = alike([len(piece.words) for piece in pieces], _BATCH_WORDS)
        while some := [[pieces[i] for i in batch] for batch in islice(batches, _DECODED)]:
            scored = [self._score(batch) for batch in some]
            every = iter(self._decoder.decode_all(scored))
            for batch, (scores, lengths) in zip(some, scored, strict=True):
                decoded = list(islice(every, len(batch)))
                for piece, tags in zip(batch, decoded, strict=True):
                    piece.tags = tags
                if asked is not None:
                    told = certainties(self._decoder, scores, lengths, decoded, asked)
                    for piece, certainty in zip(batch, told, strict=True):
                        piece.certainty = certainty

    def _score(self, batch: Sequence[_Piece]) -> tuple[Scores, Ids]:
        """The scores of the tags, (batch, time, tags), and the lengths, (batch,); the intents are filled in."""
        features, lengths = self._features.look_up([piece.words for piece in batch])
        scores = self._session.scores(features, lengths)
        for piece, intent in zip(batch, self.vocabulary.intents_of(scores.intents), strict=True):
            piece.intent = intent
        return scores.tags, lengths


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
