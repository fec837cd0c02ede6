"""Each illness is found in a network built to have it, and no other one is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from slotfill.config import NetworkConfig
from slotfill.corpus.utterance import Utterance
from slotfill.learning import diagnosis
from slotfill.learning.batches import LabelledBatch
from slotfill.learning.diagnosis import Limit, diagnose, epoch_report, in_a_line, percent
from slotfill.learning.diagnostics import CellExamination, Course, Examination, Fit, examine, fit_of
from slotfill.learning.prediction import sequence_loss
from slotfill.network.cell import Cell
from slotfill.network.tagger import TaggerNetwork
from slotfill.runtime.vocabulary import Vocabulary
from tests.learning.small_runs import EPOCH, TRAINING
from tests.learning.untrained import build

CALM = Course(
    clipping=True,
    fixed_clipping=True,
    clip_norm=1.0,
    bptt=None,
    clipped=0.1,
    gradient_norm=2.0,
    largest_gradient_norm=9.0,
    rescues=0,
    diverged=False,
    loss_gap=0.1,
)
UNCLIPPED = replace(CALM, clipping=False, fixed_clipping=False, clipped=0.0, largest_gradient_norm=900.0)
BEFORE, AFTER = ("could", "you", "please", "show", "me", "flights"), ("on", "monday", "morning", "thank", "you")


@pytest.fixture(scope="module")
def requests(flights: list[Utterance]) -> list[Utterance]:
    """The flights in longer sentences, so that there is something to look back at."""
    return [
        Utterance(BEFORE + one.words + AFTER, ("O",) * len(BEFORE) + (one.tags or ()) + ("O",) * len(AFTER))
        for one in flights
    ]


def built(
    requests: list[Utterance], change: Callable[[Cell], None], course: Course = CALM, **settings: Any
) -> Examination:
    """A network whose cells were changed and stay so, and whose scores have learned the requests from them."""
    torch.manual_seed(0)
    vocabulary = Vocabulary.build(requests)
    config = NetworkConfig(
        **{"hidden_size": 48, "word_size": 16, "character_size": 8, "character_filters": 8} | settings
    )
    network = TaggerNetwork.for_vocabulary(config, vocabulary).eval()
    with torch.no_grad():
        for layer in network.layers:
            for cell in layer.cells:
                change(cell)
    learn_scores(network, LabelledBatch.encode(requests, vocabulary))
    return examine(network, vocabulary, requests, fit=fit_of(network, vocabulary, requests, requests), course=course)


def learn_scores(network: TaggerNetwork, batch: LabelledBatch) -> None:
    seen: list[Tensor] = []
    hook = network.head.tags.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach()))
    network(*batch.inputs)
    hook.remove()
    optimizer = torch.optim.Adam(network.head.tags.parameters(), lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        sequence_loss(network.head.tags(seen[0]), batch.tags).backward()
        optimizer.step()


def scaled(radius: float) -> Callable[[Cell], None]:
    """W starts orthogonal, with radius 1."""
    return lambda cell: cell.recurrent_weight.mul_(radius)


def kill(cell: Cell) -> None:
    """60% of the units never reach above zero."""
    dead = round(0.6 * cell.hidden_size)
    cell.bias[:dead] = -1e3


def saturate(cell: Cell) -> None:
    """Input and forget gates are wide open or shut, output gates open, whatever comes."""
    cell.bias.copy_(torch.where(torch.rand(len(cell.bias)) < 0.5, -12.0, 12.0))
    _, _, g, o = cell.bias.chunk(4)
    g.zero_()
    o.fill_(12)


def leave(cell: Cell) -> None:
    """The cell stays as it started."""


@pytest.mark.parametrize("cell", ["elman", "irnn", "lstm", "gru"])
def test_nothing_is_found_in_a_healthy_network(cell: str, requests: list[Utterance]) -> None:
    assert diagnose(built(requests, leave, cell=cell)) == []


def test_an_elman_of_spectral_radius_a_half_has_a_vanishing_gradient(requests: list[Utterance]) -> None:
    examination = built(requests, scaled(0.5), cell="elman")
    (found,) = diagnose(examination)
    assert (found.name, found.severity) == ("vanishing gradient", "serious")
    worst = min(examination.cells, key=lambda cell: cell.compounded or 0)
    assert f"falls by a factor of {worst.decay:.2f} a word, which comes to 0.0" in found.finding
    assert f"over 10 words; of the whole, {percent(worst.left)} is left there" in found.finding
    assert "spectral radius is 0.50" in found.finding
    assert found.advice == "try --cell gru or irnn"


def test_an_elman_of_spectral_radius_one_and_a_half_explodes_without_clipping(requests: list[Utterance]) -> None:
    (found,) = diagnose(built(requests, scaled(1.5), UNCLIPPED, cell="elman"))
    assert found.name == "exploding gradient"
    assert "spectral radius is 1.50" in found.finding
    assert "nothing was clipped, and the gradient's norm was 2 on average and 900 at most in a step" in found.finding
    assert "--clip-norm 5" in found.advice


def test_a_gradient_that_only_saturation_holds_down_may_explode_and_one_behind_gates_not() -> None:
    plain, gated = replace(WELL, decay=0.98, radii=(1.5,)), replace(WELL, decay=0.98, radii=(1.5, 1.5, 1.5))
    (found,) = diagnose(examined(UNCLIPPED, None, plain))
    assert (found.name, found.severity) == ("exploding gradient", "mild")
    assert "hardly fades: it falls by a factor of 0.98 a word, which comes to 82% over 10 words" in found.finding
    assert diagnose(examined(UNCLIPPED, None, gated)) == []
    (found,) = diagnose(examined(UNCLIPPED, None, replace(gated, decay=1.2)))
    assert (found.name, found.severity) == ("exploding gradient", "serious")
    assert "grows by a factor of 1.20 a word, which comes to 619% over 10 words" in found.finding


def test_over_a_word_or_two_nothing_explodes_that_would_not_over_ten() -> None:
    short = replace(WELL, gradient=(1.0, 0.63), radii=(1.5,))
    assert diagnose(examined(UNCLIPPED, None, replace(short, decay=0.63))) == []
    (found,) = diagnose(examined(UNCLIPPED, None, replace(short, decay=0.98)))
    assert "which comes to 98% over 1 word;" in found.finding
    (found,) = diagnose(examined(UNCLIPPED, None, replace(short, decay=1.2)))
    assert (found.name, found.severity) == ("exploding gradient", "mild")


def test_clipping_cures_an_explosion_unless_most_steps_need_it(requests: list[Utterance]) -> None:
    examination = built(requests, scaled(1.5), cell="elman")
    assert diagnose(examination) == []
    (found,) = diagnose(replace(examination, course=replace(CALM, clipped=0.95)))
    assert found.name == "exploding gradient"
    assert "95% of the steps were clipped" in found.finding
    assert "--learning-rate" in found.advice


@pytest.mark.parametrize("settings", [{"cell": "irnn"}, {"cell": "elman", "activation": "relu"}])
def test_a_relu_network_with_60_percent_dead_units_has_dead_units(
    settings: dict[str, str], requests: list[Utterance]
) -> None:
    (found,) = diagnose(built(requests, kill, **settings))
    assert (found.name, found.severity) == ("dead units", "serious")
    assert re.search(r"6\d% of the units were 0 at every word", found.finding)


def test_an_lstm_with_stuck_gates_is_saturated(requests: list[Utterance]) -> None:
    (found,) = diagnose(built(requests, saturate, cell="lstm"))
    assert (found.name, found.severity) == ("saturated gates", "serious")
    assert "100% of the gate values" in found.finding
    assert "(input 100%, forget 100%, output 100%)" in found.finding


WELL = CellExamination(
    layer=1,
    direction="forwards",
    cell="lstm",
    gradient=tuple(0.8**k for k in range(16)),
    decay=0.8,
    radii=(1.2, 1.1, 1.3, 1.2),
    saturated={"input": 0.4, "forget": 0.5, "output": 0.4},
    dead=0.0,
)


def examined(course: Course = CALM, fit: Fit | None = None, *cells: CellExamination) -> Examination:
    return Examination(300, cells or (WELL,), fit or Fit(training_f1=0.99, f1=0.96), course)


@pytest.mark.parametrize(
    ("examination", "expected", "number"),
    [
        (examined(replace(CALM, clipped=0.97)), ("clipping at nearly every step", "mild"), "97%"),
        (examined(replace(CALM, rescues=4)), ("diverging training", "serious"), "4 times"),
        (examined(replace(CALM, rescues=1)), ("diverging training", "mild"), "once a loss"),
        (
            examined(replace(CALM, rescues=1, diverged=True)),
            ("diverging training", "serious"),
            "went back to good weights; at last no rescue was left",
        ),
        (
            examined(replace(CALM, diverged=True, clipped=0.97)),
            ("diverging training", "serious"),
            "guessing, and there were no rescues",
        ),
        (examined(CALM, Fit(training_f1=0.998, f1=0.71)), ("overfitting", "serious"), "99.8 on training"),
        (examined(CALM, Fit(training_f1=0.41, f1=0.4)), ("underfitting", "serious"), "41.0"),
    ],
)
def test_what_the_steps_and_the_scores_show_is_named(
    examination: Examination, expected: tuple[str, str], number: str
) -> None:
    (found,) = diagnose(examination)
    assert (found.name, found.severity) == expected
    assert number in found.finding


def test_advice_does_not_contradict_itself_where_training_diverged() -> None:
    course = replace(CALM, rescues=4, clipped=0.97)
    found = diagnose(examined(course, Fit(training_f1=0.41, f1=0.4)))
    assert [each.name for each in found] == ["diverging training", "underfitting"]
    assert [each.advice for each in found] == [
        "lower --learning-rate, or clip more closely",
        "keep training from diverging first; then train longer",
    ]
    exploding = replace(WELL, cell="elman", gradient=tuple(1.2**k for k in range(16)), decay=1.2, radii=(1.3,))
    for ill in (replace(WELL, dead=0.6), replace(WELL, saturated={"input": 0.95}), exploding):
        poor = examined(UNCLIPPED, Fit(training_f1=0.41, f1=0.4), ill)
        cause, underfitting = [each.advice for each in diagnose(poor)]
        assert "lower --learning-rate" in cause
        assert underfitting == "cure what is told above first; then train longer"
    (found_without,) = diagnose(examined(replace(UNCLIPPED, rescues=4)))
    assert found_without.advice == "lower --learning-rate, and clip: --clip-norm 5"


def test_what_is_not_learnt_is_not_learnt_by_heart() -> None:
    (found,) = diagnose(examined(CALM, Fit(training_f1=0.45, f1=0.2)))
    assert found.name == "underfitting"
    assert "--batch-size" in found.advice


def test_dead_units_behind_gates_are_not_blamed_on_rectifiers() -> None:
    (gated,) = diagnose(examined(CALM, None, replace(WELL, dead=0.6)))
    assert gated.advice == "lower --learning-rate: its gates let nothing out"
    (plain,) = diagnose(examined(CALM, None, replace(WELL, cell="irnn", dead=0.6, saturated={})))
    assert "no rectifiers" in plain.advice


def test_a_percentile_clips_nearly_every_step_by_design() -> None:
    course = replace(CALM, clipped=0.97, fixed_clipping=False)
    assert diagnose(examined(course)) == []
    exploding = replace(WELL, cell="elman", gradient=tuple(1.2**k for k in range(16)), decay=1.2, radii=(1.3,))
    assert diagnose(examined(course, None, exploding)) == []
    for cell, told in (("elman", ", or try --cell gru: clipping"), ("gru", "lower --learning-rate: clipping")):
        exploding = replace(exploding, cell=cell)
        (found,) = diagnose(examined(replace(course, fixed_clipping=True), None, exploding))
        assert found.name == "exploding gradient"
        assert told in found.advice


def test_what_was_not_measured_is_not_diagnosed() -> None:
    unknown = replace(WELL, gradient=(), decay=None, radii=(), saturated={})
    assert diagnose(Examination(1, (unknown,))) == []


def test_the_worst_cell_is_named_and_the_others_are_counted() -> None:
    ill = [replace(WELL, layer=layer, decay=decay) for layer, decay in ((1, 0.8), (2, 0.4), (3, 0.3))]
    (found,) = diagnose(examined(CALM, None, *ill))
    assert found.finding.startswith("layer 3, forwards (and 1 more): ")
    assert found.advice == "raise --forget-bias"


def test_a_line_tells_of_the_cell_with_the_least_gradient_and_what_was_found() -> None:
    assert in_a_line(examined()) == (
        "layer 1, forwards: gradient 0.80 a word, 11% left 10 words back, radius 1.30, saturated 43%, dead 0%"
    )
    ill = replace(
        WELL, direction="backwards", gradient=tuple(0.5**k for k in range(16)), decay=0.5, radii=(), saturated={}
    )
    assert in_a_line(examined(CALM, None, WELL, ill)) == (
        "layer 1, backwards: gradient 0.50 a word, 0.098% left 10 words back, dead 0% -> vanishing gradient"
    )
    stuck = replace(WELL, saturated={"input": 0.8})
    assert in_a_line(examined(CALM, None, stuck, ill)).endswith(
        " -> vanishing gradient, saturated gates (layer 1, forwards)"
    )
    assert in_a_line(examined(CALM, None, WELL, ill, ill)).endswith(" -> vanishing gradient (and 1 more)")
    assert in_a_line(examined(CALM, None, stuck, stuck, ill)).endswith(
        "saturated gates (layer 1, forwards, and 1 more)"
    )


def test_a_line_about_one_word_tells_of_no_gradient() -> None:
    single = replace(WELL, gradient=(1.0,), decay=None, radii=(), saturated={})
    assert in_a_line(examined(CALM, None, single)) == "layer 1, forwards: no gradient, dead 0%"
    pair = replace(WELL, gradient=(1.0, 0.5), decay=0.5, radii=(), saturated={})
    assert "50% left 1 word back" in in_a_line(examined(CALM, None, pair))


def test_where_training_cut_the_gradient_off_that_is_told() -> None:
    ill = replace(WELL, gradient=tuple(0.3**k for k in range(16)), decay=0.3)
    (found,) = diagnose(examined(replace(CALM, bptt=2), None, ill))
    assert found.finding.endswith("; training's own gradient went back 1 word at most (--bptt 2)")
    assert found.advice == "raise --forget-bias, and raise --bptt"
    (found,) = diagnose(examined(replace(CALM, bptt=11), None, ill))  # Ten words back are looked at.
    assert "--bptt" not in found.finding + found.advice


def test_a_limit_reads_in_either_direction() -> None:
    more, less = Limit(mild=1, serious=2), Limit(mild=2, serious=1)
    assert [more.severity(value) for value in (0.9, 1, 2, None)] == [None, "mild", "serious", None]
    assert [less.severity(value) for value in (2.1, 2, 1, None)] == [None, "mild", "serious", None]


def test_shares_keep_two_digits_down_to_a_hundredth_of_a_percent() -> None:
    shown = [percent(share) for share in (None, 0.0, 1e-9, 0.00098, 0.042, 0.16, 1.0, 5.97)]
    assert shown == ["–", "0%", "<0.01%", "0.098%", "4.2%", "16%", "100%", "597%"]


@pytest.mark.parametrize(
    ("threshold", "other"), [(5.0, "--clip-norm 10"), (None, "--clip-norm in place of --clip-value")]
)
def test_a_threshold_that_cuts_nearly_all_is_no_serious_illness_and_another_is_to_be_tried_by_dev(
    threshold: float | None, other: str
) -> None:
    for clipped, ill in ((0.89, False), (0.91, True), (1.0, True)):
        found = diagnose(examined(replace(CALM, clipped=clipped, clip_norm=threshold, gradient_norm=164.0)))
        assert [each.severity for each in found] == ["mild"] * ill
        assert all(each.advice.endswith(f": keep {other} only if dev F1 is better by it") for each in found)


@pytest.mark.parametrize(
    ("name", "values", "ill"),
    [
        ("overfitting", (0.09, 0.11, 0.19, 0.21), lambda gap: examined(CALM, Fit(training_f1=0.99, f1=0.99 - gap))),
        ("underfitting", (0.81, 0.79, 0.51, 0.49), lambda f1: examined(CALM, Fit(training_f1=f1, f1=f1))),
        ("dead units", (0.24, 0.26, 0.49, 0.51), lambda dead: examined(CALM, None, replace(WELL, dead=dead))),
        (
            "saturated gates",
            (0.74, 0.76, 0.89, 0.91),
            lambda share: examined(CALM, None, replace(WELL, saturated={"input": share})),
        ),
        (
            "vanishing gradient",
            (0.0031, 0.0029, 0.0011, 0.0009),
            lambda left: examined(CALM, None, replace(WELL, decay=left ** (1 / WELL.reach))),
        ),
    ],
)
def test_each_limit_is_where_it_is_said_to_be(
    name: str, values: tuple[float, ...], ill: Callable[[float], Examination]
) -> None:
    found = [{each.name: each.severity for each in diagnose(ill(value))}.get(name) for value in values]
    assert found == [None, "mild", "mild", "serious"]


def test_a_radius_or_a_growth_that_chance_puts_above_one_explodes_nothing() -> None:
    for above, names in ((1.09, []), (1.11, ["exploding gradient"])):
        plain = replace(WELL, cell="elman", decay=0.98, radii=(above,))
        gated = replace(WELL, decay=above**0.1)
        for cell in (plain, gated):
            assert [each.name for each in diagnose(examined(UNCLIPPED, None, cell))] == names


def test_where_units_are_stuck_a_vanishing_gradient_is_no_illness_of_its_own() -> None:
    ill = replace(WELL, gradient=tuple(0.3**k for k in range(16)), decay=0.3)
    for cause, name in (({"dead": 0.3}, "dead units"), ({"saturated": {"input": 0.8}}, "saturated gates")):
        assert [each.name for each in diagnose(examined(CALM, None, replace(ill, **cause)))] == [name]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "advice"),
    [
        ("irnn", "try --cell gru or lstm"),
        ("gru", "try --cell lstm, whose forget gate starts open"),
        ("minlstm", "raise --forget-bias"),
        ("indrnn", "try --cell gru or irnn"),
    ],
)
def test_what_cures_a_vanishing_gradient_is_told_by_the_cell(cell: str, advice: str) -> None:
    ill = replace(WELL, cell=cell, gradient=tuple(0.3**k for k in range(16)), decay=0.3)
    assert [each.advice for each in diagnose(examined(CALM, None, ill))] == [advice]


def test_a_gradient_that_grows_a_little_is_not_said_to_fall() -> None:
    (found,) = diagnose(examined(UNCLIPPED, None, replace(WELL, cell="elman", decay=1.05, radii=(1.3,))))
    assert "the gradient grows by a factor of 1.05 a word" in found.finding


def test_a_line_in_training_is_of_a_hundred_utterances_drawn_from_dev_and_of_the_epochs_own_course(
    flights: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Sequence[Utterance]] = []

    def watched(network: TaggerNetwork, vocabulary: Vocabulary, dev: Sequence[Utterance], **more: Any) -> Examination:
        seen.append(dev)
        return examine(network, vocabulary, dev, **more)

    monkeypatch.setattr(diagnosis, "examine", watched)
    network, vocabulary, _ = build(flights)
    line = epoch_report(replace(EPOCH, rescues=1), network, vocabulary, [*flights, *flights], TRAINING)
    assert "diverging training" in line
    (dev,) = seen
    assert len(dev) == 100
    assert list(dev) != [*flights, *flights][:100]


def test_overfitting_is_told_with_the_losses_where_they_are_known() -> None:
    fit = Fit(training_f1=0.99, f1=0.7)
    (found,) = diagnose(examined(replace(CALM, loss_gap=1.25), fit))
    assert found.finding.endswith("70.0 on others; the loss differs by 1.2 nats an utterance")
    (found,) = diagnose(replace(examined(CALM, fit), course=None))
    assert found.finding.endswith("70.0 on others")
