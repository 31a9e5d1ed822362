"""mart_trend: a control chart per branch and KPI over the published months: what is news, and what
is the usual up and down.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.config.published_tables import load_published_tables
from transforms.kpis.arrow_columns import (
    encode_text,
    equals_text,
    float_column,
    number_column,
    text_column,
)
from transforms.statistics.chart_rules import apply_rules
from transforms.statistics.control_limits import (
    ControlCharts,
    attributes_chart,
    individuals_chart,
)

RULE_SET = "nhs_making_data_count_7"
RULES = ["outside", "trend", "two_of_three", "shift"]
METHODS = ["p_laney", "u_laney", "c_laney", "xmr", "xmr_log"]
METHOD_OF_KIND = {
    "share": "p_laney",
    "rate": "u_laney",
    "index": "u_laney",
    "count": "c_laney",
    "ratio": "xmr",
    "mean": "xmr_log",
    "quantile": "xmr_log",
}
VARIATIONS = ["usual", "improvement", "concern", "change"]
USUAL, IMPROVEMENT, CONCERN, CHANGE = range(4)  # positions in VARIATIONS
ASSURANCES = ["met", "hit_and_miss", "missed"]
MET, HIT_AND_MISS, MISSED = range(3)  # positions in ASSURANCES
NONE = -1  # a position of nothing
LEVEL = 0.9973  # of limits at three standard deviations
FEWEST = 5  # months for limits at all
FIRM = 13  # months for limits that are not on trial: a year and one month
REASONS = [
    "the month is not over",
    f"fewer than {FEWEST} months to draw limits from",
    "all months are the same",
]
NOT_OVER, TOO_FEW, ALL_SAME = range(3)  # positions in REASONS
HAS_LIMITS, VALUE_REASON = -2, -1  # no reason is needed; the reason of the value itself
KEY = [
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


@dataclass(frozen=True)
class _Months:
    """The months of the charts of one KPI: `table`, months within branch, and where a month
    `is_usable`, shape (charts, months).

    Charts need the points that are present first in their row, as a month left out is not a gap in
    a run and no moving range. `pack` brings months into that order, `unpack` back.
    """

    table: pa.Table
    is_usable: np.ndarray

    @cached_property
    def is_present(self) -> np.ndarray:
        """Where a packed point is present, shape (charts, points)."""
        return np.take_along_axis(self.is_usable, self._packed_order, axis=1)

    @cached_property
    def _packed_order(self) -> np.ndarray:
        return np.argsort(~self.is_usable, axis=1, kind="stable")

    @cached_property
    def _table_order(self) -> np.ndarray:
        return np.argsort(self._packed_order, axis=1, kind="stable")

    def pack(self, name: str) -> np.ndarray:
        """Return a column as floats, shape (charts, points)."""
        values = float_column(self.table, name).reshape(self.is_usable.shape)
        return np.take_along_axis(values, self._packed_order, axis=1)

    def unpack(self, values: np.ndarray, is_known: np.ndarray | bool = True) -> np.ndarray:
        """Return values of points in the order of the table, shape (rows,), NaN where a point is
        not present or not known.
        """
        known = np.where(self.is_present & is_known, values, np.nan)
        return np.take_along_axis(known, self._table_order, axis=1).reshape(-1)

    def repeat(self, values: np.ndarray) -> np.ndarray:
        """Return a value of each chart for all of its rows."""
        return np.repeat(values, self.is_usable.shape[1])


def build_mart_trend(values: list[pa.Table], kpis: list[dict]) -> pa.Table:
    """Return the published table in the order of its key. `values` are the tables of
    mart_kpi_value, `kpis` their rows of dim_kpi.

    A branch and KPI with no month to chart has no rows; every other one has all published months,
    those left out with the reason.
    """
    tables = []
    for table, kpi in zip(values, kpis, strict=True):
        months = _select_months(table)
        if months is not None:
            tables.append(_chart_months(months, kpi))
    if not tables:
        return load_published_tables()["mart_trend"].schema.empty_table()
    return pa.concat_tables(tables)


def _select_months(values: pa.Table) -> _Months | None:
    """Return the months of the branches that have one to chart; None where none has."""
    is_month = equals_text(values, "segment_kind", "all")
    is_month &= equals_text(values, "period_kind", "month")
    table = values.filter(pa.array(is_month))
    months = len(pc.unique(table["period_end"]))
    # Rows are in order of month and branch; charts are branch by branch.
    order = np.arange(len(table)).reshape(months, -1).T
    is_usable = (_is_over(table) & equals_text(table, "state", "ok"))[order]
    is_known_branch = ~equals_text(table, "branch_level", "unknown")[order[:, 0]]
    is_charted = is_usable.any(axis=1) & is_known_branch
    if not is_charted.any():
        return None
    rows = order[is_charted].reshape(-1)
    return _Months(table.take(rows), is_usable[is_charted])


def _is_over(months: pa.Table) -> np.ndarray:
    """Return which months are whole: they end on the first of the next one."""
    is_first = pc.equal(pc.day(months["period_end"]), pa.scalar(1, pa.int64()))
    return is_first.to_numpy(zero_copy_only=False)


def _chart_months(months: _Months, kpi: dict) -> pa.Table:
    """Return the rows of some charts with what the chart says of each."""
    is_present = months.is_present
    value, method, charts, scale = _draw_charts(kpi, months)
    points = is_present.sum(axis=1)
    has_limits = (points >= FEWEST) & np.isfinite(charts.low[:, 0])
    limited = has_limits[:, None]
    rule, side = apply_rules(charts, value, is_present & limited)
    rule, side = months.unpack(rule, limited), months.unpack(side, limited)
    has_rule = ~np.isnan(rule)
    variation = np.where(has_rule, _judge_variation(kpi["direction"], side), NONE)
    target = months.pack("target_value")
    assurance = _judge_assurance(kpi["direction"], charts, points, target, scale)
    assurance = months.repeat(np.where(has_limits, assurance, NONE))
    # Of a chart of logarithms sigma has no unit.
    sigma_scale = np.where(method == METHODS.index("xmr_log"), 1, scale)[:, None]
    dispersion = np.broadcast_to(charts.dispersion[:, None], value.shape)
    chart_columns = {
        "is_charted": pa.array(months.is_usable.reshape(-1)),
        "chart_method": text_column(months.repeat(method), METHODS),
        "chart_points": pa.array(months.repeat(points), pa.int64()),
        "is_trial": pa.array(months.repeat(points < FIRM)),
    }
    line_columns = {
        "centre_line": number_column(months.unpack(charts.centre * scale)),
        "limit_low": number_column(months.unpack(charts.low * scale, limited)),
        "limit_high": number_column(months.unpack(charts.high * scale, limited)),
    }
    line_columns |= {
        "limit_level": number_column(np.where(has_rule, LEVEL, np.nan)),
        "sigma": number_column(months.unpack(charts.sigma * sigma_scale, limited)),
        "dispersion": number_column(months.unpack(dispersion, limited)),
    }
    rule_position = np.nan_to_num(rule).astype(int) - 1
    signal_columns = {
        "rule_set": text_column(np.zeros(len(rule), int), [RULE_SET], has_rule),
        "rule": text_column(rule_position, RULES, rule > 0),
        "variation": text_column(variation, VARIATIONS, variation != NONE),
        "target_value": number_column(months.unpack(target)),
        "assurance": text_column(assurance, ASSURANCES, assurance != NONE),
        "reason": _reason_column(months, has_limits, points),
    }
    table = months.table.select(KEY)
    for name, column in (chart_columns | line_columns | signal_columns).items():
        table = table.append_column(name, column)
    return table


def _draw_charts(kpi: dict, months: _Months) -> tuple[np.ndarray, np.ndarray, ControlCharts, float]:
    """Return what is charted, shape (charts, points), the position of each row's method, its chart,
    and what both are multiplied with to be in the KPI's unit.
    """
    is_present = months.is_present
    method = METHOD_OF_KIND[kpi["kind"]]
    if method in ("xmr", "xmr_log"):
        value = np.where(is_present, months.pack("value"), 0)
        # A time of zero has no logarithm.
        is_positive = (np.where(is_present, value, 1) > 0).all(axis=1)
        is_log = np.asarray(is_positive & (method == "xmr_log"))
        methods = np.where(is_log, METHODS.index("xmr_log"), METHODS.index("xmr"))
        return value, methods, individuals_chart(value, is_present, is_log), 1
    cases = np.where(is_present, months.pack("numerator"), 0)
    size = np.ones_like(cases) if kpi["kind"] == "count" else months.pack("denominator")
    size = np.where(is_present, size, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(is_present, cases / size, 0)
    charts = attributes_chart(cases, size, is_present, kpi["kind"] == "share")
    return value, np.full(len(value), METHODS.index(method)), charts, kpi["scale"]


def _judge_variation(direction: str, side: np.ndarray) -> np.ndarray:
    """Return positions in VARIATIONS: a signal on the better side is an improvement; where neither
    side is better it is a change.
    """
    better_side = -1 if direction == "down" else 1
    on_better_side, on_worse_side = IMPROVEMENT, CONCERN
    if direction == "none":
        on_better_side = on_worse_side = CHANGE
    return np.select(
        [side == better_side, side == -better_side], [on_better_side, on_worse_side], USUAL
    )


def _judge_assurance(
    direction: str, charts: ControlCharts, points: np.ndarray, target: np.ndarray, scale: float
) -> np.ndarray:
    """Return positions in ASSURANCES, shape (charts,): whether the target is outside the limits of
    the last point, so that usual variation always meets it or never does. NONE without target.
    """
    last = np.arange(len(points)), points - 1
    low, high, aim = charts.low[last] * scale, charts.high[last] * scale, target[last]
    if direction == "down":
        is_met, is_missed = high <= aim, low > aim
    else:
        is_met, is_missed = low >= aim, high < aim
    assurance = np.select([is_met, is_missed], [MET, MISSED], HIT_AND_MISS)
    return np.where(np.isnan(aim) | (direction == "none"), NONE, assurance)


def _reason_column(months: _Months, has_limits: np.ndarray, points: np.ndarray) -> pa.Array:
    """Return why a month is left out, or has no limits; null where it has them."""
    is_charted = months.is_usable.reshape(-1)
    reason = np.select(
        [
            is_charted & months.repeat(has_limits),
            is_charted & months.repeat(points < FEWEST),
            is_charted,
            _is_over(months.table),
        ],
        [HAS_LIMITS, TOO_FEW, ALL_SAME, VALUE_REASON],
        NOT_OVER,
    )
    column = encode_text(months.table["reason"])
    value_reason = column.indices.to_numpy(zero_copy_only=False)
    value_reason = np.nan_to_num(value_reason).astype(np.int64) + len(REASONS)
    position = np.where(reason >= 0, reason, value_reason)
    return text_column(position, REASONS + column.dictionary.to_pylist(), reason != HAS_LIMITS)
