"""Words: raw text is cut by one documented pattern and never changed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotfill.corpus.utterance import Utterance
from slotfill.corpus.words import _compiled, folded, normalise, split_words, word_patterns


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fly to taipei", "fly|to|taipei"),
        ("  fly\tto\n taipei ", "fly|to|taipei"),
        ("leaving at 5 o'clock, i'd say", "leaving|at|5|o'clock|,|i'd|say"),
        ("St. Louis to Mt. Vernon.", "St.|Louis|to|Mt.|Vernon|."),
        ("before 5:30 p.m. in the U.S.", "before|5:30|p.m.|in|the|U.S."),
        ("at 5pm or 5:30PM or 7a.m.", "at|5|pm|or|5:30|PM|or|7|a.m."),
        ("20kg at 10km/h", "20|kg|at|10|km|/|h"),
        ("$1,000.50 and 30%", "$|1,000.50|and|30|%"),
        ("a round-trip on a DC-10 or dc10, 90s r&b", "a|round-trip|on|a|DC-10|or|dc10|,|90s|r&b"),
        ("the 8th on 12/25/2026", "the|8th|on|12/25/2026"),
        ("wait... (no)!", "wait|.|.|.|(|no|)|!"),
        ("我要去台北 and 東京", "我|要|去|台|北|and|東|京"),
        ("서울로 가는 비행기", "서울로|가는|비행기"),
        ("दिल्ली से मुंबई", "दिल्ली|से|मुंबई"),
        ("cafe\u0301 é\u0301", "cafe\u0301|é\u0301"),
        ("fly ✈️ now 👩‍👩‍👧", "fly|✈️|now|👩‍👩‍👧"),
        ("boston\u00a0to\u2028denver", "boston|to|denver"),
        ("", ""),
        ("costs 5.", "costs|5|."),
        ("version 1.5.2. out", "version|1.5.2|.|out"),
        ("st.louis", "st|.|louis"),
        ("1.5l or 21,5Grad at 7:30Uhr, 1.5kg", "1.5l|or|21,5Grad|at|7:30Uhr|,|1.5|kg"),
        ("10.Mai, 5:30.", "10|.|Mai|,|5:30|."),
        ("to ann.lee+x@mail.example.co.uk.", "to|ann.lee+x@mail.example.co.uk|."),
        ("an@b, @home, a @ b.org", "an|@|b|,|@|home|,|a|@|b|.|org"),
        ("(see https://example.org/a?b=1&c=2).", "(|see|https://example.org/a?b=1&c=2|)|."),
        ("WWW.example.org, www. and 请看www.example.org/吧", "WWW.example.org|,|www|.|and|请|看|www.example.org/|吧"),
    ],
)
def test_raw_text_is_cut_as_documented(text: str, words: str) -> None:
    assert split_words(text) == (words.split("|") if words else [])


@given(st.text())
def test_every_word_is_a_slice_of_the_text_and_only_blanks_are_left_over(text: str) -> None:
    words = split_words(text)
    rest = list(text)
    for start, end in Utterance(words=tuple(words), text=text or "-").offsets if words else []:
        assert text[start:end] in words
        rest[start:end] = [" "] * (end - start)
    assert all(not c.isprintable() or c.isspace() or unicodedata.category(c) in {"Cf", "Zs"} for c in rest)


@given(st.text())
def test_cutting_joined_words_again_changes_nothing_visible(text: str) -> None:
    words = split_words(text)
    assert "".join(split_words(" ".join(words))) == "".join(words)


@given(
    st.text("aZ ")
    | st.text("abXZ059 .,:/'-&$é日\u0301\u200d\ufe0f\u2010\xa0\tßKİ")
    | st.text()
    | st.text("apm.st ")
    | st.lists(st.sampled_from(["www.", "https://", *"aB9@.-+_/) é日"])).map("".join)
    | st.text(st.characters(codec="ascii"))
)
def test_the_short_cuts_for_plain_words_and_for_ascii_cut_as_the_documented_pattern_does(text: str) -> None:
    for pattern in word_patterns():
        assert split_words(text, pattern) == _compiled(pattern, is_ascii=False).findall(text)


@pytest.mark.parametrize(
    ("text", "before", "words"),
    [
        ("seat 12C, 20c or 3M", "seat|12|C|,|20|c|or|3|M", "seat|12C|,|20|c|or|3M"),
        ("🇩🇪🇫🇷 #️⃣", "🇩|🇪|🇫|🇷|#️|⃣", "🇩🇪|🇫🇷|#️⃣"),
        ("Saar\xadbrücken a\u2060b", "Saar|\xad|brücken|a|b", "Saar\xadbrücken|a\u2060b"),
        ("ארה״ב תל־אביב", "ארה|״|ב|תל|־|אביב", "ארה״ב|תל־אביב"),
        ("٣٫٥ ٣٬٠٠٠", "٣|٫|٥|٣|٬|٠٠٠", "٣٫٥|٣٬٠٠٠"),
    ],
)
def test_a_model_cuts_by_the_pattern_it_was_made_with(text: str, before: str, words: str) -> None:
    assert split_words(text, "1") == before.split("|")
    assert split_words(text, "2") == split_words(text) == words.split("|")


@pytest.mark.parametrize(
    ("text", "before", "words"),
    [
        ("1.5l 7:30Uhr", "1|.|5l|7|:|30Uhr", "1.5l|7:30Uhr"),
        ("ann@b.org", "ann|@|b|.|org", "ann@b.org"),
        ("www.b.org/c", "www|.|b|.|org|/|c", "www.b.org/c"),
    ],
)
def test_a_model_of_pattern_2_cuts_addresses_and_joined_numbers_with_letters(
    text: str, before: str, words: str
) -> None:
    assert split_words(text, "2") == before.split("|")
    assert split_words(text, "3") == split_words(text) == words.split("|")


def test_a_line_without_blanks_is_cut_in_time_that_grows_with_its_length() -> None:
    line = "aa." * 200_000
    assert len(split_words(line)) == 400_000


@pytest.mark.parametrize("pattern", word_patterns())
def test_each_unit_is_cut_off_its_number_and_each_abbreviation_keeps_its_dot(pattern: str) -> None:
    units = "am pm hr hrs min mins sec secs kg lb lbs oz cm mm km ft mi mph kmh usd eur gbp c f g h m"
    for unit in units.split():
        assert split_words(f"5{unit}", pattern) == ["5", unit]
    abbreviations = "ave blvd dr ft jr mr mrs ms mt sr st ste Dr ST"
    for short in abbreviations.split():
        assert split_words(f"{short}. x", pattern) == [f"{short}.", "x"]


def test_keys_are_lower_case_and_composed_and_stable() -> None:
    assert normalise("TAIPEI") == "taipei"
    assert normalise("Cafe\u0301") == "café"
    assert normalise(normalise("İstanbul")) == normalise("İstanbul")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("são", "sao"),
        ("what’s", "whats"),
        ("what's", "whats"),
        ("round-trip", "roundtrip"),
        ("round\u2011trip", "roundtrip"),
        ("p.m.", "pm"),
        ("straße", "strasse"),
        ("łódź", "lodz"),
        ("tromsø", "tromso"),
        (normalise("İzmir"), "izmir"),
        ("ısparta", "isparta"),
        ("ёлка", "елка"),
        ("αθήνα", "αθηνα"),
        ("ὀδυσσεύς", "οδυσσευσ"),
        ("شَكَرَ", "شكر"),
        ("أحمد", "احمد"),
        ("שָׁלוֹם", "שלום"),
        ("ｔａｉｐｅｉ", "taipei"),
        ("ﬁnland", "finland"),
        ("việt", "viet"),
    ],
)
def test_what_one_writer_puts_in_and_another_leaves_out_is_folded_away(one: str, other: str) -> None:
    assert folded(one) == folded(other) == other


@pytest.mark.parametrize("key", ["5:30", "12.5", "top-50", "dc-10", "ไก่", "दिन", "か", "taipei"])
def test_numbers_keep_their_signs_and_vowels_of_other_scripts_stay(key: str) -> None:
    assert folded(key) == key


def test_marks_alone_fold_to_nothing() -> None:
    assert folded("-") == folded("’") == ""
