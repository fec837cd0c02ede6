"""The contract of a file format, held against every file in the folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotfill.corpus import formats
from slotfill.corpus.format import Format
from slotfill.corpus.tags import Segment, tags_of
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError, UsageError

ALL = [formats.load(name) for name in formats.FORMATS.names()]
READABLE = [member for member in ALL if type(member).read is not Format.read]
SLOTS = ["city", "toloc.city_name", "时间", "a:b", "x-y", "[", "B-"]

every_readable = pytest.mark.parametrize("member", READABLE, ids=lambda member: member.name)

# What ends a line elsewhere (U+0085, U+2028, U+001C) is part of a word here, and so is U+FEFF, elsewhere a BOM.
characters = st.one_of(
    st.sampled_from("ab#:[]\\=-\x1c\x85\u00a0\u2028\ufeff日é🛫"),
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=" "),
)
words = st.text(characters, min_size=1, max_size=6).filter(lambda word: word != "-DOCSTART-")
names = words | st.sampled_from(["atis_flight#atis_airfare", "two words"])


@st.composite
def utterances(draw: st.DrawFn, with_intent: bool) -> Utterance:
    cut = draw(st.lists(words, min_size=1, max_size=6))
    found, start = [], 0
    while start < len(cut):
        end = draw(st.integers(start + 1, len(cut)))
        slot = draw(st.none() | st.sampled_from(SLOTS))
        if slot is not None:
            found.append(Segment(slot, start, end))
        start = end
    glue = draw(st.lists(st.sampled_from(["", " ", "  ", "\t"]), min_size=len(cut), max_size=len(cut)))
    text = "".join(word + blank for word, blank in zip(cut, glue, strict=True))
    intent = draw(names) if with_intent else None
    return Utterance(tuple(cut), tags_of(found, len(cut)), intent, draw(st.none() | names), text)


def test_the_formats_are_the_files_of_the_folder():
    assert {"seqio", "conll", "jsonl", "tsv", "inline"} <= {member.name for member in READABLE}
    assert [member.name for member in ALL] == formats.FORMATS.names()


def test_no_two_formats_claim_one_ending():
    claimed = [suffix for member in ALL for suffix in member.suffixes]
    assert len(claimed) == len(set(claimed))


def test_an_unknown_ending_lists_the_endings():
    with pytest.raises(DataError, match=r"train\.nonsense: .*'\.nonsense'.*\.jsonl \(jsonl\).*--from"):
        formats.by_suffix(Path("train.nonsense"))
    with pytest.raises(DataError, match="a name without ending"):
        formats.by_suffix(Path("train"))


def test_what_a_format_cannot_do_is_refused_with_those_that_can():
    streamed = ", ".join(member.name for member in ALL if type(member).render is not Format.render)
    with pytest.raises(UsageError, match=f"'seqio' does not go to one stream: choose from {streamed}$"):
        formats.load("seqio", "render")
    readable = ", ".join(member.name for member in READABLE)
    with pytest.raises(UsageError, match=f"'pretty' cannot be read: choose from {readable}$"):
        formats.load("pretty", "read")


def test_an_ending_names_its_format_in_any_case():
    assert formats.by_suffix(Path("a/TRAIN.JSONL")).name == "jsonl"
    assert formats.by_suffix(Path("train.txt")).name == "conll"


@every_readable
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back(member: Format, data: st.DataObject):
    with_intent = data.draw(st.booleans())
    written = data.draw(st.lists(utterances(with_intent), min_size=1, max_size=4))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train"
        member.write(written, path)
        read = list(member.read(path))
    assert [(u.words, u.tags) for u in read] == [(u.words, u.tags) for u in written]
    for kind in member.holds:
        assert [getattr(u, kind) for u in read] == [getattr(u, kind) for u in written]


@every_readable
def test_a_first_word_that_looks_like_a_byte_order_mark_is_read_back(member: Format, tmp_path: Path):
    written = [Utterance(("\ufeff", "a"), ("O", "B-x"))]
    member.write(written, tmp_path / "train")
    assert [(u.words, u.tags) for u in member.read(tmp_path / "train")] == [(u.words, u.tags) for u in written]


@every_readable
def test_a_word_or_tag_with_a_blank_is_not_written(member: Format, tmp_path: Path):
    for bad in ("new york", "new\tyork", "new\nyork", "new\ryork", ""):
        with pytest.raises(DataError, match="is empty or holds a blank"):
            member.write([Utterance((bad,), ("O",))], tmp_path / "out")
        with pytest.raises(DataError, match=r"is empty or holds a blank|is not O"):
            member.write([Utterance(("x",), (f"B-{bad}",))], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@every_readable
def test_an_unlabelled_utterance_is_not_written(member: Format, tmp_path: Path):
    with pytest.raises(DataError, match="'fly to taipei' has no tags"):
        member.write([Utterance(("fly", "to", "taipei"))], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@every_readable
def test_nothing_to_read_is_refused(member: Format, tmp_path: Path):
    path = tmp_path / "empty"
    member.write([], path)
    with pytest.raises(DataError, match="no utterances"):
        list(member.read(path))


@every_readable
def test_a_missing_file_is_refused(member: Format, tmp_path: Path):
    with pytest.raises(DataError, match=r"nowhere: (no such file|is no folder)"):
        list(member.read(tmp_path / "nowhere"))


@every_readable
def test_illegal_bio_is_read_as_it_is_where_the_format_can_spell_it(member: Format, tmp_path: Path):
    illegal = Utterance(("a", "b", "c"), ("I-x", "B-y", "I-x"))
    if member.name == "inline":
        with pytest.raises(DataError, match="I-x at word 1 continues nothing"):
            member.write([illegal], tmp_path / "out")
    else:
        member.write([illegal], tmp_path / "out")
        assert next(iter(member.read(tmp_path / "out"))).tags == illegal.tags
