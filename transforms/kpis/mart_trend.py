"""mart_trend: a control chart per branch and KPI over the published months: what is news, and what
is the usual up and down.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.config.published_tables import load_published_tables
from transforms.kpis.arrow_columns import (
    encode_text,
    number_column,
    text_column,
)
from transforms.kpis.charted_months import ChartedMonths, is_over, select_months
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


def build_mart_trend(values: list[pa.Table], kpis: list[dict]) -> pa.Table:
    """Return the published table in the order of its key. `values` are the tables of
    mart_kpi_value, `kpis` their rows of dim_kpi.

    A branch and KPI with no month to chart has no rows; every other one has all published months,
    those left out with the reason.
    """
    tables = []
    for table, kpi in zip(values, kpis, strict=True):
        months = select_months(table)
        if months is not None:
            tables.append(_chart_months(months, kpi))

    if not tables:
        return load_published_tables()["mart_trend"].schema.empty_table()

    return pa.concat_tables(tables)


@dataclass(frozen=True)
class _Charts:
    """The charts of some branches, a row each, and what is read off them.

    `value` is what is charted, shape (charts, points), `method` a position in METHODS; what is
    drawn times `scale` is in the KPI's unit. `has_limits`: a chart has them only from FEWEST points
    on, and if its points differ.
    """

    value: np.ndarray
    method: np.ndarray
    control: ControlCharts
    scale: float
    points: np.ndarray

    @property
    def has_limits(self) -> np.ndarray:
        """Which charts have limits, shape (charts,)."""
        return (self.points >= FEWEST) & np.isfinite(self.control.low[:, 0])


def _chart_months(months: ChartedMonths, kpi: dict) -> pa.Table:
    """Return the rows of some charts with what the chart says of each."""
    charts = _draw_charts(kpi, months)
    is_limited = charts.has_limits[:, None]
    rule, side = apply_rules(charts.control, charts.value, months.is_present & is_limited)
    rule, side = months.unpack(rule, is_limited), months.unpack(side, is_limited)
    columns = {
        "is_charted": pa.array(months.is_usable.reshape(-1)),
        "chart_method": text_column(months.repeat(charts.method), METHODS),
        "chart_points": pa.array(months.repeat(charts.points), pa.int64()),
        "is_trial": pa.array(months.repeat(charts.points < FIRM)),
    }
    columns |= _line_columns(months, charts, has_rule=~np.isnan(rule))
    columns |= _signal_columns(months, kpi["direction"], charts, rule, side)

    table = months.table.select(KEY)
    for name, column in columns.items():
        table = table.append_column(name, column)

    return table


def _line_columns(
    months: ChartedMonths, charts: _Charts, has_rule: np.ndarray
) -> dict[str, pa.Array]:
    """Return centre and limits of each month, and how far apart its points are."""
    control, scale = charts.control, charts.scale
    is_limited = charts.has_limits[:, None]
    level = np.where(has_rule, LEVEL, np.nan)

    # Of a chart of logarithms sigma has no unit.
    sigma_scale = np.where(charts.method == METHODS.index("xmr_log"), 1, scale)
    sigma = control.sigma * sigma_scale[:, None]
    dispersion = np.broadcast_to(control.dispersion[:, None], charts.value.shape)

    return {
        "centre_line": number_column(months.unpack(control.centre * scale)),
        "limit_low": number_column(months.unpack(control.low * scale, is_limited)),
        "limit_high": number_column(months.unpack(control.high * scale, is_limited)),
        "limit_level": number_column(level),
        "sigma": number_column(months.unpack(sigma, is_limited)),
        "dispersion": number_column(months.unpack(dispersion, is_limited)),
    }


def _signal_columns(
    months: ChartedMonths, direction: str, charts: _Charts, rule: np.ndarray, side: np.ndarray
) -> dict[str, pa.Array]:
    """Return which rule each month breaks, and what that means for a KPI of this direction."""
    has_rule = ~np.isnan(rule)
    rule_set = text_column(np.zeros(len(rule), int), [RULE_SET], has_rule)
    rule_position = np.nan_to_num(rule).astype(int) - 1
    variation = np.where(has_rule, _judge_variation(direction, side), NONE)
    target = months.pack("target_value")
    assurance = _judge_assurance(direction, charts, target)
    assurance = months.repeat(np.where(charts.has_limits, assurance, NONE))

    return {
        "rule_set": rule_set,
        "rule": text_column(rule_position, RULES, rule > 0),
        "variation": text_column(variation, VARIATIONS, variation != NONE),
        "target_value": number_column(months.unpack(target)),
        "assurance": text_column(assurance, ASSURANCES, assurance != NONE),
        "reason": _reason_column(months, charts.has_limits, charts.points),
    }


def _draw_charts(kpi: dict, months: ChartedMonths) -> _Charts:
    """Return the charts that suit the kind of a KPI."""
    is_present = months.is_present
    points = is_present.sum(axis=1)
    method = METHOD_OF_KIND[kpi["kind"]]
    if method in ("xmr", "xmr_log"):
        value = np.where(is_present, months.pack("value"), 0)

        # A time of zero has no logarithm.
        present_or_one = np.where(is_present, value, 1)
        is_positive = (present_or_one > 0).all(axis=1)
        is_log = np.asarray(is_positive & (method == "xmr_log"))
        methods = np.where(is_log, METHODS.index("xmr_log"), METHODS.index("xmr"))
        control = individuals_chart(value, is_present, is_log)
        return _Charts(value, methods, control, 1, points)

    cases = np.where(is_present, months.pack("numerator"), 0)
    size = np.ones_like(cases) if kpi["kind"] == "count" else months.pack("denominator")

    size = np.where(is_present, size, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(is_present, cases / size, 0)

    methods = np.full(len(value), METHODS.index(method))
    control = attributes_chart(cases, size, is_present, kpi["kind"] == "share")
    return _Charts(value, methods, control, kpi["scale"], points)


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


def _judge_assurance(direction: str, charts: _Charts, target: np.ndarray) -> np.ndarray:
    """Return positions in ASSURANCES, shape (charts,): whether the target is outside the limits of
    the last point, so that usual variation always meets it or never does. NONE without target.
    """
    last = np.arange(len(charts.points)), charts.points - 1
    low = charts.control.low[last] * charts.scale
    high = charts.control.high[last] * charts.scale
    aim = target[last]
    if direction == "down":
        is_met, is_missed = high <= aim, low > aim
    else:
        is_met, is_missed = low >= aim, high < aim

    assurance = np.select([is_met, is_missed], [MET, MISSED], HIT_AND_MISS)
    is_aimless = np.isnan(aim) | (direction == "none")
    return np.where(is_aimless, NONE, assurance)


def _reason_column(months: ChartedMonths, has_limits: np.ndarray, points: np.ndarray) -> pa.Array:
    """Return why a month is left out, or has no limits; null where it has them."""
    is_charted = months.is_usable.reshape(-1)
    reason = np.select(
        [
            is_charted & months.repeat(has_limits),
            is_charted & months.repeat(points < FEWEST),
            is_charted,
            is_over(months.table),
        ],
        [HAS_LIMITS, TOO_FEW, ALL_SAME, VALUE_REASON],
        NOT_OVER,
    )
    column = encode_text(months.table["reason"])
    value_reason = column.indices.to_numpy(zero_copy_only=False)
    value_reason = np.nan_to_num(value_reason).astype(np.int64) + len(REASONS)
    position = np.where(reason >= 0, reason, value_reason)

    return text_column(position, REASONS + column.dictionary.to_pylist(), reason != HAS_LIMITS)
