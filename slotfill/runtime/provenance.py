"""How a model was trained, as its folder tells it: `metrics.json`, `config.json` and `history.jsonl`.

Whoever made a model may have written anything there, so what commands use of it is checked here. What else there is
travels along as it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from slotfill.config import NetworkConfig
from slotfill.errors import ArtifactError, UsageError
from slotfill.runtime.bundle import CONFIG, HISTORY, METRICS, Bundle, is_text

_LARGEST_COUNT = 2**63 - 1
"""What JSON is written with counts no further."""


class _Kind(NamedTuple):
    """What a field may hold, in words and as a question."""

    name: str
    holds: Callable[[Any], bool]


_Fields: TypeAlias = Mapping[str, "_Kind | _Fields"]


def _is_number(value: object) -> bool:
    return isinstance(value, float) or (type(value) is int and abs(value) <= _LARGEST_COUNT)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST_COUNT


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _or_null(kind: _Kind) -> _Kind:
    return _Kind(f"{kind.name} or null", lambda value: value is None or kind.holds(value))


_TEXT = _Kind("text", is_text)
_FLAG = _Kind("true or false", lambda value: isinstance(value, bool))
_COUNT = _Kind("a count", _is_count)
_NUMBER = _Kind("a number", _is_number)  # What training met need not be finite.
_SECONDS = _Kind("a number of seconds", lambda value: _is_number(value) and 0 <= value < math.inf)
_SHARE = _Kind("a number from 0 to 1", _is_share)
_INTERVAL = _Kind(
    "two numbers from 0 to 1", lambda value: isinstance(value, list) and len(value) == 2 and all(map(_is_share, value))
)

_METRICS: _Fields = {
    "corpus": _TEXT,
    "corpus_sha256": _TEXT,
    "training_utterances": _COUNT,
    "parameters": _COUNT,
    "epochs": _COUNT,
    "best_epoch": _COUNT,
    "seconds": _SECONDS,
    "rescues": _COUNT,
    "diverged": _FLAG,
    "interrupted": _FLAG,
    "dev": {"f1": _SHARE, "interval": _INTERVAL, "exact_match": _SHARE, "intent_accuracy": _or_null(_SHARE)},
}
_CONFIG: _Fields = {
    "corpus": _TEXT,
    "network": {"cell": _TEXT},
    "training": {
        "seed": _COUNT,
        "bptt": _or_null(_COUNT),
        **dict.fromkeys(("clip_norm", "clip_value", "clip_percentile"), _or_null(_NUMBER)),
    },
}
_EPOCH: _Fields = {
    "epoch": _COUNT,
    **dict.fromkeys(("loss", "dev_loss", "gradient_norm", "largest_gradient_norm"), _NUMBER),
    **dict.fromkeys(("dev_f1", "clipped"), _SHARE),
}


def metrics(model: Bundle) -> dict[str, Any]:
    """What `metrics.json` holds; raise `ArtifactError` if that is damaged."""
    found = model.read_json(METRICS)
    _require(found, _METRICS, model.folder / METRICS)
    return found


def config(model: Bundle) -> dict[str, Any]:
    """What `config.json` holds, a `NetworkConfig` under `network`; raise `ArtifactError` if that is damaged."""
    found, path = model.read_json(CONFIG), model.folder / CONFIG
    _require(found, _CONFIG, path)
    try:
        NetworkConfig.from_json(found["network"])
    except (UsageError, TypeError) as error:
        raise _untold(path, str(error)) from None
    return found


def history(model: Bundle) -> list[dict[str, Any]]:
    """The records of the epochs, at least one; raise `ArtifactError` if they are damaged."""
    path = model.folder / HISTORY
    try:
        records = [json.loads(line) for line in model.read(HISTORY).splitlines()]
    except (ValueError, RecursionError):
        raise ArtifactError(f"{path} holds no JSON lines") from None
    if not records:
        raise _untold(path, "it holds no epoch")
    for record in records:
        _require(record, _EPOCH, path)
    return records


def _require(values: object, fields: _Fields, path: Path, within: str = "") -> None:
    """Raise `ArtifactError` unless these are an object with such fields."""
    if not isinstance(values, dict):
        raise _untold(path, f"{within or 'a line'} is no JSON object")
    for name, kind in fields.items():
        if not isinstance(kind, _Kind):
            _require(values.get(name), kind, path, name)
        elif name not in values or not kind.holds(values[name]):
            place = f"{within}.{name}" if within else name
            raise _untold(path, f"{place} is not {kind.name}")


def _untold(path: Path, reason: str) -> ArtifactError:
    return ArtifactError(f"{path} does not tell how it was trained: {reason}; train or copy the model again")
