"""Words for people: what a terminal shows and does not obey, and things counted."""

from __future__ import annotations

_PICTURES = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    ord("\t"): " ",
    **dict.fromkeys(range(0x7F, 0xA0), "\N{REPLACEMENT CHARACTER}"),
}
_LINES = {code: picture for code, picture in _PICTURES.items() if chr(code) != "\n"}


def legible(text: str) -> str:
    """A text of the same length with a picture for each control character, which would move the cursor or colour."""
    return text.translate(_PICTURES)


def legible_lines(text: str) -> str:
    """The same for lines: their ends stay."""
    return text.translate(_LINES)


def counted(count: int, noun: str) -> str:
    """`1 utterance`, `1,000 utterances`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def first_line(error: BaseException) -> str:
    """What an error says, for a message of one line."""
    return str(error).strip().partition("\n")[0]
