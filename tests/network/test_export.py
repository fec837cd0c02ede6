"""Nothing is exported that was not found equal first."""

from __future__ import annotations

import pytest
import torch

from slotfill.errors import SlotfillError
from slotfill.network.export import export
from tests.network.test_tagger import batch, build


def test_an_export_that_scores_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    network = build(cell="lstm")
    right = type(network).forward

    def wrong(self: torch.nn.Module, *given: torch.Tensor) -> torch.Tensor:
        return right(self, *given) + 0.01  # type: ignore[arg-type]

    monkeypatch.setattr(type(network), "forward", wrong)
    with pytest.raises(SlotfillError, match=r"differ from the original's by 0\.01"):
        export(network, [batch([3, 4])])


def test_a_network_with_nan_weights_is_not_exported() -> None:
    network = build(cell="gru")
    torch.nn.init.constant_(network.scores.bias, float("nan"))
    with pytest.raises(SlotfillError, match="differ"):
        export(network, [batch([3, 4])])
