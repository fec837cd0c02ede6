"""conll: one word a line, in columns."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slotfill.corpus.formats import conll
from slotfill.corpus.formats.conll import FORMAT
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError


def read(tmp_path: Path, content: str) -> list[Utterance]:
    path = tmp_path / "train.conll"
    path.write_bytes(content.encode())
    return list(FORMAT.read(path))


def test_a_blank_line_ends_an_utterance(tmp_path: Path):
    read_back = read(tmp_path, "\n\nto O\ntaipei\tB-city\n \n\nhello  O")
    assert read_back == [Utterance(("to", "taipei"), ("O", "B-city")), Utterance(("hello",), ("O",))]


def test_the_first_column_is_the_word_and_the_last_the_tag(tmp_path: Path):
    (utterance,) = read(tmp_path, "U.N. NNP I-NP I-ORG\nofficial NN I-NP O\n")
    assert utterance == Utterance(("U.N.", "official"), ("B-ORG", "O"))


def test_tags_may_stand_in_the_first_column(tmp_path: Path):
    (utterance,) = read(tmp_path, "O\tto\nB-city\ttaipei\nI-city\tO\n")
    assert utterance == Utterance(("to", "taipei", "O"), ("O", "B-city", "I-city"))


def test_a_first_word_that_looks_like_a_tag_is_a_word(tmp_path: Path):
    (utterance,) = read(tmp_path, "O\tB-x\nb O\n")
    assert utterance == Utterance(("O", "b"), ("B-x", "O"))


def test_document_marks_are_no_words(tmp_path: Path):
    content = "-DOCSTART- -X- O O\n\na x y O\n-DOCSTART-\nb x y O\n"
    assert [u.words for u in read(tmp_path, content)] == [("a",), ("b",)]


def test_comments_carry_id_intent_and_text(tmp_path: Path):
    content = "# newdoc\n# id = 7\n# intent = ask for = sign\n# text =  a,b \n# lang = en\na O\nb O\n\nc O\n"
    first, second = read(tmp_path, content)
    assert (first.id, first.intent, first.text) == ("7", "ask for = sign", " a,b ")
    assert (second.id, second.intent, second.text) == (None, None, "c")


def test_blanks_around_an_id_or_intent_are_none_of_it(tmp_path: Path):
    first, second = read(tmp_path, "# id =  7\t\n# intent = ask \na O\n\n# id =  \n# sent_id = s2 \nb O\n")
    assert (first.id, first.intent) == ("7", "ask")
    assert (second.id, second.intent) == ("s2", None)


def test_conllu_names_the_id_sent_id(tmp_path: Path):
    assert read(tmp_path, "# sent_id = s1\na O\n")[0].id == "s1"
    assert read(tmp_path, "# sent_id = s1\n# id = 7\na O\n")[0].id == "7"


def test_a_hash_can_be_a_word(tmp_path: Path):
    (utterance,) = read(tmp_path, "# O\n# B-x\n= O\n")
    assert utterance == Utterance(("#", "#", "="), ("O", "B-x", "O"))


def test_what_comments_say_is_written_only_where_it_is_news():
    assert FORMAT.render(Utterance(("#", "b"), ("O", "B-x"))) == "#\tO\nb\tB-x\n\n"
    full = FORMAT.render(Utterance(("a",), ("O",), "ask", "1", "a!"))
    assert full == "# id = 1\n# intent = ask\n# text = a!\na\tO\n\n"


def test_illegal_tags_are_written_only_where_they_are_read_back_as_they_are(tmp_path: Path):
    continues_nothing = Utterance(("a", "b"), ("O", "I-x"))
    with pytest.raises(DataError, match=r"illegal tags \(I- that continues nothing\) would be read back as IOB1"):
        FORMAT.write([continues_nothing], tmp_path / "alone.conll")
    both = [continues_nothing, Utterance(("c",), ("B-x",))]
    FORMAT.write(both, tmp_path / "both.conll")
    assert list(FORMAT.read(tmp_path / "both.conll")) == both
    assert [path.name for path in tmp_path.iterdir()] == ["both.conll"]


@pytest.mark.parametrize(
    ("tags", "said", "bio"),
    [
        ("B-x I-x B-x O", None, "B-x I-x B-x O"),
        ("I-x I-x B-x O", "IOB1 tags read as BIO", "B-x I-x B-x O"),
        ("I-x I-x O B-y", None, "I-x I-x O B-y"),
        ("B-x E-x S-x O", "IOBES tags read as BIO", "B-x I-x B-x O"),
        ("B-x L-x U-x O", "IOBES tags read as BIO", "B-x I-x B-x O"),
    ],
)
def test_the_scheme_is_detected_over_the_whole_file_and_said(tmp_path: Path, tags: str, said: str | None, bio: str):
    rows = "\n\n".join(["z O", *("\n".join(f"w {tag}" for tag in tags.split()),)])
    assert read(tmp_path, rows)[1].tags == tuple(bio.split())
    assert FORMAT.describe(tmp_path / "train.conll") == said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a O\nb x O\n", r"train\.conll:2: 3 columns, but 2 in the lines before$"),
        ("a x O\n\nb O\n", r"train\.conll:3: 2 columns, but 3 in the lines before$"),
        ("word\n", r"train\.conll:1: no tag beside 'word'"),
        ("a O\nb NN\n", r"train\.conll:2: tag 'NN' is not O, or a slot after B-"),
        ("a S-x\nb NN\n", r"train\.conll:2: tag 'NN'"),
        ("a B-\n", r"train\.conll:1: tag 'B-'"),
        ("a O\n# id = 7\n", r"train\.conll:2: 4 columns"),
        ("x O\ny O\na\rb O\nz O\n", r"train\.conll:3: word 'a\\rb' holds a line end"),
        ("x O\n\n# text = a nothing\na O\nb O\nc O\n", r"train\.conll:4: word 'b' is not in the text"),
        ("x O\n\n# text = nothing\na O\n", r"train\.conll:4: word 'a' is not in the text"),
        ("# id = 7\n\n", r"train\.conll:2: empty utterance: remove it$"),
        ("# licence = free\n\n", r"train\.conll: no utterances$"),
    ],
)
def test_a_malformed_line_is_refused_with_its_number(tmp_path: Path, content: str, message: str):
    with pytest.raises(DataError, match=message):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("utterance", "message"),
    [
        (Utterance(("-DOCSTART-",), ("O",)), "-DOCSTART- is its mark"),
        (Utterance(("a",), ("O",), text="a\nb"), "holds a line end"),
        (Utterance(("a",), ("O",), intent="x\ny"), r"intent 'x\\ny' cannot be written"),
        (Utterance(("a",), ("O",), id=" 1"), "id ' 1' cannot be written"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(utterance: Utterance, message: str):
    with pytest.raises(DataError, match=message):
        FORMAT.render(utterance)


@pytest.mark.parametrize("empty", ["# id = 2\n", "# text = a, b\n", "# intent = ask\n"])
@pytest.mark.parametrize("rest", ["", "\n", "\n\nb O\n"])
def test_an_utterance_without_words_is_refused_where_it_ends(tmp_path: Path, empty: str, rest: str):
    with pytest.raises(DataError, match=rf":{4 if rest else 3}: empty utterance"):
        read(tmp_path, "a O\n\n" + empty + rest)


def test_a_comment_of_no_utterance_may_stand_alone(tmp_path: Path):
    assert [u.words for u in read(tmp_path, "# licence = free\n\na O\n")] == [("a",)]


def test_a_pipe_which_is_gone_once_read_is_not_looked_into_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(conll, "read_lines", lambda path: pytest.fail(f"{path} would be waited for"))
    assert FORMAT.describe(tmp_path / "pipe") is None


def test_a_scheme_that_the_first_utterance_alone_shows_holds_for_all(tmp_path: Path):
    tags = [one.tags for one in read(tmp_path, "a S-x\n\nb I-x\nc E-x\n\nd I-y\n")]
    assert tags == [("B-x",), ("I-x", "I-x"), ("I-y",)]
    assert [one.tags for one in read(tmp_path, "a B-x\n\nb I-x\n")] == [("B-x",), ("I-x",)]
