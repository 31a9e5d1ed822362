"""Rows of a KPI's SELECT as positions in the cube: small integers instead of text and dates."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from transforms.kpis.arrow_columns import encode_text

ALL = ("all", "all")
UNKNOWN_BRANCH = "(unknown)"


@dataclass(frozen=True)
class PositionedRows:
    """What a KPI's SELECT returned, as positions; one entry per row in each array.

    `time` is the period_id that a row counts in or, `is_by_interval`, the interval_id of its event,
    which counts in every period around it. `segments` are (kind, value) in order, `all` among them;
    `segment_positions` has per segment kind the segment of each row, -1 where it is in none.
    `measures` are whole numbers by name. Positions are as small as they can be: a percentile has a
    row per claim.
    """

    time: np.ndarray
    is_by_interval: bool
    branch: np.ndarray
    segments: list[tuple[str, str]]
    segment_positions: list[np.ndarray]
    measures: dict[str, np.ndarray]

    @classmethod
    def from_table(cls, table: pa.Table, branches: list[str], kinds: list[str]) -> "PositionedRows":
        """Return the rows of a table. A branch that is nowhere in the tree is the pseudo-branch
        `(unknown)`.
        """
        is_by_interval = "interval_id" in table.column_names
        time = "interval_id" if is_by_interval else "period_id"
        encoded = {kind: _encode(table[kind]) for kind in kinds}
        segments = _list_segments(encoded)
        position_of = {segment: position for position, segment in enumerate(segments)}

        # Every row is in `all`, whatever its other segments.
        segment_positions = [_small_integers([position_of[ALL]]).repeat(len(table))]
        for kind, (codes, names) in encoded.items():
            by_name = [position_of.get((kind, name), -1) for name in names]
            segment_positions.append(_small_integers([*by_name, -1])[codes])

        measures = {}
        for name in table.column_names:
            if name not in {time, "branch_code", *kinds}:
                measures[name] = table[name].fill_null(pa.scalar(0)).to_numpy()

        return cls(
            time=table[time].to_numpy().astype(np.int16),
            is_by_interval=is_by_interval,
            branch=_locate_branches(table["branch_code"], branches),
            segments=segments,
            segment_positions=segment_positions,
            measures=measures,
        )

    def select_segments(self, selection: np.ndarray) -> "PositionedRows":
        """Return the same rows on some of the segments."""
        # One position more than segments: -1, in no segment, stays -1.
        new_position = np.full(len(self.segments) + 1, -1)
        new_position[selection] = np.arange(len(selection))
        new_position = _small_integers(new_position)

        return PositionedRows(
            self.time,
            self.is_by_interval,
            self.branch,
            [self.segments[position] for position in selection],
            [new_position[positions] for positions in self.segment_positions],
            self.measures,
        )

    def cross_segments(self, kinds: list[int]) -> "PositionedRows":
        """Return the same rows in strata: each in the one that has its segments of all these kinds
        (positions in `segment_positions`).
        """
        key = np.zeros(len(self.branch), np.int64)
        for kind in kinds:
            key = key * (len(self.segments) + 1) + self.segment_positions[kind] + 1

        strata, stratum = np.unique(key, return_inverse=True)
        return PositionedRows(
            self.time,
            self.is_by_interval,
            self.branch,
            [("stratum", str(key)) for key in strata],
            [stratum],
            self.measures,
        )


def _locate_branches(column: pa.ChunkedArray, branches: list[str]) -> np.ndarray:
    """Return the position of each row's branch."""
    position_of = {code: position for position, code in enumerate(branches)}
    codes, names = _encode(column)
    unknown = position_of.get(UNKNOWN_BRANCH, -1)
    by_name = [position_of.get(name, unknown) for name in names]
    return _small_integers([*by_name, -1])[codes]


def _list_segments(encoded: dict[str, tuple[np.ndarray, list[str]]]) -> list[tuple[str, str]]:
    """Return the segments that have a row, in order; `all` always."""
    segments = {ALL}
    for kind, (codes, names) in encoded.items():
        # An engine's list of values may hold more than the rows have.
        counts = np.bincount(codes, minlength=len(names) + 1)
        rows_of_null = len(names)
        present = np.flatnonzero(counts[:rows_of_null])
        segments |= {(kind, names[position]) for position in present}

    return sorted(segments)


def _small_integers(positions: list[int] | np.ndarray) -> np.ndarray:
    if max(positions) < 2**15:
        return np.array(positions, np.int16)
    return np.array(positions, np.int32)


def _encode(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Return text as positions in its list of distinct values; the last one, behind them, for
    null.
    """
    encoded = encode_text(column)
    names = [str(name) for name in encoded.dictionary.to_pylist()]
    positions = encoded.indices.cast(pa.int32()).fill_null(len(names))
    return positions.to_numpy(zero_copy_only=False), names
