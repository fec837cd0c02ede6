"""The errors of a model counted: by kind, by slots, by words that training has not seen; and wrong intents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from slotfill.corpus.tags import Segment
from slotfill.corpus.utterance import Utterance
from slotfill.legible import counted
from slotfill.scoring.intent_errors import IntentError, intent_errors
from slotfill.scoring.span_errors import KINDS, Error, Slots, pair

_Key = TypeVar("_Key", bound=Hashable)
_Item = TypeVar("_Item")

Intents = tuple[str, str]
"""The gold intent and the predicted one."""


@dataclass(frozen=True)
class Tally:
    """Spans counted: what F1 comes from."""

    gold: int = 0
    predicted: int = 0
    correct: int = 0

    @property
    def not_found(self) -> int:
        """Gold spans that were not predicted so: false negatives."""
        return self.gold - self.correct

    @property
    def wrongly_found(self) -> int:
        """Predicted spans that are not gold: false positives."""
        return self.predicted - self.correct

    @property
    def wrong(self) -> int:
        """Wrong spans on either side, which is what F1 loses by."""
        return self.not_found + self.wrongly_found

    @property
    def f1(self) -> float:
        """F1, a fraction; 0 where there is no span."""
        return 2 * self.correct / max(self.gold + self.predicted, 1)

    @property
    def row(self) -> tuple[str, ...]:
        """F1 in percent, a dash where there is no span; gold spans, those not found, and those wrongly found."""
        f1 = f"{100 * self.f1:.2f}" if self.gold or self.predicted else "–"
        return f1, *(f"{count:,}" for count in (self.gold, self.not_found, self.wrongly_found))


@dataclass(frozen=True)
class Analysis:
    """The errors of a model on one split.

    Attributes:
        utterances: how many there are.
        errors: every wrong span, in the order of the text.
        total: all spans.
        slots: the spans of each slot, those that cost F1 most first.
        unseen: spans with a word training has not seen.
        others: spans without one.
        intents: how many utterances have an intent on both sides.
        intent_errors: each of these whose intent is wrong.
    """

    utterances: int
    errors: tuple[Error, ...]
    total: Tally
    slots: dict[str, Tally]
    unseen: Tally
    others: Tally
    intents: int
    intent_errors: tuple[IntentError, ...]

    @property
    def wrong_utterances(self) -> int:
        """Utterances with a wrong span."""
        return len({error.number for error in self.errors})

    @property
    def all_right(self) -> bool:
        """Whether no span and no intent is wrong."""
        return not self.errors and not self.intent_errors

    @property
    def summary(self) -> str:
        """What there is, in one line."""
        utterances = counted(self.utterances, "utterance")
        if self.all_right:
            intents = f" and all {self.intents:,} intents" if self.intents else ""
            return f"no error in {utterances}: all {self.total.gold:,} spans{intents} are right"
        spans = f"all {self.total.gold:,} spans of {utterances} are right"
        if self.errors:
            spans = (
                f"{counted(len(self.errors), 'error')} in {self.wrong_utterances:,} of {utterances}: "
                f"{self.total.not_found:,} of {self.total.gold:,} gold spans not found, "
                f"{self.total.wrongly_found:,} of {self.total.predicted:,} predicted spans wrong; "
                f"F1 {100 * self.total.f1:.2f}"
            )
        return f"{spans}; {len(self.intent_errors):,} of {self.intents:,} intents wrong" if self.intents else spans

    def share(self, tally: Tally) -> float:
        """How much of all that is wrong is in this part, a fraction."""
        return tally.wrong / max(self.total.wrong, 1)

    def by_kind(self) -> dict[str, list[Error]]:
        """The errors of each kind, a kind without any included."""
        return {kind: [error for error in self.errors if error.kind == kind] for kind in KINDS}

    def by_slots(self) -> dict[Slots, list[Error]]:
        """The errors by gold and predicted slot, the most frequent pair first."""
        return _by_frequency(self.errors, lambda error: error.slots)

    def confusions(self) -> dict[Slots, list[Error]]:
        """`by_slots` without the errors of boundary alone, which confuse no slots."""
        return {(gold, predicted): errors for (gold, predicted), errors in self.by_slots().items() if gold != predicted}

    def intent_confusions(self) -> dict[Intents, list[IntentError]]:
        """The wrong intents by what was asked for and what was told, the most frequent pair first."""
        return _by_frequency(self.intent_errors, lambda error: (error.gold, error.predicted))

    def to_json(self) -> dict[str, Any]:
        """Everything as a JSON object."""
        return {
            "utterances": self.utterances,
            "wrong_utterances": self.wrong_utterances,
            **self._tally(self.total),
            "kinds": {kind: len(errors) for kind, errors in self.by_kind().items()},
            "confusions": [
                {"gold": gold, "predicted": predicted, "errors": len(errors)}
                for (gold, predicted), errors in self.confusions().items()
            ],
            "slots": {slot: self._tally(tally) for slot, tally in self.slots.items()},
            "unseen_words": self._tally(self.unseen),
            "no_unseen_words": self._tally(self.others),
            "errors": [error.to_json() for error in self.errors],
            "intents": self._intents() if self.intents else None,
        }

    def _intents(self) -> dict[str, Any]:
        return {
            "utterances": self.intents,
            "wrong": len(self.intent_errors),
            "confusions": [
                {"gold": gold, "predicted": predicted, "utterances": len(errors)}
                for (gold, predicted), errors in self.intent_confusions().items()
            ],
            "errors": [error.to_json() for error in self.intent_errors],
        }

    def _tally(self, tally: Tally) -> dict[str, Any]:
        return {**asdict(tally), "f1": tally.f1, "share_of_wrong": self.share(tally)}


def analyse(gold: Sequence[Utterance], tagged: Sequence[Utterance], seen: Callable[[str], bool]) -> Analysis:
    """Find and count the errors.

    Args:
        gold: labelled utterances.
        tagged: the same with predicted tags and intents.
        seen: whether training has seen a word.

    Raises `ValueError` if there are more of one than of the other.
    """

    def unseen(utterance: Utterance, *spans: Segment | None) -> tuple[str, ...]:
        words = (word for span in spans if span for word in utterance.words[span.start : span.end])
        return tuple(dict.fromkeys(word for word in words if not seen(word)))

    sides = [(utterance, utterance.segments, answer.segments) for utterance, answer in zip(gold, tagged, strict=True)]
    slots = _tallies(sides, lambda _, span: span.slot)
    by_words = _tallies(sides, lambda utterance, span: bool(unseen(utterance, span)))
    wrong_intents, intents = intent_errors(gold, tagged)
    return Analysis(
        utterances=len(gold),
        errors=tuple(
            Error(number, utterance, answer, *spans, unseen(utterance, *spans))
            for number, (answer, (utterance, wanted, found)) in enumerate(zip(tagged, sides, strict=True), start=1)
            for spans in pair(wanted, found)
        ),
        total=_tallies(sides, lambda *_: None).get(None, Tally()),
        slots=dict(sorted(slots.items(), key=lambda item: (-item[1].wrong, item[0]))),
        unseen=by_words.get(True, Tally()),
        others=by_words.get(False, Tally()),
        intents=intents,
        intent_errors=tuple(wrong_intents),
    )


def _by_frequency(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> dict[_Key, list[_Item]]:
    """Items by their key, the most frequent key first."""
    found: dict[_Key, list[_Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return dict(sorted(found.items(), key=lambda group: -len(group[1])))


def _tallies(
    sides: Sequence[tuple[Utterance, list[Segment], list[Segment]]], key: Callable[[Utterance, Segment], _Key]
) -> dict[_Key, Tally]:
    """The gold and predicted spans of utterances counted by some property."""
    gold, predicted, correct = (Counter[_Key]() for _ in range(3))
    for utterance, wanted, found in sides:
        for count, spans in ((gold, wanted), (predicted, found), (correct, set(wanted) & set(found))):
            count.update(key(utterance, span) for span in spans)
    return {name: Tally(gold[name], predicted[name], correct[name]) for name in gold | predicted}
