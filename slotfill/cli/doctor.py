"""`slotfill doctor`: what ails a trained model."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slotfill.cli import _corpus
from slotfill.cli._console import say
from slotfill.legible import counted

if TYPE_CHECKING:
    from rich.console import Console

    from slotfill.learning.diagnosis import Diagnosis
    from slotfill.learning.diagnostics import CellExamination, Examination

_SAMPLE = 300
_BLOCKS = " ▁▂▃▄▅▆▇█"


def command(
    model: _corpus.Model = None,
    corpus: _corpus.OptionalCorpus = None,
    split: Annotated[str, typer.Option(help="Which part to examine it on.")] = "dev",
    as_json: _corpus.AsJson = False,
    data_dir: _corpus.DataDir = Path("data"),
) -> None:
    """Examine a trained model and say in plain words what ails it and what to change.

    Measured on a sample of 300 utterances, for each layer and direction: how fast the gradient fades on its way back
    in time, the spectral radius of the recurrent matrix, saturated gates and dead units; then F1 on training and
    held-out utterances, and what the training steps were like.

    slotfill doctor

    slotfill doctor atis data/atis --split test --json
    """
    from slotfill.corpus.splits import sample
    from slotfill.learning.artifact import load_network
    from slotfill.learning.diagnosis import diagnose
    from slotfill.learning.diagnostics import course_of, examine, fit_of
    from slotfill.runtime import provenance
    from slotfill.runtime.bundle import find

    opened = find(model, tell=say)
    labelled, own = _corpus.open_for(opened, corpus, data_dir)
    examined = labelled.split(split)
    utterances = sample(examined, _SAMPLE)
    say(f"examining {opened.folder} on {labelled.name}, {split}: {len(utterances):,} of {len(examined):,} utterances")
    network, vocabulary = load_network(opened)
    if not own:
        trained_on = provenance.config(opened)["corpus"]
        say(f"no comparison with training utterances: the model was trained on {trained_on}, not on this corpus")
    comparable = own and any(one.spans for one in utterances)
    examination = examine(
        network,
        vocabulary,
        utterances,
        fit=fit_of(network, vocabulary, sample(labelled.split("train"), _SAMPLE), utterances) if comparable else None,
        course=course_of(opened),
    )
    diagnoses = diagnose(examination)
    if as_json:
        from dataclasses import asdict

        found = {**examination.to_json(), "diagnoses": [asdict(each) for each in diagnoses]}
        _corpus.print_model_json(opened, labelled, split, found)
    else:
        _show(examination, diagnoses)


def _show(examination: Examination, diagnoses: list[Diagnosis]) -> None:
    from rich.markup import escape

    from slotfill.cli._screen import Screen

    console = Screen()
    _show_cells(console, examination)
    _show_training(console, examination)
    if not diagnoses:
        console.print(f"[bold green]nothing found[/]: {_healthy(examination)}")
    for each in diagnoses:
        colour = "red" if each.severity == "serious" else "yellow"
        console.print(f"[bold {colour}]{each.name}[/] ({each.severity}): {escape(each.finding)}.")
        console.print(f"  [bold]to change:[/] {escape(each.advice)}.")


def _healthy(examination: Examination) -> str:
    """What was measured, and so can be called healthy, and what could not be."""
    missing = [] if any(cell.decay is not None for cell in examination.cells) else ["gradient"]
    missing += [] if examination.fit else ["scores"]
    healthy = {(): "gradient, units and scores", ("gradient",): "units and scores", ("scores",): "gradient and units"}
    told = f"{healthy.get(tuple(missing), 'units')} look healthy"
    return f"{told}; {' and '.join(missing)} could not be examined" if missing else told


def _show_cells(console: Console, examination: Examination) -> None:
    from rich.table import Table

    from slotfill.cli._screen import table
    from slotfill.learning.diagnosis import percent

    columns = ("radius", "a word", "half-life", "left", "saturated", "dead")
    cells = table(examination.cells[0].cell, numbers=columns, whole=True, collapse_padding=True)
    bars = Table.grid(padding=(0, 2))
    bars.add_row("gradient by words back", f"0 to {max(len(cell.gradient) - 1 for cell in examination.cells)}")
    for cell in examination.cells:
        shares = map(percent, (cell.left, cell.mean_saturated, cell.dead))
        cells.add_row(cell.name, _number(cell.radius), _number(cell.decay), _half_life(cell), *shares)
        bars.add_row(cell.name, _bars(cell.gradient))
    console.print(cells)
    reach = max(cell.reach for cell in examination.cells)
    console.print(
        "[dim]radius: the largest spectral one of its gates' matrices; a word: factor of the gradient per word back, "
        f"fitted; half-life: words back until half is left; left: share of the gradient {counted(reach, 'word')} back; "
        "saturated: gates or units at an end of their range; dead: units that are always 0[/]\n"
    )
    if any(cell.gradient for cell in examination.cells):
        console.print(bars, "")


def _show_training(console: Console, examination: Examination) -> None:
    from slotfill.learning.diagnosis import percent

    if fit := examination.fit:
        console.print(f"F1 {100 * fit.training_f1:.2f} on training utterances, {100 * fit.f1:.2f} on those examined")
    if steps := examination.course:
        clipped = f"{percent(steps.clipped)} of the steps clipped" if steps.clipping else "no clipping"
        console.print(
            f"{clipped}; gradient norm {steps.gradient_norm:.3g} on average, {steps.largest_gradient_norm:.3g} at most "
            "(refused steps left out)"
        )
    console.print()


def _half_life(cell: CellExamination) -> str:
    """Its half-life, or the distance at which more than half of the gradient is left still."""
    endless = cell.half_life is not None and math.isinf(cell.half_life)
    return f"> {len(cell.gradient) - 1}" if endless else _number(cell.half_life)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _bars(curve: tuple[float, ...]) -> str:
    """A curve as blocks, its largest a full one."""
    return "".join(_BLOCKS[round(value / max(curve) * (len(_BLOCKS) - 1))] for value in curve)
