"""The template language: rules written as text, expanded at random into tagged words.

A rule is a name with a colon, then one alternative on each indented line:

    route:
        9* from {fromloc} to {toloc}
        (leaving|out of) {fromloc.city_name} for {toloc.city_name:paris}

- `9*` makes an alternative nine times as likely as one without a number.
- `(a|b|)` is one of the texts between the bars, possibly nothing.
- `{fromloc.city_name}` is a value of the slot, drawn from the values of `city_name`, early ones more often.
- `{toloc.city_name:paris}` is this very value of the slot.
- `{route}` is another rule. `{fromloc}` is a role: the rule `ROLES` names for it, in which `*` stands for `fromloc`.
- Every other word stands for itself and is outside all slots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from slotfill.corpus.tags import OUTSIDE

ROLES = {
    "fromloc": "place",
    "toloc": "place",
    "stoploc": "stop",
    "depart_date": "calendar",
    "arrive_date": "calendar",
    "return_date": "calendar",
    "depart_time": "clock",
    "arrive_time": "clock",
    "return_time": "clock",
    "depart": "moment",
    "arrive": "moment",
    "return": "moment",
}
"""The rule that a role's name in braces calls."""

_WEIGHTED = re.compile(r"(?:(\d+)\* )?(.+)")
_CHOICE = re.compile(r"\(([^()]*)\)")
_PIECE = re.compile(r"\{[^{}]*\}|[^{}\s]+")


class Alternatives(NamedTuple):
    """What a rule may become, each with its weight."""

    templates: list[str]
    weights: list[int]

    def pick(self, random: Random) -> str:
        """One template, by weight, not expanded."""
        return random.choices(self.templates, self.weights)[0]


def read_rules(text: str) -> dict[str, Alternatives]:
    """The rules written in `text`; raise `ValueError` for an alternative that belongs to no rule."""
    rules: dict[str, Alternatives] = {}
    rule = None
    for line in filter(str.strip, text.splitlines()):
        if not line.startswith(" "):
            rule = rules.setdefault(line.rstrip(": "), Alternatives([], []))
            continue
        match = _WEIGHTED.fullmatch(line.strip())
        if rule is None or match is None:
            raise ValueError(f"no rule stands above the alternative {line.strip()!r}")
        rule.templates.append(match[2])
        rule.weights.append(int(match[1] or 1))
    return rules


class Grammar:
    """Rules and slot values, and the random numbers that choose among them."""

    def __init__(self, rules: Mapping[str, Alternatives], values: Mapping[str, Sequence[str]], random: Random) -> None:
        self.rules, self.values, self.random = rules, values, random

    def expand(self, template: str) -> list[tuple[str, str]]:
        """One sentence of `template` as (word, BIO tag) pairs.

        No value stands twice in a sentence unless nothing else is left. Raises `ValueError` for a name in braces
        that is no rule, no role and no slot with values.
        """
        return list(self._expand(template, role="", used=[]))

    def _expand(self, template: str, role: str, used: list[str]) -> Iterator[tuple[str, str]]:
        choices = 1
        while choices:
            template, choices = _CHOICE.subn(lambda match: self.random.choice(match[1].split("|")), template)
        for piece in _PIECE.findall(template.replace("*", role)):
            if not piece.startswith("{"):
                yield piece, OUTSIDE
                continue
            name, _, value = piece[1:-1].partition(":")
            rule = ROLES.get(name, name)
            if rule in self.rules:
                yield from self._expand(self.rules[rule].pick(self.random), name if name in ROLES else role, used)
            else:
                value = value or self._value(name, used)
                used.append(value)
                yield from zip(value.split(), _slot_tags(name), strict=False)

    def _value(self, slot: str, used: list[str]) -> str:
        values = self.values.get(slot.rpartition(".")[2])
        if not values:
            raise ValueError(f"{{{slot}}} is no rule, no role and no slot with values")
        fresh = [value for value in values if value not in used] or values
        # People ask for few places often and for most places seldom: the square favours the head of the list.
        return fresh[int(len(fresh) * self.random.random() ** 2)]


def _slot_tags(slot: str) -> Iterator[str]:
    yield f"B-{slot}"
    while True:
        yield f"I-{slot}"
