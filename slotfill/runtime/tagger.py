"""Text in, tagged utterances out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from math import ceil
from typing import NamedTuple, Self, Unpack

import numpy as np

from slotfill.corpus.certainty import Certainty
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import split_words
from slotfill.errors import ArtifactError, UsageError
from slotfill.runtime.bundle import DECODER, NETWORK, TOKENIZER, WORDS, Bundle, find
from slotfill.runtime.confidence import CertaintyOptions, certainties, wants, with_certainty
from slotfill.runtime.decoding import Decoder, Scores
from slotfill.runtime.encoding import Ids, length_buckets, word_mask
from slotfill.runtime.marks import UnseenMarks
from slotfill.runtime.projections import Projections
from slotfill.runtime.session import Exported, Outputs, Session
from slotfill.runtime.vocabulary import Vocabulary

_CHUNK = 1024
_BATCH_WORDS = 512
"""About so many words go through the network at once."""
_DECODED_WORDS = 4096
"""About so many words are decoded together."""
_LONGEST = 1000
"""An utterance of more words than this is tagged in pieces, so that memory stays bounded."""

Words = Sequence[str]
Tags = tuple[str, ...]


class _Found(NamedTuple):
    """What is known of an utterance, or of a part of a long one."""

    tags: Tags
    intent: str | None
    certainty: Certainty | None


class Tagger:
    """A trained model in use.

    Args:
        vocabulary: its words, characters and tags.
        session: its network.
        decoder: how its scores become tags.

    The three must belong together, which `open` makes sure of.
    """

    def __init__(self, vocabulary: Vocabulary, session: Session, decoder: Decoder) -> None:
        self.vocabulary = vocabulary
        self._session = session
        self._projections = Projections(vocabulary, session)
        self._decoder = decoder
        self._marks = UnseenMarks(vocabulary)

    @classmethod
    def open(cls, model: Bundle, threads: int = 1) -> Self:
        """Load a model; raise `ArtifactError` if it is damaged."""
        model.keep(TOKENIZER, WORDS, NETWORK, DECODER)
        try:
            vocabulary = Vocabulary.from_json(model.read_json(TOKENIZER))
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{model.folder / TOKENIZER} is not a slotfill tokenizer: {error}") from None
        session = Session(Exported(model.read(WORDS), model.read(NETWORK)), threads)
        _require_fit(vocabulary, session)  # First, for a decoder has a table of tags by tags.
        return cls(vocabulary, session, _decoder(model, vocabulary))

    def tag(self, text: str, **asked: Unpack[CertaintyOptions]) -> Utterance:
        """Cut raw text into words and tag them; `asked` as in `tag_batch`."""
        return self.tag_batch([self.tokenize(text)], **asked)[0]

    def tag_words(self, words: Words, **asked: Unpack[CertaintyOptions]) -> Utterance:
        """Tag words that are cut already; `asked` as in `tag_batch`."""
        if isinstance(words, str | bytes):
            raise TypeError("tag_words wants the words of one utterance: tag cuts a text")
        return self.tag_batch([Utterance(tuple(words))], **asked)[0]

    def tag_all(self, utterances: Iterable[Utterance], **asked: Unpack[CertaintyOptions]) -> Iterator[Utterance]:
        """Tag a stream: one out per one in, in order, in bounded memory; `asked` as in `tag_batch`."""
        stream = iter(utterances)
        while chunk := list(islice(stream, _CHUNK)):
            yield from self.tag_batch(chunk, **asked)

    def tokenize(self, text: str, id: str | None = None) -> Utterance:  # noqa: A002 - the record's field
        """Raw text cut into words by the pattern the model was trained with; not tagged yet."""
        if not isinstance(text, str):
            raise TypeError(f"a text is a str, not {type(text).__name__}")
        return Utterance(tuple(split_words(text, self.vocabulary.word_pattern)), text=text, id=id)

    def tag_batch(self, utterances: Sequence[Utterance], **asked: Unpack[CertaintyOptions]) -> list[Utterance]:
        """The same utterances with tags and intent; those they had are replaced.

        Sentence marks that training has never seen are not read (see `runtime.marks`). Of more than a thousand words
        each thousand is read by itself, and the first tells the intent.

        Args:
            utterances: any number, also such without words.
            asked: `confidence=True`, `min_confidence=0.5`, `nbest=3` or `alternatives=True` make `Utterance.certainty`
                and `Span.confidence` known: see `runtime.confidence.CertaintyOptions`.

        Raises `UsageError` if what is asked for cannot be, `TypeError` for what is no utterance.
        """
        for utterance in utterances:
            if not isinstance(utterance, Utterance):
                raise TypeError(f"an utterance is wanted, not {type(utterance).__name__}: tokenize makes one of a text")
        wanted = asked if wants(asked) else None
        read = list(map(self._marks.taken_out, utterances))
        pieces = [
            utterance.words[start : start + _LONGEST]
            for utterance in read
            for start in range(0, len(utterance.words), _LONGEST)
        ]
        found = iter(self._look(pieces, wanted))
        tagged = (
            self._whole(utterance, list(islice(found, ceil(len(utterance.words) / _LONGEST))), wanted)
            for utterance in read
        )
        return list(map(self._marks.put_back, utterances, tagged))

    def _whole(self, utterance: Utterance, found: Sequence[_Found], asked: CertaintyOptions | None) -> Utterance:
        """An utterance with what was found of its pieces."""
        tags: Tags = ()
        for piece in found:
            tags += piece.tags
        intent = found[0].intent if found else None
        one = Utterance(utterance.words, tags, intent, utterance.id, utterance.text)
        return (
            one
            if asked is None
            else with_certainty(one, [piece.certainty for piece in found if piece.certainty], asked)
        )

    def _look(self, pieces: Sequence[Words], asked: CertaintyOptions | None) -> list[_Found]:
        """What the network says of each piece; those of like length share a run of it."""
        found: dict[int, _Found] = {}
        for group in length_buckets(list(map(len, pieces)), _DECODED_WORDS):
            members = [pieces[i] for i in group]
            outputs, scored = [], []
            for batch in length_buckets(list(map(len, members)), _BATCH_WORDS):
                inputs = self._projections.look_up([members[i] for i in batch])
                outputs.append(self._session.scores(inputs))
                _require_finite(outputs[-1], inputs.lengths)
                scored.append((outputs[-1].tags, inputs.lengths))
            tags = self._decoder.decode_all(scored)
            of_intents = np.concatenate([output.intents for output in outputs])
            intents = self.vocabulary.intents_of(of_intents)
            told = [None] * len(tags) if asked is None else self._certainties(scored, tags, of_intents, asked)
            found.update(zip(group, map(_Found, tags, intents, told), strict=True))
        return [found[i] for i in range(len(pieces))]

    def _certainties(
        self, scored: Sequence[tuple[Scores, Ids]], tags: Sequence[Tags], of_intents: Scores, asked: CertaintyOptions
    ) -> list[Certainty | None]:
        """How sure the model is of each utterance; `scored` are batches of them, with their lengths."""
        left = iter(tags)
        of_tags = [
            certainty
            for scores, lengths in scored
            for certainty in certainties(self._decoder, scores, lengths, list(islice(left, len(lengths))), asked)
        ]
        probabilities = self.vocabulary.intent_probabilities(of_intents)
        return [
            replace(certainty, intent=probability)
            for certainty, probability in zip(of_tags, probabilities, strict=True)
        ]


def _require_fit(vocabulary: Vocabulary, session: Session) -> None:
    """Raise `ArtifactError` if a vocabulary and a network do not belong together."""
    sides = ("tags", session.tags, vocabulary.tags), ("intents", session.intents, vocabulary.intents)
    for kind, scored, known in sides:
        if scored != len(known):
            raise ArtifactError(f"{NETWORK} scores {scored} {kind}, {TOKENIZER} has {len(known)}")
    try:
        session.tables(np.array([vocabulary.word_rows - 1]), np.array([[vocabulary.character_rows - 1]]))
    except ArtifactError as error:
        raise ArtifactError(f"the last word or character of {TOKENIZER} is none of the network's: {error}") from None


def _require_finite(outputs: Outputs[Scores], lengths: Ids) -> None:
    """Raise `ArtifactError` if a score of a word or an intent is not finite."""
    finite = np.isfinite(outputs.tags)
    if not finite.all():  # At padding scores have no meaning.
        finite = finite[word_mask(lengths, finite.shape[1])]
    if not (finite.all() and np.isfinite(outputs.intents).all()):
        raise ArtifactError(f"{NETWORK} gives scores that are not finite: train the model again")


def _decoder(model: Bundle, vocabulary: Vocabulary) -> Decoder:
    """The decoder of a model; raise `ArtifactError` if it is not one for these tags."""
    try:
        return Decoder.from_json(model.read_json(DECODER), vocabulary.tags)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{model.folder / DECODER} does not fit the model's tags: {error}") from None


def load(model: str | os.PathLike[str] | None = None, threads: int = 1) -> Tagger:
    """The tagger in a model folder, or of that name in `models/`; None: the newest there.

    Args:
        model: the folder or the name.
        threads: at least 1, of onnxruntime; one is fastest for few utterances at a time.

    Raises `slotfill.SlotfillError` of a kind in `slotfill.errors`: `ArtifactError` if there is none of that name or
    it is damaged, `UsageError` if there is no model at all, or for fewer threads than one.
    """
    if threads < 1:
        raise UsageError(f"threads must be at least 1, not {threads}")
    return Tagger.open(find(None if model is None else os.fspath(model)), threads)
