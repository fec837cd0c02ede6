"""The conditional random field, against every tag sequence there is."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor

from slotfill.network.crf import Crf, expected_counts

TAGS, TIME = 3, 4
LENGTHS = torch.tensor([4, 1, 3])


@pytest.fixture
def crf() -> Crf:
    torch.manual_seed(0)
    made = Crf(TAGS).double()
    torch.nn.init.normal_(made.transitions)
    return made


def by_hand(crf: Crf, scores: Tensor, path: tuple[int, ...]) -> Tensor:
    """A path's score, term by term."""
    befores = (0, *(1 + tag for tag in path[:-1]))
    return torch.stack(
        [
            scores[t, tag] + crf.transitions[before, tag]
            for t, (before, tag) in enumerate(zip(befores, path, strict=True))
        ]
    ).sum()


def test_the_partition_is_the_sum_over_every_sequence(crf: Crf) -> None:
    scores = 3 * torch.randn(len(LENGTHS), TIME, TAGS, dtype=torch.float64)
    for row, length in enumerate(LENGTHS.tolist()):
        each = torch.stack([by_hand(crf, scores[row], path) for path in product(range(TAGS), repeat=length)])
        torch.testing.assert_close(crf.log_partition(scores, LENGTHS)[row], each.logsumexp(dim=0))


@pytest.mark.parametrize("height", [1e4, -1e6])
def test_scores_that_are_all_large_lose_nothing_of_the_loss(crf: Crf, height: float) -> None:
    scores, tags = 3 * torch.randn(len(LENGTHS), TIME, TAGS), torch.randint(TAGS, (3, TIME))
    high = (scores + height).requires_grad_()
    exact = crf(high.detach().double(), tags, LENGTHS).float()
    loss = crf.float()(high, tags, LENGTHS)
    torch.testing.assert_close(loss, exact, rtol=1e-5, atol=1e-5)
    (gradient,) = torch.autograd.grad(loss.sum(), high)
    assert gradient.sum(dim=2).abs().max() < 1e-5


def test_the_loss_is_the_negative_log_probability_of_the_tags(crf: Crf) -> None:
    scores, tags = torch.randn(len(LENGTHS), TIME, TAGS, dtype=torch.float64), torch.randint(TAGS, (3, TIME))
    loss = crf(scores, tags, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        paths = list(product(range(TAGS), repeat=length))
        each = torch.stack([by_hand(crf, scores[row], path) for path in paths])
        expected = -each.log_softmax(dim=0)[paths.index(tuple(tags[row, :length].tolist()))]
        torch.testing.assert_close(loss[row], expected)


def test_its_gradient_is_the_expected_less_the_observed_count_of_each_transition(crf: Crf) -> None:
    scores, tags = torch.randn(1, TIME, TAGS, dtype=torch.float64), torch.randint(TAGS, (1, TIME))
    crf(scores, tags, LENGTHS[:1]).sum().backward()
    paths = list(product(range(TAGS), repeat=TIME))
    shares = torch.stack([by_hand(crf, scores[0], path) for path in paths]).softmax(dim=0).detach()
    expected = torch.zeros_like(crf.transitions)
    for share, path in [*zip(shares, paths, strict=True), (-1, tuple(tags[0].tolist()))]:
        for before, tag in zip((0, *(1 + tag for tag in path[:-1])), path, strict=True):
            expected[before, tag] += share
    torch.testing.assert_close(crf.transitions.grad, expected)


def test_without_transitions_it_is_the_sum_of_the_words_cross_entropies() -> None:
    scores, tags = torch.randn(2, TIME, TAGS), torch.randint(TAGS, (2, TIME))
    loss = Crf(TAGS)(scores, tags, torch.tensor([TIME, TIME]))
    each = torch.nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten(), reduction="none")
    torch.testing.assert_close(loss, each.view(2, TIME).sum(dim=1))


def test_scores_far_apart_neither_overflow_nor_vanish() -> None:
    crf = Crf(2)
    torch.nn.init.constant_(crf.transitions, -200.0)
    scores = torch.tensor([[[500.0, -500.0], [-500.0, 500.0], [0.0, 0.0]]], requires_grad=True)
    loss = crf(scores, torch.tensor([[0, 1, 1]]), torch.tensor([3]))
    loss.sum().backward()
    # Numbers of this size are rounded to a ten-thousandth.
    torch.testing.assert_close(loss, torch.tensor([2.0]).log(), rtol=0, atol=1e-4)
    assert bool(scores.grad is not None and scores.grad.isfinite().all())


@pytest.mark.parametrize("spread", [1.0, 20.0, 40.0, 100.0])
def test_single_precision_loses_nothing_to_scores_far_apart(spread: float) -> None:
    generator = torch.Generator().manual_seed(0)
    lengths = torch.full((200,), 12)
    scores = spread * torch.randn(200, 12, 8, generator=generator)
    crf = Crf(8)
    torch.nn.init.normal_(crf.transitions, std=spread, generator=generator)
    found = crf.log_partition(scores, lengths), *expected_counts(scores, crf.transitions, lengths)
    scores, crf = scores.double(), crf.double()
    scores.requires_grad_()
    exact = scores[:, 0] + crf.transitions[0]
    for word in scores[:, 1:].unbind(dim=1):
        exact = (exact.unsqueeze(2) + crf.transitions[1:]).logsumexp(dim=1) + word
    total = exact.logsumexp(dim=1)
    gradient = torch.autograd.grad(total.sum(), [scores, crf.transitions])
    expected = tuple(part.float() for part in (total, *gradient))
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-4)


def test_what_stands_at_padding_changes_nothing(crf: Crf) -> None:
    scores, tags = torch.randn(3, TIME, TAGS, dtype=torch.float64), torch.randint(TAGS, (3, TIME))
    other_scores, other_tags = scores.clone(), tags.clone()
    for row, length in enumerate(LENGTHS.tolist()):
        other_scores[row, length:] = 1e6
        other_tags[row, length:] = 0
    torch.testing.assert_close(crf(other_scores, other_tags, LENGTHS), crf(scores, tags, LENGTHS))


def test_the_expected_counts_are_the_means_over_all_sequences(crf: Crf) -> None:
    scores = 2 * torch.randn(len(LENGTHS), TIME, TAGS, dtype=torch.float64)
    words, transitions = torch.zeros_like(scores), torch.zeros_like(crf.transitions)
    for row, length in enumerate(LENGTHS.tolist()):
        paths = list(product(range(TAGS), repeat=length))
        shares = torch.stack([by_hand(crf, scores[row], path) for path in paths]).softmax(dim=0)
        for share, path in zip(shares.detach(), paths, strict=True):
            words[row, range(length), path] += share
            for before, tag in zip((0, *(1 + tag for tag in path)), path, strict=False):
                transitions[before, tag] += share
    found = expected_counts(scores, crf.transitions, LENGTHS)
    torch.testing.assert_close(found, (words, transitions.detach()))


@pytest.mark.parametrize(
    ("row", "transitions", "scores"),
    [
        (slice(0, 1), [0.0, -200.0], [[-200.0, 0.0], [0.0, 0.0], [0.0, 0.0]]),
        (slice(1, 3), [300.0, -300.0], [[0.0, 0.0], [-500.0, 500.0], [0.0, 0.0]]),
    ],
    ids=["start", "step"],
)
def test_what_all_but_vanishes_leaves_loss_and_gradient_finite(
    row: slice, transitions: list[float], scores: list[list[float]]
) -> None:
    crf = Crf(2)
    with torch.no_grad():
        crf.transitions[row] = torch.tensor(transitions)
    given = torch.tensor([scores], requires_grad=True)
    loss = crf(given, torch.tensor([[0, 1, 0]]), torch.tensor([3]))
    loss.sum().backward()
    for found in (loss, given.grad, crf.transitions.grad):
        assert found is not None
        assert found.isfinite().all()


def test_single_precision_loses_nothing_to_transitions_far_apart() -> None:
    crf = Crf(2)
    with torch.no_grad():
        crf.transitions.copy_(torch.tensor([[0.0, -200.0], [-100.0, -100.0], [0.0, 0.0]]))
    # All but surely the first tag is 0, after which nothing is likely.
    total = crf.log_partition(torch.zeros(1, 2, 2), torch.tensor([2]))
    torch.testing.assert_close(total, torch.tensor([2.0]).log() - 100)
