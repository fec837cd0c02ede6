"""Write a corpus in another format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from slotfill.corpus import formats
from slotfill.corpus.format import Format
from slotfill.corpus.formats import seqio
from slotfill.corpus.splits import WHOLE, Corpus, split_named
from slotfill.errors import DataError, UsageError
from slotfill.files import atomic_folder, is_stream


@dataclass(frozen=True)
class Conversion:
    """How many utterances went to each file or folder, and what the format has no place for."""

    written: dict[Path, int]
    dropped: list[str]


def convert(corpus: Corpus, target: Path, name: str | None = None, force: bool = False) -> Conversion:
    """Write a corpus to `target`: a single file as one, splits as a folder with one file each.

    The format is called `name`, or is the one of `target`'s ending. Raises `UsageError` if neither names one
    or what stands at `target` may not be replaced, and `DataError` if the format cannot hold an utterance.
    """
    single = WHOLE in corpus.splits
    if name is None and not single:
        choices = ", ".join(formats.FORMATS.names())
        raise UsageError(f"{target} will be a folder, one file per split: say in which format by --to {choices}")
    try:
        member = formats.by_suffix(target) if name is None else formats.load(name)
    except DataError as error:
        raise UsageError(str(error)) from None
    ending = member.suffixes[0] if member.suffixes else ""
    _refuse_existing(target, member, is_folder=member.is_folder or not single, force=force)
    if single:
        member.write(corpus.splits[WHOLE], target)
        written = {target: len(corpus.splits[WHOLE])}
    else:
        with atomic_folder(target) as folder:
            for split, utterances in corpus.splits.items():
                member.write(utterances, folder / f"{split}{ending}")
        written = {target / f"{split}{ending}": len(corpus.splits[split]) for split in corpus.splits}
    return Conversion(written, _dropped(corpus, member))


def _dropped(corpus: Corpus, member: Format) -> list[str]:
    """What some utterance has and the format does not hold; a text of joined words does not count."""
    utterances = [utterance for split in corpus.splits.values() for utterance in split]
    present = {
        "id": any(utterance.id is not None for utterance in utterances),
        "text": any(utterance.text != " ".join(utterance.words) for utterance in utterances),
        "intent": any(utterance.intent is not None for utterance in utterances),
    }
    return [kind for kind, is_there in present.items() if is_there and kind not in member.holds]


def _refuse_existing(target: Path, member: Format, *, is_folder: bool, force: bool) -> None:
    """Raise `UsageError` unless `target` is free or `--force` may replace it: a file, or a corpus folder."""
    if is_stream(target):
        if is_folder:
            raise UsageError(f"{target} cannot become a folder of splits: name one, or convert one split to one file")
        return
    if not target.exists():
        return
    if not force:
        raise UsageError(f"{target} exists: choose another name or add --force")
    if target.is_dir() != is_folder:
        standing, wanted = ("folder", "file") if target.is_dir() else ("file", "folder")
        raise UsageError(f"{target} is a {standing}, but a {wanted} is to be written: choose another name")
    strangers = [entry.name for entry in target.iterdir() if not _is_part(entry, member)] if is_folder else []
    if strangers:
        raise UsageError(f"{target} holds more than a corpus ({strangers[0]}): choose another name")


def _is_part(entry: Path, member: Format) -> bool:
    """Whether a file or folder is part of a corpus folder, be it one that this format wrote."""
    if entry.name in seqio.FILES:
        return True
    if split_named(entry) is None:
        return False
    if entry.is_dir():
        return _is_split(entry)
    nameless = not member.suffixes and not member.is_folder
    return entry.suffix.lower() in formats.by_ending() or (nameless and not entry.suffix)


def _is_split(folder: Path) -> bool:
    """Whether a folder holds the files of one split and nothing else."""
    return (folder / seqio.WORDS).exists() and all(each.name in seqio.FILES for each in folder.iterdir())
