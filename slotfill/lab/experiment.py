"""What an experiment is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from slotfill.corpus.splits import Corpus


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to run an experiment.

    Attributes:
        seed: of everything random; see `seeds`.
        quick: take about a minute on two cores, with smaller networks, fewer seeds and less text.
        corpus: the text to learn from, with train, dev and test.
        progress: see `runs.run_all`.
    """

    seed: int
    quick: bool
    corpus: Corpus
    progress: Callable[[int, int], None] | None = None

    def seeds(self, count: int) -> range:
        """So many seeds for an experiment's runs, none of which another `seed` shares."""
        return range(self.seed * count, (self.seed + 1) * count)


@dataclass(frozen=True)
class Finding:
    """One line of an experiment's table.

    Attributes:
        expected: what the claim says should be seen.
        measured: what was seen, with its numbers.
        holds: whether the one bears the other out; None where there is nothing to decide.
    """

    expected: str
    measured: str
    holds: bool | None


@dataclass(frozen=True)
class Outcome:
    """What an experiment found.

    Attributes:
        findings: the table, expected beside measured.
        data: every number behind it, as a JSON object.
        figure: the picture for a lecture.
    """

    findings: list[Finding]
    data: dict[str, Any]
    figure: Figure
