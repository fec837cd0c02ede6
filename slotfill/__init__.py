"""slotfill: train, score and run small recurrent slot-filling taggers.

>>> import slotfill
>>> slotfill.load("models/atis").tag("fly to taipei").spans
[Span(slot='toloc.city_name', start=7, end=13, text='taipei', confidence=None)]
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slotfill.corpus.utterance import Span, Utterance
    from slotfill.errors import SlotfillError
    from slotfill.runtime.tagger import Tagger, load

# Before it is imported anywhere: it would write a device's id to the home folder, and report to its maker.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"
__all__ = ["SlotfillError", "Span", "Tagger", "Utterance", "__version__", "load"]

_HOMES = {
    "SlotfillError": "slotfill.errors",
    "Span": "slotfill.corpus.utterance",
    "Utterance": "slotfill.corpus.utterance",
    "Tagger": "slotfill.runtime.tagger",
    "load": "slotfill.runtime.tagger",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `slotfill --help` loads no numpy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'slotfill' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names, for completion."""
    return __all__
