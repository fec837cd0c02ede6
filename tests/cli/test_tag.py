"""`slotfill tag` as a member of a pipeline."""

from __future__ import annotations

import gzip
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from slotfill.cli._tagging import _reads, _usual_format
from slotfill.corpus import formats
from slotfill.corpus.format import Format
from slotfill.errors import UsageError
from tests.conftest import Run

STREAMED = [name for name in formats.FORMATS.names() if type(formats.load(name)).render is not Format.render]
TEXT = "fly from Oslo to St. Louis"
SPANS = [
    {"slot": "fromloc.city_name", "start": 9, "end": 13, "text": "Oslo"},
    {"slot": "toloc.city_name", "start": 17, "end": 26, "text": "St. Louis"},
]


def test_arguments_are_tagged_one_record_each(slotfill: Run, model: Path) -> None:
    done = slotfill("tag", "--model", model, TEXT, "fly")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert list(records[0]) == ["id", "text", "tokens", "tags", "spans", "intent"]
    assert records[0]["intent"] == "flight"
    assert records[0]["spans"] == SPANS
    assert [record["id"] for record in records] == ["1", "2"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("pretty", f"intent: flight\n{TEXT}\n  fromloc.city_name: Oslo\n  toloc.city_name: St. Louis\n"),
        ("inline", "fly from [fromloc.city_name : Oslo] to [toloc.city_name : St. Louis]\n"),
        (
            "tsv",
            "1\tfly from Oslo to St. Louis\tO O B-fromloc.city_name O B-toloc.city_name I-toloc.city_name\tflight\n",
        ),
        (
            "conll",
            "# id = 1\n# intent = flight\nfly\tO\nfrom\tO\nOslo\tB-fromloc.city_name\nto\tO\nSt.\tB-toloc.city_name\n"
            "Louis\tI-toloc.city_name\n\n",
        ),
    ],
)
def test_every_format_shows_the_same_spans(slotfill: Run, model: Path, form: str, expected: str) -> None:
    assert slotfill("tag", "--model", model, "--format", form, TEXT).stdout == expected


def test_pretty_is_coloured_when_colour_is_forced(slotfill: Run, model: Path) -> None:
    done = slotfill("tag", "--model", model, "--format", "pretty", TEXT, NO_COLOR="", FORCE_COLOR="1")
    assert "\x1b[" in done.stdout


def test_probabilities_are_told_where_they_are_asked_for(slotfill: Run, model: Path) -> None:
    done = slotfill("tag", "--model", model, "--alternatives", "--nbest", 2, "--min-confidence", 0.5, TEXT)
    (record,) = (json.loads(line) for line in done.stdout.splitlines())
    assert [{key: span[key] for key in SPANS[0]} for span in record["spans"]] == SPANS
    assert list(record) == ["id", "text", "tokens", "tags", "spans", "intent", "intent_confidence", "nbest"]
    assert 0.5 < record["intent_confidence"] <= 1
    assert all(0.5 <= span["confidence"] <= 1 and "alternatives" in span for span in record["spans"])
    assert record["nbest"][0]["tags"] == record["tags"]
    assert record["nbest"][0]["spans"] == SPANS
    assert record["nbest"][0]["probability"] > record["nbest"][1]["probability"]


def test_a_format_without_a_place_for_probabilities_can_still_drop_unsure_spans(slotfill: Run, model: Path) -> None:
    done = slotfill("tag", "--model", model, "--format", "inline", "--min-confidence", 1, TEXT)
    assert done.stdout == f"{TEXT}\n"
    for asked in (("--confidence",), ("--alternatives",), ("--nbest", 2)):
        done = slotfill("tag", "--model", model, "--format", "inline", *asked, TEXT)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "slotfill: format 'inline' shows no probabilities: choose pretty or jsonl\n"


def test_stdin_gives_one_record_a_line_in_order_empty_lines_too(slotfill: Run, model: Path) -> None:
    lines = [f"fly to city{i}" if i % 10 else "" for i in range(2500)]
    done = slotfill("tag", "--model", model, input="\n".join(lines))
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["text"] for record in records] == lines
    assert [record["id"] for record in records] == [str(i) for i in range(1, 2501)]


def test_several_processes_write_what_one_does_and_fail_as_one_does(slotfill: Run, model: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.jsonl"
    source.write_bytes(b"fly from oslo to st. louis\n\n" * 20_000 + b"\xff\n")
    alone, shared = (slotfill("tag", "--model", model, "-i", source, "--jobs", jobs) for jobs in (1, 2))
    assert (shared.stdout, shared.stderr, shared.returncode) == (alone.stdout, alone.stderr, 3)
    assert shared.stderr == f"slotfill: {source}:40001: not UTF-8: byte 0xff at column 1; convert the file to UTF-8\n"
    assert shared.stdout.count("\n") == 40_000
    assert slotfill("tag", "--model", model, "-i", source, "-o", target, "--jobs", 2).returncode == 3
    assert not target.exists()


@pytest.mark.parametrize("seconds", [0, 0.5])
def test_an_interruption_of_several_processes_is_one_line(model: Path, tmp_path: Path, seconds: float) -> None:
    program = [sys.executable, "-m", "slotfill", "tag", "--model", str(model), "--jobs", "2"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(program, cwd=tmp_path, start_new_session=True, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"fly to oslo\n" * 200)
        process.stdin.flush()
        assert len([process.stdout.readline() for _ in range(200)]) == 200
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stderr.read() == b"slotfill: interrupted\n"
    assert process.returncode == 130


def test_a_second_signal_does_not_disturb_the_clean_up_for_the_first() -> None:
    program = """
import os, signal, sys
from slotfill.cli._console import run

def clean_up():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP):
            os.kill(os.getpid(), number)
        print("cleaned up")

sys.exit(run(clean_up))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (143, "cleaned up\n", "")


def test_a_file_goes_to_a_file_whole_or_not_at_all(slotfill: Run, model: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.jsonl"
    source.write_bytes(b"fly to oslo\nfly to lima\n")
    assert slotfill("tag", "--model", model, "-i", source, "-o", target).stdout == ""
    assert len(target.read_text().splitlines()) == 2
    assert slotfill("tag", "--model", model, "-i", source, "-o", "-").stdout == target.read_text()
    source.write_bytes(b"fly to oslo\nfly\xff\n")
    done = slotfill("tag", "--model", model, "-i", source, "-o", target)
    assert done.returncode == 3
    assert f"{source}:2: not UTF-8" in done.stderr
    assert len(target.read_text().splitlines()) == 2
    assert {entry.name for entry in tmp_path.iterdir()} == {"in.txt", "out.jsonl"}


def test_a_folder_is_no_file_to_write(slotfill: Run, model: Path, tmp_path: Path) -> None:
    done = slotfill("tag", "--model", model, "-o", tmp_path, "fly to oslo")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is a directory" in done.stderr


def test_the_input_is_not_written_over(slotfill: Run, model: Path, tmp_path: Path) -> None:
    (source := tmp_path / "in.txt").write_text("fly to oslo\n")
    (other := tmp_path / "other.txt").symlink_to(source)
    done = slotfill("tag", "--model", model, "-i", source, "-o", other)
    assert (done.returncode, done.stderr) == (2, f"slotfill: --output {other} is the input: choose another name\n")
    program = [sys.executable, "-m", "slotfill", "tag", "--model", str(model), "-o", str(source)]
    with source.open("rb") as stdin:
        assert subprocess.run(program, stdin=stdin, check=False).returncode == 2
    assert source.read_text() == "fly to oslo\n"
    assert slotfill("tag", "--model", model, "-o", source, "fly to lima").returncode == 0


def test_a_files_ending_names_its_format_where_it_is_one(slotfill: Run, model: Path, tmp_path: Path) -> None:
    for name, form in (("o.conll", "conll"), ("o.bio", "conll"), ("o.TSV", "tsv"), ("o.txt", "jsonl"), ("o", "jsonl")):
        slotfill("tag", "--model", model, "-o", tmp_path / name, "fly to oslo")
        asked = slotfill("tag", "--model", model, "--format", form, "fly to oslo").stdout
        assert (tmp_path / name).read_text() == asked
    inline = "tag", "--model", model, "--format", "inline", "fly to oslo"
    slotfill(*inline, "-o", tmp_path / "o.conll")
    assert (tmp_path / "o.conll").read_text() == slotfill(*inline).stdout


def test_a_line_that_is_not_utf8_fails_is_skipped_or_recorded_as_asked(slotfill: Run, model: Path) -> None:
    def ids(on_error: str, code: int) -> list[str]:
        done = slotfill("tag", "--model", model, "--on-error", on_error, input=b"fly\n\xff\nto\n")
        assert done.returncode == code
        assert "stdin:2: not UTF-8" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        return [json.loads(line)["id"] for line in done.stdout.splitlines()]

    assert ids("fail", 3) == ["1"]
    assert ids("skip", 0) == ["1", "3"]
    assert ids("record", 0) == ["1", "2", "3"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_line_that_the_format_cannot_hold_fails_is_skipped_or_recorded_as_well(
    slotfill: Run, model: Path, jobs: int
) -> None:
    lines = [b"fly to oslo"] * 150 + [b"fly\rto oslo", b"to\xff"] + [b"to lima"] * 150
    if jobs == 1:
        first = slotfill("tag", "--model", model, "--format", "conll", input=b"to lima\nfly\rto oslo\nto rome\n")
        assert (first.returncode, "rome" in first.stdout, "lima" in first.stdout) == (3, False, True)

    def ids(on_error: str, code: int, wrong: int) -> list[int]:
        asked = ("--format", "conll", "--on-error", on_error, "--jobs", jobs)
        done = slotfill("tag", "--model", model, *asked, input=b"\n".join(lines))
        assert done.returncode == code
        said = done.stderr.splitlines()
        assert said[wrong:] == (
            [] if wrong < 2 else [f"2 lines {'skipped' if on_error == 'skip' else 'recorded as empty'}"]
        )
        assert "stdin:151: text 'fly\\rto oslo' cannot be written as conll: it holds a line end" in said[0]
        return [int(line.split()[-1]) for line in done.stdout.splitlines() if line.startswith("# id")]

    everyone = list(range(1, 303))
    assert ids("fail", 3, 1) == everyone[:150]
    assert ids("skip", 0, 2) == everyone[:150] + everyone[152:]
    assert ids("record", 0, 2) == everyone


def test_a_line_whose_own_id_the_format_cannot_hold_is_recorded_by_its_number(slotfill: Run, model: Path) -> None:
    asked = ("--ids", "--format", "tsv", "--on-error", "record")
    done = slotfill("tag", "--model", model, *asked, input="a\tto rome\nb\rb\tto paris\nc\tto lima\n")
    assert done.returncode == 0
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["a", "2", "c"]
    assert done.stderr.startswith("stdin:2: ")
    asked = ("--ids", "--format", "conll", "--on-error", "record")
    done = slotfill("tag", "--model", model, *asked, input="a\tto\n7x\tfly\rto paris\n")
    assert [line for line in done.stdout.splitlines() if line.startswith("# id")] == ["# id = a", "# id = 7x"]


def test_the_newest_model_is_taken_unless_one_is_named_and_that_is_said(
    slotfill: Run, model: Path, tmp_path: Path
) -> None:
    shutil.copytree(model, tmp_path / "models" / "mine")
    assert slotfill("tag", "fly").stderr == "model: models/mine\n"
    assert slotfill("tag", "--model", "mine", "fly").stderr == ""


def test_tokenized_words_are_not_cut_again(slotfill: Run, model: Path) -> None:
    done = slotfill("tag", "--model", model, "--tokenized", "what's  at 5pm st.louis!")
    assert json.loads(done.stdout)["tokens"] == ["what's", "at", "5pm", "st.louis!"]


def test_records_may_have_the_ids_of_their_lines(slotfill: Run, model: Path) -> None:
    done = slotfill(
        "tag", "--model", model, "--ids", "--on-error", "skip", input="q7\tfly to oslo\nlost\nq9\tto lima\n"
    )
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(record["id"], record["text"]) for record in records] == [("q7", "fly to oslo"), ("q9", "to lima")]
    assert done.stderr == "stdin:2: no id with a tab after it\n"


@pytest.mark.parametrize("jobs", [1, 2])
def test_json_lines_give_their_text_and_id(slotfill: Run, model: Path, tmp_path: Path, jobs: int) -> None:
    lines = tmp_path / "calls.ndjson"
    lines.write_text(
        '{"id": "u-1", "user": 95, "text": "fly to oslo"}\n\n{"text": "to lima", "tags": null}\n'
        '{"id": 7, "tokens": ["to", "rome"]}\n{"id": "u-2"}\n["to"]\n{"text": "to'
    )
    done = slotfill("tag", "--model", model, "-i", lines, "--jobs", jobs, "--on-error", "skip")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(record["id"], record["text"]) for record in records] == [
        ("u-1", "fly to oslo"),
        ("2", ""),
        ("3", "to lima"),
        (7, "to rome"),
    ]
    assert [record.get("user") for record in records] == [95, None, None, None]
    assert records[0]["spans"] == json.loads(slotfill("tag", "--model", model, "fly to oslo").stdout)["spans"] != []
    one, two, three, count = done.stderr.splitlines()
    assert one == f'{lines}:5: no text: a record needs "text" or "tokens"'
    assert two == f"{lines}:6: expected an object, found a list"
    assert three.startswith(f"{lines}:7: not JSON: ")
    assert count == "3 lines skipped"
    piped = slotfill("tag", "--model", model, "--from", "jsonl", input=lines.read_text())
    assert (piped.returncode, json.loads(piped.stdout.splitlines()[0])["id"]) == (3, "u-1")


def test_a_json_line_that_is_recorded_keeps_its_keys_and_says_what_is_wrong(
    slotfill: Run, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "calls.jsonl").write_text('{"id": 7.0, "user": 95}\n{"id": [], "text": "to lima", "nbest": 1}\n\nto\n')
    asked = ("tag", "--model", model, "-i", tmp_path / "calls.jsonl", "--on-error", "record")
    wrong_text, wrong_id, empty, no_json = map(json.loads, slotfill(*asked).stdout.splitlines())
    assert (wrong_text["id"], wrong_text["user"]) == (7.0, 95)
    assert wrong_text["error"].endswith('calls.jsonl:1: no text: a record needs "text" or "tokens"')
    assert (wrong_id["id"], wrong_id["text"], "nbest" in wrong_id) == ("2", "", False)
    assert "calls.jsonl:2: " in wrong_id["error"]
    assert "error" not in empty
    assert "not JSON" in no_json["error"]
    not_utf8 = slotfill(
        "tag",
        "--model",
        model,
        "--from",
        "jsonl",
        "--on-error",
        "record",
        input=b'{"id": "u", "user": 95, "text": "\xff"}',
    )
    record = json.loads(not_utf8.stdout)
    assert (record["user"], record["error"][:18]) == (95, "stdin:1: not UTF-8")
    conll = slotfill(*asked, "--format", "conll").stdout
    assert [line for line in conll.splitlines() if line.startswith("# id")] == [f"# id = {n}" for n in (7, 2, 3, 4)]


def test_what_a_json_line_brings_is_passed_on_digit_by_digit_or_refused_in_one_line(slotfill: Run, model: Path) -> None:
    def tag(line: str) -> tuple[int, str, str]:
        done = slotfill("tag", "--model", model, "--from", "jsonl", input=line + "\n")
        return done.returncode, done.stdout, done.stderr

    large = 12345678901234567890123
    code, out, _ = tag(f'{{"text": "to lima", "id": 7, "a": [{large}, 0.1], "b": "Ünal \\"", "spans": 3}}')
    record = json.loads(out)
    assert (code, record["id"], record["a"], record["b"]) == (0, 7, [large, 0.1], 'Ünal "')
    assert out.startswith('{"id":7,"text":"to lima",')
    assert '"Ünal' in out
    assert isinstance(record["spans"], list)
    for identity in (large, 1.5):
        assert tag(f'{{"text": "to lima", "id": {identity}}}')[::2] == (
            3,
            'slotfill: stdin:1: "id" is a number with a fraction or too many digits: write it as a string\n',
        )
    assert tag('{"text": "to lima", "a": ' + 300 * "[" + 300 * "]" + "}")[0] == 0
    for value in (1015 * "[" + 1015 * "]", 5000 * "1", "1e999"):  # Newer Pythons go deeper.
        code, out, told = tag(f'{{"text": "to lima", "a": {value}}}')
        assert (code, out, told.count("\n")) == (3, "", 1) or (code, value[0]) == (0, "[")


def test_text_that_looks_like_json_is_doubted_unless_it_is_called_text(slotfill: Run, model: Path) -> None:
    line = '{"id": "a", "text": "to lima"}\n'
    for how, doubted in (([], True), (["--from", "text"], False)):
        for blanks in ("", " "):
            done = slotfill("tag", "--model", model, *how, input=line.replace("{", "{" + blanks))
            assert json.loads(done.stdout)["text"] == line.rstrip().replace("{", "{" + blanks)
        assert ("tagged as text: --from jsonl" in done.stderr) == doubted
    assert slotfill("tag", "--model", model, line).stderr == ""


def test_a_dash_in_the_place_of_a_text_is_stdin(slotfill: Run, model: Path) -> None:
    assert json.loads(slotfill("tag", "--model", model, "-", input="to lima\n").stdout)["text"] == "to lima"
    for others in (["to rome"], ["-i", "lines.txt"]):
        assert slotfill("tag", "--model", model, "-", *others, input="to lima\n").returncode == 2


def test_what_is_gzipped_or_utf16_is_refused_with_advice(slotfill: Run, model: Path) -> None:
    for content, advice in (
        (gzip.compress(b"to lima\n" * 9), "stdin: is gzipped: decompress it first, as in `zcat FILE | slotfill tag`"),
        ("to lima\n".encode("utf-16-le"), "stdin:1: holds a NUL byte: if the file is UTF-16, convert it to UTF-8"),
    ):
        done = slotfill("tag", "--model", model, input=content)
        assert (done.returncode, done.stdout, done.stderr) == (3, "", f"slotfill: {advice}\n")
    skipping = slotfill("tag", "--model", model, "--on-error", "skip", input=gzip.compress(b"to lima\n"))
    assert (skipping.returncode, skipping.stdout) == (3, "")


def test_an_ending_that_stands_for_another_format_is_refused(slotfill: Run, model: Path, tmp_path: Path) -> None:
    for name in ("out.csv", "out.conll.gz"):
        done = slotfill("tag", "--model", model, "to lima", "-o", tmp_path / name)
        assert (done.returncode, (tmp_path / name).exists()) == (2, False)
        assert f"{name}: no format has the ending '.{name.rpartition('.')[2]}': say which with --format" in done.stderr
        assert slotfill("tag", "--model", model, "to lima", "-o", tmp_path / name, "--format", "tsv").returncode == 0


def test_the_ending_of_a_pipe_stands_for_no_format(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "records.pipe")
    assert _usual_format(tmp_path / "records.pipe") == "jsonl"


def test_a_named_pipe_whose_reader_is_gone_is_an_error(model: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    program = f"yes 'fly to oslo' | {sys.executable} -m slotfill tag --model {model} -o pipe"
    script = f"head -1 pipe > first & {program}; echo ${{PIPESTATUS[1]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("1\n", "slotfill: pipe: nobody reads it any more\n")
    assert (tmp_path / "first").read_text().count("\n") == 1


def test_what_is_tagged_can_be_tagged_again(slotfill: Run, model: Path, tmp_path: Path) -> None:
    first = slotfill("tag", "--model", model, input="fly to oslo\nto lima !\n").stdout
    (tmp_path / "first.jsonl").write_text(first)
    assert slotfill("tag", "--model", model, "-i", tmp_path / "first.jsonl").stdout == first
    asked = ("tag", "--model", model, "--nbest", 1, "--on-error", "record")
    (tmp_path / "asked.jsonl").write_text(slotfill(*asked, input=b"fly to oslo\n\xff\n").stdout)
    again = slotfill("tag", "--model", model, "-i", tmp_path / "asked.jsonl")
    for record in map(json.loads, again.stdout.splitlines()):
        assert not record.keys() & {"intent_confidence", "nbest", "error"}


def test_a_file_of_labels_by_its_name_is_read_as_text_only_where_that_is_said(
    slotfill: Run, model: Path, tmp_path: Path
) -> None:
    lines = tmp_path / "a.conll"
    lines.write_text("1\tto lima\n")
    done = slotfill("tag", "--model", model, "-i", lines)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"--input {lines} has labels by its name: say --from text" in done.stderr
    for how, text in ((["--from", "text"], "1\tto lima"), (["--ids"], "to lima")):
        assert json.loads(slotfill("tag", "--model", model, "-i", lines, *how).stdout)["text"] == text


def test_what_a_line_is_goes_by_what_is_said_and_else_by_the_ending() -> None:
    for source in (None, "-", "a", "a.txt", "a.log", "a.jsonl.txt"):
        assert _reads(source, None, ids=False) == "text"
    assert _reads("a.NDJSON", None, ids=False) == _reads("a.txt", "jsonl", ids=False) == "jsonl"
    assert _reads("a.jsonl", "text", ids=False) == "text"
    assert _reads("a.tsv", None, ids=True) == _reads("a.tsv", "text", ids=True) == "ids"
    for source in ("a.conll", "a.BIO", "a.iob", "a.tsv", "a.inline"):
        with pytest.raises(UsageError, match=f"--input {source} has labels by its name"):
            _reads(source, None, ids=False)
    with pytest.raises(UsageError, match="--ids is of texts: choose it or --from jsonl"):
        _reads(None, "jsonl", ids=True)
    with pytest.raises(UsageError, match="unknown --from 'conll': choose from text, jsonl"):
        _reads("a.conll", "conll", ids=False)


@pytest.mark.parametrize("options", ["", "--jobs 1", "--jobs 2"])
def test_a_reader_that_closes_the_pipe_is_no_error(model: Path, tmp_path: Path, options: str) -> None:
    program = f"{sys.executable} -m slotfill tag --model {model} {options}"
    done = subprocess.run(
        ["bash", "-c", f"yes 'fly to oslo' | {program} | head -3; echo ${{PIPESTATUS[1]}}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    *records, code = done.stdout.splitlines()
    assert len(records) == 3
    assert code == "0"
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, as Linux has it")
def test_a_full_disk_is_told_once(model: Path, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "slotfill", "tag", "--model", str(model), "fly to oslo"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (1, "slotfill: No space left on device\n")


def test_interactive_lines_are_answered_at_once(model: Path, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "slotfill", "tag", "--model", str(model)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for city in (b"oslo", b"lima"):
            process.stdin.write(b"fly to " + city + b"\n")
            process.stdin.flush()
            assert city in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.stdin.close()
    assert process.returncode == 143


def test_a_terminal_is_told_what_to_type_and_shown_what_people_read(model: Path, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "slotfill", "tag", "--model", str(model)]
    ours, terminal = pty.openpty()
    with subprocess.Popen(program, stdin=terminal, stdout=terminal, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        os.close(terminal)
        assert process.stderr is not None
        os.write(ours, b"fly to oslo\n\x04")
        assert process.stderr.read() == b"one utterance a line; Ctrl-D ends\n"
        assert process.wait(60) == 0
        shown = os.read(ours, 4096)
    os.close(ours)
    assert b'{"id"' not in shown
    assert b"toloc.city_name" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--model", "nowhere", "fly"], 4, "no model 'nowhere'"),
        (["--model", ".", "fly"], 4, "holds no model"),
        (["fly"], 2, "no model in models/: make one with `slotfill train`"),
        (["--format", "nonsense", "fly"], 2, f"unknown format 'nonsense': choose from {', '.join(STREAMED)}\n"),
        (["--on-error", "cry", "fly"], 2, "unknown --on-error 'cry'"),
        (["--input", "x", "fly"], 2, "exclude each other"),
        (["--min-confidence", "1.1", "fly"], 2, "'--min-confidence'"),
        (["--nbest", "0", "fly"], 2, "'--nbest'"),
    ],
)
def test_a_bad_call_gets_one_clear_line_and_its_code(
    slotfill: Run, arguments: list[str], code: int, reason: str
) -> None:
    done = slotfill("tag", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_input_file_and_a_format_of_many_files_are_refused(slotfill: Run, model: Path) -> None:
    done = slotfill("tag", "--model", model, "--input", "gone.txt")
    assert (done.returncode, done.stderr) == (3, "slotfill: gone.txt: cannot be read: No such file or directory\n")
    done = slotfill("tag", "--model", model, "--input", "")
    assert (done.returncode, done.stderr) == (2, "slotfill: --input names no file\n")
    done = slotfill("tag", "--model", model, "--input", "/dev/stdin", input=b"\xff")
    assert (done.returncode, done.stderr.startswith("slotfill: stdin:1: not UTF-8")) == (3, True)
    done = slotfill("tag", "--model", model, "--format", "seqio", "fly")
    assert done.returncode == 2
    assert "does not go to one stream" in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_keeps_nothing_from_its_work(model: Path, tmp_path: Path, closed: str) -> None:
    program = f'exec "$0" -m slotfill tag --model "$1" --output out.jsonl fly "to oslo" {closed}'
    done = subprocess.run(["sh", "-c", program, sys.executable, model], capture_output=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("form", ["pretty", "jsonl"])
def test_records_are_utf8_whatever_the_locale(slotfill: Run, model: Path, form: str) -> None:
    done = slotfill("tag", "--model", model, "--format", form, "São Paulo 北京", PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "São Paulo 北京" in done.stdout


def test_a_message_that_stderr_cannot_spell_is_spelt_out(slotfill: Run) -> None:
    done = slotfill("tag", "--model", "não", "fly", PYTHONIOENCODING="ascii")
    assert done.returncode == 4
    assert done.stderr.startswith(r"slotfill: no model 'n\xe3o': not a folder")


def test_no_other_process_imports_what_lies_in_the_users_folder(model: Path, tmp_path: Path) -> None:
    (tmp_path / "signal.py").write_text("raise SystemExit('mine')")
    program = [Path(sys.executable).with_name("slotfill"), "tag", "--model", model, "--jobs", "2"]
    done = subprocess.run(program, input=b"fly\n" * 50_000, capture_output=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 50_000


def test_streams_that_were_left_non_blocking_are_waited_for(model: Path) -> None:
    lines = 2000
    command = [sys.executable, "-m", "slotfill", "tag", "--model", str(model)]
    (source, text), (records, sink) = os.pipe(), os.pipe()
    for stream in (source, sink):
        os.set_blocking(stream, False)
    with subprocess.Popen(command, stdin=source, stdout=sink) as tagging:
        os.close(source)
        os.close(sink)
        time.sleep(1)  # Nothing has arrived when it first looks.
        with open(text, "wb") as file:
            file.write(b"fly from Oslo\n" * lines)
        time.sleep(1)  # The pipe is full before it is read.
        with open(records, "rb") as file:
            assert len(file.readlines()) == lines
    assert tagging.returncode == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--format", "inline"), "intents"),
        (("--format", "inline", "--ids"), "intents and ids"),
        (("--format", "tsv", "--ids"), ""),
    ],
)
def test_what_a_format_cannot_hold_is_said_to_be_left_out(
    slotfill: Run, model: Path, options: tuple[str, ...], told: str
) -> None:
    done = slotfill("tag", "--model", model, *options, input="7\tfly to oslo\n")
    assert done.stderr == (f"format 'inline' cannot hold {told}: they are left out\n" if told else "")
