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


def _divide_by_expected(sums: CellSums, scale: Fraction) -> np.ndarray:
    """Return an index: own cases x network's exposure / (own exposure x network's cases).

    By the published expectation, which has ten decimals, a branch with a ten millionth of the
    premium would be out by a tenth of a per cent. Products can pass 64 bits, so they are Python's
    integers, whose division is rounded once.
    """
    value = np.full(sums.numerator.shape, np.nan)
    exposure, network_cases = sums.spread["exposure"], sums.spread["network_cases"]
    cells = np.flatnonzero((exposure > 0) & (network_cases > 0))
    network_exposure = sums.spread["network_exposure"][cells]
    top = sums.numerator[cells].astype(object) * network_exposure * scale.numerator
    bottom = exposure[cells].astype(object) * network_cases[cells] * scale.denominator
    value[cells] = (top / bottom).astype(float)
    return value


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
    if kpi.header["kind"] == "index":
        size = _expected_before_rounding(sums)
    if kpi.header["kind"] == "count":
        size = np.ones(len(cases))
    return Counts(cases, size, sums.spread.get("squares"))


def _expected_before_rounding(sums: CellSums) -> np.ndarray:
    network_exposure = sums.spread["network_exposure"].astype(float)
    expected = sums.spread["exposure"] * sums.spread["network_cases"].astype(float)
    return np.divide(expected, network_exposure, out=expected * 0, where=network_exposure > 0)
