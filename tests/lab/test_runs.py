"""Jobs in processes of their own."""

from __future__ import annotations

import math

import pytest

from slotfill.lab.runs import side_by_side


def test_results_come_in_the_jobs_order() -> None:
    assert side_by_side(math.sqrt, [16.0, 1.0, 9.0]) == [4.0, 1.0, 3.0]


def test_the_error_of_a_job_is_raised() -> None:
    with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
        side_by_side(math.sqrt, [4.0, -1.0, 9.0])
