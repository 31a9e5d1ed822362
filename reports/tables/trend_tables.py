"""The monthly charts of all branches, read once as columns: at two thousand branches they are
millions of months.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

COLUMNS = ["kpi_id", "branch_code", "value", "is_charted", "variation", "rule"]


@dataclass(frozen=True)
class Trend:
    """One branch and KPI: the published months' values, oldest first (NaN: none), which of them are
    charted, and what the last of these says.
    """

    values: np.ndarray
    is_charted: np.ndarray
    variation: str | None
    rule: str | None


class Trends:
    """The rows of mart_trend, which are in the order of its key: a KPI and branch is one slice."""

    def __init__(self, table: pa.Table):
        kpis, kpi_names = _encode(table["kpi_id"])
        branches, branch_names = _encode(table["branch_code"])

        # One number per KPI and branch; it changes where the next slice begins.
        keys = kpis * (len(branch_names) + 1) + branches
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        ends = np.append(starts, len(keys))[1:]

        self._slices: dict[tuple[str, str], slice] = {}
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            kpi = kpi_names[kpis[start]]
            branch = branch_names[branches[start]]
            self._slices[kpi, branch] = slice(start, end)

        # Slices of numpy are views: a chart costs nothing until somebody looks at it.
        self._value = table["value"].to_numpy()
        self._is_charted = table["is_charted"].to_numpy()
        self._readings = table.select(["variation", "rule"]).combine_chunks()

    def get(self, kpi: str, branch: str) -> Trend | None:
        """Return the chart of a KPI and branch; None where there is none."""
        months = self._slices.get((kpi, branch))
        if months is None:
            return None

        values, is_charted = self._value[months], self._is_charted[months]
        charted = np.flatnonzero(is_charted)
        if not len(charted):
            return Trend(values, is_charted, None, None)

        last = months.start + int(charted[-1])
        reading = self._readings.slice(last, 1).to_pylist()[0]
        return Trend(values, is_charted, reading["variation"], reading["rule"])


def _encode(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Return a column of texts as numbers, and the text of each number."""
    encoded = column.combine_chunks().dictionary_encode()
    numbers = encoded.indices.to_numpy(zero_copy_only=False)
    texts = [str(text) for text in encoded.dictionary.to_pylist()]
    # 64 bits: two of them are multiplied.
    return numbers.astype(np.int64), texts
