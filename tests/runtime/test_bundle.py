"""A model folder is whole, or it is refused."""

from __future__ import annotations

import importlib.metadata
import json
import os
import random
import shutil
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from slotfill.errors import ArtifactError, UsageError
from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle, bundles, find
from slotfill.runtime.decoding import Decoder
from slotfill.runtime.tagger import Tagger, load
from tests.conftest import forged


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "models" / "copy"))


def rewrite_manifest(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / bundle.MANIFEST).read_text())
    (folder / bundle.MANIFEST).write_text(json.dumps(manifest | changes))


def test_a_bundle_holds_every_file_and_no_path(model: Path) -> None:
    assert {file.name for file in model.iterdir()} == {*bundle.FILES, bundle.MANIFEST}
    for name in (bundle.CONFIG, bundle.TOKENIZER, bundle.METRICS):
        assert str(model.parent) not in (model / name).read_text()


def test_a_bundle_tells_when_it_was_made_whatever_the_local_time_is(model: Path) -> None:
    assert datetime.fromisoformat(Bundle(model).created).utcoffset() == timedelta(0)


@pytest.mark.parametrize("name", [bundle.WORDS, bundle.NETWORK, bundle.TOKENIZER, bundle.DECODER])
def test_any_flipped_bit_in_a_file_that_tagging_reads_is_noticed(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    for bit in random.Random(0).sample(range(8 * len(content)), 20):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        (copy / name).write_bytes(flipped)
        with pytest.raises(ArtifactError, match=f"{name} is damaged"):
            load(copy)


@pytest.fixture
def soon() -> Iterator[None]:
    """Whoever waits for a pipe is woken by an error."""

    def wake(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, wake)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", [bundle.MANIFEST, bundle.NETWORK, bundle.TOKENIZER])
@pytest.mark.parametrize("device", [None, "/dev/null"], ids=["pipe", "device"])
def test_a_pipe_or_a_device_is_no_file_of_a_model_and_is_not_waited_for(
    copy: Path, soon: None, name: str, device: str | None
) -> None:
    (copy / name).unlink()
    (copy / name).symlink_to(device) if device else os.mkfifo(copy / name)
    with pytest.raises(ArtifactError, match=rf"{name} cannot be read \(it is no file\)"):
        load(copy)
    assert len(bundles(copy.parent).errors) == (name == bundle.MANIFEST)
    assert bundle._strangers(copy) == []


@pytest.mark.parametrize("name", [bundle.MANIFEST, bundle.NETWORK, bundle.TOKENIZER])
def test_a_file_of_another_size_or_larger_than_any_of_ours_is_not_read(copy: Path, name: str) -> None:
    os.truncate(copy / name, 1 << 36)  # Sparse: more than memory holds.
    with pytest.raises(ArtifactError, match=f"{name} is damaged"):
        load(copy)
    if name == bundle.TOKENIZER:
        rewrite_manifest(copy, files={name: {"size": 1 << 36, "sha256": ""}})
        with pytest.raises(ArtifactError, match=f"{name} is damaged"):
            load(copy)


@pytest.fixture
def as_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rights of no user in particular, in `tmp_path`; root may do anything."""
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


@pytest.fixture
def locked(copy: Path) -> Iterator[Path]:
    """A model folder that may not be entered."""
    copy.chmod(0)
    yield copy
    copy.chmod(0o755)


def test_a_folder_that_may_not_be_entered_is_told_of(locked: Path, as_anybody: None) -> None:
    with pytest.raises(ArtifactError, match=r"copy/manifest\.json cannot be read \(Permission denied\)"):
        find("copy")
    (error,) = bundles(Path("models")).errors
    assert str(error) == "models/copy/manifest.json cannot be read (Permission denied)"
    (error,) = bundles(Path("models/copy")).errors
    assert str(error) == "models/copy cannot be read (Permission denied)"


@pytest.mark.parametrize("name", [bundle.WORDS, bundle.NETWORK, bundle.TOKENIZER, bundle.DECODER])
def test_a_missing_or_cut_off_file_is_named(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1])
    with pytest.raises(ArtifactError, match=f"{name} is damaged"):
        load(copy)
    (copy / name).unlink()
    with pytest.raises(ArtifactError, match=f"{name} cannot be read"):
        load(copy)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        "null",
        "[[1]]",
        "[" * 100_000,
        '{"format": "1", "files": {}, "created": ""}',
        '{"format": true, "files": {}, "created": ""}',
        '{"format": 5, "files": 5, "created": "x"}',
        '{"format": 5, "files": {}, "created": 5}',
        '{"format": 5, "files": {}}',
    ],
)
def test_a_damaged_manifest_is_refused(copy: Path, content: str) -> None:
    (copy / bundle.MANIFEST).write_text(content)
    with pytest.raises(ArtifactError, match=r"manifest.json is damaged"):
        load(copy)


def test_a_manifest_that_leaves_a_file_out_is_refused(copy: Path) -> None:
    rewrite_manifest(copy, files={})
    with pytest.raises(ArtifactError, match=r"does not name tokenizer.json"):
        load(copy)


def test_a_bundle_of_a_newer_format_asks_for_a_newer_slotfill(copy: Path) -> None:
    rewrite_manifest(copy, format=bundle.FORMAT + 1)
    with pytest.raises(ArtifactError, match="newer slotfill"):
        load(copy)


def test_a_bundle_of_an_older_format_asks_for_training_again(copy: Path) -> None:
    rewrite_manifest(copy, format=2)
    with pytest.raises(ArtifactError, match=r"made by an older slotfill \(format 2\): train it again") as refused:
        load(copy)
    assert refused.value.exit_code == 4


def test_files_of_two_models_do_not_make_one(model: Path, copy: Path) -> None:
    tokenizer = json.loads((copy / bundle.TOKENIZER).read_text())
    tokenizer["tags"].append("B-extra")
    decoder = json.dumps({"temperature": 1.0, "transitions": None}).encode()
    forged(model, copy, {bundle.TOKENIZER: json.dumps(tokenizer).encode(), bundle.DECODER: decoder})
    with pytest.raises(ArtifactError, match=r"scores 5 tags, tokenizer.json has 6"):
        load(copy)
    asked = json.loads((model / bundle.TOKENIZER).read_text())
    asked["intents"].append("extra")
    forged(model, copy, {bundle.TOKENIZER: json.dumps(asked).encode()})
    with pytest.raises(ArtifactError, match=r"scores 1 intents, tokenizer.json has 2"):
        load(copy)
    smaller = Decoder(tokenizer["tags"][:3], np.zeros((4, 3)))
    forged(model, copy, {bundle.DECODER: json.dumps(smaller.to_json()).encode()})
    with pytest.raises(
        ArtifactError, match=r"decoder.json does not fit the model's tags: 48 bytes of transitions do not"
    ):
        load(copy)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (bundle.TOKENIZER, b"[]", "holds no JSON object"),
        (bundle.TOKENIZER, b"[" * 100_000, "holds no JSON object"),
        (bundle.TOKENIZER, b"{}", "is not a slotfill tokenizer"),
        (bundle.DECODER, b"{}", "decoder.json does not fit the model's tags"),
        (bundle.WORDS, b"\x00junk", r"words.onnx cannot be loaded"),
        (bundle.NETWORK, b"\x00junk", r"model.onnx cannot be loaded"),
    ],
)
def test_content_that_is_no_model_is_refused_even_under_a_true_digest(
    copy: Path, name: str, content: bytes, reason: str
) -> None:
    forged(copy, copy, {name: content})
    with pytest.raises(ArtifactError, match=reason):
        load(copy)


def test_a_folder_without_a_model_and_a_file_and_nothing_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    reasons = {"folder": "holds no model", "file": "is a file", "none": "no model", "nu\0l": "no model"}
    for name, reason in reasons.items():
        with pytest.raises(ArtifactError, match=reason):
            load(tmp_path / name)


def test_a_model_is_found_by_folder_by_name_or_as_the_newest(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    for name in ("first", "second"):
        forged(model, models / name, {})
    (models / "broken").mkdir()
    (models / "broken" / bundle.MANIFEST).write_text("{")
    readable, errors = bundles(models)
    assert [found.folder.name for found in readable] == ["second", "first"]
    assert [str(error) for error in errors] == [
        f"{models / 'broken'}/manifest.json is damaged: train or copy the model again"
    ]
    told: list[str] = []
    assert find(None, models, told.append).folder.name == "second"
    assert told == [f"passed over: {errors[0]}"]
    assert find("first", models).folder == models / "first"
    assert find(str(models / "first"), tmp_path).folder == models / "first"
    with pytest.raises(ArtifactError, match="second, first"):
        find("third", models)
    (tmp_path / "first").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find("first").folder == Path("models/first")  # What has no model hides none.
    with pytest.raises(UsageError, match="slotfill train"):
        find(None, tmp_path / "nothing")
    shutil.rmtree(models / "first")
    shutil.rmtree(models / "second")
    with pytest.raises(ArtifactError, match=r"broken/manifest\.json is damaged"):
        find(None, models)
    with pytest.raises(ArtifactError, match="none can be read"):
        find("third", models)


def test_a_model_replaced_while_it_is_opened_is_read_whole(model: Path, copy: Path) -> None:
    opened = Bundle(copy)
    decoder = (model / bundle.DECODER).read_bytes() + b" "
    forged(model, copy, {bundle.DECODER: decoder})
    opened.keep(bundle.DECODER, bundle.NETWORK)
    assert opened.read(bundle.DECODER) == decoder
    shutil.rmtree(copy)
    assert opened.read(bundle.NETWORK) == (model / bundle.NETWORK).read_bytes()


def test_an_interrupted_write_leaves_the_old_model(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    before = {file.name: file.read_bytes() for file in copy.iterdir()}
    monkeypatch.setattr("slotfill.runtime.bundle.json.dumps", fail)
    with pytest.raises(KeyboardInterrupt):
        bundle.write(copy, {bundle.CARD: b"new"})
    assert {file.name: file.read_bytes() for file in copy.iterdir()} == before
    assert [entry.name for entry in copy.parent.iterdir()] == ["copy"]
    assert Tagger.open(Bundle(copy)).tag("fly to oslo").words == ("fly", "to", "oslo")


def test_what_a_crash_left_is_no_model(model: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "models" / ".mine.0a1b2c3d.tmp")
    assert bundles(tmp_path / "models").readable == []


@pytest.mark.parametrize("content", ["{", "null", "[[1]]", "[{}]", '{"format": 5, "files": 5, "created": "x"}'])
def test_a_model_whose_manifest_is_damaged_is_known_by_the_names_of_its_files(copy: Path, content: str) -> None:
    (copy / bundle.MANIFEST).write_text(content)
    assert bundle._strangers(copy) == []
    (copy / "notes.txt").write_text("mine")
    assert bundle._strangers(copy) == ["notes.txt"]


def test_a_folder_comes_before_a_model_of_that_name(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(model, tmp_path / "mine")
    shutil.copytree(model, tmp_path / "models" / "mine")
    monkeypatch.chdir(tmp_path)
    assert find("mine", Path("models")).folder == Path("mine")


def test_a_package_that_another_distribution_brings_has_no_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = importlib.metadata.version

    def renamed(name: str) -> str:
        if name == "onnxruntime":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", renamed)
    bundle.write(tmp_path / "model", {bundle.CARD: b""})
    versions = json.loads((tmp_path / "model" / bundle.MANIFEST).read_text())["versions"]
    assert (versions["onnxruntime"], versions["numpy"]) == (None, np.__version__)


def test_a_folder_with_nothing_in_it_may_become_a_model(tmp_path: Path) -> None:
    bundle.refuse_existing(tmp_path, force=False)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="exists and is no model"):
        bundle.refuse_existing(tmp_path, force=True)
