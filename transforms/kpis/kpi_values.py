"""A KPI's value is formed here, once, from whole numbers; its limits too."""

from fractions import Fraction

import numpy as np

from transforms.engine.models import Model
from transforms.kpis.aggregate import CellSums
from transforms.statistics.intervals import Counts, Limits, confidence_interval


def form_value(kpi: Model, sums: CellSums) -> np.ndarray:
    """Return scale x numerator / denominator, from whole numbers: one division, NaN where there is
    nothing to divide by.
    """
    up, down = kpi.header["scale"]
    kind = kpi.header["kind"]
    top, bottom = sums.numerator, sums.denominator
    top_decimals, bottom_decimals = sums.decimals
    if kind == "count":
        factor = Fraction(up, down * 10**top_decimals)
        bottom = np.ones_like(bottom)
    elif kind == "quantile":
        # The numerator is the value times the divisor of its share already.
        factor = Fraction(up, down * kpi.header["percentile"][1])
        bottom = (bottom > 0).astype(np.int64)
    else:
        factor = Fraction(up * 10**bottom_decimals, down * 10**top_decimals)
    with np.errstate(divide="ignore", invalid="ignore"):
        dividend = top.astype(float) * factor.numerator
        value = dividend / (bottom.astype(float) * factor.denominator)
    return np.where(bottom != 0, value, np.nan)


def form_interval(kpi: Model, sums: CellSums, value: np.ndarray, level: float) -> Limits:
    """Return the limits of the values, NaN where there is none."""
    low, high = np.full(len(value), np.nan), np.full(len(value), np.nan)
    is_known = np.isfinite(value)
    scale = kpi.header["scale"][0] / kpi.header["scale"][1]
    if kpi.header["interval"] == "order":
        scale = scale / kpi.header["percentile"][1]
        below, above = sums.spread["low"][is_known], sums.spread["high"][is_known]
    else:
        counts = form_counts(kpi, sums.select(is_known))
        below, above = confidence_interval(kpi.header["interval"], counts, level)
    low[is_known], high[is_known] = below * scale, above * scale
    return low, high


def form_counts(kpi: Model, sums: CellSums) -> Counts:
    """Return what was counted in published units; a count is of one."""
    cases = sums.numerator / 10 ** sums.decimals[0]
    size = sums.denominator / 10 ** sums.decimals[1]
    if kpi.header["kind"] == "count":
        size = np.ones(len(cases))
    return Counts(cases, size, sums.spread.get("squares"))
