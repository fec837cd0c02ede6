"""What a cell costs, and its table."""

from __future__ import annotations

import pytest

from benchmarks import cells


def test_a_speed_is_the_batchs_words_by_the_median_round_and_all_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = iter([0, 1, 1, 3, 3, 12, 12, 16, 16, 18, 18, 23])
    monkeypatch.setattr("time.perf_counter", lambda: next(shown))
    called: list[str] = []
    steps = {name: lambda name=name: called.append(name) for name in ("a", "b")}
    assert cells.words_per_second(steps, 3) == {"a": 32 * 12 / 2, "b": 32 * 12 / 4}
    assert called == ["a", "b"] * 3


def test_a_row_sets_a_cell_beside_torchs_and_beside_its_own_steps() -> None:
    speed = {cells.TORCH: 2000.0, "gru fused": 3000.0, "gru step": 1500.0, "gru tagging": 12345.0}
    assert cells.row("gru", speed) == "| `gru` | 123,392 | 3,000 | 1.50 | 2.0 | 12,345 |"
