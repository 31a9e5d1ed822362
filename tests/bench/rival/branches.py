"""The tree of branches: which branches each one counts for, in every period."""

from datetime import date

import numpy as np
from scipy import sparse

UNKNOWN = "(unknown)"
FIRST_DAY = date(1, 1, 1)
DEEPEST = 12


class Branches:
    """The codes in order, `(unknown)` among them where a row has another code, and per tree the
    positions of its periods and the matrix ancestors x branches of ones.
    """

    def __init__(self, rows: list[dict], met: set[str], periods: list[dict]):
        rows = [row | {"valid_from": row["valid_from"] or FIRST_DAY} for row in rows]
        self.head_office = min(row["branch_code"] for row in rows if row["level"] == "head_office")
        unknown = {"branch_code": UNKNOWN, "parent_code": None, "valid_from": FIRST_DAY}
        self._rows_of: dict[str, list[dict]] = {}
        if met - {row["branch_code"] for row in rows}:
            rows.append(unknown)
        for row in sorted(rows, key=lambda row: row["valid_from"]):
            self._rows_of.setdefault(row["branch_code"], []).append(row)
        self.codes = sorted(self._rows_of)
        self._position = {code: position for position, code in enumerate(self.codes)}
        self.unknown = self._position.get(UNKNOWN, -1)
        self.head = self._position[self.head_office]
        self.trees = self._plant_trees(rows, periods)

    def _plant_trees(self, rows: list[dict], periods: list[dict]) -> list[tuple]:
        days = sorted({row["valid_from"] for row in rows})
        periods_of: dict[date, list[int]] = {}
        for position, period in enumerate(periods):
            before = [day for day in days if day < period["period_end"]]
            periods_of.setdefault(max(before, default=days[0]), []).append(position)
        return [
            (np.array(positions), self._count_for(day))
            for day, positions in sorted(periods_of.items())
        ]

    def _count_for(self, day: date) -> sparse.csr_array:
        """Return the matrix of the tree that holds from a day."""
        parents = {code: self._find_parent(code, day) for code in self.codes}
        pairs = set()
        for code in self.codes:
            above, depth = code, 0
            while above in self._position and depth <= DEEPEST:
                pairs.add((self._position[above], self._position[code]))
                above, depth = parents[above], depth + 1
            pairs.add((self.head, self._position[code]))
        ancestors, below = np.array(sorted(pairs)).T
        shape = (len(self.codes), len(self.codes))
        return sparse.csr_array((np.ones(len(pairs), np.int64), (ancestors, below)), shape=shape)

    def _find_parent(self, code: str, day: date) -> str | None:
        if code == self.head_office:
            return None
        rows = self._rows_of[code]
        begun = [row for row in rows if row["valid_from"] <= day]
        return (begun[-1] if begun else rows[0])["parent_code"] or self.head_office


def find_levels(ancestors: sparse.csr_array) -> list[np.ndarray]:
    """Return arrays branch -> branch that it counts for (-1: none) that together have every pair
    once: the head office's is one, that of all provinces another.
    """
    below = [
        np.sort(ancestors.indices[start:end])
        for start, end in zip(ancestors.indptr, ancestors.indptr[1:], strict=False)
    ]
    levels: list[np.ndarray] = []
    for branch in sorted(range(len(below)), key=lambda branch: (-len(below[branch]), branch)):
        free = [level for level in levels if (level[below[branch]] < 0).all()]
        if not free:
            levels.append(np.full(len(below), -1))
            free = levels[-1:]
        free[0][below[branch]] = branch
    return levels
