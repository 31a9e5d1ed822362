"""A KPI's value is formed here, once, from whole numbers; its limits too."""

from fractions import Fraction

import numpy as np

from transforms.engine.models import Model
from transforms.kpis.cell_sums import CellSums
from transforms.statistics.intervals import Counts, Limits, confidence_interval


def form_value(kpi: Model, sums: CellSums) -> np.ndarray:
    """Return scale x numerator / denominator, from whole numbers: one division, NaN where there is
    nothing to divide by.
    """
    up, down = kpi.header["scale"]
    kind = kpi.header["kind"]
    if kind == "index":
        return _divide_by_expected(sums, Fraction(up, down))

    top, bottom = sums.numerator, sums.denominator
    top_unit, bottom_unit = (10**decimals for decimals in sums.decimals)
    if kind == "count":
        factor = Fraction(up, down * top_unit)
        bottom = np.ones_like(bottom)
    elif kind == "quantile":
        # The numerator is the value times the divisor of its share already.
        _, divisor_of_share = kpi.header["percentile"]
        factor = Fraction(up, down * divisor_of_share)
        bottom = (bottom > 0).astype(np.int64)
    else:
        factor = Fraction(up * bottom_unit, down * top_unit)

    # Scale and units are multiplied in before the division: each rounding more would show in
    # comparisons of values that are equal on paper.
    dividend = top.astype(float) * factor.numerator
    divisor = bottom.astype(float) * factor.denominator
    with np.errstate(divide="ignore", invalid="ignore"):
        value = dividend / divisor
    return np.where(bottom != 0, value, np.nan)


def _divide_by_expected(sums: CellSums, scale: Fraction) -> np.ndarray:
    """Return an index: own cases x network's exposure / (own exposure x network's cases).

    By the published expectation, which has ten decimals, a branch with a ten millionth of the
    premium would be out by a tenth of a per cent. Products can pass 64 bits, so they are Python's
    integers, whose division is rounded once.
    """
    value = np.full(sums.numerator.shape, np.nan)
    exposure, network_cases = sums.spread["exposure"], sums.spread["network_cases"]
    cells = np.flatnonzero((exposure > 0) & (network_cases > 0))
    own_cases = sums.numerator[cells].astype(object)
    own_exposure = exposure[cells].astype(object)
    top = own_cases * sums.spread["network_exposure"][cells] * scale.numerator
    bottom = own_exposure * network_cases[cells] * scale.denominator
    value[cells] = (top / bottom).astype(float)
    return value


def form_interval(kpi: Model, sums: CellSums, value: np.ndarray, level: float) -> Limits:
    """Return the limits of values.

    Args:
        kpi: its header names the method.
        sums: what the values are formed of.
        value: NaN where there is none, which has no limits then.
        level: 0.95 for limits that hold the value in 95 of 100 cases.
    """
    header = kpi.header
    is_known = np.isfinite(value)
    up, down = header["scale"]
    if header["interval"] == "order":
        # Observations are times the divisor of the share, as the values are.
        _, divisor = header["percentile"]
        scale = up / down / divisor
        below, above = sums.spread["low"][is_known], sums.spread["high"][is_known]
    else:
        scale = up / down
        counts = form_counts(kpi, sums.select(is_known))
        below, above = confidence_interval(header["interval"], counts, level)

    low = np.full(len(value), np.nan)
    high = low.copy()
    low[is_known] = below * scale
    high[is_known] = above * scale

    return low, high


def form_counts(kpi: Model, sums: CellSums) -> Counts:
    """Return what was counted in published units; a count is of one."""
    kind = kpi.header["kind"]
    numerator_unit, denominator_unit = (10**decimals for decimals in sums.decimals)
    cases = sums.numerator / numerator_unit
    if kind == "index":
        size = _expected_before_rounding(sums)
    elif kind == "count":
        size = np.ones(len(cases))
    else:
        size = sums.denominator / denominator_unit
    return Counts(cases, size, sums.spread.get("squares"))


def _expected_before_rounding(sums: CellSums) -> np.ndarray:
    network_exposure = sums.spread["network_exposure"].astype(float)
    network_cases = sums.spread["network_cases"].astype(float)
    expected = sums.spread["exposure"] * network_cases
    nothing = np.zeros_like(expected)
    return np.divide(expected, network_exposure, out=nothing, where=network_exposure > 0)
