"""Numbers as a finished run of a benchmark leaves them."""

from __future__ import annotations

from typing import Any


def run(f1: float, seconds: float, intent: float | None = None) -> dict[str, Any]:
    """The numbers of one run."""
    return {
        "parameters": 12345,
        "seconds": seconds,
        "dev": {"f1": f1 + 0.01, "intent_accuracy": intent},
        "test": {
            "f1": f1,
            "exact_match": f1 - 0.1,
            "intent_accuracy": intent,
            "sentence_accuracy": intent,
            "calibration_error": 0.02,
            "unseen_f1": 0.5,
        },
    }
