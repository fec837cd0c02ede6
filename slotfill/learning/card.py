"""The model card: `README.md` of a model folder."""

from __future__ import annotations

from typing import Any

from slotfill.config import NetworkConfig
from slotfill.runtime.vocabulary import Vocabulary

_CARD = """\
# {name}

A slot-filling tagger made by slotfill: it gives each word of an utterance a BIO
tag{and_intent}.

| | |
| --- | --- |
| corpus | {corpus}, {training_utterances:,} training utterances |
| network | {directions} {cell}, {layers} layer(s) of {hidden_size} units, {parameters:,} parameters{weights} |
| knows | {words:,} words, {slots} slots{intents} |
| trained | seed {seed}, best of {epochs} epochs on dev: epoch {best_epoch}, after {seconds:.0f} s |
| dev F1 | {f1:.2f} (conlleval; 95% interval {low:.2f} to {high:.2f}), exact match {exact_match:.2f}{intent_accuracy} |

The dev scores chose the epoch, so they flatter; `slotfill eval` scores a test split.

## Use

```sh
slotfill tag --model {name} "some text"  # in models/; elsewhere the path of this folder
```

```python
import slotfill

slotfill.load("models/{name}").tag("some text").spans  # or the path of this folder
```

## Slots

{slot_list}
"""


def card(name: str, vocabulary: Vocabulary, network: NetworkConfig, seed: int, metrics: dict[str, Any]) -> str:
    """The text of the card; `seed` is that of training, `metrics` the content of `metrics.json`."""
    dev = metrics["dev"]
    slots = sorted({tag[2:] for tag in vocabulary.tags[1:]})
    return _CARD.format(
        name=name,
        corpus=metrics["corpus"],
        training_utterances=metrics["training_utterances"],
        directions="one-way" if network.one_way else "bidirectional",
        cell=network.cell,
        layers=network.layers,
        hidden_size=network.hidden_size,
        parameters=metrics["parameters"],
        weights=", 8-bit weights" if metrics.get("weights") == "int8" else "",
        words=len(vocabulary.words),
        slots=len(slots),
        intents=f", {len(vocabulary.intents)} intents" if vocabulary.intents else "",
        seed=seed,
        epochs=metrics["epochs"],
        best_epoch=metrics["best_epoch"],
        seconds=metrics["seconds"],
        f1=100 * dev["f1"],
        low=100 * dev["interval"][0],
        high=100 * dev["interval"][1],
        exact_match=100 * dev["exact_match"],
        intent_accuracy="" if dev["intent_accuracy"] is None else f", intent {100 * dev['intent_accuracy']:.2f}",
        and_intent=", and the utterance an intent" if vocabulary.intents else "",
        slot_list=", ".join(f"`{slot}`" for slot in slots),
    )
