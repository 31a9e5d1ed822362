"""Intervals and tail probabilities: one function decides for every number, and for every line and flag.

Wilson for shares (Wilson 1927), exact Poisson for counts and rates per exposure (Garwood 1936). Where no honest interval
is known to us, there is none.
"""

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

METHODS = ("wilson", "poisson", "none")


def interval(method: str, numerator: np.ndarray, denominator: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Limits of numerator / denominator (for a count: of the numerator, with denominator 1), before scaling.

    Arrays of one shape in, two of the same shape out; NaN where there is no denominator or the method is `none`.
    """
    low = np.full(numerator.shape, np.nan)
    high = low.copy()
    usable = denominator > 0
    if method == "wilson":
        usable &= numerator <= denominator
        cases, of = numerator[usable], denominator[usable]
        lower, upper = proportion_confint(cases, of, 1 - level, "wilson")
        # None of n has 0 for its lower limit and all of n has 1 for its upper one: exactly, not up to the last bit.
        low[usable], high[usable] = np.where(cases == 0, 0, lower), np.where(cases == of, 1, upper)
    elif method == "poisson":
        events, exposure, tail = numerator[usable], denominator[usable], (1 - level) / 2
        with np.errstate(invalid="ignore"):
            low[usable] = np.where(events > 0, stats.chi2.ppf(tail, 2 * events), 0) / 2 / exposure
        high[usable] = stats.chi2.ppf(1 - tail, 2 * events + 2) / 2 / exposure
    elif method != "none":
        raise ValueError(f"unknown interval method {method!r}: use one of {', '.join(METHODS)}")
    return low, high


def tails(method: str, numerator: np.ndarray, denominator: np.ndarray, network: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How likely a branch that does as the network does would have this numerator or fewer, and this or more.

    `network` is the network's numerator / denominator, before scaling. Exact binomial for shares, exact Poisson for rates;
    NaN where the method knows no distribution. Never a normal approximation: near 100 % and at few cases it flags by itself.
    """
    low = np.full(numerator.shape, np.nan)
    high = low.copy()
    usable = (denominator > 0) & np.isfinite(network)
    x, n, p = numerator[usable], denominator[usable], network[usable]
    if method == "wilson":
        p = np.clip(p, 0, 1)
        low[usable], high[usable] = stats.binom.cdf(x, n, p), stats.binom.sf(x - 1, n, p)
    elif method == "poisson":
        low[usable], high[usable] = stats.poisson.cdf(x, n * p), stats.poisson.sf(x - 1, n * p)
    return low, high
