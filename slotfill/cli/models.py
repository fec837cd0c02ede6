"""`slotfill models`: what is in models/."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slotfill.cli._console import print_json, say
from slotfill.errors import ArtifactError


def command(
    models_dir: Annotated[Path, typer.Option(help="Where to look.")] = Path("models"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per model.")] = False,
) -> None:
    """List the models, newest first; the newest is what other commands take unless told otherwise.

    slotfill models

    slotfill models --models-dir distill/atis --json | jq .dev_f1
    """
    from slotfill.runtime import provenance
    from slotfill.runtime.bundle import bundles

    found, errors = bundles(models_dir)
    if not found and not errors:
        advice = " yet: make one with `slotfill train`" if models_dir == Path("models") else ""
        say(f"no models in {models_dir}/{advice}")
    records = []
    for model in found:
        try:
            metrics, network = provenance.metrics(model), provenance.config(model)["network"]
        except ArtifactError as damage:
            errors.append(damage)
            continue
        records.append(
            {
                "name": model.folder.name,
                "corpus": metrics["corpus"],
                "cell": network["cell"],
                "weights": "int8" if metrics.get("weights") == "int8" else "float32",
                "parameters": metrics["parameters"],
                "dev_f1": metrics["dev"]["f1"],
                "created": model.created,
            }
        )
    for error in errors:
        say(f"passed over: {error}")
    if as_json:
        for record in records:
            print_json(record)
    if as_json or not records:
        return

    from rich.text import Text

    from slotfill.cli._screen import listing, table

    listed = table("model", "corpus", "cell", numbers=("parameters", "dev F1", "created"))
    for record in records:
        listed.add_row(
            Text(record["name"]),
            Text(record["corpus"]),
            Text(f"{record['cell']}, 8-bit" if record["weights"] == "int8" else record["cell"]),
            f"{record['parameters']:,}",
            f"{100 * record['dev_f1']:.2f}",
            Text(record["created"][:16].replace("T", " ")),
        )
    listing().print(listed)
