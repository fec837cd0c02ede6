"""Read a dataset of the Hugging Face hub through the `datasets` library and write it down as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slotfill.corpus.catalog import HubEntry
from slotfill.corpus.formats import inline, load
from slotfill.corpus.records import labelled
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError, DownloadError
from slotfill.files import split_blanks
from slotfill.legible import first_line

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

OFFLINE = "offline mode is on: unset HF_HUB_OFFLINE and HF_DATASETS_OFFLINE to download"

COLUMNS = {"columns": ("id", "intent", "text", "slots"), "brackets": ("id", "intent", "annot_utt")}
"""What a row must hold: words and tags in a column each, or words with their slots in brackets."""


def fetch(entry: HubEntry, folder: Path, *, again: bool = False) -> None:
    """Write `train.jsonl`, `dev.jsonl` and `test.jsonl`, those the dataset has, into `folder`.

    Raises `DownloadError` if the dataset cannot be fetched, `DataError` naming split and row if one is off.
    """
    for split, rows in _load(entry, again=again).items():
        load("jsonl").write(_utterances(entry, str(split), rows), folder / f"{split}.jsonl")


def _load(entry: HubEntry, *, again: bool) -> DatasetDict:
    import datasets
    import huggingface_hub
    from datasets.exceptions import DatasetGenerationError, DatasetsError
    from huggingface_hub import errors

    # Of the HTTP library that this version of the hub client has.
    http_error: type[Exception] = errors.HTTPError  # type: ignore[attr-defined]

    for library in (datasets, huggingface_hub):
        library.utils.logging.set_verbosity(library.utils.logging.CRITICAL)
        if not sys.stderr.isatty():
            library.utils.disable_progress_bars()
    options: dict[str, Any] = {}
    if entry.rows == "columns":
        # Without these, the words "null" and "na" would be missing values and "1990" a number.
        text = datasets.Features({name: datasets.Value("string") for name in COLUMNS["columns"]})
        options = {"features": text, "na_filter": False}
    # Asked for a dataset by name while the hub is out of reach, `datasets` answers with whatever of it was
    # cached last, be it another language. Hence the builder's name and the addresses of the files.
    local = Path(entry.repository).is_dir()
    base = entry.repository if local else f"hf://datasets/{entry.repository}@{entry.revision}"
    try:
        return datasets.load_dataset(
            "csv" if entry.rows == "columns" else "parquet",
            data_files={split: f"{base}/{pattern}" for split, pattern in entry.files.items()},
            download_mode="force_redownload" if again else None,
            **options,
        )
    except errors.OfflineModeIsEnabled:
        raise DownloadError(OFFLINE) from None
    except (OSError, ValueError, http_error, DatasetsError) as error:
        cause = error.__cause__ if isinstance(error, DatasetGenerationError) and error.__cause__ else error
        reason = first_line(cause) or type(cause).__name__
        if isinstance(cause, OSError | http_error):
            raise DownloadError(
                f"cannot fetch {entry.repository} from the hub: {reason}; "
                "check the network and the room in the cache (HF_HOME), then try again"
            ) from None
        raise DataError(f"cannot be read: {reason}", entry.repository) from None


def _utterances(entry: HubEntry, split: str, rows: Dataset) -> Iterator[Utterance]:
    """The rows of one split; raise `DataError` naming split and row at the first that cannot be read."""
    columns = COLUMNS[entry.rows]
    if missing := set(columns) - set(rows.column_names):
        raise DataError(f"split {split} has no column {', '.join(sorted(missing))}", entry.repository)
    intent_name = _intent_names(rows)
    for number, row in enumerate(rows.select_columns(list(columns)), start=1):
        try:
            if absent := [column for column in columns if row[column] is None]:
                raise ValueError(f"no {absent[0]}")
            if entry.rows == "columns":
                utterance = labelled(split_blanks(row["text"]), split_blanks(row["slots"]))
            else:
                utterance = inline.FORMAT.parse(row["annot_utt"])
            utterance = replace(utterance, intent=intent_name(row["intent"]), id=str(row["id"]))
        except ValueError as error:
            raise DataError(f"split {split}, row {number}: {error}", entry.repository) from None
        yield utterance


def _intent_names(rows: Dataset) -> Callable[[Any], str]:
    """What turns a value of the intent column into a name: the number of a class, or the name itself."""
    from datasets import ClassLabel

    feature = rows.features["intent"]
    return feature.int2str if isinstance(feature, ClassLabel) else str
