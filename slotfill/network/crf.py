"""A linear-chain conditional random field over a network's tag scores."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from slotfill.network.unroll import inside


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

    def _forward(self, scores: Tensor, lengths: Tensor) -> list[Tensor]:
        """For each word the log of the sum over all beginnings that end in each tag, (batch, tags).

        After an utterance's end it stays as it was at its last word.
        """
        beginnings = [self.transitions[0] + scores[:, 0]]
        for time in range(1, scores.shape[1]):
            moved = self._move(beginnings[-1], self.transitions[1:]) + scores[:, time]
            beginnings.append(torch.where((lengths > time).unsqueeze(1), moved, beginnings[-1]))
        return beginnings

    @staticmethod
    def _move(sums: Tensor, steps: Tensor) -> Tensor:
        """log(exp(sums) exp(steps)) as one matrix product.

        It neither overflows nor vanishes, for each row's largest sum and the largest step are taken out before and put
        back after.
        """
        top, largest = sums.detach().amax(dim=1, keepdim=True), steps.detach().amax()
        product = (sums - top).exp() @ (steps - largest).exp()
        return product.clamp(min=torch.finfo(product.dtype).tiny).log() + top + largest

    def log_partition(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """The log of the sum over all tag sequences of exp(score), (batch,).

        Args:
            scores: (batch, time, tags).
            lengths: (batch,) words in each utterance, at least 1.
        """
        return self._forward(scores, lengths)[-1].logsumexp(dim=1)

    def log_marginals(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """The log-probability of each word's tags over all sequences, (batch, time, tags); without meaning at padding.

        Rabiner (1989), eq. 27: forward and backward sums, in logs.
        """
        beginnings = self._forward(scores, lengths)
        endings = [torch.zeros_like(beginnings[0])]
        for time in reversed(range(1, scores.shape[1])):
            moved = self._move(endings[0] + scores[:, time], self.transitions[1:].t())
            endings.insert(0, torch.where((lengths > time).unsqueeze(1), moved, endings[0]))
        return (torch.stack(beginnings, dim=1) + torch.stack(endings, dim=1)).log_softmax(dim=2)

    def score(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """The score of one tag sequence per utterance, (batch,); `tags` is (batch, time), any id at padding."""
        before = torch.cat([tags.new_zeros(len(tags), 1), 1 + tags[:, :-1]], dim=1)
        each = scores.gather(2, tags.unsqueeze(2)).squeeze(2) + self.transitions[before, tags]
        return (each * inside(lengths, tags.shape[1])).sum(dim=1)

    def forward(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """The negative log-likelihood of each utterance's tags, in nats, (batch,)."""
        return self.log_partition(scores, lengths) - self.score(scores, tags, lengths)
