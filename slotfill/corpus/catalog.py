"""The corpora slotfill knows by name: what they hold, whose they are, where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from slotfill.registry import unknown


class PinnedFile(NamedTuple):
    """A file whose content is known beforehand: its path below the corpus, size in bytes, SHA-256 digest."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A corpus and where it comes from; of this very class if slotfill makes it itself.

    Attributes:
        name: what the command line calls it.
        utterances: how many in train, dev and test; 0 where the source has no such split.
        tags: how many different BIO tags train holds; for MASSIVE at most (two per slot, and O).
        licence: under which terms its source gives it.
        source: its address, for people.
        format: how it is written down in `data/`.
    """

    name: str
    utterances: tuple[int, int, int]
    tags: int
    licence: str
    source: str
    format: Literal["seqio", "jsonl"] = "seqio"

    @property
    def folder(self) -> str:
        """The name of its folder in `data/`: `massive/de-DE` lies in `massive-de-DE`."""
        return self.name.replace("/", "-")


@dataclass(frozen=True, kw_only=True)
class PinnedEntry(Entry):
    """A corpus fetched file by file from `address`, each file checked against its digest."""

    address: str
    files: tuple[PinnedFile, ...]


@dataclass(frozen=True, kw_only=True)
class HubEntry(Entry):
    """A corpus read through the `datasets` library.

    Attributes:
        repository: the dataset's name on the hub, or a local folder laid out like it.
        revision: the commit or reference to read.
        files: the data files of each split, as a pattern below the repository.
        rows: where a row has its tags: in a column of their own, `slots`, or as brackets in `annot_utt`.
    """

    format: Literal["jsonl"] = "jsonl"
    repository: str
    revision: str
    files: Mapping[str, str]
    rows: Literal["columns", "brackets"]


_GOO = "MiuLab/SlotGated-SLU"
_GOO_FILES = f"https://raw.githubusercontent.com/{_GOO}/61f0307c729b1fad479ef1de94aa5ac5dee601b0/data"

_ATIS = PinnedEntry(
    name="atis",
    utterances=(4478, 500, 893),
    tags=120,
    licence="LDC; redistributed by the source, for research",
    source=f"https://github.com/{_GOO}",
    address=f"{_GOO_FILES}/atis",
    files=(
        PinnedFile("train/seq.in", 289848, "3a670980841b21ab39088b2595efc17d487cdc45769c075a3e5f9458bba28c7f"),
        PinnedFile("train/seq.out", 415557, "14c7131bd66562f797dbd7189bc7358f0cf354c6afb0785a9ab973c35b58f34c"),
        PinnedFile("train/label", 57831, "d0a771547665eecbdf9f96ea015ef07d1f6ee9f063e861020dafabb3c2a04377"),
        PinnedFile("valid/seq.in", 32761, "c7435b96e7948393608c34819628e863c5338f11ca68e8f896d2cc041d8e17f8"),
        PinnedFile("valid/seq.out", 47763, "83ccff3e36f83a993f8e5b5b82adf3256076f234abda4d784051381d7ac76922"),
        PinnedFile("valid/label", 6518, "06957cfe6fdffac84f8280bc3a1f8ca85c85631b363817aa4543aac611f8addf"),
        PinnedFile("test/seq.in", 52122, "4b2119fc59c37f9398c6605db435d4f467505009e6ee3e5af04fed09f39dc397"),
        PinnedFile("test/seq.out", 81238, "a4690d6bceadc06876d1ff99bc401744aa981cb321e598ae12a3859d7be53254"),
        PinnedFile("test/label", 11634, "ce4bfe6590d9498e1078f30b4137d3e8b3e94277b444b26360c0bf2e9e282761"),
    ),
)

_SNIPS = PinnedEntry(
    name="snips",
    utterances=(13084, 700, 700),
    tags=72,
    licence="CC0 1.0, by later accounts",
    source=f"https://github.com/{_GOO}",
    address=f"{_GOO_FILES}/snips",
    files=(
        PinnedFile("train/seq.in", 617079, "04ad1e3f2121d83c6478f9a4b17d2dbdc21d06d6127f73cb7af835ed733f9855"),
        PinnedFile("train/seq.out", 950926, "fd5f2121d8055827e5d6b3d3bac30f3d7e94e82a5d437751960cbdd9e1b4f6d3"),
        PinnedFile("train/label", 184532, "bfd7df6cf9dd76c5da5d8b61bc85f90386197bdd3d7510c1d324c051537b962f"),
        PinnedFile("valid/seq.in", 33629, "64e0f6d8ad8aab3a3828164d7d53731a0993d3ca1aed437ceaca6d3d568d410e"),
        PinnedFile("valid/seq.out", 50626, "712e6d34feb8d52d208b820a5f8bae6e6ff990f08374507dfde22de389088319"),
        PinnedFile("valid/label", 9900, "9c1dd041216f647bcfca838aaf1a48eb5781e4404256d31ff07cd38a5436c52f"),
        PinnedFile("test/seq.in", 33121, "c1e341173fcea2951a8ca371956a6f81c76de87b9583c62eb87edd6158fa3a7c"),
        PinnedFile("test/seq.out", 50918, "58c07c9097d5e1f78889765c2a535a160f6455b90b3142055c8051847afcca47"),
        PinnedFile("test/label", 10120, "37a26da3ad079bb41c42c85a3a8f827eb47efec4c5917ce5d08f4b2736e4f830"),
    ),
)

_AIRLINE = Entry(
    name="airline",
    utterances=(4000, 500, 900),
    tags=125,
    licence="Apache-2.0 (part of slotfill)",
    source="slotfill/corpus/airline",
)

_ATIS_HUB = HubEntry(
    name="atis-hub",
    utterances=(4978, 0, 893),
    tags=121,
    licence="LDC; redistributed by the source, for research",
    source="https://huggingface.co/datasets/tuetschek/atis",
    repository="tuetschek/atis",
    revision="d44649dde31b4c9d2104aac42a35ed83956e7dec",
    files={"train": "atis_train.csv", "test": "atis_test.csv"},
    rows="columns",
)

MASSIVE_LANGUAGES = tuple(
    """
    af-ZA am-ET ar-SA az-AZ bn-BD ca-ES cy-GB da-DK de-DE el-GR en-US es-ES fa-IR fi-FI fr-FR he-IL
    hi-IN hu-HU hy-AM id-ID is-IS it-IT ja-JP jv-ID ka-GE km-KH kn-IN ko-KR lv-LV ml-IN mn-MN ms-MY
    my-MM nb-NO nl-NL pl-PL pt-PT ro-RO ru-RU sl-SL sq-AL sv-SE sw-KE ta-IN te-IN th-TH tl-PH tr-TR
    ur-PK vi-VN zh-CN zh-TW
    """.split()  # noqa: SIM905 - 52 quoted strings are harder to read
)
"""The languages of MASSIVE 1.1: `massive/de-DE` names one, and `massive` alone is `massive/en-US`."""


def _massive(name: str, language: str) -> HubEntry:
    return HubEntry(
        name=name,
        utterances=(11514, 2033, 2974),
        tags=111,
        licence="CC BY 4.0",
        source="https://huggingface.co/datasets/AmazonScience/massive",
        repository="AmazonScience/massive",
        # The dataset itself is a script, which `datasets` refuses since 4.0; the hub keeps it converted here.
        revision="refs/convert/parquet",
        files={
            "train": f"{language}/train/*.parquet",
            "dev": f"{language}/validation/*.parquet",
            "test": f"{language}/test/*.parquet",
        },
        rows="brackets",
    )


_MASSIVE = _massive("massive", "en-US")

CATALOG: dict[str, Entry] = {entry.name: entry for entry in (_ATIS, _SNIPS, _AIRLINE, _ATIS_HUB, _MASSIVE)}
"""Every entry by its name, `atis` first: the default of `slotfill download`."""


def find(name: str) -> Entry:
    """The entry called `name`, also `massive/LANGUAGE`; raise `UsageError` with the choices for any other."""
    if name in CATALOG:
        return CATALOG[name]
    base, slash, language = name.partition("/")
    if base != _MASSIVE.name or not slash:
        raise unknown("corpus", name, list(CATALOG))
    if language not in MASSIVE_LANGUAGES:
        raise unknown("language", language, MASSIVE_LANGUAGES)
    return _MASSIVE if language == "en-US" else _massive(name, language)
