"""Intents: what a whole utterance asks for. Several of one utterance are joined by `#`, as ATIS does, or `+`."""

from __future__ import annotations

from collections.abc import Iterable

SEPARATORS = ("#", "+")


def split_intent(intent: str) -> tuple[str, ...]:
    """`"atis_flight#atis_airfare"` to its two intents, each once.

    A name that only begins or ends with a separator is one.
    """
    for separator in SEPARATORS:
        parts = intent.split(separator)
        if len(parts) > 1 and all(parts):
            return tuple(dict.fromkeys(parts))
    return (intent,)


def separator_of(intents: Iterable[str]) -> str | None:
    """What joins the intents of a corpus: the first separator in use, None where none is."""
    joined = [intent for intent in intents if len(split_intent(intent)) > 1]
    return next((each for each in SEPARATORS if any(each in intent for intent in joined)), None)
