"""Raw text to words, and words to lookup keys.

Tokenised corpora never pass through here: their words stay as their annotators cut them.

One pattern cuts raw text; its alternatives are tried in this order:

1. initials and abbreviations with their dots: `p.m.`, `u.s.`, `st.`, `mt.`, `dr.`
2. a number joined by `:`, `.`, `,` or `/`: `5:30`, `1,000.50`, `12/25`. A unit written onto the number is a word of
   its own: `5pm` gives `5`, `pm`; `20kg` gives `20`, `kg`. Other letters stay: `dc10`, `90s`, `8th`
3. a word, with `'`, `-` and `&` inside it: `o'clock`, `i'd`, `round-trip`, `r&b`, `top-50`
4. one Chinese or Japanese character (those scripts write no blanks)
5. any other visible character, with what modifies it: `$`, `%`, an emoji
"""

from __future__ import annotations

import re
import unicodedata

WORD_PATTERN = "1"
"""The current pattern's name. A model keeps the name it was trained with, so a new pattern cannot change it."""

# Characters that separate words: Unicode's blanks and line ends, ASCII's control characters, zero-width blanks.
_BLANK = r"\x00-\x20\x7f-\xa0\u1680\u180e\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff"
_CJK = r"\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
_MARK = r"\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef"
# Punctuation and symbols; what is left, of any alphabet and with its combining marks, is a letter or a digit.
_PUNCTUATION = (
    r"!-/:-@\[-`{-~\xa1-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05f3\u05f4"
    r"\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u2bff"
    r"\u2e00-\u2e7f\u3001-\u303f\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
    r"\uffe0-\uffee\U0001f000-\U0001faff"
)
_LETTER = rf"[^{_BLANK}{_PUNCTUATION}{_CJK}]"
# Case is ignored here only: under IGNORECASE the Kelvin sign among the symbols would take every k with it.
_ABBREVIATION = "(?i:ave|blvd|dr|ft|jr|mr|mrs|ms|mt|sr|st|ste)"
_UNIT = (
    r"(?i:am|pm|a\.m\.?|p\.m\.?|h|hrs?|mins?|secs?|g|kg|lbs?|oz|m|cm|mm|km|ft|mi|mph|kmh|usd|eur|gbp|c|f)"
    rf"(?!{_LETTER})"
)

# Most words, and most lines, are this and nothing else, which is found out fastest. Cut so, they are no other words.
_PLAIN = r"[A-Za-z]++(?= |\Z)"
_PLAIN_LINE = re.compile("[A-Za-z ]*")

_PATTERNS = {
    "1": re.compile(
        rf"{_PLAIN}"
        rf"|(?:(?!\d){_LETTER}\.){{2,}}"
        rf"|{_ABBREVIATION}\.(?!{_LETTER})"
        rf"|\d+(?={_UNIT})"
        rf"|\d+(?:[.,:/]\d+)+(?:(?={_UNIT})|(?!{_LETTER}))"
        rf"|{_LETTER}+(?:['’&\u2010\u2011-]{_LETTER}+)*"
        rf"|[{_CJK}][{_MARK}]*"
        rf"|[^{_BLANK}][{_MARK}]*(?:\u200d[^{_BLANK}][{_MARK}]*)*"
    )
}


def word_patterns() -> list[str]:
    """The names of the patterns this version knows."""
    return list(_PATTERNS)


def split_words(text: str, pattern: str = WORD_PATTERN) -> list[str]:
    """Cut raw text into words; each is `text[start:end]`, and together they hold every visible character."""
    return text.split() if _PLAIN_LINE.fullmatch(text) else _PATTERNS[pattern].findall(text)


def normalise(word: str) -> str:
    """The key a word is looked up by: lower case, Unicode's NFC. The text itself is never changed."""
    lower = word.lower()
    return lower if lower.isascii() else unicodedata.normalize("NFC", lower)
