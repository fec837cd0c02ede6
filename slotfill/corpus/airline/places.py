"""What the slots that name a place may hold, in each of train, dev and test: cities, airports, their codes, states."""

from __future__ import annotations

from slotfill.corpus.airline.cities import COUNTRIES, STATES
from slotfill.corpus.airline.grammar import Alternatives

_AIRPORTS = {
    "train": """
        logan, o'hare, midway, heathrow, gatwick, la guardia, love field, general mitchell international,
        heathrow airport, kennedy airport, dulles, reagan national, hartsfield, sky harbor, sea tac, orly, schiphol,
        tempelhof, fiumicino, narita, haneda airport, changi, kingsford smith, barajas, ataturk airport,
        denver airport, miami airport, philadelphia international, boston airport, atlanta airport, oakland airport,
        munich airport, tampa international, dallas airport, vancouver international, o'hare international
        """,
    "dev": "stansted airport, hobby airport, linate airport, ben gurion international, fresno airport, venice airport",
    "test": """
        luton airport, charles de gaulle airport, itami airport, lindbergh field, malpensa international,
        taipei airport, edmonton airport, ezeiza international, stapleton international, geneva airport
        """,
}

_AIRPORT_CODES = {
    "train": "bos den atl dfw jfk lga ewr sfo lax ord mco bwi iad phl pit sea msp dtw slc clt lhr cdg fra ams "
    "nrt hnd icn sin hkg syd gru eze mad bcn fco zrh vie cph osl arn",
    "dev": "oak mke tpa stl cvg iah lgw muc",
    "test": "sjc hou bna tpe mel ory bru lis mxp",
}

_EVERYDAY = ("ak", "al", "co", "de", "hi", "id", "in", "la", "ma", "me", "oh", "ok", "on", "or", "pa")
"""State codes that are words of their own, or sound like one; the grammar leaves them out."""


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := " ".join(part.split()))]


def _regions(table: dict[str, str], split: str) -> list[tuple[str, list[str]]]:
    rows = (line.split(":") for line in table[split].strip().splitlines())
    return [(head.strip(), _names(cities)) for head, cities in rows]


def cities(split: str) -> list[str]:
    """The cities of one split."""
    return [city for table in (STATES, COUNTRIES) for _, group in _regions(table, split) for city in group]


def values(split: str) -> dict[str, list[str]]:
    """The values of the slots that name places, for one split. States are the same in all of them."""
    all_cities = [city for each in STATES for city in cities(each)]
    states = [head.rpartition(" ")[0] for head, _ in _regions(STATES, "train")]
    return {
        "city_name": cities(split),
        "airport_name": _names(_AIRPORTS[split]),
        "airport_code": _AIRPORT_CODES[split].split(),
        # "fly to new york" means the city: a state that shares its name with one never stands alone.
        "state_name": [state for state in states if state not in all_cities],
    }


def in_region(split: str) -> Alternatives:
    """A rule for a city followed by the state, state code or country it lies in."""
    templates = []
    for head, group in _regions(STATES, split):
        state, _, code = head.rpartition(" ")
        regions = [_slot("state_name", state)] + [_slot("state_code", code)] * (code not in _EVERYDAY)
        templates += [f"{_slot('city_name', city)} {region}" for city in group for region in regions]
    for country, group in _regions(COUNTRIES, split):
        templates += [f"{_slot('city_name', city)} {_slot('country_name', country)}" for city in group]
    return Alternatives(templates, [1] * len(templates))


def _slot(name: str, value: str) -> str:
    """The template for this value of a place's slot."""
    return "{*." + name + ":" + value + "}"
