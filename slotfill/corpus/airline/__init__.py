"""The built-in corpus: a seeded grammar of air-travel requests. README.md in this folder tells all about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from slotfill.corpus.airline import carriers, places
from slotfill.corpus.airline.grammar import Alternatives, Grammar
from slotfill.corpus.airline.held_out import HELD_OUT
from slotfill.corpus.airline.patterns import PATTERNS, WEIGHTS
from slotfill.corpus.airline.phrases import PHRASES
from slotfill.corpus.airline.style import phrased
from slotfill.corpus.airline.values import VALUES
from slotfill.corpus.utterance import Utterance

SIZES = {"train": 4000, "dev": 500, "test": 900}
NEW_NAMES_SHARE = 0.25
"""How many dev and test utterances draw their names from those that train never shows."""
NEW_PATTERN_SHARE = 0.25
"""How many dev and test utterances follow a pattern that train never shows."""


def generate(seed: int = 0) -> dict[str, list[Utterance]]:
    """The splits "train", "dev" and "test" of the corpus that `seed` stands for, always the same ones.

    No two utterances of a corpus have the same words. The end of an utterance's id says what in it train never
    shows: `test-0007-known` (nothing), `-names`, `-pattern` or `-names-pattern`.
    """
    corpus: dict[str, list[Utterance]] = {}
    seen: set[tuple[str, ...]] = set()
    for split, size in SIZES.items():
        utterances = corpus[split] = []
        stream = _stream(split, Random(f"airline {seed} {split}"))
        while len(utterances) < size:
            utterance = next(stream)
            if utterance.words not in seen:
                seen.add(utterance.words)
                utterances.append(replace(utterance, id=f"{split}-{len(utterances):04}-{utterance.id}"))
    return corpus


def _stream(split: str, random: Random) -> Iterator[Utterance]:
    """Utterances of a split without end; some repeat an earlier one. The id says what is new in each."""
    known, new = _grammar("train", random), _grammar(split, random)
    new_names = _all_values(new) - _all_values(known)
    new_patterns = HELD_OUT.get(split, PATTERNS)
    while True:
        grammar = new if random.random() < NEW_NAMES_SHARE else known
        patterns = new_patterns if random.random() < NEW_PATTERN_SHARE else PATTERNS
        utterance = _utterance(grammar, patterns)
        names = any(span.text in new_names for span in utterance.spans)
        news = ["names"] * names + ["pattern"] * (patterns is not PATTERNS)
        yield replace(utterance, id="-".join(news) or "known")


def _utterance(grammar: Grammar, patterns: Mapping[str, Alternatives]) -> Utterance:
    intent = grammar.random.choices(list(patterns), [WEIGHTS[intent] for intent in patterns])[0]
    sentence = phrased(grammar.expand(patterns[intent].pick(grammar.random)), grammar.random)
    words, tags = zip(*sentence, strict=True)
    return Utterance(words, tags, intent)


def _grammar(split: str, random: Random) -> Grammar:
    """The grammar with the names of one split."""
    values = VALUES | places.values(split) | carriers.values(split)
    return Grammar(PHRASES | {"in_region": places.in_region(split)}, values, random)


def _all_values(grammar: Grammar) -> set[str]:
    return {value for values in grammar.values.values() for value in values}
