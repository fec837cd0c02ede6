"""A corpus and its splits, from whatever names it: a folder, a file, a catalog entry, the built-in corpus."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from slotfill.corpus import formats
from slotfill.corpus.catalog import find
from slotfill.corpus.format import Format
from slotfill.corpus.formats import seqio
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError, UsageError
from slotfill.files import require_utf8
from slotfill.legible import counted

SPLITS = ("train", "dev", "test")
WHOLE = "all"
"""The one split of a corpus that is a single file."""
BUILT_IN = "airline"

_DEV_NAMES = ("dev", "valid", "validation", "val")
_SPLIT_OF = {"train": "train", "test": "test"} | dict.fromkeys(_DEV_NAMES, "dev")


@dataclass(frozen=True)
class Corpus:
    """Labelled utterances by split.

    Attributes:
        name: what to call it: the folder's or file's name without ending, or the catalog's name.
        splits: `train`, `dev` and `test`, those that exist and in this order; or, for a single file, `all`.
        notes: what a reader should be told about how it was read.
    """

    name: str
    splits: dict[str, list[Utterance]]
    notes: tuple[str, ...] = ()

    def split(self, name: str) -> list[Utterance]:
        """The utterances of one split; a single file is any of the three. `DataError` if there is none."""
        known = _SPLIT_OF.get(name, name)
        found = self.splits.get(WHOLE if WHOLE in self.splits and known in SPLITS else known)
        if found is None:
            raise DataError(f"corpus {self.name!r} has no split {name!r}: it has {', '.join(self.splits)}")
        return found


def open_corpus(
    corpus: str,
    data_dir: Path,
    format: str | None = None,  # noqa: A002 - the option's name
) -> Corpus:
    """Read what `corpus` names: a path, a folder in `data_dir`, the built-in corpus, or a downloaded one.

    Raises `DataError` at a malformed file or if there is no such corpus, `UsageError` for an unknown format.
    """
    places = [place for place in (Path(corpus), data_dir / corpus) if place.exists()]
    for place in places:
        if _holds_corpus(place):
            return _read(place, format)
    if corpus == BUILT_IN:
        from slotfill.corpus import airline

        return Corpus(BUILT_IN, airline.generate())
    if places:
        return _read(places[0], format)
    try:
        folder = data_dir / find(corpus).folder
    except UsageError as error:
        raise DataError(f"no such file or folder, and {error}") from None
    if not folder.exists():
        where = "" if data_dir == Path("data") else f" --data-dir {data_dir}"
        raise DataError(f"corpus {corpus!r} is not in {data_dir}/: run `slotfill download {corpus}{where}`")
    return _read(folder, format)


def files_called(name: str) -> list[str]:
    """The files here of that name and an ending that a format claims."""
    return [file for ending in formats.by_ending() if Path(file := f"{name}{ending}").is_file()]


def sample(utterances: Sequence[Utterance], limit: int) -> list[Utterance]:
    """At most `limit` of the utterances, in their order, and each time the same ones."""
    if len(utterances) <= limit:
        return list(utterances)
    return [utterances[i] for i in sorted(random.Random(0).sample(range(len(utterances)), limit))]


def held_out(utterances: Sequence[Utterance], seed: int = 0) -> tuple[list[Utterance], list[Utterance]]:
    """Part `utterances` into (train, dev) by a seeded draw of a tenth of them for dev, at least one.

    Both parts keep the order. Raises `DataError` if there are not two utterances to part.
    """
    if len(utterances) < 2:
        raise DataError(f"{counted(len(utterances), 'utterance')}: too few to hold one out for dev")
    count = max(1, round(len(utterances) / 10))
    drawn = set(random.Random(seed).sample(range(len(utterances)), count))
    train = [utterance for i, utterance in enumerate(utterances) if i not in drawn]
    return train, [utterances[i] for i in sorted(drawn)]


def split_named(entry: Path) -> str | None:
    """The split that a file or folder is by its name, as `dev` for `valid/` or `val.conll`; or None."""
    return _SPLIT_OF.get(entry.stem.lower())


def _is_single(place: Path) -> bool:
    """Whether it is one split: a file, or a folder of `seqio`'s files."""
    return not place.is_dir() or (place / seqio.WORDS).exists()


def _holds_corpus(place: Path) -> bool:
    """Whether there is a corpus; a model's folder, say, is often called like its corpus."""
    return _is_single(place) or any(map(split_named, place.iterdir()))


def _read(place: Path, name: str | None) -> Corpus:
    require_utf8(place)
    entries = {WHOLE: place} if _is_single(place) else _entries(place)
    splits, notes = {}, []
    for split, entry in entries.items():
        member = _format_of(entry, name)
        splits[split] = list(member.read(entry))
        if told := member.describe(entry):
            notes.append(f"{entry}: {told}")
    place = place.resolve()
    return Corpus(place.name if place.is_dir() else place.stem, splits, tuple(notes))


def _entries(folder: Path) -> dict[str, Path]:
    """Each split's file or sub-folder; raise `DataError` if there is none, or two for one split."""
    found: dict[str, Path] = {}
    for entry in sorted(folder.iterdir()):
        split = split_named(entry)
        if split in found:
            raise DataError(f"two for one split: {found[split].name} and {entry.name}; remove one", folder)
        if split:
            found[split] = entry
    if not found:
        raise DataError(
            "no corpus in this folder: expected train, dev (or valid) and test, "
            "each a file such as train.jsonl or a folder with seq.in and seq.out",
            folder,
        )
    return {split: found[split] for split in SPLITS if split in found}


def _format_of(entry: Path, name: str | None) -> Format:
    if name is not None:
        return formats.load(name, "read")
    return seqio.FORMAT if entry.is_dir() else formats.by_suffix(entry)


def training_splits(corpus: Corpus, say: Callable[[str], None]) -> tuple[list[Utterance], list[Utterance]]:
    """The utterances to train on and those to choose by; a corpus without dev has a tenth held out, and `say` told.

    Raises `DataError` if there is nothing to train on.
    """
    train = corpus.split("train")
    if "dev" in corpus.splits:
        return train, corpus.splits["dev"]
    train, dev = held_out(train)
    say(f"{corpus.name} has no dev split: {len(dev):,} of its {len(train) + len(dev):,} utterances are held out as dev")
    return train, dev


def as_trained_on(corpus: Corpus, corpus_sha256: str) -> Corpus | None:
    """The corpus as a model saw it, `train` and `dev` those of its training; None if its digest is another one's."""
    try:
        train, dev = training_splits(corpus, lambda _: None)
    except DataError:
        return None
    if corpus_digest(train, dev) != corpus_sha256:
        return None
    parts = {**corpus.splits, "train": train, "dev": dev}
    return replace(corpus, splits={name: parts[name] for name in SPLITS if name in parts})


def corpus_digest(*splits: Sequence[Utterance]) -> str:
    """The hexadecimal SHA-256 of what a model sees of its corpus: words, tags and intents of each split, in order."""
    content = [[(utterance.words, utterance.tags, utterance.intent) for utterance in split] for split in splits]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
