"""Clipping as the notes and Pascanu et al. (2013) define it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from slotfill.learning.clipping import Clipping


def parameters(*gradients: list[float]) -> list[nn.Parameter]:
    found = []
    for gradient in gradients:
        parameter = nn.Parameter(torch.zeros(len(gradient)))
        parameter.grad = torch.tensor(gradient)
        found.append(parameter)
    return found


def gradients(given: list[nn.Parameter]) -> list[list[float]]:
    return [[] if parameter.grad is None else parameter.grad.tolist() for parameter in given]


def test_by_norm_the_direction_stays_and_the_length_becomes_the_threshold() -> None:
    given = parameters([3.0, 0.0], [-4.0])
    assert Clipping(norm=1.0)(given) == (5.0, True)
    assert gradients(given) == [pytest.approx([0.6, 0.0]), pytest.approx([-0.8])]


def test_by_value_the_threshold_stands_in_the_place_of_each_larger_element() -> None:
    given = parameters([3.0, 0.5], [-4.0])
    assert Clipping(value=1.0)(given) == (pytest.approx(math.sqrt(25.25)), True)
    assert gradients(given) == [[1.0, 0.5], [-1.0]]


def test_by_value_one_larger_element_among_all_weights_is_a_cut() -> None:
    given = parameters([3.0], [0.5])
    assert Clipping(value=1.0)(given).cut
    assert gradients(given) == [[1.0], [0.5]]


@pytest.mark.parametrize("clipping", [Clipping(), Clipping(norm=6.0), Clipping(value=4.0)])
def test_a_gradient_below_the_threshold_is_left_alone(clipping: Clipping) -> None:
    given = parameters([3.0, 0.0], [-4.0])
    assert clipping(given) == (5.0, False)
    assert gradients(given) == [[3.0, 0.0], [-4.0]]


def test_auto_cuts_to_the_percentile_of_the_norms_so_far_the_present_one_included() -> None:
    clipping = Clipping(percentile=25)
    norms = [8.0, 4.0, 16.0, 1.0, 3.0]
    for step, norm in enumerate(norms, start=1):
        given = parameters([norm])
        threshold = float(np.percentile(norms[:step], 25))
        assert clipping(given) == (norm, norm > threshold)
        assert clipping.threshold == threshold
        assert gradients(given) == [[pytest.approx(min(norm, threshold))]]


def test_auto_forgets_what_is_long_past_and_never_remembers_a_norm_that_is_not_finite() -> None:
    clipping = Clipping(percentile=50)
    for norm in [1e6] * 10_000 + [math.nan, math.inf] + [2.0] * 10_000:
        clipping(parameters([norm]))
    assert clipping.threshold == 2.0


def test_the_threshold_is_known() -> None:
    assert Clipping().threshold is None
    assert Clipping(norm=2.0).threshold == 2.0
    assert Clipping(value=0.5).threshold == 0.5


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("clipping", [Clipping(), Clipping(norm=1.0), Clipping(value=1.0), Clipping(percentile=10)])
def test_clipping_does_not_hide_a_gradient_that_is_not_finite(clipping: Clipping, bad: float) -> None:
    given = parameters([3.0], [bad])
    norm, cut = clipping(given)
    assert not math.isfinite(norm)
    assert not cut
    assert gradients(given)[0] == [3.0]


def test_a_percentile_is_that_of_the_last_10_000_norms_and_no_others() -> None:
    clipping = Clipping(percentile=50)
    norms = np.arange(1.0, 10_101)
    for norm in norms.tolist():
        clipping(parameters([norm]))
    assert clipping.threshold == pytest.approx(np.percentile(norms[-10_000:], 50))
