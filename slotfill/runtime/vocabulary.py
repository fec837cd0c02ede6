"""Words, characters and tags as numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from slotfill.corpus.intents import SEPARATORS, separator_of, split_intent
from slotfill.corpus.tags import OUTSIDE, split_tag
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import WORD_PATTERN, folded, normalise, word_patterns

PADDING, UNKNOWN, FIRST_WORD = 0, 1, 2
"""Word and character ids that stand for no word and for any unseen one, and the first known word's."""

WORD_START, WORD_END, FIRST_CHARACTER = 2, 3, 4
"""Character ids of a word's two ends, and the first known character's."""

OUTSIDE_ID = 0
"""The tag id of `O`."""

NORMALISATION = "lower-nfc"
"""The name of `normalise`, kept with a model."""

_HEAD, _TAIL = 16, 8

_APART = set(" \t\r\n")
"""No tag holds these: they stand between tags."""


def word_counts(utterances: Iterable[Utterance]) -> Counter[str]:
    """How often each word occurs, by lookup key."""
    return Counter(normalise(word) for utterance in utterances for word in utterance.words)


@dataclass(frozen=True)
class Vocabulary:
    """What a model knows by name.

    Attributes:
        words: known words as lookup keys, most frequent first; the first has id 2.
        counts: how often each was seen in training; 0: never, it is known by its pretrained vector alone.
        characters: known characters; the first has id 4.
        tags: BIO tags; the first, `O`, has id 0.
        intents: what utterances ask for, one name each; none where the corpus does not say.
        intent_separator: what joins the intents of an utterance that asks for several; None: each asks for one.
        word_pattern: the name of the pattern raw text is cut by.
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]
    characters: tuple[str, ...]
    tags: tuple[str, ...]
    intents: tuple[str, ...] = ()
    intent_separator: str | None = None
    word_pattern: str = WORD_PATTERN

    def __post_init__(self) -> None:
        if len(self.words) != len(self.counts):
            raise ValueError(f"{len(self.words)} words but {len(self.counts)} counts")
        for name in ("words", "characters", "tags", "intents"):
            values = getattr(self, name)
            "".join(values).encode()  # Raises an error where one is no text, or holds half a character.
            if len(set(values)) != len(values):
                raise ValueError(f"{name} holds a value twice")
        if not all(type(count) is int and 0 <= count < 2**63 for count in self.counts):
            raise ValueError("counts holds what is no count")
        for tag in self.tags:
            split_tag(tag)
            if set(tag) & _APART:
                raise ValueError(f"tag {tag!r} holds a blank or line end")
        if not self.tags or self.tags[0] != OUTSIDE:
            raise ValueError(f"the first tag is not {OUTSIDE}")
        if self.intent_separator not in (None, *SEPARATORS):
            raise ValueError("unknown intent separator: made by a newer slotfill?")
        if self.word_pattern not in word_patterns():
            raise ValueError(f"unknown word pattern {self.word_pattern!r}: made by a newer slotfill?")

    @classmethod
    def build(cls, utterances: Sequence[Utterance], *, extra: Iterable[str] = (), intents: bool = True) -> Self:
        """The vocabulary of labelled utterances, with or without their intents, and of `extra` lookup keys.

        A character of one word only is left unknown, so that training meets the unknown character too.
        """
        words = word_counts(utterances)
        ranked = sorted(words.items(), key=lambda item: (-item[1], item[0]))
        ranked += [(word, 0) for word in extra if word not in words]
        characters = Counter(character for word in words for character in set(word))
        tags = {tag for utterance in utterances for tag in utterance.tags or ()} - {OUTSIDE}
        asked = {utterance.intent for utterance in utterances if utterance.intent and intents}
        return cls(
            words=tuple(word for word, _ in ranked),
            counts=tuple(count for _, count in ranked),
            characters=tuple(sorted(character for character, count in characters.items() if count > 1)),
            tags=(OUTSIDE, *sorted(tags, key=lambda tag: tag[2:] + tag[0])),
            intents=tuple(sorted({name for intent in asked for name in split_intent(intent)})),
            intent_separator=separator_of(asked),
        )

    @cached_property
    def _word_ids(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words, start=FIRST_WORD)}

    @cached_property
    def _character_ids(self) -> dict[str, int]:
        return {character: i for i, character in enumerate(self.characters, start=FIRST_CHARACTER)}

    @cached_property
    def tag_ids(self) -> dict[str, int]:
        """The id of each known tag."""
        return {tag: i for i, tag in enumerate(self.tags)}

    def __contains__(self, word: str) -> bool:
        """Whether training has seen this word."""
        word_id = self._word_ids.get(normalise(word))
        return word_id is not None and self.counts[word_id - FIRST_WORD] > 0

    def lookup(self, word: str, *, as_written: bool = False) -> tuple[int, list[int]]:
        """A word's id and the ids of its characters between the two marks of its ends.

        Of a word with more than 24 characters the first 16 and the last 8 are looked at.

        Args:
            word: any.
            as_written: no other word will do. Otherwise an unknown word is looked up as the known one that differs in
                accents, apostrophes and the like alone, if there is one (see `corpus.words.folded`), and what is
                unknown of its characters may be known without accents.
        """
        key = normalise(word)
        if not as_written and key not in self._word_ids:
            key = self._written_otherwise(key)
        spelling = key if len(key) <= _HEAD + _TAIL else key[:_HEAD] + key[-_TAIL:]
        known = self._character_ids
        characters = [known.get(character, UNKNOWN) for character in spelling]
        return self._word_ids.get(key, UNKNOWN), [WORD_START, *characters, WORD_END]

    @cached_property
    def _folded(self) -> dict[str, str]:
        """Known words by what they are folded to, the most frequent of several; without those that stay as they are."""
        found: dict[str, str] = {}
        for word in self.words:
            if not (word.isascii() and word.isalnum()):
                found.setdefault(folded(word), word)
        return found

    def _written_otherwise(self, key: str) -> str:
        """What to look up in place of an unknown word; of a single letter too little is left to tell."""
        plain = folded(key)
        if len(plain) > 1 and (known := plain if plain in self._word_ids else self._folded.get(plain)):
            return known
        known_characters = self._character_ids
        return "".join(
            base if character not in known_characters and (base := folded(character)) in known_characters else character
            for character in key
        )

    @cached_property
    def intent_ids(self) -> dict[str, int]:
        """The id of each known intent."""
        return {intent: i for i, intent in enumerate(self.intents)}

    def intents_of(self, scores: NDArray[np.float32]) -> list[str | None]:
        """The intent of each utterance; where training joined several, those at least half as likely as the first, too.

        Args:
            scores: (batch, intents) logits.
        """
        if not self.intents:
            return [None] * len(scores)
        found: list[str | None] = [self.intents[i] for i in scores.argmax(axis=1).tolist()]
        if self.intent_separator is None:
            return found
        counts = _likely(scores).sum(axis=1)
        for row in np.flatnonzero(counts > 1):
            ranked = (-scores[row]).argsort(kind="stable")  # The first of equals leads, as above.
            found[row] = self.intent_separator.join(self.intents[i] for i in ranked[: counts[row]])
        return found

    def intent_probabilities(self, scores: NDArray[np.float32]) -> list[float | None]:
        """The probability of what `intents_of` gives, of several in all; None where no intent is known."""
        if not self.intents:
            return [None] * len(scores)
        likelihoods = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
        shares = likelihoods / likelihoods.sum(axis=1, keepdims=True)
        told = shares.max(axis=1) if self.intent_separator is None else shares.sum(axis=1, where=_likely(scores))
        return list(map(float, told))

    @property
    def word_rows(self) -> int:
        """How many word ids there are, padding and unknown included."""
        return len(self.words) + FIRST_WORD

    @property
    def character_rows(self) -> int:
        """How many character ids there are, padding, unknown and the two ends included."""
        return len(self.characters) + FIRST_CHARACTER

    def to_json(self) -> dict[str, Any]:
        """The vocabulary as the JSON object `tokenizer.json` holds."""
        return {
            "word_pattern": self.word_pattern,
            "normalisation": NORMALISATION,
            "words": list(self.words),
            "counts": list(self.counts),
            "characters": list(self.characters),
            "tags": list(self.tags),
            "intents": list(self.intents),
            "intent_separator": self.intent_separator,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raise `ValueError`, `KeyError` or `TypeError` for anything else."""
        if values["normalisation"] != NORMALISATION:
            raise ValueError(f"unknown normalisation {values['normalisation']!r}: made by a newer slotfill?")
        return cls(
            words=tuple(values["words"]),
            counts=tuple(values["counts"]),
            characters=tuple(values["characters"]),
            tags=tuple(values["tags"]),
            intents=tuple(values["intents"]),
            intent_separator=values["intent_separator"],
            word_pattern=values["word_pattern"],
        )


def _likely(scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which intents, (batch, intents), are at least half as likely as the likeliest, by (batch, intents) logits."""
    likely: NDArray[np.bool_] = scores >= scores.max(axis=1, keepdims=True) - math.log(2)
    return likely
