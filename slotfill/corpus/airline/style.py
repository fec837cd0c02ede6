"""Spoken style: fillers, false starts and courtesies around and between the words of a sentence."""

from __future__ import annotations

from random import Random

from slotfill.corpus.tags import OUTSIDE

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
ENDINGS = ["please", "please", "thanks", "thank you", "if possible", "if you can", "okay"]

OPENING_SHARE, HESITATION_SHARE, FALSE_START_SHARE, ENDING_SHARE = 0.2, 0.2, 0.05, 0.15


def _outside(phrase: str) -> list[tuple[str, str]]:
    return [(word, OUTSIDE) for word in phrase.split()]


def spoken(sentence: list[tuple[str, str]], random: Random) -> list[tuple[str, str]]:
    """The (word, tag) pairs of `sentence` as somebody might say them; no slot is broken up, no tag changed."""
    words = list(sentence)
    if random.random() < HESITATION_SHARE:
        between = [i for i in range(1, len(words)) if not words[i][1].startswith("I-")]
        if between:
            place = random.choice(between)
            words[place:place] = _outside(random.choice(HESITATIONS))
    if random.random() < FALSE_START_SHARE and all(tag == OUTSIDE for _, tag in words[:2]):
        words[:0] = words[:2]
    if random.random() < OPENING_SHARE:
        words[:0] = _outside(random.choice(OPENINGS))
    if random.random() < ENDING_SHARE and words[-1][0] not in ("please", "okay"):
        words += _outside(random.choice(ENDINGS))
    return words
