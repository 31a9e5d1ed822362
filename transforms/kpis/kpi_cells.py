"""The cells of one KPI: sums as whole numbers, and where in the cube each belongs."""

from dataclasses import dataclass

import numpy as np

from transforms.kpis.case_mix import CaseMix
from transforms.kpis.cell_sums import CellSums


@dataclass(frozen=True)
class KpiCells:
    """A KPI's published cells in order of their key, as positions in the cube, shape (cells,): what
    was counted `now` and in the same period a year `before`.

    `waiting` are cases that have begun but not yet come to the limit at which they are judged.
    """

    period: np.ndarray
    branch: np.ndarray
    segment: np.ndarray
    now: CellSums
    before: CellSums
    waiting: np.ndarray
    segments: list[tuple[str, str]]
    mix: CaseMix | None = None


def merge_blocks(blocks: list[KpiCells]) -> KpiCells:
    """Return the cells of all blocks of the segments, each once, in order of their key."""
    if len(blocks) == 1:
        return blocks[0]

    period = np.concatenate([block.period for block in blocks])
    branch = np.concatenate([block.branch for block in blocks])
    segment = np.concatenate([block.segment for block in blocks])
    waiting = np.concatenate([block.waiting for block in blocks])
    now = _concatenate_sums([block.now for block in blocks])
    before = _concatenate_sums([block.before for block in blocks])

    # Every block has the cells of `all`: here they are as often as there are blocks.
    segments = blocks[0].segments
    branches = branch.max() + 1
    key = (period * branches + branch) * len(segments) + segment
    _, order = np.unique(key, return_index=True)

    return KpiCells(
        period[order],
        branch[order],
        segment[order],
        now.select(order),
        before.select(order),
        waiting[order],
        segments,
    )


def _concatenate_sums(parts: list[CellSums]) -> CellSums:
    spread = {}
    for name in parts[0].spread:
        spread[name] = np.concatenate([part.spread[name] for part in parts])

    return CellSums(
        np.concatenate([part.numerator for part in parts]),
        np.concatenate([part.denominator for part in parts]),
        parts[0].decimals,
        spread,
    )
