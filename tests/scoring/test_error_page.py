"""The page of errors: every error once, every link with a place to lead to, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from slotfill.corpus.utterance import Utterance
from slotfill.scoring.error_analysis import analyse
from slotfill.scoring.error_page import page

VOID = {"meta", "input"}
NASTY = '<script>alert("1")</script>'


class Parsed(HTMLParser):
    """What a page holds; an end tag that ends nothing fails."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.text += data

    def values(self, name: str) -> list[str | None]:
        """Each value of an attribute, in order."""
        return [attributes[name] for _, attributes in self.attributes if name in attributes]

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of a kind."""
        return [attributes for found, attributes in self.attributes if found == tag]


def rows(text: str, title: str) -> list[str]:
    """What each row of the table under a title says."""
    table = text.partition(f"<h2>{title}</h2>")[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.sub(r"(<[^>]*>)+", " ", row).strip() for row in table.strip().splitlines()]


def utterance(tags: str, words: str = "fly to new york") -> Utterance:
    """An utterance of four words."""
    return Utterance(tuple(words.split()), tuple(tags.split()), id="7<a>")


@pytest.fixture(scope="module")
def text() -> str:
    """A page with an error of each kind, a word that is HTML, and slots with odd names."""
    pairs = [
        ("O O B-city I-city", "O O B-state I-state", "fly to new york"),
        ("O O B-city I-city", "O O B-city O", f"fly to {NASTY} york"),
        ("O O B-city I-city", "O B-<b>&\"'/:%é I-<b>&\"'/:%é O", "fly to new york"),
        ("B-a-b O O O", "O O O B-only:predicted", "fly to new york"),
        ("B-city O O O", "B-city O O O", "right as it is"),
    ]
    gold, found = ([utterance(each[i], each[2]) for each in pairs] for i in (0, 1))
    gold[1], found[1] = replace(gold[1], intent="<i>&#b"), replace(found[1], intent="other:one")
    return page(analyse(gold, found, {"fly", "to", "new", "york"}.__contains__), "<model>", "corpus", "dev")


def test_every_error_is_there_once_with_its_kind_and_slots(text: str) -> None:
    errors = Parsed(text).of("article")
    assert Counter(error["data-kind"] for error in errors) == {
        "type": 1, "boundary": 1, "boundary and type": 1, "missed": 1, "spurious": 1, "intent": 1,
    }  # fmt: skip
    (missed,) = [error for error in errors if error["data-kind"] == "missed"]
    assert missed["data-gold"] == "a-b"
    assert "data-predicted" not in missed
    assert [error["data-kind"] for error in errors if "data-unseen" in error] == ["boundary"]


def test_every_link_leads_to_a_place_on_the_page(text: str) -> None:
    parsed = Parsed(text)
    places, links = parsed.values("id"), parsed.values("href")
    assert len(places) == len(set(places))
    assert {f"#{place}" for place in places} >= set(links)
    assert "#slot:city" in links
    assert "#pair:city:state" in links
    assert "#pair::only%3Apredicted" in links
    assert "#intent:%3Ci%3E%26%23b:other%3Aone" in links


def test_words_slots_and_names_are_text_and_never_markup(text: str) -> None:
    parsed = Parsed(text)
    assert len(parsed.of("script")) == 1
    assert not parsed.of("model")
    assert not parsed.of("b")
    assert not parsed.of("i")
    assert "intent <i>&#b taken for other:one: 1" in parsed.text
    assert "Errors of <model> on corpus, dev" in parsed.text
    assert f"fly to {NASTY}" in parsed.text
    assert "<b>&\"'/:%é" in parsed.text
    assert "7<a>" in parsed.text


def test_the_page_needs_nothing_but_itself(text: str) -> None:
    parsed = Parsed(text)
    assert not {"src", "srcset", "data", "action"} & {
        name for _, attributes in parsed.attributes for name in attributes
    }
    assert not parsed.of("link")
    assert all((link or "").startswith("#") for link in parsed.values("href"))
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text


def test_a_wrong_span_is_named_in_both_lines_and_the_right_ones_are_underlined() -> None:
    gold, found = utterance("B-day O B-city I-city"), utterance("B-day O B-state I-state")
    text = page(analyse([gold], [found], lambda _: True), "m", "c", "dev")
    for slot in ("city", "state"):
        assert f">new york<small>{slot}</small></mark>" in text
    assert text.count('title="day">fly</span> to <mark') == 2


def test_a_page_of_wrong_intents_alone_has_no_tables_of_spans() -> None:
    gold = replace(utterance("O O B-city I-city"), intent="a")
    text = page(analyse([gold], [replace(gold, intent="b")], lambda _: True), "m", "c", "dev")
    (error,) = Parsed(text).of("article")
    assert error == {"data-kind": "intent"}
    assert "<dt>gold</dt><dd>a</dd><dt>predicted</dt><dd>b</dd>" in text
    assert "Intents taken for others" in text
    assert "<option>intent</option>" in text
    assert "Kinds" not in text


def test_a_page_without_errors_says_so() -> None:
    right = utterance("O O B-city I-city")
    parsed = Parsed(page(analyse([right], [right], lambda _: True), "m", "c", "dev"))
    assert "no error in 1 utterance: all 1 spans are right" in parsed.text
    assert not parsed.of("article")


@pytest.fixture(scope="module")
def counted() -> str:
    """A page with an error of type, a missed span, a spurious one and a wrong boundary; one slot is always right."""
    pairs = (
        ("O O B-city I-city", "O O B-state I-state"),
        ("B-day O O O", "O O O O"),
        ("O O O O", "B-day O O O"),
        ("O O B-city I-city", "O O B-city O"),
        ("B-mode O O O", "B-mode O O O"),
    )
    gold, found = ([utterance(pair[i]) for pair in pairs] for i in (0, 1))
    return page(analyse(gold, found, {"fly", "to", "new"}.__contains__), "m", "c", "dev")


def test_each_number_stands_beside_its_name(counted: str) -> None:
    shares = ("type 1 25.0%", "boundary 1 25.0%", "boundary and type 0 0.0%", "missed 1 25.0%", "spurious 1 25.0%")
    for row, start in zip(rows(counted, "Kinds"), shares, strict=True):
        assert row.startswith(start)
    assert rows(counted, "Words training has not seen") == ["with one 0.00 2 2 1 50.0%", "without 40.00 2 1 2 50.0%"]
    assert rows(counted, "Slots by what they cost") == [
        "city 0.00 2 2 1 50.0%",
        "day 0.00 1 1 1 33.3%",
        "state 0.00 0 0 1 16.7%",
    ]
    assert rows(counted, "Slots taken for others") == ["city state 1", "day - 1", "- day 1"]


def test_errors_stand_under_their_gold_slot_by_what_was_made_of_it(counted: str) -> None:
    headings = re.findall("<h([34])>(.*?)</h", counted)
    assert [heading for _, heading in headings] == [
        *("city", "taken for state: 1", "other words: 1"),
        *("day", "missed: 1", "spurious: 1"),
        "state",
    ]
    assert "F1 0.00 over 2 gold spans</p>" in counted
    assert 'F1 0.00 over 0 gold spans; predicted instead of <a href="#pair:city:state">city (1)</a>' in counted


def test_an_error_says_where_it_is_and_which_words_are_unseen(counted: str) -> None:
    headers = re.findall("<header>(.*?)</header>", counted)
    assert headers[0] == "<span>type</span><span>utterance 1, 7&lt;a&gt;</span><span>unseen: york</span>"
    assert headers[2] == "<span>missed</span><span>utterance 2, 7&lt;a&gt;</span>"


def test_the_words_around_a_span_are_text_and_all_of_them_are_there() -> None:
    gold, found = (utterance(tags, f"{NASTY} to oslo {NASTY}") for tags in ("O O B-city O", "O O B-state O"))
    text = page(analyse([gold], [found], lambda _: True), "m", "c", "dev")
    parsed = Parsed(text)
    assert len(parsed.of("script")) == 1
    for slot in ("city", "state"):
        assert f"{NASTY} to oslo{slot} {NASTY}" in parsed.text


def test_intents_can_be_looked_for_only_where_they_are_known() -> None:
    gold, found = utterance("O O B-city I-city"), utterance("O O B-state I-state")
    for intent in (None, "fly"):
        pair = [[replace(each, intent=intent)] for each in (gold, found)]
        text = page(analyse(*pair, lambda _: True), "m", "c", "dev")
        assert ("<option>intent</option>" in text) is (intent is not None)
