"""What a training run tells of an epoch."""

from __future__ import annotations

from dataclasses import replace

from tests.learning.small_runs import EPOCH


def test_an_epoch_ranks_by_f1_alone_where_no_intent_is_learnt() -> None:
    assert replace(EPOCH, dev_f1=0.91).selection_score > EPOCH.selection_score


def test_intents_weigh_as_much_as_spans() -> None:
    joint = replace(EPOCH, dev_intent=0.9)
    assert (
        replace(joint, dev_f1=0.89, dev_intent=0.92).selection_score
        > joint.selection_score
        > replace(joint, dev_f1=0.91, dev_intent=0.88).selection_score
    )
