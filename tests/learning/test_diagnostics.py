"""Every measurement against one made by hand, or on a network where it is known."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from slotfill.config import TrainingConfig
from slotfill.corpus.utterance import Utterance
from slotfill.errors import ArtifactError
from slotfill.learning.artifact import load_network
from slotfill.learning.diagnostics import Course, Examination, course_of, examine, fit_of, spectral_radii
from slotfill.network import cells
from slotfill.runtime import bundle, provenance
from slotfill.runtime.bundle import Bundle
from tests.conftest import forged
from tests.learning.untrained import SMALL, build


def examined(utterances: Sequence[Utterance], **settings: Any) -> Examination:
    network, vocabulary, _ = build(utterances, **settings)
    return examine(network, vocabulary, utterances)


def test_utterances_whose_loss_has_no_gradient_are_left_out(flights: list[Utterance]) -> None:
    unlabelled = Utterance(flights[0].words, ("O",) * 4 + ("B-unheard",))
    network, vocabulary, _ = build(flights)
    found = examine(network, vocabulary, [unlabelled])
    assert found.cells[0].gradient == ()
    assert (found.cells[0].decay, found.cells[0].half_life, found.cells[0].left) == (None, None, None)
    assert len(found.cells[1].gradient) == 5


def test_half_life_and_what_is_left_are_measured_and_the_decay_compounds(flights: list[Utterance]) -> None:
    cell = replace(examined(flights[:2]).cells[0], decay=0.5**0.25, gradient=tuple(0.5 ** (k / 4) for k in range(20)))
    assert cell.half_life == pytest.approx(4)
    assert (cell.reach, cell.left, cell.compounded) == (10, pytest.approx(0.5**2.5), pytest.approx(0.5**2.5))
    # A loss at once, and a slow fading from there.
    steep = replace(cell, gradient=(1.0, *(0.2 * 0.5 ** (k / 4) for k in range(12))))
    assert steep.half_life == pytest.approx(math.log(2) / math.log(5))
    assert (steep.left, steep.compounded) == (pytest.approx(0.2 * 0.5**2.25), pytest.approx(0.5**2.5))
    assert replace(cell, gradient=(1.0, 0.9, 0.8)).half_life == math.inf
    assert replace(cell, gradient=(1.0, 0.0)).half_life == 0


def test_the_spectral_radius_is_of_each_gates_matrix() -> None:
    gru = cells.build(4, replace(SMALL, cell="gru", hidden_size=2))
    with torch.no_grad():
        gru.recurrent_weight.copy_(torch.tensor([[3.0, 9], [0, 1], [0, -2], [2, 0], [0.5, 0], [0, -0.7]]))
    assert spectral_radii(gru) == pytest.approx((3, 2, 0.7))


def test_cells_without_a_recurrent_matrix_have_one_radius_or_none() -> None:
    independent = cells.build(4, replace(SMALL, cell="indrnn", hidden_size=3))
    with torch.no_grad():
        independent.recurrent_weight.copy_(torch.tensor([0.2, -1.4, 1.0]))
    assert spectral_radii(independent) == pytest.approx((1.4,))
    assert spectral_radii(cells.build(4, replace(SMALL, cell="mingru"))) == ()


def test_a_jordan_network_is_told_by_how_its_gradient_grows_for_other_matrices_stand_between_its_steps() -> None:
    assert spectral_radii(cells.build(4, replace(SMALL, cell="jordan"))) == ()


@pytest.mark.parametrize(("cell", "gates"), [("lstm", ["input", "forget", "output"]), ("gru", ["reset", "update"])])
def test_gates_that_are_stuck_are_saturated_and_the_others_not(
    cell: str, gates: list[str], flights: list[Utterance]
) -> None:
    network, vocabulary, _ = build(flights, cell=cell)
    for direction in network.layers[0].cells:
        with torch.no_grad():
            direction.bias[: SMALL.hidden_size // 2] = 9
    for found in examine(network, vocabulary, flights).cells:
        assert found.saturated == {name: 0.5 if name == gates[0] else 0.0 for name in gates}


@pytest.mark.parametrize(
    ("cell", "gate", "keeps"),
    [("lstm", "forget", 9), ("gru", "update", 9), ("mingru", "update", -9), ("minlstm", "input", -9)],
)
def test_a_gate_that_keeps_the_old_state_is_not_saturated_but_one_that_drops_it_is(
    cell: str, gate: str, keeps: float, flights: list[Utterance]
) -> None:
    network, vocabulary, _ = build(flights, cell=cell)
    place = list(examine(network, vocabulary, flights).cells[0].saturated).index(gate) * SMALL.hidden_size
    for bias, share in ((keeps, 0.0), (-keeps, 1.0)):
        for direction in network.layers[0].cells:
            with torch.no_grad():
                direction.bias[place : place + SMALL.hidden_size] = bias
        assert {found.saturated[gate] for found in examine(network, vocabulary, flights).cells} == {share}


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_elmans_units_saturate_where_their_slope_has_fallen_to_a_fifth(
    activation: str, flights: list[Utterance]
) -> None:
    network, vocabulary, _ = build(flights, cell="elman", activation=activation, one_way=True)
    (cell,) = network.layers[0].cells
    just = torch.logit(torch.tensor(0.95)) / (2 if activation == "tanh" else 1)
    with torch.no_grad():
        cell.recurrent_weight.zero_()
        cell.input_weight.zero_()
        cell.bias.copy_(just + torch.tensor([0.01, -0.01, 0.01, -0.01, 0, 0]))
        cell.bias[4:] = torch.stack([-just - 0.01, torch.tensor(0.0)])
    assert examine(network, vocabulary, flights).cells[0].saturated == {"unit": 0.5}


def test_units_that_are_never_active_are_dead(flights: list[Utterance]) -> None:
    network, vocabulary, _ = build(flights, cell="irnn", one_way=True)
    (cell,) = network.layers[0].cells
    with torch.no_grad():
        cell.bias.fill_(5)
        cell.bias[:2] = -99
        cell.recurrent_weight.zero_()
    (found,) = examine(network, vocabulary, flights).cells
    assert found.dead == pytest.approx(1 / 3)
    assert found.saturated == {}


def test_an_examination_leaves_the_network_and_the_random_numbers_as_they_are(flights: list[Utterance]) -> None:
    network, vocabulary, _ = build(flights)
    network.float().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    generator = torch.get_rng_state()
    examine(network, vocabulary, flights)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert next(network.parameters()).dtype == torch.float32
    assert all(parameter.grad is None for parameter in network.parameters())
    assert torch.equal(torch.get_rng_state(), generator)


def test_an_utterance_of_any_length_is_examined(flights: list[Utterance]) -> None:
    endless = Utterance(flights[0].words * 40, (flights[0].tags or ()) * 40)
    assert {len(cell.gradient) for cell in examined([endless]).cells} == {60}


def test_an_examination_is_plain_json(flights: list[Utterance]) -> None:
    values = examined(flights[:3], cell="irnn").to_json()
    assert json.loads(json.dumps(values, allow_nan=False)) == json.loads(json.dumps(values))
    assert {"gradient", "decay", "half_life", "reach", "left", "radii", "saturated", "dead"} <= values["cells"][
        0
    ].keys()


def test_the_fit_is_f1_on_either_side(model: Path, flights: list[Utterance]) -> None:
    network, vocabulary = load_network(Bundle(model))
    mislabelled = [replace(one, tags=("B-nonsense",) * len(one.words)) for one in flights[:5]]
    fit = fit_of(network, vocabulary, flights, mislabelled)
    assert fit.training_f1 > 0.95
    assert fit.f1 == 0
    assert fit.gap == fit.training_f1


def test_the_course_is_what_the_history_tells(model: Path) -> None:
    history = [json.loads(line) for line in (model / bundle.HISTORY).read_text().splitlines()]
    course = course_of(Bundle(model))
    assert course.clipping
    assert course.fixed_clipping
    assert course.clipped == pytest.approx(sum(line["clipped"] for line in history) / len(history))
    assert course.largest_gradient_norm == max(line["largest_gradient_norm"] for line in history)
    assert (course.rescues, course.diverged) == (0, False)


def test_the_epoch_in_which_training_diverged_counts_though_it_has_no_record(model: Path, tmp_path: Path) -> None:
    metrics = Bundle(model).read_json(bundle.METRICS) | {"rescues": 5, "diverged": True}
    course = course_of(Bundle(forged(model, tmp_path / "model", {bundle.METRICS: json.dumps(metrics).encode()})))
    assert (course.rescues, course.diverged) == (5, True)


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        (b"", "does not tell how it was trained"),
        (b"{}\n", "does not tell how it was trained"),
        (b"nonsense\n", "holds no JSON lines"),
    ],
)
def test_a_history_that_tells_nothing_is_refused(history: bytes, reason: str, model: Path, tmp_path: Path) -> None:
    folder = forged(model, tmp_path / "model", {bundle.HISTORY: history})
    with pytest.raises(ArtifactError, match=reason):
        course_of(Bundle(folder))


def test_the_loss_gap_is_that_of_the_epoch_that_was_kept() -> None:
    records = [
        dict.fromkeys(("clipped", "gradient_norm", "largest_gradient_norm"), 0.0) | each
        for each in ({"epoch": 1, "loss": 1.0, "dev_loss": 1.5}, {"epoch": 2, "loss": 0.5, "dev_loss": 3.0})
    ]
    gaps = [Course.of(records, kept, TrainingConfig().to_json(), rescues=0).loss_gap for kept in (1, 2)]
    assert gaps == [0.5, 2.5]


def test_the_course_has_the_mean_norm(model: Path) -> None:
    history = provenance.history(Bundle(model))
    mean = sum(record["gradient_norm"] for record in history) / len(history)
    assert course_of(Bundle(model)).gradient_norm == pytest.approx(mean)


@pytest.mark.parametrize(
    ("changes", "clipping", "fixed"),
    [
        ({}, True, True),
        ({"clip_norm": None}, False, False),
        ({"clip_norm": None, "clip_value": 0.1}, True, True),
        ({"clip_norm": None, "clip_percentile": 10.0}, True, False),
    ],
)
def test_a_course_tells_how_it_was_clipped_and_truncated(
    changes: dict[str, float | None], clipping: bool, fixed: bool
) -> None:
    names = "clipped", "gradient_norm", "largest_gradient_norm", "loss", "dev_loss"
    record = dict.fromkeys(names, 0.0) | {"epoch": 1}
    settings = TrainingConfig(**{"bptt": 7, **changes})
    course = Course.of([record], 1, settings.to_json(), rescues=0)
    assert (course.clipping, course.fixed_clipping, course.clip_norm, course.bptt) == (
        clipping,
        fixed,
        settings.clip_norm,
        7,
    )


def test_each_cell_of_each_layer_is_examined_under_its_name(flights: list[Utterance]) -> None:
    names = [cell.name for cell in examined(flights[:3], layers=2).cells]
    assert names == [f"layer {layer}, {direction}" for layer in (1, 2) for direction in ("forwards", "backwards")]


def test_a_gate_is_looked_at_as_the_state_before_the_word_sets_it(flights: list[Utterance]) -> None:
    network, vocabulary, _ = build(flights, cell="gru")
    for direction in network.layers[0].cells:  # type: ignore[union-attr]
        with torch.no_grad():
            direction.recurrent_weight.mul_(1e4)  # type: ignore[operator]
    for found in examine(network, vocabulary, [Utterance(("fly",), ("O",))]).cells:
        assert found.saturated == {"reset": 0.0, "update": 0.0}


def test_of_a_gate_that_keeps_the_old_state_in_nearly_all_units_the_others_say_little(flights: list[Utterance]) -> None:
    network, vocabulary, _ = build(flights, cell="lstm", hidden_size=20, one_way=True)
    (cell,) = network.layers[0].cells  # type: ignore[union-attr]
    with torch.no_grad():
        cell.bias[20:40] = 9
        cell.bias[20] = -9
    (found,) = examine(network, vocabulary, flights).cells
    assert found.saturated["forget"] == pytest.approx(0.5)


def test_a_unit_that_is_negative_at_every_word_is_not_dead(flights: list[Utterance]) -> None:
    network, vocabulary, _ = build(flights, cell="elman", one_way=True)
    (cell,) = network.layers[0].cells  # type: ignore[union-attr]
    with torch.no_grad():
        cell.bias.fill_(-5)
    assert examine(network, vocabulary, flights).cells[0].dead == 0


def test_a_gradient_too_small_for_single_precision_counts(flights: list[Utterance]) -> None:
    network, vocabulary, _ = build(flights, cell="elman", one_way=True)
    with torch.no_grad():
        network.float().get_parameter("layers.0.cells.0.recurrent_weight").mul_(1e-8)
    long = Utterance(flights[0].words * 3, (flights[0].tags or ()) * 3)
    (found,) = examine(network, vocabulary, [long]).cells
    assert 0 < found.gradient[10] < 1e-60
