"""Several intents of one utterance."""

from __future__ import annotations

import pytest

from slotfill.corpus.intents import separator_of, split_intent
from slotfill.corpus.utterance import Utterance


@pytest.mark.parametrize(
    ("intent", "parts"),
    [
        ("fly", ("fly",)),
        ("fly#fare", ("fly", "fare")),
        ("fly+fare+meal", ("fly", "fare", "meal")),
        ("fly#fly", ("fly",)),
        ("c++", ("c++",)),
        ("#1", ("#1",)),
        ("a#b+c", ("a", "b+c")),
    ],
)
def test_an_intent_is_split_where_every_part_has_a_name(intent: str, parts: tuple[str, ...]) -> None:
    assert split_intent(intent) == parts
    assert Utterance(("go",), intent=intent).intents == parts


def test_an_utterance_without_an_intent_has_no_parts() -> None:
    assert Utterance(("go",)).intents == ()


def test_the_separator_is_the_one_in_use() -> None:
    assert separator_of(["fly", "fly+fare"]) == "+"
    assert separator_of(["fly", "fly#fare"]) == "#"
    assert separator_of(["fly", "c++"]) is None
