"""Corpus lint."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from slotfill.corpus.check import Disagreement, Report, Shared, Unseen, check
from slotfill.corpus.splits import Corpus, open_corpus
from slotfill.corpus.utterance import Utterance


def utterance(words: str, tags: str, intent: str | None = None) -> Utterance:
    return Utterance(tuple(words.split()), tuple(tags.split()), intent)


def lint(**splits: list[Utterance]) -> Report:
    return check(Corpus("mine", splits))


def test_a_split_is_counted():
    report = lint(train=[utterance("to x x", "O B-city I-city", "go"), utterance("x", "O", "go")])
    train = report.splits["train"]
    assert (train.utterances, train.words, train.word_types) == (2, 4, 2)
    assert train.tags == {"O": 2, "B-city": 1, "I-city": 1}
    assert (train.slots, train.intents) == ({"city": 1}, {"go": 2})
    assert (train.longest, train.longest_at) == (3, 1)
    assert train.unseen == {}


def test_the_longest_utterance_is_the_one_of_most_words():
    train = lint(train=[utterance("internationalisation", "O"), utterance("a b", "O O")]).splits["train"]
    assert (train.longest, train.longest_at) == (2, 2)


def test_what_train_never_shows_is_listed_with_its_share():
    report = lint(
        train=[utterance("to taipei", "O B-city", "go")],
        test=[utterance("to to rome rome", "O O B-city I-city", "stay")],
    )
    assert report.splits["test"].unseen == {
        "tags": Unseen(["I-city"], 0.25),
        "words": Unseen(["rome"], 0.5),
        "intents": Unseen(["stay"], 1.0),
    }


def test_without_train_nothing_is_unseen():
    assert lint(dev=[utterance("a", "O")]).splits["dev"].unseen == {}


def test_illegal_bio_is_counted_and_placed():
    train = lint(train=[utterance("a", "B-x"), utterance("a b c", "I-x O I-y")]).splits["train"]
    assert (train.illegal, train.illegal_at) == (2, [2])


def test_spans_that_end_within_a_word_are_told_with_the_first_such_word():
    inclusive = Utterance(("to", "rom", "e", "12", "3"), ("O", "B-city", "O", "B-x", "O"), text="to rome 123")
    typed = Utterance(("at", "5", "pm"), ("O", "B-hour", "O"), text="at 5pm")
    train = lint(train=[utterance("to rome", "O B-city"), inclusive, typed]).splits["train"]
    assert (train.broken_at, train.broken) == ([2], {"12|3": 1, "rom|e": 1})
    halves = Utterance(("new", "york"), ("B-a", "B-b"), text="newyork")
    assert lint(train=[halves]).splits["train"].broken == {"new|york": 1}
    long = Utterance(("a", "t", *("on",) * 30), ("O", "B-x", *("O",) * 30), text=f"at{' on' * 30}")
    assert lint(train=[long]).splits["train"].broken == {"a|t": 1}
    chinese = Utterance(("去", "台", "北"), ("O", "B-city", "O"), text="去台北")
    assert lint(train=[chinese]).splits["train"].broken_at == []


def test_repeated_and_shared_sentences_are_counted():
    report = lint(
        train=[utterance("a", "O"), utterance("a", "O"), utterance("b", "O")],
        dev=[utterance("c", "O")],
        test=[utterance("a", "O"), utterance("a", "O"), utterance("c", "O")],
    )
    assert [split.repeated for split in report.splits.values()] == [1, 0, 1]
    assert report.shared == [
        Shared("train", "dev", 0, 0),
        Shared("train", "test", 1, 2),
        Shared("dev", "test", 1, 1),
    ]
    assert report.disagreements == []


def test_same_words_with_other_labels_disagree_within_and_across_splits():
    report = lint(
        train=[utterance("a", "O", "x"), utterance("a", "B-s", "x"), utterance("b", "O", "x")],
        test=[utterance("b", "O", "y")],
    )
    assert report.disagreements == [
        Disagreement("a", ["tags"], ["train 1", "train 2"]),
        Disagreement("b", ["intent"], ["train 3", "test 1"]),
    ]


def test_an_unknown_intent_disagrees_with_nothing():
    assert lint(train=[utterance("a", "O", "x")], test=[utterance("a", "O")]).disagreements == []


def test_atis_holds_its_known_defects(shared_data: Path):
    report = check(open_corpus(str(shared_data / "atis"), shared_data))
    train, dev, test = report.splits.values()
    assert (train.utterances, dev.utterances, test.utterances) == (4478, 500, 893)
    assert (len(train.tags), train.word_types) == (120, 867)
    assert len(test.unseen["tags"].types) == 6
    assert len(test.unseen["intents"].types) == 4
    shared = {(pair.first, pair.second): pair.utterances for pair in report.shared}
    assert shared == {("train", "dev"): 52, ("train", "test"): 13, ("dev", "test"): 6}
    (disagreement,) = report.disagreements
    assert disagreement == Disagreement(
        "which flights are between boston and baltimore washington", ["tags"], ["train 2066", "train 3754"]
    )
    assert [split.illegal for split in report.splits.values()] == [0, 0, 0]


@pytest.mark.parametrize("name", ["atis", "snips"])
def test_a_report_is_one_json_object(shared_data: Path, name: str):
    report = orjson.loads(orjson.dumps(check(open_corpus(str(shared_data / name), shared_data))))
    assert report["name"] == name
    assert list(report["splits"]) == ["train", "dev", "test"]


def test_words_that_tag_would_cut_otherwise_are_placed():
    train = [utterance("wake me at 5 pm", "O O O O O"), utterance("at 5pm", "O B-time"), utterance("o'clock", "O")]
    assert lint(train=train).splits["train"].cut_otherwise_at == [2]


def test_words_without_blanks_in_their_script_are_held_against_what_people_type():
    thai = [("ตั้ง", "ปลุก"), ("โมง", "8", "เช้า")]
    chinese = [tuple("明天北京天气"), (*"在", *"2024", "年"), ("播放", "jazz", "音乐")]
    split = [Utterance(words, ("O",) * len(words)) for words in (*thai, *chinese, ("fly", "to", "rome", "2", "4"))]
    assert lint(train=split).splits["train"].cut_otherwise_at == [1, 2, 4, 5]
    with_its_text = Utterance(("ตั้ง", "ปลุก"), ("O", "O"), text="ตั้ง  ปลุก")
    assert lint(train=[with_its_text]).splits["train"].cut_otherwise_at == []


def test_the_words_that_would_be_cut_are_named_the_most_frequent_first():
    split = [Utterance(("at", "5pm"), ("O", "O")), Utterance(("20€", "5pm", "o'clock"), ("O", "O", "O"))]
    assert list(lint(train=split).splits["train"].cut_up.items()) == [("5pm → 5 pm", 2), ("20€ → 20 €", 1)]


def test_utterances_with_several_intents_are_counted():
    split = [Utterance(("go",), ("O",), intent) for intent in ("a", "a#b", "b+c", "c++", None)]
    assert lint(train=split).splits["train"].several_intents == 2
