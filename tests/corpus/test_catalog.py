"""The catalog says what is true of the corpora it names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from slotfill.corpus.catalog import CATALOG, MASSIVE_LANGUAGES, HubEntry, PinnedEntry, find
from slotfill.corpus.formats import load
from slotfill.errors import UsageError
from slotfill.files import sha256

PINNED = [entry for entry in CATALOG.values() if isinstance(entry, PinnedEntry)]


def test_atis_comes_first_because_it_is_the_default() -> None:
    assert list(CATALOG) == ["atis", "snips", "airline", "atis-hub", "massive"]


@pytest.mark.parametrize("entry", PINNED, ids=lambda entry: entry.name)
def test_pinned_sizes_and_digests_are_those_of_the_reference_files(entry: PinnedEntry, shared_data: Path) -> None:
    assert len(entry.files) == 9
    for file in entry.files:
        path = shared_data / entry.name / file.path
        assert (path.stat().st_size, sha256(path)) == (file.size, file.sha256)


@pytest.mark.parametrize("entry", PINNED, ids=lambda entry: entry.name)
def test_pinned_counts_are_those_of_the_reference_files(entry: PinnedEntry, shared_data: Path) -> None:
    splits = [list(load("seqio").read(shared_data / entry.name / split)) for split in ("train", "valid", "test")]
    assert tuple(map(len, splits)) == entry.utterances
    assert len({tag for utterance in splits[0] for tag in utterance.tags or ()}) == entry.tags


def test_the_counts_of_airline_are_what_it_generates() -> None:
    from slotfill.corpus.airline import generate

    splits = generate()
    entry = CATALOG["airline"]
    assert tuple(len(splits[name]) for name in ("train", "dev", "test")) == entry.utterances
    assert len({tag for utterance in splits["train"] for tag in utterance.tags or ()}) == entry.tags


def test_massive_names_a_language_after_a_slash() -> None:
    entry = find("massive/de-DE")
    assert isinstance(entry, HubEntry)
    assert entry.folder == "massive-de-DE"
    assert entry.files["dev"] == "de-DE/validation/*.parquet"


def test_massive_alone_is_english() -> None:
    assert find("massive/en-US") is find("massive")
    assert find("massive").folder == "massive"


def test_every_language_has_a_folder_of_its_own() -> None:
    folders = {find(f"massive/{language}").folder for language in MASSIVE_LANGUAGES}
    assert len(folders) == len(MASSIVE_LANGUAGES) == 52


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("snip", "did you mean 'snips'?"),
        ("massive/de-DK", "did you mean 'de-DE'?"),
        ("massive/", "choose from af-ZA, am-ET,"),
        ("atis/en-US", "choose from atis, snips, airline, atis-hub, massive"),
    ],
)
def test_an_unknown_name_is_refused_with_the_choices(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(name)
    assert hint in str(caught.value)


def test_the_catalog_is_light_to_import() -> None:
    code = "import sys, slotfill.corpus.catalog; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"datasets", "aiohttp", "numpy", "torch", "slotfill.corpus.airline"} & set(done.stdout.split())


def test_the_page_in_the_data_folder_shows_the_catalog() -> None:
    page = (Path(__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8")
    for entry in CATALOG.values():
        counts = " | ".join(f"{count:,}" if count else "-" for count in (*entry.utterances, entry.tags))
        assert f"| `{entry.name}` | {counts} | {entry.licence} |" in page
