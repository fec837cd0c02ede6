"""What is lost by what has learnt nothing: the losses of a training are held against it."""

from __future__ import annotations

import math

from slotfill.learning.history import Steps

_COLLAPSED, _RUINED = 2, 100
"""So many times what is lost by what has learnt nothing. Overfitting alone takes dev's loss nowhere near the second."""


class Baseline:
    """Guessing any tag evenly; or the untrained network, where that loses more than twice as much.

    An irnn does, of long utterances.

    Args:
        tags: how many there are to guess from.
        untrained: the loss of the untrained network, nats a word. None: no loss is too large.
        dev_words: the mean number of words in an utterance of dev.

    Attributes:
        guessing_on_dev: the loss of guessing, nats an utterance of dev.
    """

    def __init__(self, tags: int, untrained: float | None, dev_words: float) -> None:
        guess = math.log(tags)
        self.guessing_on_dev, self._dev_words = guess * dev_words, dev_words
        self._loss, self._name = math.inf, ""  # Nats a word.
        if guess and untrained is not None:  # Where there is one tag only, what is lost is rounding.
            self._loss, self._name = guess, "guessing any tag"
            if untrained > 2 * guess:
                self._loss, self._name = untrained, "the untrained network"

    def collapse(self, steps: Steps) -> str | None:
        """What is wrong with the loss of some steps, if it is more than twice that of what has learnt nothing.

        It is held against the words of these steps, for the utterances of a batch are of like length.
        """
        if not steps.steps:
            return None
        return self._excess("a mean loss", steps.mean_loss, steps.mean_words, _COLLAPSED)

    def ruin(self, dev_loss: float) -> str | None:
        """What is wrong with the loss on dev, if it shows that the epoch's last steps ruined the weights.

        The losses of steps are of the weights before them.
        """
        return self._excess("a loss on dev", dev_loss, self._dev_words, _RUINED)

    def _excess(self, what: str, loss: float, words: float, times: int) -> str | None:
        baseline = self._loss * words
        if loss <= times * baseline:
            return None
        bound = "twice" if times == 2 else f"{times} times"
        return f"{what} of {loss:.4g}, more than {bound} that of {self._name}, {baseline:.4g}"
