"""Words, characters and tags as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from slotfill.corpus.tags import OUTSIDE, split_tag
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import WORD_PATTERN, normalise, word_patterns

PADDING, UNKNOWN = 0, 1
"""Word and character ids that stand for no word and for any unseen one; known ones count from 2."""

WORD_START, WORD_END, FIRST_CHARACTER = 2, 3, 4
"""Character ids of a word's two ends, and the first known character's."""

NORMALISATION = "lower-nfc"
"""The name of `normalise`, kept with a model."""

_HEAD, _TAIL = 16, 8


@dataclass(frozen=True)
class Vocabulary:
    """What a model knows by name.

    Attributes:
        words: known words as lookup keys, most frequent first; the first has id 2.
        counts: how often each was seen in training.
        characters: known characters; the first has id 4.
        tags: BIO tags; the first, `O`, has id 0.
        word_pattern: the name of the pattern raw text is cut by.
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]
    characters: tuple[str, ...]
    tags: tuple[str, ...]
    word_pattern: str = WORD_PATTERN

    def __post_init__(self) -> None:
        if len(self.words) != len(self.counts):
            raise ValueError(f"{len(self.words)} words but {len(self.counts)} counts")
        for name in ("words", "characters", "tags"):
            values = getattr(self, name)
            if len(set(values)) != len(values):
                raise ValueError(f"{name} holds a value twice")
        for tag in self.tags:
            split_tag(tag)
        if not self.tags or self.tags[0] != OUTSIDE:
            raise ValueError(f"the first tag is not {OUTSIDE}")
        if self.word_pattern not in word_patterns():
            raise ValueError(f"unknown word pattern {self.word_pattern!r}: made by a newer slotfill?")

    @classmethod
    def build(cls, utterances: Sequence[Utterance]) -> Self:
        """The vocabulary of labelled utterances.

        A character of one word only is left unknown, so that training meets the unknown character too.
        """
        words = Counter(normalise(word) for utterance in utterances for word in utterance.words)
        ranked = sorted(words.items(), key=lambda item: (-item[1], item[0]))
        characters = Counter(character for word in words for character in set(word))
        tags = {tag for utterance in utterances for tag in utterance.tags or ()} - {OUTSIDE}
        return cls(
            words=tuple(word for word, _ in ranked),
            counts=tuple(count for _, count in ranked),
            characters=tuple(sorted(character for character, count in characters.items() if count > 1)),
            tags=(OUTSIDE, *sorted(tags, key=lambda tag: tag[2:] + tag[0])),
        )

    @cached_property
    def _word_ids(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words, start=2)}

    @cached_property
    def _character_ids(self) -> dict[str, int]:
        return {character: i for i, character in enumerate(self.characters, start=FIRST_CHARACTER)}

    @cached_property
    def tag_ids(self) -> dict[str, int]:
        """The id of each known tag."""
        return {tag: i for i, tag in enumerate(self.tags)}

    def __contains__(self, word: str) -> bool:
        """Whether training has seen this word."""
        return normalise(word) in self._word_ids

    def lookup(self, word: str) -> tuple[int, list[int]]:
        """A word's id and the ids of its characters between the two marks of its ends.

        Of a word with more than 24 characters the first 16 and the last 8 are looked at.
        """
        key = normalise(word)
        spelling = key if len(key) <= _HEAD + _TAIL else key[:_HEAD] + key[-_TAIL:]
        known = self._character_ids
        characters = [known.get(character, UNKNOWN) for character in spelling]
        return self._word_ids.get(key, UNKNOWN), [WORD_START, *characters, WORD_END]

    @property
    def word_rows(self) -> int:
        """How many word ids there are, padding and unknown included."""
        return len(self.words) + 2

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
            word_pattern=values["word_pattern"],
        )
