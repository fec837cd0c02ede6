"""Hub datasets become utterances, row by row, whatever their words are; a row that is off is named."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest

from slotfill.corpus.catalog import HubEntry, find
from slotfill.corpus.download import obtain
from slotfill.corpus.formats import load
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError, UsageError

Row = tuple[str, str, str, str]
ROWS: list[Row] = [("1", "flight", "fly to st. louis", "O O B-toloc.city_name I-toloc.city_name")]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datasets import config

    monkeypatch.setattr(config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(config, "HF_HUB_OFFLINE", False)


def write_csv(path: Path, rows: Sequence[Row], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([("id", "intent", "text", "slots"), *rows])


def write_parquet(path: Path, annotated: Sequence[str | None], intents: Sequence[int] | None = None) -> None:
    """A file as the hub's conversion leaves it, the intent a class number, some columns more than we read."""
    from datasets import ClassLabel, Dataset, Features, Value

    names = ClassLabel(names=["alarm_set", "weather_query"])
    features = {"id": Value("string"), "intent": names, "utt": Value("string"), "annot_utt": Value("string")}
    columns = {
        "id": [str(i) for i in range(len(annotated))],
        "intent": list(intents or [0] * len(annotated)),
        "utt": ["not read"] * len(annotated),
        "annot_utt": list(annotated),
    }
    path.parent.mkdir(parents=True)
    Dataset.from_dict(columns, features=Features(features)).to_parquet(path)


@pytest.fixture
def atis(tmp_path: Path) -> HubEntry:
    """`atis-hub`, its repository a local folder."""
    return _at(tmp_path / "atis", "atis-hub")


@pytest.fixture
def massive(tmp_path: Path) -> HubEntry:
    """`massive/de-DE`, its repository a local folder with one utterance in dev and test."""
    entry = _at(tmp_path / "massive", "massive/de-DE")
    for split in ("validation", "test"):
        write_parquet(tmp_path / "massive" / "de-DE" / split / "0000.parquet", ["wetter"], [1])
    return entry


def _at(folder: Path, name: str) -> HubEntry:
    entry = find(name)
    assert isinstance(entry, HubEntry)
    folder.mkdir()
    return replace(entry, repository=str(folder))


def fetch_atis(entry: HubEntry, data: Path, train: Sequence[Row], encoding: str = "utf-8") -> list[Utterance]:
    write_csv(Path(entry.repository) / "atis_train.csv", train, encoding)
    write_csv(Path(entry.repository) / "atis_test.csv", ROWS)
    return list(load("jsonl").read(obtain(entry, data).folder / "train.jsonl"))


def fetch_massive(entry: HubEntry, data: Path, train: Sequence[str | None]) -> list[Utterance]:
    write_parquet(Path(entry.repository) / "de-DE" / "train" / "0000.parquet", train)
    return list(load("jsonl").read(obtain(entry, data).folder / "train.jsonl"))


def test_words_and_tags_come_from_their_columns(atis: HubEntry, tmp_path: Path) -> None:
    assert fetch_atis(atis, tmp_path / "data", ROWS) == [
        Utterance(
            ("fly", "to", "st.", "louis"),
            ("O", "O", "B-toloc.city_name", "I-toloc.city_name"),
            intent="flight",
            id="1",
        )
    ]


@pytest.mark.parametrize("word", ["null", "NA", "nan", "None", "1990", "007", "1e5", "true", '"', "é,"])
def test_every_word_stays_text(atis: HubEntry, tmp_path: Path, word: str) -> None:
    assert [row.words for row in fetch_atis(atis, tmp_path / "data", [("1", "flight", word, "O")])] == [(word,)]


def test_a_byte_order_mark_is_no_part_of_a_name(atis: HubEntry, tmp_path: Path) -> None:
    assert fetch_atis(atis, tmp_path / "data", ROWS, "utf-8-sig")[0].id == "1"


def test_a_dataset_without_dev_has_no_dev(atis: HubEntry, tmp_path: Path) -> None:
    fetch_atis(atis, tmp_path / "data", ROWS)
    obtained = obtain(atis, tmp_path / "data")
    assert obtained.already_there
    assert obtained.utterances == {"train": 1, "test": 1}


def test_force_fetches_a_dataset_again(atis: HubEntry, tmp_path: Path) -> None:
    fetch_atis(atis, tmp_path / "data", ROWS)
    obtained = obtain(atis, tmp_path / "data", force=True)
    assert not obtained.already_there
    assert obtained.utterances == {"train": 1, "test": 1}
    (obtained.folder / "notes.txt").write_text("dear")
    with pytest.raises(UsageError, match=r"holds more than the corpus \(notes\.txt\)"):
        obtain(atis, tmp_path / "data", force=True)


def test_the_library_is_told_whether_its_own_copy_will_do(
    atis: HubEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    modes, load_dataset = [], datasets.load_dataset

    def told(*given: Any, **options: Any) -> Any:
        modes.append(options["download_mode"])
        return load_dataset(*given, **options)

    monkeypatch.setattr(datasets, "load_dataset", told)
    fetch_atis(atis, tmp_path / "data", ROWS)
    obtain(atis, tmp_path / "data", force=True)
    assert modes == [None, "force_redownload"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (("2", "flight", "fly to", "O"), "2 words but 1 tags"),
        (("2", "flight", "", ""), "empty utterance: remove it"),
        (("2", "flight", "fly\nto", "O"), r"word 'fly\nto' is empty or holds a blank or line end"),
        (("2", "flight", "fly", "X-city"), "tag 'X-city' is not O, B-slot or I-slot"),
    ],
)
def test_a_row_that_is_off_is_named_and_nothing_is_written(
    atis: HubEntry, tmp_path: Path, row: Row, fault: str
) -> None:
    with pytest.raises(DataError) as caught:
        fetch_atis(atis, tmp_path / "data", [*ROWS, row])
    assert str(caught.value) == f"{atis.repository}: split train, row 2: {fault}"
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id,intent,text,slots\n1,flight,fly,O\n2,flight,fly,to,O\n", "Expected 4 fields in line 3, saw 5"),
        ("id,intent,text\n1,flight,fly\n", "slots"),
    ],
)
def test_a_table_of_another_shape_is_refused(atis: HubEntry, tmp_path: Path, text: str, fault: str) -> None:
    write_csv(Path(atis.repository) / "atis_test.csv", ROWS)
    (Path(atis.repository) / "atis_train.csv").write_text(text)
    with pytest.raises(DataError, match=f"atis: cannot be read: .*{fault}"):
        obtain(atis, tmp_path / "data")


def test_slots_come_from_brackets_and_intents_from_class_names(massive: HubEntry, tmp_path: Path) -> None:
    annotated = ["weck mich [date : diese woche] um [time : fünf uhr]", "wetter"]
    first, second = fetch_massive(massive, tmp_path / "data", annotated)
    assert first.words == ("weck", "mich", "diese", "woche", "um", "fünf", "uhr")
    assert first.tags == ("O", "O", "B-date", "I-date", "O", "B-time", "I-time")
    assert (first.id, first.intent, second.id) == ("0", "alarm_set", "1")
    dev = next(load("jsonl").read(tmp_path / "data" / "massive-de-DE" / "dev.jsonl"))
    assert dev.intent == "weather_query"


def test_brackets_end_words_where_a_script_has_no_blanks(massive: HubEntry, tmp_path: Path) -> None:
    (utterance,) = fetch_massive(massive, tmp_path / "data", ["[date : 今天]天气 [place_name : 台北 市]好"])
    assert utterance.words == ("今天", "天气", "台北", "市", "好")
    assert utterance.text == "今天 天气 台北 市 好"
    assert [span.text for span in utterance.spans] == ["今天", "台北 市"]


@pytest.mark.parametrize(
    ("annotated", "fault"),
    [("um [time : fünf", "is never closed"), (None, "no annot_utt"), ("", "empty utterance")],
)
def test_malformed_brackets_are_named(massive: HubEntry, tmp_path: Path, annotated: str | None, fault: str) -> None:
    with pytest.raises(DataError, match=f"split train, row 2: .*{fault}"):
        fetch_massive(massive, tmp_path / "data", ["gut", annotated])


def test_a_missing_column_is_named(massive: HubEntry, tmp_path: Path) -> None:
    from datasets import Dataset

    for split in ("train", "validation", "test"):
        path = Path(massive.repository) / "de-DE" / split / "0000.parquet"
        path.parent.mkdir(exist_ok=True)
        Dataset.from_dict({"id": ["0"], "annot_utt": ["wetter"]}).to_parquet(path)
    with pytest.raises(DataError, match="split train has no column intent"):
        obtain(massive, tmp_path / "data")


def test_a_damaged_data_file_is_refused(massive: HubEntry, tmp_path: Path) -> None:
    path = Path(massive.repository) / "de-DE" / "train" / "0000.parquet"
    path.parent.mkdir()
    path.write_bytes(b"PAR1 and then nothing like it")
    with pytest.raises(DataError, match="massive: cannot be read: "):
        obtain(massive, tmp_path / "data")


def test_a_split_without_files_is_refused(massive: HubEntry, tmp_path: Path) -> None:
    of_datasets_4_and_5 = 'Instruction "train" corresponds to no data|At least one valid data file must be specified'
    with pytest.raises(DataError, match=f"cannot be read: ({of_datasets_4_and_5})"):
        obtain(massive, tmp_path / "data")


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as reading one dataset takes: its revision, its folders, its files."""

    folder: Path

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlparse(self.path).path)
        found = re.fullmatch(r"(?:/api)?/datasets/\w+/\w+/(\w+)/(refs/convert/parquet|[^/]+)/?(.*)", path)
        kind, below = (found[1], self.folder / found[3]) if found else ("", self.folder)
        if kind == "revision":
            self.reply({"id": "owner/name", "sha": "d" * 40, "siblings": []})
        elif kind == "tree" and below.is_dir():
            self.reply([self.describe(file) for file in below.iterdir()])
        elif kind == "resolve" and below.is_file():
            self.reply(below.read_bytes())
        else:
            self.send_error(404)

    def describe(self, file: Path) -> dict[str, Any]:
        kind = "directory" if file.is_dir() else "file"
        path = file.relative_to(self.folder).as_posix()
        return {"type": kind, "path": path, "size": file.stat().st_size, "oid": "a" * 40}

    def reply(self, content: object) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(200)
        for name, value in (
            ("Content-Length", len(body)),
            ("X-Repo-Commit", "d" * 40),
            ("ETag", f'"{hash(body)}"'),
        ):
            self.send_header(name, str(value))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which a loopback server is the hub; it serves `tmp_path/hub`."""
    folder = tmp_path / "hub"
    folder.mkdir()
    handler = type("Handler", (Hub,), {"folder": folder})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield {
            **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            "HF_HOME": str(tmp_path / "hf"),
            "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        }
        server.shutdown()


def run(names: list[str], tmp_path: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slotfill", "download", *names, "--data-dir", str(tmp_path / "data")]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_the_revision_and_files_named_in_the_catalog_are_asked_of_the_hub(hub: dict[str, str], tmp_path: Path) -> None:
    write_csv(tmp_path / "hub" / "atis_train.csv", ROWS)
    write_csv(tmp_path / "hub" / "atis_test.csv", ROWS)
    for split in ("train", "validation", "test"):
        write_parquet(tmp_path / "hub" / "de-DE" / split / "0000.parquet", ["[time : fünf uhr]"])
    done = run(["atis-hub", "massive/de-DE"], tmp_path, hub)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        f"atis-hub: 1 train, 1 test utterances in {tmp_path}/data/atis-hub"
        " (no dev split: training holds out a tenth of train)",
        f"massive/de-DE: 1 train, 1 dev, 1 test utterances in {tmp_path}/data/massive-de-DE",
    ]


def test_a_dataset_the_hub_lacks_is_one_line(hub: dict[str, str], tmp_path: Path) -> None:
    done = run(["massive"], tmp_path, hub)
    assert done.returncode == 1
    assert re.fullmatch(r"slotfill: cannot fetch AmazonScience/massive from the hub: .*404.*try again\n", done.stderr)
    assert list((tmp_path / "data").iterdir()) == []


def test_offline_mode_is_named(hub: dict[str, str], tmp_path: Path) -> None:
    done = run(["massive"], tmp_path, {**hub, "HF_HUB_OFFLINE": "1"})
    assert done.returncode == 1
    assert done.stderr == ("slotfill: offline mode is on: unset HF_HUB_OFFLINE and HF_DATASETS_OFFLINE to download\n")
