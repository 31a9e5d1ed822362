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
    """`of(kpi, branch)` in the rows of mart_trend, which lie in the order of its key."""

    def __init__(self, table: pa.Table):
        kpi, branch = (
            table[name].combine_chunks().dictionary_encode() for name in ("kpi_id", "branch_code")
        )
        number = [
            part.indices.to_numpy(zero_copy_only=False).astype(np.int64) for part in (kpi, branch)
        ]
        codes = number[0] * (len(branch.dictionary) + 1) + number[1]
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
        names = zip(
            kpi.dictionary.take(pa.array(number[0][starts])).to_pylist(),
            branch.dictionary.take(pa.array(number[1][starts])).to_pylist(),
        )
        self._places = dict(
            zip(names, zip(starts, np.append(starts, len(codes))[1:], strict=True), strict=True)
        )
        self._value = table["value"].to_numpy()
        self._is_charted = table["is_charted"].to_numpy()
        self._said = table.select(["variation", "rule"]).combine_chunks()

    def of(self, kpi: str, branch: str) -> Trend | None:
        """The chart of a KPI and branch; None where there is none."""
        place = self._places.get((kpi, branch))
        if place is None:
            return None
        charted = self._is_charted[slice(*place)]
        last = place[0] + int(np.flatnonzero(charted)[-1]) if charted.any() else None
        said = (
            (None, None)
            if last is None
            else (self._said["variation"][last].as_py(), self._said["rule"][last].as_py())
        )
        return Trend(self._value[slice(*place)], charted, *said)
