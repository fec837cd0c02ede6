"""Raw text to words, and words to lookup keys.

Tokenised corpora never pass through here: their words stay as their annotators cut them.

One pattern cuts raw text; its alternatives are tried in this order:

1. an address: `ann.lee@example.org`, `https://example.org/a?b=1`, `www.example.org`
2. initials and abbreviations with their dots: `p.m.`, `u.s.`, `st.`, `mt.`, `dr.`
3. a number joined by `:`, `.`, `,` or `/`: `5:30`, `1,000.50`, `12/25`. A unit written onto the number is a word of
   its own: `5pm` gives `5`, `pm`; `20kg` gives `20`, `kg`. Other letters stay: `dc10`, `90s`, `8th`, `12C`, `1.5l`
4. a word, with `'`, `-` and `&` inside it: `o'clock`, `i'd`, `round-trip`, `r&b`, `top-50`; in Hebrew, `״`, `׳` and `־`
5. one Chinese or Japanese character (those scripts write no blanks)
6. any other visible character, with what modifies it: `$`, `%`, an emoji; a flag is one

Models made before keep the pattern they have. Pattern 2 cuts an address at its signs, and a number at its point where
letters follow that are no unit. Pattern 1 also cuts a word at a soft hyphen, at U+2060 and at Hebrew's signs, a number
at Arabic's own points, a flag in two, and single letters off numbers, be they capital or not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

WORD_PATTERN = "3"
"""The current pattern's name. A model keeps the name it was trained with, so a new pattern cannot change it."""

SENTENCE_MARKS = frozenset(".,;:!?…\"'`“”„‟‘’‚‛«»‹›()[]{}¿¡。，、．；：！？「」『』（）《》〈〉【】؟،؛۔।॥")
"""Words that the pattern makes of punctuation between, around and after words, and that name nothing by themselves."""

_Pattern = re.Pattern[str]


class _Alphabet(NamedTuple):
    """The characters of each kind, as ranges of a regular expression; what is left is a letter or a digit.

    Attributes:
        blank: Unicode's blanks and line ends, control characters, zero-width blanks: they separate words.
        punctuation: punctuation and symbols.
        cjk: Chinese and Japanese characters.
        mark: what modifies the character before it.
    """

    blank: str
    punctuation: str
    cjk: str
    mark: str


_UNICODE = _Alphabet(
    blank=(
        r"\x00-\x20\x7f-\xa0\u1680\u180e\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff"
    ),
    punctuation=(
        r"!-/:-@\[-`{-~\xa1-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05f3\u05f4"
        r"\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u2bff"
        r"\u2e00-\u2e7f\u3001-\u303f\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
        r"\uffe0-\uffee\U0001f000-\U0001faff"
    ),
    cjk=r"\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af",
    mark=r"\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef",
)
# Python compiles ranges of all Unicode ten times slower, which a single utterance would wait for.
_ASCII = _Alphabet(blank=r"\x00-\x20\x7f", punctuation=r"!-/:-@\[-`{-~", cjk=r"\x80", mark=r"\x80")


_UNITS = r"am|pm|a\.m\.?|p\.m\.?|hrs?|mins?|secs?|kg|lbs?|oz|cm|mm|km|ft|mi|mph|kmh|usd|eur|gbp"
"""What is written onto a number, single letters apart."""


def _pattern_1(kinds: _Alphabet) -> _Pattern:
    return _pattern(kinds, unit=f"(?i:{_UNITS}|[cfghm])", point=".,:/", joint=r"'’&\u2010\u2011-")


def _pattern_2(kinds: _Alphabet, *, whole: bool = False) -> _Pattern:
    if kinds is _UNICODE:
        kinds = kinds._replace(mark=rf"{kinds.mark}\u20e3\U000e0020-\U000e007f")
    return _pattern(
        kinds,
        unit=f"(?:(?i:{_UNITS})|[cfghm])",
        point=r".,:/\u066b\u066c",
        joint=r"'’&\xad\u05be\u05f3\u05f4\u2010\u2011\u2060-",
        flag=r"[\U0001f1e6-\U0001f1ff]{2}|",
        whole=whole,
    )


def _pattern_3(kinds: _Alphabet) -> _Pattern:
    return _pattern_2(kinds, whole=True)


def _pattern(kinds: _Alphabet, *, unit: str, point: str, joint: str, flag: str = "", whole: bool = False) -> _Pattern:
    """A pattern as this module's text tells it.

    Args:
        kinds: the characters of each kind.
        unit: what is a word of its own where it is written onto a number.
        point: the characters between two digits of one number.
        joint: those between two letters of one word.
        flag: an alternative before the last one.
        whole: whether addresses are words, and joined numbers with any letters after them.
    """
    letter = f"[^{kinds.blank}{kinds.punctuation}{kinds.cjk}]"
    # Case is ignored here only: under IGNORECASE the Kelvin sign among the symbols would take every k with it.
    abbreviation = "(?i:ave|blvd|dr|ft|jr|mr|mrs|ms|mt|sr|st|ste)"
    unit = rf"{unit}(?!{letter})"
    address, after_number = "", f"(?!{letter})"
    if whole:
        # How far a sign is looked for is bounded, or long lines would be looked through at each of their words.
        mail = r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}@(?:[0-9A-Za-z-]+\.)+[0-9A-Za-z]{2,}"
        address = rf"{mail}|(?i:https?://|www\.)[^{kinds.blank}{kinds.cjk}]*(?:{letter}|/)|"
        after_number = f"{letter}*"
    return re.compile(
        rf"{address}(?:(?!\d){letter}\.){{2,}}"
        rf"|{abbreviation}\.(?!{letter})"
        rf"|\d+(?={unit})"
        rf"|\d+(?:[{point}]\d+)+(?:(?={unit})|{after_number})"
        rf"|{letter}+(?:[{joint}]{letter}+)*"
        rf"|[{kinds.cjk}][{kinds.mark}]*"
        rf"|{flag}[^{kinds.blank}][{kinds.mark}]*(?:\u200d[^{kinds.blank}][{kinds.mark}]*)*"
    )


_PATTERNS: dict[str, Callable[[_Alphabet], _Pattern]] = {"1": _pattern_1, "2": _pattern_2, "3": _pattern_3}


@cache
def _compiled(pattern: str, is_ascii: bool) -> _Pattern:
    """A pattern for any text, or the same for texts of ASCII."""
    return _PATTERNS[pattern](_ASCII if is_ascii else _UNICODE)


def word_patterns() -> list[str]:
    """The names of the patterns this version knows."""
    return list(_PATTERNS)


def split_words(text: str, pattern: str = WORD_PATTERN) -> list[str]:
    """Cut raw text into words; each is `text[start:end]`, and together they hold every visible character."""
    cut = _compiled(pattern, text.isascii()).findall
    words: list[str] = []
    for piece in text.split():
        if piece.isalpha() and piece.isascii():  # A word, as most are; the pattern takes longer to find it out.
            words.append(piece)
        else:
            words += cut(piece)
    return words


def normalise(word: str) -> str:
    """The key a word is looked up by: lower case, Unicode's NFC. The text itself is never changed."""
    lower = word.lower()
    return lower if lower.isascii() else unicodedata.normalize("NFC", lower)


_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "ς": "σ"})
"""Letters that people write otherwise, and that Unicode does not take apart."""

# Tables, for a regular expression takes a millisecond to compile, which a single utterance would wait for.
_ACCENTS = dict.fromkeys(
    [*range(0x300, 0x370), *range(0x591, 0x5C8), *range(0x610, 0x61B), 0x640, *range(0x64B, 0x660), 0x670, 0x93C]
)
"""What modifies a letter of Latin, Greek, Cyrillic, Hebrew, Arabic or Devanagari, and may be left out."""

_JOINTS = dict.fromkeys(map(ord, ".'`´‘’ʼ\xad\u2010\u2011\u2060-"))


def folded(key: str) -> str:
    """What is left of a lookup key without what one writer puts in and another leaves out.

    Those are accents and vowel signs, a letter's width and ligatures (Unicode's NFKD), and, unless it holds a number,
    dots, apostrophes and hyphens: `são` gives `sao`, `what’s` and `what's` give `whats`, `ё` gives `е`.
    """
    if not key.isascii():
        key = unicodedata.normalize("NFKD", key.translate(_LETTERS)).translate(_ACCENTS)
    return key if any(map(str.isdigit, key)) else key.translate(_JOINTS)
