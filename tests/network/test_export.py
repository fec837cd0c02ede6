"""Nothing is exported that was not found equal first."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from slotfill.errors import SlotfillError
from slotfill.network.export import export
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.session import Outputs
from tests.network.test_tagger import batch, build


@pytest.mark.parametrize("output", Outputs._fields)
def test_an_export_that_scores_otherwise_is_refused(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = build(cell="lstm")
    right = type(network).forward

    def wrong(self: TaggerNetwork, *given: Tensor) -> Outputs[Tensor]:
        outputs = right(self, *given)
        return outputs._replace(**{output: getattr(outputs, output) + 0.01})

    monkeypatch.setattr(type(network), "forward", wrong)
    with pytest.raises(SlotfillError, match=r"differ from the original's by 0\.01"):
        export(network, [batch([3, 4])])


def test_a_network_with_nan_weights_is_not_exported() -> None:
    network = build(cell="gru")
    torch.nn.init.constant_(network.head.tags.bias, float("nan"))
    with pytest.raises(SlotfillError, match="differ"):
        export(network, [batch([3, 4])])
