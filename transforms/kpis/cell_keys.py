"""The key of published cells, as columns."""

import numpy as np
import pyarrow as pa

from transforms.kpis.arrow_columns import dictionary_column, text_column
from transforms.kpis.cube import Cube


def cell_key_columns(
    cube: Cube,
    period: np.ndarray,
    branch: np.ndarray,
    segment: np.ndarray,
    segments: list[tuple[str, str]],
) -> dict[str, pa.Array]:
    """Return the key of cells, without the KPI, and the level of their branch.

    `period`, `branch` and `segment` are positions in the cube and in `segments`, shape (cells,).
    """
    start = cube.period_column("period_start").astype("datetime64[D]")
    end = cube.period_column("period_end").astype("datetime64[D]")
    kinds = np.array([kind for kind, _ in segments])
    names = np.array([name for _, name in segments])

    return {
        "period_kind": dictionary_column(cube.period_column("period_kind"), period),
        "period_start": pa.array(start[period]),
        "period_end": pa.array(end[period]),
        "branch_code": text_column(branch, cube.branches),
        "branch_level": dictionary_column(cube.levels, (period, branch)),
        "segment_kind": dictionary_column(kinds, segment),
        "segment": dictionary_column(names, segment),
    }
