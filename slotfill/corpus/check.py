"""Corpus lint: what a corpus holds, and what in it would mislead training or its score."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from slotfill.corpus.splits import Corpus
from slotfill.corpus.tags import illegal_positions
from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import split_words

_SCRIPTS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED = re.compile(f"[{_SCRIPTS}]")
"""A character of Thai, Lao, Burmese, Khmer, Japanese or Chinese, which are written without blanks."""
_UNTYPED = re.compile(rf"(?<=[{_SCRIPTS}]) | (?=[{_SCRIPTS}])|(?<=\d) (?=\d)")

_SHOWN = 30
"""Characters of a word that are shown, on each side of where it is broken."""


@dataclass(frozen=True)
class Unseen:
    """What a split holds and train does not.

    Attributes:
        types: the names, the most frequent first.
        share: the fraction of all occurrences in the split that are theirs.
    """

    types: list[str]
    share: float


@dataclass(frozen=True)
class SplitReport:
    """One split: counts by name, the most frequent first, and its own defects.

    Attributes:
        utterances: how many.
        words: how many, repetitions counted.
        word_types: how many different ones, as written.
        tags: each tag and how many words have it.
        slots: each slot and how many segments have it.
        intents: each intent and how many utterances have it.
        longest: the most words in one utterance.
        longest_at: the number of that utterance, from 1.
        repeated: how many utterances have the words of an earlier one in the same split.
        illegal: how many `I-slot` tags continue nothing.
        illegal_at: the numbers of the utterances with such a tag.
        cut_otherwise_at: the numbers of the utterances that `slotfill tag` would cut into other words.
        cut_up: how often each word occurs that it would cut, with its pieces, `5pm → 5 pm`.
        broken_at: the numbers of the utterances in which a span begins or ends within a word.
        broken: how often each such word occurs, with its parts, `rom|e`.
        several_intents: how many utterances ask for several intents.
        unseen: for `tags`, `words` and `intents`, what train does not hold; empty for train or without train.
    """

    utterances: int
    words: int
    word_types: int
    tags: dict[str, int]
    slots: dict[str, int]
    intents: dict[str, int]
    longest: int
    longest_at: int
    repeated: int
    illegal: int
    illegal_at: list[int]
    cut_otherwise_at: list[int]
    cut_up: dict[str, int]
    broken_at: list[int]
    broken: dict[str, int]
    several_intents: int
    unseen: dict[str, Unseen]


@dataclass(frozen=True)
class Shared:
    """Sentences in two splits: how many different ones, and how many utterances of `second`."""

    first: str
    second: str
    sentences: int
    utterances: int


@dataclass(frozen=True)
class Disagreement:
    """A sentence with different labels: `differ` is `tags`, `intent` or both; a place is `train 12`."""

    text: str
    differ: list[str]
    places: list[str]


@dataclass(frozen=True)
class Report:
    """What `slotfill check` says about a corpus."""

    name: str
    notes: tuple[str, ...]
    splits: dict[str, SplitReport]
    shared: list[Shared]
    disagreements: list[Disagreement]


def check(corpus: Corpus) -> Report:
    """Count, compare and look for defects. Nothing found here is an error: the corpus could be read."""
    train = _vocabulary(corpus.splits["train"]) if "train" in corpus.splits else None
    sentences = {name: Counter(utterance.words for utterance in split) for name, split in corpus.splits.items()}
    return Report(
        name=corpus.name,
        notes=corpus.notes,
        splits={
            name: _split_report(split, None if name == "train" else train) for name, split in corpus.splits.items()
        },
        shared=[_shared(*pair, sentences) for pair in combinations(sentences, 2)],
        disagreements=_disagreements(corpus),
    )


def cut_otherwise(split: Iterable[Utterance]) -> list[int]:
    """The numbers, from 1, of the utterances whose text would be cut into other words than those they have."""
    return [i for i, one in enumerate(split, start=1) if tuple(split_words(_as_typed(one))) != one.words]


def _as_typed(utterance: Utterance) -> str:
    """An utterance's text or, where that is only its words with blanks between, those blanks that people would type.

    Beside characters of a script without blanks there are none, and none between the digits of such a text.
    """
    text = utterance.text
    if text.isascii() or text != " ".join(utterance.words) or not _UNSPACED.search(text):
        return text
    return _UNTYPED.sub("", text)


def _cut_up(words: Counter[str]) -> Counter[str]:
    """The words that `slotfill tag` would cut, each as it would, `5pm → 5 pm`, and how often they occur."""
    pieces = {word: split_words(word) for word in words}
    return Counter({f"{word} → {' '.join(cut)}": words[word] for word, cut in pieces.items() if cut != [word]})


def _broken(utterance: Utterance) -> list[str]:
    """The words within which a span begins or ends, as `rom|e`."""
    text = utterance.text
    places = sorted({place for span in utterance.spans for place in (span.start, span.end)})
    return [
        re.findall(r"\w+$", text[max(0, place - _SHOWN) : place])[0]
        + "|"
        + re.findall(r"\w+", text[place:][:_SHOWN])[0]
        for place in places
        if 0 < place < len(text) and _are_one_word(text[place - 1], text[place])
    ]


def _are_one_word(before: str, after: str) -> bool:
    """Whether two characters side by side are letters or digits of one word."""
    alike = (before.isalpha() and after.isalpha()) or (before.isdigit() and after.isdigit())
    return alike and not _UNSPACED.match(after)


def _vocabulary(split: Iterable[Utterance]) -> dict[str, Counter[str]]:
    """Every tag, word and intent of a split and how often it occurs."""
    counts: dict[str, Counter[str]] = {"tags": Counter(), "words": Counter(), "intents": Counter()}
    for utterance in split:
        counts["tags"].update(utterance.tags or ())
        counts["words"].update(utterance.words)
        if utterance.intent is not None:
            counts["intents"][utterance.intent] += 1
    return counts


def _split_report(split: list[Utterance], train: Mapping[str, Counter[str]] | None) -> SplitReport:
    counts = _vocabulary(split)
    slots = Counter(segment.slot for utterance in split for segment in utterance.segments)
    illegal = {i: len(illegal_positions(utterance.tags or ())) for i, utterance in enumerate(split, start=1)}
    broken = {i: _broken(utterance) for i, utterance in enumerate(split, start=1)}
    longest_at = max(range(len(split)), key=lambda i: len(split[i].words))
    return SplitReport(
        utterances=len(split),
        words=counts["words"].total(),
        word_types=len(counts["words"]),
        tags=_ranked(counts["tags"]),
        slots=_ranked(slots),
        intents=_ranked(counts["intents"]),
        longest=len(split[longest_at].words),
        longest_at=longest_at + 1,
        repeated=len(split) - len({utterance.words for utterance in split}),
        illegal=sum(illegal.values()),
        illegal_at=[i for i, count in illegal.items() if count],
        cut_otherwise_at=cut_otherwise(split),
        cut_up=_ranked(_cut_up(counts["words"])),
        broken_at=[i for i, words in broken.items() if words],
        broken=_ranked(Counter(word for words in broken.values() for word in words)),
        several_intents=sum(len(utterance.intents) > 1 for utterance in split),
        unseen={} if train is None else {kind: _unseen(counts[kind], train[kind]) for kind in counts},
    )


def _ranked(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _unseen(counts: Counter[str], train: Counter[str]) -> Unseen:
    new = Counter({name: count for name, count in counts.items() if name not in train})
    return Unseen(list(_ranked(new)), new.total() / max(1, counts.total()))


def _shared(first: str, second: str, sentences: Mapping[str, Counter[tuple[str, ...]]]) -> Shared:
    both = sentences[first].keys() & sentences[second].keys()
    return Shared(first, second, len(both), sum(sentences[second][words] for words in both))


def _disagreements(corpus: Corpus) -> list[Disagreement]:
    """Sentences that stand more than once and not always with the same tags, or known intent."""
    places: dict[tuple[str, ...], list[tuple[str, Utterance]]] = defaultdict(list)
    for name, split in corpus.splits.items():
        for i, utterance in enumerate(split, start=1):
            places[utterance.words].append((f"{name} {i}", utterance))
    found = []
    for words, group in places.items():
        labels: dict[str, Collection[object]] = {
            "tags": {utterance.tags for _, utterance in group},
            "intent": {utterance.intent for _, utterance in group} - {None},
        }
        differ = [kind for kind, values in labels.items() if len(values) > 1]
        if differ:
            found.append(Disagreement(" ".join(words), differ, [place for place, _ in group]))
    return found
