"""A linear-chain conditional random field over a network's tag scores."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx, once_differentiable

from slotfill.network.unroll import Reversal, word_mask

_SINGLE = 80.0
"""How far apart scores may lie for sums in single precision, whose smallest number is e^-87."""


class Crf(nn.Module):
    """Scores of a tag after another, so that a whole sequence of tags is judged at once.

    The probability of a sequence y is softmax over all sequences of the sum of each word's score of its tag and the
    score of each tag after the one before (Lafferty et al., 2001; Lample et al., 2016, eq. 1).

    Attributes:
        transitions: (1 + tags, tags); row 0 scores a tag at an utterance's start, row 1 + i a tag after tag i.
    """

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(1 + tags, tags))

    def log_partition(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """The log of the sum over all tag sequences of exp(score), (batch,).

        Args:
            scores: (batch, time, tags).
            lengths: (batch,) words in each utterance, at least 1.
        """
        total: Tensor = _LogPartition.apply(scores, self.transitions, lengths)  # type: ignore[no-untyped-call]
        return total

    def score(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """The score of one tag sequence per utterance, (batch,); `tags` is (batch, time), any id at padding."""
        before = torch.cat([tags.new_zeros(len(tags), 1), 1 + tags[:, :-1]], dim=1)
        each = scores.gather(2, tags.unsqueeze(2)).squeeze(2) + self.transitions[before, tags]
        return (each * word_mask(lengths, tags.shape[1])).sum(dim=1)

    def forward(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """The negative log-likelihood of each utterance's tags, in nats, (batch,)."""
        # Both terms sum each word's score. Were it large, their difference would be what rounding leaves of it.
        scores = scores - scores.detach().amax(dim=2, keepdim=True)
        return self.log_partition(scores, lengths) - self.score(scores, tags, lengths)


class _Sums(NamedTuple):
    """Sums over all beginnings and over all endings of the tag sequences of a batch.

    Attributes:
        log_total: (batch,) the log of the sum over whole sequences.
        marginals: (batch, time, tags) the probability of each word's tags; without meaning at padding.
        left, right: (batch, time, tags). The probability of tag i at word t and tag j at word t + 1 is
            left[t, i] * moves[i, j] * right[t + 1, j].
        moves: (tags, tags).
    """

    log_total: Tensor
    marginals: Tensor
    left: Tensor
    right: Tensor
    moves: Tensor


def _sums(scores: Tensor, transitions: Tensor, lengths: Tensor) -> _Sums:
    """The forward-backward algorithm (Rabiner, 1989, section III.A and, for its scaling, V.A), both ways in one loop.

    The sums over endings are sums over beginnings of the turned utterance, with the transitions turned as well. Each
    word's largest score, the largest transition and each word's sum are taken out, and their logs put together at the
    end, so that nothing overflows. No share of a word's sum is below e^-d, where d is how far the scores of a word's
    tags and those of transitions lie apart, together: of d below 87 nothing vanishes. Where it is larger the sums are
    in double precision, in which that is 708; what vanishes there counts as the smallest number there is.
    """
    lowest, tops = scores.detach().aminmax(dim=2, keepdim=True)
    if scores.dtype == torch.float32 and (tops - lowest).max() + transitions.max() - transitions.min() > _SINGLE:
        scores, tops, transitions = scores.double(), tops.double(), transitions.double()
    tiny = torch.finfo(scores.dtype).tiny
    start, steps = transitions[:1], transitions[1:]
    first, largest = start.detach().amax(), steps.detach().amax()
    emissions = (scores - tops).exp()
    moves = (steps - largest).exp()
    ways = torch.stack([moves, moves.t()])
    moved = torch.stack([(start - first).exp(), torch.ones_like(start)]).clamp(min=tiny)
    reached, totals, sums = [], [], []
    turn = Reversal(lengths, scores.shape[1])
    for emission in torch.stack([emissions, turn(emissions)]).unbind(dim=2):
        raw = moved * emission
        totals.append(raw.sum(dim=2, keepdim=True))
        reached.append(moved.expand_as(raw))
        sums.append(raw / totals[-1])
        moved = (sums[-1] @ ways).clamp(min=tiny)
    within = word_mask(lengths, scores.shape[1])
    total = torch.stack(totals, dim=2)[0].log() + tops
    log_total = (total.squeeze(2) * within).sum(dim=1) + first + (lengths - 1) * largest
    (left, right), after = torch.stack(sums, dim=2), turn(torch.stack(reached, dim=2)[1])
    both = left * after
    share = both.sum(dim=2, keepdim=True).clamp(min=tiny)
    return _Sums(log_total, both / share, left / share, turn(right), moves)


def expected_counts(scores: Tensor, transitions: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """How often tags and transitions occur, in the mean over all tag sequences by their probability.

    Args:
        scores: (batch, time, tags).
        transitions: as in `Crf`.
        lengths: (batch,) words in each utterance, at least 1.

    Returns:
        For each word's tags, (batch, time, tags): their marginal probabilities, 0 at padding. For transitions, in
        their shape: the sum over the batch.
    """
    return _counts(_sums(scores, transitions, lengths), lengths, torch.ones_like(scores[:, 0, 0]))


def _counts(sums: _Sums, lengths: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """`expected_counts`, each utterance's times its weight, in the weights' precision."""
    within = (word_mask(lengths, sums.marginals.shape[1]) * weights.unsqueeze(1)).unsqueeze(2)
    words, right = sums.marginals * within, sums.right * within
    steps = sums.moves * (sums.left[:, :-1].flatten(0, 1).t() @ right[:, 1:].flatten(0, 1))
    transitions = torch.cat([words[:, 0].sum(dim=0, keepdim=True), steps])
    return words.to(weights.dtype), transitions.to(weights.dtype)


class _LogPartition(torch.autograd.Function):
    """`Crf.log_partition` with the gradient that theory gives: the expected counts."""

    @staticmethod
    def forward(ctx: FunctionCtx, scores: Tensor, transitions: Tensor, lengths: Tensor) -> Tensor:
        """Compute the sums, and keep what the gradient is made of."""
        sums = _sums(scores, transitions, lengths)
        ctx.save_for_backward(*sums, lengths)
        return sums.log_total.to(scores.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        """The expected counts of each word's tags, and of each transition."""
        *sums, lengths = ctx.saved_tensors  # type: ignore[attr-defined]
        return *_counts(_Sums(*sums), lengths, gradient), None
