"""Nothing is exported that was not found equal first."""

from __future__ import annotations

import re

import onnx
import pytest
import torch
from torch import Tensor

from slotfill.errors import ArtifactError, SlotfillError
from slotfill.network.export import export
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.session import Outputs, Session
from tests.network.made import batch, build_network


@pytest.mark.parametrize("output", Outputs._fields)
def test_an_export_that_scores_otherwise_is_refused(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = build_network(cell="lstm")
    right = type(network).forward

    def wrong(self: TaggerNetwork, *given: Tensor) -> Outputs[Tensor]:
        outputs = right(self, *given)
        return outputs._replace(**{output: getattr(outputs, output) + 0.01})

    monkeypatch.setattr(type(network), "forward", wrong)
    with pytest.raises(SlotfillError, match=r"differ from the original's by 0\.01"):
        export(network, [batch([3, 4])])


def test_the_scores_of_a_network_that_exploded_are_held_against_the_largest() -> None:
    network, sample = build_network(cell="irnn", hidden_size=64), batch([20, 17, 20])
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for cell in network.layers[0].cells:
            cell.recurrent_weight.normal_(std=2, generator=generator)
        largest = max(scores.abs().max().item() for scores in network.eval()(*map(torch.from_numpy, sample)))
    assert largest > 1e12
    export(network, [sample])


def test_a_wrong_export_of_large_scores_is_refused_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    network = build_network(cell="lstm")
    right = type(network).forward

    def wrong(self: TaggerNetwork, *given: Tensor) -> Outputs[Tensor]:
        outputs = right(self, *given)
        return outputs._replace(tags=1e6 * outputs.tags.roll(1, dims=2))

    with torch.no_grad():
        network.head.tags.weight *= 1e6
        network.head.tags.bias *= 1e6
    monkeypatch.setattr(type(network), "forward", wrong)
    with pytest.raises(SlotfillError, match="differ from the original's"):
        export(network, [batch([3, 4])])


def test_a_network_with_nan_weights_is_not_exported() -> None:
    network = build_network(cell="gru")
    torch.nn.init.constant_(network.head.tags.bias, float("nan"))
    with pytest.raises(SlotfillError, match="not finite"):
        export(network, [batch([3, 4])])


def test_scores_that_overflow_are_not_exported() -> None:
    network = build_network(cell="gru")
    torch.nn.init.constant_(network.head.tags.bias, float("inf"))
    with pytest.raises(SlotfillError, match="a score of the exported network is not finite"):
        export(network, [batch([3, 4])])


def test_models_of_two_networks_do_not_make_one() -> None:
    one, other, one_way = (
        export(build_network(**shape), [batch([3])]) for shape in ({}, {"hidden_size": 9}, {"one_way": True})
    )
    for network, wanted in (
        (other, "forward 36, backward 36"),
        (one_way, "forward 32"),
    ):
        told = f"words.onnx gives forward 32, backward 32, model.onnx wants {wanted}"
        with pytest.raises(ArtifactError, match=f"^{re.escape(told)}$"):
            Session(one._replace(network=network.network))
    with pytest.raises(ArtifactError, match=r"words\.onnx wants .*lengths, rows: it is no slotfill network"):
        Session(one._replace(words=one.network))


def test_a_model_without_tags_is_no_network() -> None:
    exported = export(build_network(), [batch([3])])
    model = onnx.load_from_string(exported.network)
    (last,) = (node for node in model.graph.node if node.output[0] == "tags")
    model.graph.output[0].name = last.output[0] = "labels"
    with pytest.raises(ArtifactError, match=r"model\.onnx has no tags of a fixed width"):
        Session(exported._replace(network=model.SerializeToString()))


def test_a_large_score_is_no_excuse_for_wrong_ones_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    network = build_network(cell="lstm")
    right = type(network).forward

    def wrong(self: TaggerNetwork, *given: Tensor) -> Outputs[Tensor]:
        outputs = right(self, *given)
        return outputs._replace(tags=outputs.tags + 0.003)

    with torch.no_grad():
        network.head.tags.bias[0] = 50
    monkeypatch.setattr(type(network), "forward", wrong)
    with pytest.raises(SlotfillError, match=r"differ from the original's by 0\.003"):
        export(network, [batch([3, 4])])


def test_a_network_in_training_is_held_against_what_it_says_without_dropout() -> None:
    export(build_network(dropout=0.5).train(), [batch([3, 4])])
