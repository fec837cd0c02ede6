"""A model folder: written whole or not at all, read with every digest checked.

`manifest.json` names each file with its size and SHA-256, for safetensors and ONNX would load flipped bits silently.
Nothing in a bundle is a pickle, and no file in it is found by a path that another file gives. A manifest tells that a
file is the one that was written, not who wrote it: what is in a file is checked where it is used.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from slotfill import __version__
from slotfill.errors import ArtifactError, UsageError
from slotfill.files import atomic_folder, require_name

FORMAT = 5
"""The number of this layout; a bundle with another one was made by a newer or an older slotfill."""

MANIFEST = "manifest.json"
WEIGHTS, NETWORK, CONFIG, TOKENIZER = "model.safetensors", "model.onnx", "config.json", "tokenizer.json"
WORDS, DECODER = "words.onnx", "decoder.json"
METRICS, HISTORY, CARD = "metrics.json", "history.jsonl", "README.md"
FILES = (WEIGHTS, WORDS, NETWORK, CONFIG, TOKENIZER, DECODER, METRICS, HISTORY, CARD)

_LARGEST_MANIFEST, _LARGEST_FILE = 1 << 20, 4 << 30
"""Bytes. An ONNX model holds 2 GiB at most, and the weights are about those of both."""

_VERSIONED = ("torch", "onnx", "onnxruntime", "numpy", "safetensors")


class Bundle:
    """A model folder opened for reading.

    Args:
        folder: where it is.

    Attributes:
        folder: where it is.
        created: when it was written, as its manifest says.

    Raises `ArtifactError` if the folder is not there, holds no model, its manifest cannot be read, or its name is not
    UTF-8, for records name it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[str, bytes] = {}
        if not is_text(str(folder)):
            raise ArtifactError(f"{str(folder)!a} is not UTF-8: rename it")
        manifest = _manifest(folder)
        number, created, self._files = manifest.get("format"), manifest.get("created"), manifest["files"]
        if type(number) is not int or not is_text(created):
            raise _damaged(folder)
        self.created = str(created)
        if number > FORMAT:
            raise ArtifactError(f"{folder} was made by a newer slotfill (format {number}): update slotfill")
        if number < FORMAT:
            raise ArtifactError(f"{folder} was made by an older slotfill (format {number}): train it again")

    def keep(self, *names: str) -> None:
        """Read these files of one writing of the model and keep them, for it may be replaced while it is in use.

        They go along to another process. Raises `ArtifactError` as `read` does.
        """
        while True:
            try:
                self._kept = {name: self.read(name) for name in names}
                return
            except ArtifactError:
                now = Bundle(self.folder)
                if now.created == self.created:
                    raise
                self._files, self.created, self._kept = now._files, now.created, {}

    def read(self, name: str) -> bytes:
        """A file's content; raise `ArtifactError` if it is missing or not the one that was written."""
        if name in self._kept:
            return self._kept[name]
        path = self.folder / name
        try:
            size, digest = self._files[name]["size"], self._files[name]["sha256"]
        except (KeyError, TypeError):
            raise ArtifactError(f"{self.folder / MANIFEST} does not name {name}: copy the model again") from None
        try:
            content = _read(path, lambda found: found == size and found <= _LARGEST_FILE)
        except OSError as error:
            raise ArtifactError(f"{path} cannot be read ({error.strerror}): copy the model again") from None
        if content is None or hashlib.sha256(content).hexdigest() != digest:
            raise ArtifactError(f"{path} is damaged: its size or digest is not the manifest's; copy the model again")
        return content

    def read_json(self, name: str) -> dict[str, Any]:
        """A JSON file's object; raise `ArtifactError` as `read` does, or if it holds something else."""
        try:
            values = json.loads(self.read(name))
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise ArtifactError(f"{self.folder / name} holds no JSON object")
        return values


def is_text(value: object) -> bool:
    """Whether a value is a string that can be written, as UTF-8: JSON may spell halves of characters."""
    return isinstance(value, str) and value.encode(errors="ignore").decode() == value


def json_file(values: dict[str, Any]) -> bytes:
    """The content of one of a model's JSON files."""
    return json.dumps(values, indent=2).encode() + b"\n"


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a model folder; one that stood there is replaced once the new one is whole."""
    manifest = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="microseconds"),
        "versions": versions(_VERSIONED),
        "files": {
            name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        },
    }
    with atomic_folder(folder) as temporary:
        for name, content in files.items():
            (temporary / name).write_bytes(content)
        (temporary / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def versions(packages: Iterable[str]) -> dict[str, str | None]:
    """Those of slotfill, of Python and of these packages."""
    import platform

    own = {"slotfill": __version__, "python": platform.python_version()}
    return own | {package: _version(package) for package in packages}


def _version(package: str) -> str | None:
    """The installed version; None where another distribution brings the module, as onnxruntime-gpu may."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def refuse_existing(folder: Path, *, force: bool) -> None:
    """Raise `UsageError` unless a model may be written to `folder`: it is free, or `force` is set and it holds a model.

    What else is there would be lost with the model, and so is refused.
    """
    require_name(folder)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MANIFEST).is_file():
        raise UsageError(f"{folder} exists and is no model: choose another name")
    if not force:
        raise UsageError(f"{folder} exists: choose another name or add --force")
    if others := _strangers(folder):
        raise UsageError(
            f"{folder} holds more than a model ({', '.join(others)}): move that away, or choose another name"
        )


def _strangers(folder: Path) -> list[str]:
    """What is in a model folder and not the model's, by its manifest; if that is damaged, by the names of today."""
    try:
        named: Iterable[str] = _manifest(folder)["files"]
    except ArtifactError:
        named = FILES
    return sorted({entry.name for entry in folder.iterdir()} - {MANIFEST, *named})


def _manifest(folder: Path) -> dict[str, Any]:
    """The object that a manifest holds, `files` in it one, too; raise `ArtifactError` if it cannot be read."""
    path = folder / MANIFEST
    try:
        content = _read(path, lambda size: size <= _LARGEST_MANIFEST)
        manifest = json.loads(content or b"")
    except FileNotFoundError:
        raise ArtifactError(f"{folder} holds no model: it has no {MANIFEST}") from None
    except NotADirectoryError:
        raise ArtifactError(f"{folder} is a file; a model is a folder with {MANIFEST}") from None
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise _damaged(folder) from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise _damaged(folder)
    return manifest


def _damaged(folder: Path) -> ArtifactError:
    return ArtifactError(f"{folder / MANIFEST} is damaged: train or copy the model again")


def _read(path: Path, is_right: Callable[[int], bool]) -> bytes | None:
    """The content of a file whose size is right, or None.

    Raises `OSError` also where there is a pipe or a device: these would be waited for, or read without end.
    """
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(None, "it is no file")
        return file.read(found.st_size) if is_right(found.st_size) else None


class Bundles(NamedTuple):
    """The models in a folder.

    Attributes:
        readable: newest first.
        errors: what is wrong with the others.
    """

    readable: list[Bundle]
    errors: list[ArtifactError]


def bundles(models_dir: Path) -> Bundles:
    """The models in a folder; nothing else in it is told of, unless it cannot be looked into."""
    found = Bundles([], [])
    try:
        folders = sorted(entry for entry in models_dir.iterdir() if not entry.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return found
    except OSError as error:
        return Bundles([], [ArtifactError(f"{models_dir} cannot be read ({error.strerror})")])
    for folder in folders:
        if _is_there(folder / MANIFEST):
            try:
                found.readable.append(Bundle(folder))
            except ArtifactError as error:
                found.errors.append(error)
    found.readable.sort(key=lambda bundle: bundle.created, reverse=True)
    return found


def _is_there(path: Path) -> bool:
    """Whether a path leads somewhere, and be it where nobody may look."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True


def find(model: str | None, models_dir: Path = Path("models"), tell: Callable[[str], None] = lambda _: None) -> Bundle:
    """The model that `model` names: a folder, a name in `models_dir`, or, for None, the newest there.

    Raises `ArtifactError` if there is none, or none that can be read; `UsageError` if `model` is None and there is no
    model at all. `tell` is told what is wrong with any that might have been the newest.
    """
    if model is None:
        known, errors = bundles(models_dir)
        if not known:
            unnamed = f"no model in {models_dir}/: make one with `slotfill train`, or name its folder"
            raise errors[0] if errors else UsageError(unnamed)
        for error in errors:
            tell(f"passed over: {error}")
        return known[0]
    folders = [folder for folder in (Path(model), models_dir / model) if _is_there(folder)]
    if folders:
        # A folder of that name without a model in it must not hide the model.
        return Bundle(next((folder for folder in folders if _is_there(folder / MANIFEST)), folders[0]))
    known, errors = bundles(models_dir)
    names = ", ".join(bundle.folder.name for bundle in known) or ("none can be read" if errors else "none yet")
    raise ArtifactError(f"no model {model!r}: not a folder, and not one of those in {models_dir}/ ({names})")
