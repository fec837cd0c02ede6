"""`slotfill export`: a trained model in another form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slotfill.cli import _corpus
from slotfill.cli._console import print_json, say


def command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model folder or a name in models/.")],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder of the new model.")],
    int8: Annotated[bool, typer.Option("--int8", help="With 8-bit weights.")],  # noqa: ARG001 - there is no other form
    corpus: Annotated[
        str | None,
        typer.Option(
            help="Where the corpus is that the model was trained on.", show_default="by the name it had in training"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing model.")] = False,
    as_json: _corpus.AsJson = False,
    data_dir: _corpus.DataDir = Path("data"),
) -> None:
    """Write a trained model with 8-bit weights: a smaller network, which tags faster.

    8-bit arithmetic rounds by all the words that are computed together. So probabilities, and a tag where two are
    nearly as likely, may vary with the lines beside it, and with `tag --jobs`.

    The dev split is tagged with the old and the new weights: if F1 falls by 0.05 points or more, nothing is written
    and the exit code is 1. The new model is a folder like any other, with its own dev scores; `slotfill doctor`
    examines the weights it had before.

    slotfill export atis models/atis-int8 --int8

    slotfill export models/mine models/mine-int8 --int8 --corpus my-corpus/ --json
    """
    from slotfill.corpus.splits import training_splits
    from slotfill.learning.quantisation import quantise
    from slotfill.runtime import bundle

    bundle.refuse_existing(output, force=force)
    opened = bundle.find(model, tell=say)
    labelled, _ = _corpus.open_for(opened, corpus, data_dir, named="by --corpus")
    quantised = quantise(opened, output.name, *training_splits(labelled, say))
    sizes = len(opened.read(bundle.NETWORK)), len(quantised.files[bundle.NETWORK])
    bundle.write(output, quantised.files)
    intents = {"before": quantised.before.intent_accuracy, "after": quantised.after.intent_accuracy}
    told = ", ".join(f"{100 * share:.2f} {when}" for when, share in intents.items() if share is not None)
    say(
        f"dev F1 {100 * quantised.before.f1:.2f} before, {100 * quantised.after.f1:.2f} after; "
        f"{f'intents {told}; ' if told else ''}"
        f"{bundle.NETWORK} {sizes[0] / 1e6:.2f} MB before, {sizes[1] / 1e6:.2f} MB after; saved in {output}"
    )
    if as_json:
        scores: dict[str, float | None] = {"dev_f1_before": quantised.before.f1, "dev_f1_after": quantised.after.f1}
        network = {"network_bytes_before": sizes[0], "network_bytes_after": sizes[1]}
        scores |= {f"dev_intent_{when}": share for when, share in intents.items()}
        print_json({"model": str(output), "corpus": labelled.name, **scores, **network})
