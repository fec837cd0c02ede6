"""Words for people."""

from slotfill.legible import counted, legible, legible_lines


def test_control_characters_are_shown_each_by_one_picture() -> None:
    text = "a\x1b[31m\tb\n\x7f\x9bc"
    assert legible(text) == "a␛[31m b␊��c"
    assert len(legible(text)) == len(text)


def test_lines_keep_their_ends() -> None:
    assert legible_lines("a\x07\nb\n") == "a␇\nb\n"


def test_one_is_singular_and_thousands_have_commas() -> None:
    assert [counted(number, "utterance") for number in (0, 1, 2, 1000)] == [
        "0 utterances",
        "1 utterance",
        "2 utterances",
        "1,000 utterances",
    ]
