"""jsonl: one JSON object a line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from slotfill.corpus.certainty import Alternative, Certainty, Hypothesis
from slotfill.corpus.formats.jsonl import FORMAT, extra_keys_of
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError

TAIPEI = {"slot": "city", "start": 4, "end": 10, "text": "taipei"}


def read(tmp_path: Path, *records: Any) -> list[Utterance]:
    path = tmp_path / "train.jsonl"
    lines = [record if isinstance(record, bytes) else orjson.dumps(record) for record in records]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return list(FORMAT.read(path))


def test_a_record_is_written_in_the_documented_order():
    utterance = Utterance(("to", "taipei"), ("O", "B-city"), None, "7", "to: taipei")
    assert FORMAT.render(utterance) == (
        '{"id":"7","text":"to: taipei","tokens":["to","taipei"],"tags":["O","B-city"],'
        '"spans":[{"slot":"city","start":4,"end":10,"text":"taipei"}]}\n'
    )


def test_an_unknown_id_is_null_and_an_unknown_intent_is_left_out():
    assert orjson.loads(FORMAT.render(Utterance(("a",), ("O",))))["id"] is None
    assert "intent" not in orjson.loads(FORMAT.render(Utterance(("a",), ("O",))))
    assert orjson.loads(FORMAT.render(Utterance(("a",), ("O",), "ask")))["intent"] == "ask"


def test_what_a_model_is_asked_is_written_beside_its_spans_and_read_past(tmp_path: Path):
    certainty = Certainty(
        (0.98765,),
        ((Alternative(None, 0.01),),),
        (Hypothesis(("O", "B-city"), 0.98765), Hypothesis(("O", "O"), 0.01)),
    )
    utterance = Utterance(("to", "taipei"), ("O", "B-city"), text="to: taipei")
    record = orjson.loads(FORMAT.render(replace(utterance, certainty=certainty)))
    assert record["spans"] == [{**TAIPEI, "confidence": 0.9877, "alternatives": [{"slot": None, "probability": 0.01}]}]
    assert record["nbest"] == [
        {"probability": 0.9877, "tags": ["O", "B-city"], "spans": [TAIPEI]},
        {"probability": 0.01, "tags": ["O", "O"], "spans": []},
    ]
    assert read(tmp_path, record) == [utterance]


def test_what_a_model_is_not_asked_is_not_written():
    record = orjson.loads(FORMAT.render(Utterance(("a",), ("B-x",), certainty=Certainty((1.0,)))))
    assert list(record) == ["id", "text", "tokens", "tags", "spans"]
    assert list(record["spans"][0]) == ["slot", "start", "end", "text", "confidence"]


@pytest.mark.parametrize(
    "labels",
    [
        {"tokens": ["to", ":", "taipei"], "tags": ["O", "O", "B-city"]},
        {"tokens": ["to", ":", "taipei"], "spans": [TAIPEI]},
        {"tokens": ["to", ":", "taipei"], "tags": ["O", "O", "B-city"], "spans": [TAIPEI]},
        {"spans": [TAIPEI]},
        {"spans": [{"slot": "city", "start": 4, "end": 10}], "tags": None, "tokens": None},
    ],
)
def test_labels_may_be_tags_or_spans_or_both(tmp_path: Path, labels: dict[str, Any]):
    (utterance,) = read(tmp_path, {"text": "to: taipei", **labels})
    assert utterance == Utterance(("to", ":", "taipei"), ("O", "O", "B-city"), text="to: taipei")


def test_without_text_the_words_are_joined(tmp_path: Path):
    (utterance,) = read(tmp_path, {"tokens": ["a", "b"], "spans": [{"slot": "x", "start": 2, "end": 3}]})
    assert (utterance.text, utterance.tags) == ("a b", ("O", "B-x"))


def test_a_span_without_its_text_and_one_whose_text_is_null_are_alike(tmp_path: Path):
    span = {"slot": "x", "start": 2, "end": 3}
    first, second = read(tmp_path, *({"text": "a b", "spans": [span | text]} for text in ({}, {"text": None})))
    assert first.tags == second.tags == ("O", "B-x")


def test_offsets_count_code_points(tmp_path: Path):
    (utterance,) = read(tmp_path, {"text": "🛫 né 台北", "spans": [{"slot": "x", "start": 5, "end": 7}]})
    assert utterance.words == ("🛫", "né", "台", "北")
    assert utterance.tags == ("O", "O", "B-x", "I-x")


def test_an_integer_id_is_its_digits_and_an_empty_intent_is_unknown(tmp_path: Path):
    (utterance,) = read(tmp_path, {"id": 7, "tokens": ["a"], "tags": ["O"], "intent": ""})
    assert (utterance.id, utterance.intent) == ("7", None)
    assert read(tmp_path, {"id": 2.0**53 - 1, "tokens": ["a"], "tags": ["O"]})[0].id == str(2**53 - 1)


def test_what_is_not_ours_is_read_behind_a_second_byte_order_mark_too():
    assert extra_keys_of('\ufeff{"text": "a", "user": 95}') == {"user": 95}


def test_an_intent_is_read_without_its_outer_blanks(tmp_path: Path):
    for written, intent in ((" ask for ", "ask for"), ("  ", None)):
        assert read(tmp_path, {"tokens": ["a"], "tags": ["O"], "intent": written})[0].intent == intent


def test_no_spans_at_all_means_all_outside(tmp_path: Path):
    assert read(tmp_path, {"text": "a b", "spans": []})[0].tags == ("O", "O")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (b'{"text": ', "not JSON: .* at column 10$"),
        (b"", "blank line: remove it"),
        (b" \t", "blank line: remove it"),
        ({"text": "", "spans": []}, "empty utterance"),
        ({"id": 2.0**53, "text": "a", "spans": []}, '"id" is a number with a fraction or too many digits'),
        (
            {"text": "a b", "spans": [{"slot": "y", "start": 2, "end": 1}]},
            "'y' 2:1 ends where it starts, or before",
        ),
        (
            {"text": "5pm", "tokens": ["5", "pm"], "spans": [{"slot": "y", "start": 1, "end": 1}]},
            "'y' 1:1 ends where it starts, or before",
        ),
        ([1], "expected an object, found a list"),
        ({"text": "a b"}, 'no labels: a record needs "tags" or "spans"'),
        ({"text": "a b", "tags": ["O", "O"]}, 'no "tokens"'),
        ({"spans": []}, 'no "tokens"'),
        ({"text": 5, "spans": []}, '"text" is an integer, not a string'),
        ({"tokens": "a b", "tags": ["O"]}, '"tokens" is a string, not a list'),
        ({"tokens": ["a", 1], "tags": ["O", "O"]}, '"tokens" holds an integer; it must hold a string each'),
        ({"tokens": ["a"], "spans": ["x"]}, '"spans" holds a string; it must hold an object each'),
        ({"tokens": ["a"], "tags": ["O"], "id": True}, '"id" is a boolean, not a string'),
        ({"tokens": ["a"], "tags": ["O"], "intent": {}}, '"intent" is an object, not a string'),
        ({"tokens": ["a"], "tags": ["O", "O"]}, "1 words but 2 tags"),
        ({"tokens": ["a"], "tags": ["O", "B-x"], "spans": []}, "1 words but 2 tags"),
        ({"tokens": ["a"], "tags": ["E-x"]}, "tag 'E-x' is not O, B-slot or I-slot"),
        ({"tokens": ["a b"], "tags": ["O"]}, "word 'a b' is empty or holds a blank"),
        ({"tokens": [], "tags": []}, "empty utterance"),
        ({"tokens": ["c"], "tags": ["O"], "text": "a b"}, "word 'c' is not in the text"),
        ({"text": "to taipei", "spans": [{"slot": "x", "start": 3}]}, 'lacks "slot", "start" or "end"'),
        ({"text": "a", "spans": [{"slot": "x", "start": 0, "end": True}]}, '"end" is a boolean, not an int'),
        (
            {"text": "to taipei", "spans": [{"slot": "x", "start": 2, "end": 6}]},
            "span 'x' 2:6 ' tai' does not fall on word boundaries",
        ),
        (
            {"text": "a b", "spans": [{"slot": "x", "start": 2, "end": 9}]},
            "span 'x' 2:9 ends after its text, which has 3 characters",
        ),
        (
            {"text": "a b", "spans": [{"slot": "x", "start": 2, "end": 3, "text": "a"}]},
            "span 'x' 2:3 says 'a', its text is 'b'",
        ),
        (
            {
                "text": "a b",
                "spans": [{"slot": "x", "start": 0, "end": 3}, {"slot": "y", "start": 2, "end": 3}],
            },
            "span 'y' overlaps another at word 2",
        ),
        (
            {"tokens": ["a", "b"], "tags": ["O", "O"], "spans": [{"slot": "x", "start": 2, "end": 3}]},
            "\"tags\" and \"spans\" disagree on 'x' over 'b'",
        ),
        (
            {"tokens": ["a", "b"], "tags": ["B-x", "B-y"], "spans": []},
            "\"tags\" and \"spans\" disagree on 'x' over 'a'",
        ),
    ],
)
def test_a_malformed_record_is_refused_with_its_line(tmp_path: Path, record: Any, message: str):
    good = {"tokens": ["a"], "tags": ["O"]}
    with pytest.raises(DataError, match=rf"train\.jsonl:2: .*{message}"):
        read(tmp_path, good, record)


@pytest.mark.parametrize(
    ("text", "ends", "words"),
    [
        ("서울에서 부산", [(0, 2), (5, 7)], ("서울", "에서", "부산")),
        ("ตั้งปลุกเวลา10:30", [(12, 17)], ("ตั้งปลุกเวลา", "10", ":", "30")),
        ("seat 12D now", [(5, 7), (7, 8)], ("seat", "12", "D", "now")),
        ("to new-york", [(3, 11)], ("to", "new-york")),
    ],
)
def test_raw_text_is_cut_where_a_span_begins_or_ends_within_a_word(
    text: str, ends: list[tuple[int, int]], words: tuple[str, ...]
) -> None:
    spans = [{"slot": "x", "start": start, "end": end} for start, end in ends]
    found = FORMAT.parse(orjson.dumps({"text": text, "spans": spans}).decode())
    assert found.words == words
    assert [(span.start, span.end) for span in found.spans] == ends
    with_tokens = {"text": text, "tokens": text.split(), "spans": [{"slot": "x", "start": ends[0][0] + 1, "end": 2}]}
    with pytest.raises(ValueError, match="does not fall on word boundaries"):
        FORMAT.parse(orjson.dumps(with_tokens).decode())
