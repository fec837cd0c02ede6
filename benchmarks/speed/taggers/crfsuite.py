"""python-crfsuite: a linear-chain CRF over features of a window of five words.

A word's features are itself, and the lower case, ends and shape of each word in the window. Any tag may follow any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pycrfsuite

from benchmarks.speed.taggers import Tagger
from slotfill.corpus.utterance import Utterance

DISTRIBUTION = "python-crfsuite"
SETTINGS: dict[str, Any] = {"c1": 0.1, "c2": 0.01, "feature.possible_transitions": True}
"""All else is as the library has it: it stops by itself, which on ATIS does better on dev than a hundred iterations."""

_MODEL = "model.crfsuite"


def _word(word: str) -> list[tuple[str, str]]:
    """A word's own features, by name."""
    shape = "".join("X" if each.isupper() else "d" if each.isdigit() else "x" for each in word)
    return [("lower", word.lower()), ("suffix3", word[-3:]), ("suffix2", word[-2:]), ("shape", shape)]


def features(words: Sequence[str]) -> list[list[str]]:
    """The features of each word, its own and its neighbours'."""
    own = [_word(word) for word in words]
    found = []
    for here in range(len(words)):
        each = ["bias", f"word={words[here]}"]
        for step in (-2, -1, 0, 1, 2):
            if 0 <= here + step < len(words):
                each += [f"{step}:{name}={value}" for name, value in own[here + step]]
            else:
                each.append(f"{step}:outside")
        found.append(each)
    return found


def train(training: Sequence[Utterance], dev: Sequence[Utterance], folder: Path) -> None:  # noqa: ARG001 - as spacy's
    """Labelled utterances to a model folder; it stops where little is left to gain, and looks at no dev split."""
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params(SETTINGS)
    for utterance in training:
        trainer.append(features(utterance.words), utterance.tags or ())
    folder.mkdir(parents=True)
    trainer.train(str(folder / _MODEL))


class Crfsuite(Tagger):
    """A trained model."""

    def __init__(self, folder: Path) -> None:
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open(str(folder / _MODEL))

    def tag(self, utterances: Sequence[Utterance]) -> list[Utterance]:
        """The same utterances with its tags."""
        return [replace(each, tags=tuple(self._tagger.tag(features(each.words)))) for each in utterances]


load = Crfsuite
