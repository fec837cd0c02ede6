"""Recurrent cells: one file each, and the file name is the `--cell` value.

Listing the names costs no torch; loading one does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotfill.registry import Registry

if TYPE_CHECKING:
    from slotfill.config import NetworkConfig
    from slotfill.network.cell import Cell

CELLS = Registry(__name__, __path__[0], "cell")


def build(input_size: int, config: NetworkConfig) -> Cell:
    """The cell that `config.cell` names; raise `UsageError` listing the choices if there is none."""
    cell: Cell = CELLS.load(config.cell).CELL(input_size, config)
    return cell
