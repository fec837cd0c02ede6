"""How people say a sentence, with fillers, false starts and courtesies, or type it, with short forms."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from slotfill.corpus.tags import OUTSIDE

Words = list[tuple[str, str]]
"""The (word, tag) pairs of a sentence."""

OPENINGS = [
    "okay",
    "um",
    "uh",
    "well",
    "please",
    "hello",
    "hi there",
    "yes",
    "yes please",
    "okay and",
    "all right",
    "so",
    "good morning",
    "now",
]
HESITATIONS = ["uh", "um", "uh", "um", "uh uh", "let's see", "you know"]
ENDINGS = [
    "please",
    "please",
    "please",
    "thanks",
    "thanks",
    "thank you",
    "if possible",
    "if you can",
    "okay",
    "thanks a lot",
    "thank you very much",
]
TYPED_OPENINGS = ["hi", "hey", "hello", "please", "ok", "hi there", "good evening"]
TYPED_ENDINGS = ["please", "thanks", "asap", "as soon as possible", "thanks a lot", "many thanks", "if possible"]
SHORT_FORMS = {
    ("want", "to"): "wanna",
    ("give", "me"): "gimme",
    ("i", "am"): "im",
    ("i'm",): "im",
    ("i'd",): "id",
    ("what's",): "whats",
    ("what", "is"): "whats",
    ("please",): "pls",
    ("thanks",): "thx",
    ("you",): "u",
    ("okay",): "ok",
}
"""What is typed in place of words that are outside all slots."""

TYPED_SHARE = 0.2
OPENING_SHARE, HESITATION_SHARE, FALSE_START_SHARE, ENDING_SHARE = 0.2, 0.2, 0.05, 0.15
SHORT_FORM_SHARE = 0.7


def phrased(sentence: Words, random: Random) -> Words:
    """A sentence as somebody might say or type it; no slot is broken up, no tag changed."""
    return (typed if random.random() < TYPED_SHARE else spoken)(sentence, random)


def spoken(sentence: Words, random: Random) -> Words:
    """A sentence with fillers, a false start and courtesies, or some of them, or none."""
    words = list(sentence)
    if random.random() < HESITATION_SHARE:
        between = [i for i in range(1, len(words)) if not words[i][1].startswith("I-")]
        if between:
            place = random.choice(between)
            words[place:place] = _outside(random.choice(HESITATIONS))
    if random.random() < FALSE_START_SHARE and all(tag == OUTSIDE for _, tag in words[:2]):
        words[:0] = words[:2]
    return _courteous(words, OPENINGS, ENDINGS, random)


def typed(sentence: Words, random: Random) -> Words:
    """A sentence with courtesies and short forms, or some of them, or none."""
    words: Words = []
    for pair in _courteous(sentence, TYPED_OPENINGS, TYPED_ENDINGS, random):
        words.append(pair)
        for length in (2, 1):
            long = words[-length:]
            short = SHORT_FORMS.get(tuple(word for word, _ in long))
            if short and all(tag == OUTSIDE for _, tag in long) and random.random() < SHORT_FORM_SHARE:
                words[-length:] = [(short, OUTSIDE)]
                break
    return words


def _courteous(words: Words, openings: Sequence[str], endings: Sequence[str], random: Random) -> Words:
    before = _outside(random.choice(openings)) if random.random() < OPENING_SHARE else []
    wanted = random.random() < ENDING_SHARE and words[-1][0] not in ("please", "okay")
    return [*before, *words, *(_outside(random.choice(endings)) if wanted else [])]


def _outside(phrase: str) -> Words:
    return [(word, OUTSIDE) for word in phrase.split()]
