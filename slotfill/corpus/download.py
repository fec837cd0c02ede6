"""Put a known corpus into `data/`: fetch it, check it, and let it appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from slotfill.corpus import hub
from slotfill.corpus.catalog import Entry, HubEntry, PinnedEntry, PinnedFile
from slotfill.corpus.formats import load, seqio
from slotfill.corpus.splits import SPLITS
from slotfill.errors import DownloadError, UsageError
from slotfill.files import atomic_folder, sha256

MIRROR = "SLOTFILL_MIRROR"
"""The environment variable with the address of another copy: `<mirror>/<name>/<split>/<file>`."""

SUMS = "SHA256SUMS"
"""Beside a corpus whose digests are not pinned: what was written, as `sha256sum --check` reads it."""

STALL_SECONDS = 30.0
"""How long a server may keep silent."""

SEQIO_FOLDERS = {"train": "train", "dev": "valid", "test": "test"}


@dataclass(frozen=True, kw_only=True)
class Obtained:
    """Where a corpus lies, how many utterances each split holds, and whether it was there before."""

    folder: Path
    utterances: dict[str, int]
    already_there: bool


def obtain(entry: Entry, data_dir: Path, *, force: bool = False) -> Obtained:
    """Put `entry` into `data_dir`, unless it is there already and right; with `force`, fetch it again.

    Raises `DownloadError` if it cannot be fetched or written, or if what is there is not what was downloaded;
    `DataError` if a hub dataset has a row that cannot be read; `UsageError` if what else lies there would be lost. A
    folder that was there stays as it was.
    """
    folder = data_dir / entry.folder
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: move that away, or name another folder with --data-dir")
    try:
        already_there = folder.exists() and not force
        if already_there:
            _check(entry, folder)
        else:
            _refuse_strangers(entry, folder)
            with atomic_folder(folder) as fresh:
                _fill(entry, fresh, again=force)
    except OSError as error:
        reason = error.strerror or error
        raise DownloadError(
            f"cannot read or write {folder}: {reason}; make room there or name another folder with --data-dir"
        ) from None
    return Obtained(folder=folder, utterances=_counts(entry, folder), already_there=already_there)


def _refuse_strangers(entry: Entry, folder: Path) -> None:
    """Raise `UsageError` if a corpus' folder holds what would be lost with it."""
    parts = {folder / SUMS, *_files(entry, folder)}
    others = sorted(file for file in folder.rglob("*") if not file.is_dir() and file not in parts)
    if others:
        raise UsageError(f"{folder} holds more than the corpus ({others[0].relative_to(folder)}): move that away")


def _fill(entry: Entry, folder: Path, *, again: bool) -> None:
    if isinstance(entry, PinnedEntry):
        _fetch(entry, folder, again=again)
        return
    if isinstance(entry, HubEntry):
        hub.fetch(entry, folder, again=again)
    else:
        from slotfill.corpus.airline import generate

        for split, utterances in generate().items():
            load("seqio").write(utterances, folder / SEQIO_FOLDERS[split])
    written = sorted(file for file in folder.rglob("*") if file.is_file())
    lines = [f"{sha256(file)}  {file.relative_to(folder).as_posix()}\n" for file in written]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _splits(entry: Entry, folder: Path) -> dict[str, Path]:
    """The path of each split that the source has, to be read in the entry's format."""
    names = [split for split, count in zip(SPLITS, entry.utterances, strict=True) if count]
    if entry.format == "seqio":
        return {split: folder / SEQIO_FOLDERS[split] for split in names}
    return {split: folder / f"{split}.{entry.format}" for split in names}


def _files(entry: Entry, folder: Path) -> list[Path]:
    """The files of all splits that the source has."""
    splits = _splits(entry, folder).values()
    return [path / name for path in splits for name in seqio.FILES] if load(entry.format).is_folder else [*splits]


def _counts(entry: Entry, folder: Path) -> dict[str, int]:
    read = load(entry.format).read
    return {split: sum(1 for _ in read(path)) for split, path in _splits(entry, folder).items()}


def _check(entry: Entry, folder: Path) -> None:
    """Raise `DownloadError` unless every file in `folder` is as it was downloaded."""
    if isinstance(entry, PinnedEntry):
        digests = {file.path: file.sha256 for file in entry.files}
    elif (folder / SUMS).is_file():
        lines = (folder / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
        digests = {path: digest for digest, _, path in (line.partition("  ") for line in lines)}
        for file in _files(entry, folder):
            digests.setdefault(file.relative_to(folder).as_posix(), "")  # What is not named is not right.
    else:
        raise DownloadError(f"{folder} was not downloaded by slotfill (no {SUMS}); move it away or use --force")
    for path, digest in digests.items():
        file = folder / path
        if not file.is_file() or sha256(file) != digest:
            fault = "has changed since it was downloaded" if file.is_file() else "is missing"
            raise DownloadError(f"{folder} is damaged: {path} {fault}; fetch the corpus again with --force")


def _fetch(entry: PinnedEntry, folder: Path, *, again: bool) -> None:
    address = _address(entry)
    for file in entry.files:
        target = folder / file.path
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(_fetch_right(f"{address}/{file.path}", file, again=again), target)


def _address(entry: PinnedEntry) -> str:
    mirror = os.environ.get(MIRROR, "").rstrip("/")
    if not mirror:
        return entry.address
    # A local path would be handed back as it is, and a file that fails its check is deleted.
    if not mirror.startswith(("http://", "https://")):
        raise UsageError(f"{MIRROR} must begin with http:// or https://, not {mirror!r}")
    return f"{mirror}/{entry.name}"


def _fetch_right(url: str, file: PinnedFile, *, again: bool) -> Path:
    """The path of a copy of `url` with the pinned digest, fetched anew if the one in the cache has not."""
    for anew in (again, True):
        path = _fetch_once(url, anew=anew)
        size, digest = path.stat().st_size, sha256(path)
        if digest == file.sha256:
            return path
        path.unlink()
    fault = f"has {size} bytes, not {file.size}" if size != file.size else f"has the sha256 {digest}, not {file.sha256}"
    raise DownloadError(f"{url} {fault}: not the file slotfill knows; try again later or set {MIRROR} to a true copy")


def _fetch_once(url: str, *, anew: bool) -> Path:
    """Fetch `url` into the cache of `datasets`, or find it there; return its path."""
    import aiohttp
    from datasets import DownloadConfig, DownloadManager, config
    from huggingface_hub.errors import OfflineModeIsEnabled

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=STALL_SECONDS, sock_read=STALL_SECONDS)
    client = {"client_kwargs": {"timeout": timeout}}
    manager = DownloadManager(
        download_config=DownloadConfig(
            force_download=anew,
            # The digest says whether a cached file is right; asking the server would need the network again.
            use_etag=False,
            disable_tqdm=not sys.stderr.isatty(),
            download_desc="/".join(url.split("/")[-3:]),
            storage_options={"http": client, "https": client},
        )
    )
    try:
        return Path(manager.download(url))
    except OfflineModeIsEnabled:
        raise DownloadError(hub.OFFLINE) from None
    except (aiohttp.ClientError, TimeoutError, FileNotFoundError) as error:
        raise DownloadError(
            f"cannot fetch {url}: {_reason(error)}; "
            f"try again (files that have arrived are kept) or set {MIRROR} to another copy"
        ) from None
    except OSError as error:
        cache = config.DOWNLOADED_DATASETS_PATH
        raise DownloadError(
            f"cannot write the download cache {cache}: {error.strerror}; "
            "make room there or set HF_HOME to another folder"
        ) from None


def _reason(error: Exception) -> str:
    import aiohttp

    # fsspec reports whatever went wrong before the first byte as a missing file.
    cause = error.__cause__ if isinstance(error, FileNotFoundError) and error.__cause__ else error
    match cause:
        case aiohttp.ClientResponseError():
            return f"the server answered {cause.status} {cause.message}"
        case TimeoutError():
            return f"the server kept silent for {STALL_SECONDS:g} seconds"
        case aiohttp.ClientPayloadError():
            return "the connection broke off"
        case _:
            return str(cause)
