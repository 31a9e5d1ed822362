"""mart_trend: a control chart per branch and KPI over the published months: what is news, and what
is the usual up and down.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.config.published_tables import load_published_tables as dictionary
from transforms.kpis.arrow_columns import number_column, text_column
from transforms.statistics.control_limits import (
    ControlCharts,
    apply_rules,
    attributes_chart,
    individuals_chart,
)

RULE_SET = "nhs_making_data_count_7"
RULES = ["outside", "trend", "two_of_three", "shift"]
METHODS = ["p_laney", "u_laney", "c_laney", "xmr", "xmr_log"]
BY_KIND = {"share": 0, "rate": 1, "index": 1, "count": 2, "ratio": 3, "mean": 4, "quantile": 4}
VARIATIONS = ["usual", "improvement", "concern", "change"]
ASSURANCES = ["met", "hit_and_miss", "missed"]
LEVEL = 0.9973  # of limits at three standard deviations
FEWEST, FIRM = 5, 13  # months for limits at all, and for limits that are not on trial
NOT_OVER, TOO_FEW, ALL_SAME = (
    "the month is not over",
    f"fewer than {FEWEST} months to draw limits from",
    "all months are the same",
)


def build_mart_trend(values: list[pa.Table], kpis: list[dict]) -> pa.Table:
    """The published table in the order of its key. `values` are the tables of mart_kpi_value,
    `kpis` their rows of dim_kpi.

    A branch and KPI with no month to chart has no rows; every other one has all published months,
    those left out with the reason.
    """
    made = [_trend(table, kpi) for table, kpi in zip(values, kpis, strict=True)]
    made = [table for table in made if table is not None]
    return pa.concat_tables(made) if made else dictionary()["mart_trend"].schema.empty_table()


def _trend(values: pa.Table, kpi: dict) -> pa.Table | None:
    is_month = pc.and_(
        _equal(values, "segment_kind", "all"), _equal(values, "period_kind", "month")
    )
    months = values.filter(is_month)
    ends = months["period_end"].combine_chunks()
    shape = (len(pc.unique(ends)), -1)
    # Rows lie in order of month and branch; charts are branch by branch.
    order = np.arange(len(months)).reshape(shape).T
    is_over = pc.equal(pc.day(ends), 1).to_numpy(zero_copy_only=False)
    is_usable = is_over & _equal(months, "state", "ok").to_numpy(zero_copy_only=False)
    kept = (
        is_usable[order].any(axis=1)
        & ~_equal(months, "branch_level", "unknown").to_numpy(zero_copy_only=False)[order[:, 0]]
    )
    if not kept.any():
        return None
    rows = order[kept].reshape(-1)
    months, is_usable, is_over = (
        months.take(pa.array(rows)),
        is_usable[rows].reshape(-1, shape[0]),
        is_over[rows],
    )
    return _published(months, kpi, is_usable, is_over)


def _equal(table: pa.Table, column: str, wanted: str) -> pa.ChunkedArray:
    return pc.equal(table[column].cast(pa.string()), wanted)


def _published(months: pa.Table, kpi: dict, is_usable: np.ndarray, is_over: np.ndarray) -> pa.Table:
    """The rows of some charts, months within branch, with what the chart says of each."""
    # Points that are there come first: a month left out is no gap in a run, and no moving range.
    first = np.argsort(~is_usable, axis=1, kind="stable")
    back = np.argsort(first, axis=1, kind="stable")
    is_there = np.take_along_axis(is_usable, first, axis=1)

    def packed(name: str) -> np.ndarray:
        return np.take_along_axis(_floats(months, name).reshape(is_usable.shape), first, axis=1)

    value, method, charts, scale = _charts(kpi, packed, is_there)
    points = is_there.sum(axis=1)
    has_limits = (points >= FEWEST) & np.isfinite(charts.low[:, 0])
    rule, side = apply_rules(charts, value, is_there & has_limits[:, None])
    target = packed("target_value")
    last = np.arange(len(points)), points - 1
    assurance = np.where(
        has_limits,
        _assurance(
            kpi["direction"], charts.low[last] * scale, charts.high[last] * scale, target[last]
        ),
        -1,
    )

    def unpacked(values: np.ndarray, is_told: np.ndarray | bool = True) -> np.ndarray:
        """Back in the order of the months, NaN where nothing is told."""
        return np.take_along_axis(
            np.where(is_there & is_told, values, np.nan), back, axis=1
        ).reshape(-1)

    def of_chart(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, value.shape[1])

    limited = has_limits[:, None]
    rule, side, is_charted = unpacked(rule, limited), unpacked(side, limited), is_usable.reshape(-1)
    variation = np.where(np.isnan(rule), -1, _variation(kpi["direction"], side))
    said = np.select(
        [
            is_charted & of_chart(has_limits),
            is_charted & of_chart(points < FEWEST),
            is_charted,
            is_over,
        ],
        [0, 1, 2, 4],
        3,
    )
    xmr_log = METHODS.index("xmr_log")
    columns = {
        "is_charted": pa.array(is_charted),
        "chart_method": text_column(of_chart(method), METHODS),
        "chart_points": pa.array(of_chart(points), pa.int64()),
        "is_trial": pa.array(of_chart(points < FIRM)),
        "centre_line": number_column(unpacked(charts.centre * scale)),
        "limit_low": number_column(unpacked(charts.low * scale, limited)),
        "limit_high": number_column(unpacked(charts.high * scale, limited)),
        "limit_level": number_column(np.where(np.isnan(rule), np.nan, LEVEL)),
        "sigma": number_column(
            unpacked(charts.sigma * np.where(method == xmr_log, 1, scale)[:, None], limited)
        ),
        "dispersion": number_column(
            unpacked(np.broadcast_to(charts.dispersion[:, None], value.shape), limited)
        ),
        "rule_set": text_column(np.zeros(len(rule), int), [RULE_SET], ~np.isnan(rule)),
        "rule": text_column(np.nan_to_num(rule).astype(int) - 1, RULES, rule > 0),
        "variation": text_column(variation, VARIATIONS, variation >= 0),
        "target_value": number_column(unpacked(target)),
        "assurance": text_column(of_chart(assurance), ASSURANCES, of_chart(assurance) >= 0),
        "reason": _reasons(months, said),
    }
    kept = [
        "kpi_id",
        "period_kind",
        "period_start",
        "period_end",
        "branch_level",
        "branch_code",
        "numerator",
        "denominator",
        "value",
    ]
    table = months.select(kept)
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _charts(
    kpi: dict, packed, is_there: np.ndarray
) -> tuple[np.ndarray, np.ndarray, ControlCharts, float]:
    """What is charted, each row's method, its chart, and what both are multiplied with to be in the
    KPI's unit.
    """
    method = BY_KIND[kpi["kind"]]
    if METHODS[method].startswith("xmr"):
        value = np.where(is_there, packed("value"), 0)
        # A time of zero has no logarithm.
        is_log = (METHODS[method] == "xmr_log") & (np.where(is_there, value, 1) > 0).all(axis=1)
        return (
            value,
            np.where(is_log, method, METHODS.index("xmr")),
            individuals_chart(value, is_there, is_log),
            1,
        )
    cases = np.where(is_there, packed("numerator"), 0)
    of = np.where(
        is_there, np.ones_like(cases) if kpi["kind"] == "count" else packed("denominator"), 0
    )
    with np.errstate(invalid="ignore"):
        value = np.where(is_there, cases / of, 0)
    return (
        value,
        np.full(len(value), method),
        attributes_chart(cases, of, is_there, kpi["kind"] == "share"),
        kpi["scale"],
    )


def _variation(direction: str, side: np.ndarray) -> np.ndarray:
    """Places in VARIATIONS: a signal on the better side is an improvement; where neither side is
    better it is a change.
    """
    good, bad = (3, 3) if direction == "none" else (1, 2)
    return np.select(
        [side == (-1 if direction == "down" else 1), side == (1 if direction == "down" else -1)],
        [good, bad],
        0,
    )


def _assurance(direction: str, low: np.ndarray, high: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Places in ASSURANCES: whether the target lies outside the limits, so that usual variation
    always meets it or never does. -1 without target.
    """
    is_met, is_missed = (
        (high <= target, low > target) if direction == "down" else (low >= target, high < target)
    )
    return np.where(
        np.isnan(target) | (direction == "none"), -1, np.select([is_met, is_missed], [0, 2], 1)
    )


def _reasons(months: pa.Table, said: np.ndarray) -> pa.Array:
    """Why a month is left out, or has no limits: 1 too few, 2 all the same, 3 not over, 4 what the
    value itself says.
    """
    own = [NOT_OVER, TOO_FEW, ALL_SAME]
    column = months["reason"].combine_chunks()
    column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    place = column.indices.fill_null(0).to_numpy(zero_copy_only=False) + len(own)
    chosen = np.select([said == 1, said == 2, said == 3], [1, 2, 0], place)
    return text_column(chosen, own + column.dictionary.to_pylist(), said > 0)


def _floats(table: pa.Table, name: str) -> np.ndarray:
    return table[name].cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
