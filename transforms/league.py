"""What Python adds to the marts: intervals to the values, verdicts to the league tables."""

import numpy as np
import pyarrow as pa

from transforms import statistics

WATCH, ACT = 0.025, 0.001  # each side: 95 % and 99.8 %


def _floats(table: pa.Table, name: str) -> np.ndarray:
    return table[name].cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)


def _nullable(values: np.ndarray) -> pa.Array:
    return pa.array(values, pa.float64(), mask=~np.isfinite(values))


def _by_kpi(table: pa.Table, dim_kpi: pa.Table):
    """Each KPI's row of dim_kpi with the positions of its rows in a table."""
    ids = table["kpi_id"].to_numpy(zero_copy_only=False)
    for kpi in dim_kpi.to_pylist():
        yield kpi, np.flatnonzero(ids == kpi["kpi_id"])


def with_intervals(values: pa.Table, dim_kpi: pa.Table, level: float) -> pa.Table:
    """mart_kpi_value with `interval_low, interval_high, interval_level, interval_method`, in the KPI's unit."""
    numerator, denominator, value = (_floats(values, name) for name in ("numerator", "denominator", "value"))
    low, high = np.full(len(values), np.nan), np.full(len(values), np.nan)
    methods = np.full(len(values), None, dtype=object)
    for kpi, rows in _by_kpi(values, dim_kpi):
        rows = rows[np.isfinite(value[rows])]
        base = np.ones(len(rows)) if kpi["kind"] == "count" else denominator[rows]
        below, above = statistics.interval(kpi["interval_method"], numerator[rows], base, level)
        low[rows], high[rows] = below * kpi["scale"], above * kpi["scale"]
        methods[rows] = kpi["interval_method"]
    known = np.isfinite(low)
    added = {
        "interval_low": _nullable(low),
        "interval_high": _nullable(high),
        "interval_level": _nullable(np.where(known, level, np.nan)),
        "interval_method": pa.array(np.where(known, methods, None), pa.string()),
    }
    for name, column in added.items():
        values = values.append_column(name, column)
    return values


def with_verdicts(league: pa.Table, dim_kpi: pa.Table) -> pa.Table:
    """mart_league with `verdict` (better, as_expected, worse, too_few; null where no test is known), `watch` and `act`.

    A branch is held against the network's own value: what share of branches that do just as the network does would look
    like this, or further out, by chance alone.
    """
    numerator, denominator, expected = (_floats(league, name) for name in ("numerator", "denominator", "expected"))
    verdict = np.full(len(league), None, dtype=object)
    watch, act = np.zeros(len(league), bool), np.zeros(len(league), bool)
    for kpi, rows in _by_kpi(league, dim_kpi):
        if kpi["direction"] == "none" or kpi["kind"] == "count":
            continue
        base = denominator[rows]
        with np.errstate(invalid="ignore", divide="ignore"):
            low, high = statistics.tails(kpi["interval_method"], numerator[rows], base, expected[rows] / base)
        good, bad = (low, high) if kpi["direction"] == "down" else (high, low)
        few = ~(base >= kpi["minimum_volume"])
        tested = np.isfinite(low) & ~few
        words = np.where(good < WATCH, "better", np.where(bad < WATCH, "worse", "as_expected"))
        verdict[rows] = np.where(few, "too_few", np.where(tested, words, None))
        nearest = np.where(tested, np.fmin(good, bad), 1.0)
        watch[rows], act[rows] = nearest < WATCH, nearest < ACT
    league = league.append_column("verdict", pa.array(verdict, pa.string()))
    return league.append_column("watch", pa.array(watch)).append_column("act", pa.array(act))
