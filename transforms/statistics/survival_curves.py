"""Survival curves from counts by day: the share settled by each day where some claims are still
open and some are withdrawn.

Kaplan and Meier (1958, Journal of the American Statistical Association 53) with late entry; a
withdrawn claim is a competing end (Aalen and Johansen 1978, Scandinavian Journal of Statistics 5).
The variance is that of the multinomial ends at each day (Marubini and Valsecchi 1995, Analysing
Survival Data, section 10.2); without competing ends it is Greenwood's. Limits are on the log(-log)
scale.

Arrays have the shape (rows, days): one row per group of claims, one column per day from 0.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from transforms.statistics.intervals import Limits

HALF = 0.5 - 1e-9  # products of fractions miss one half by their last bits
FEWEST_ENDS = 10  # below it the limits of a median mean nothing
# A share closer than this to nothing or to everything has no log(-log) scale.
NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class SurvivalCurves:
    """Shares by the end of each day after the report, shape (rows, days).

    `error` is the standard error of `settled`. Of shape (rows,): `known_days`, for how many days
    each row is known, until the first day on which nobody is observed; `is_cut` marks rows that end
    because all under observation on one day ended on it while older claims go on.
    """

    settled: np.ndarray
    withdrawn: np.ndarray
    error: np.ndarray
    known_days: np.ndarray
    is_cut: np.ndarray


def estimate_curves(
    at_risk: np.ndarray, settled: np.ndarray, withdrawn: np.ndarray
) -> SurvivalCurves:
    """Return the curves from how many claims were under observation on each day, and how many ended
    on it.
    """
    days = at_risk.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        settling = np.where(at_risk > 0, settled / at_risk, 0)
        ending = np.where(at_risk > 0, (settled + withdrawn) / at_risk, 0)
    open_after = np.cumprod(1 - ending, axis=1)
    open_before = np.concatenate([np.ones_like(open_after[:, :1]), open_after[:, :-1]], axis=1)
    share = np.cumsum(open_before * settling, axis=1)
    is_empty = at_risk == 0
    is_observed_from_here = np.cumsum(~is_empty[:, ::-1], axis=1)[:, ::-1]
    is_observed_later = is_observed_from_here - ~is_empty > 0
    is_cut_on_day = (ending == 1) & is_observed_later
    is_lost_on_day = is_cut_on_day | (is_empty & (open_before > 0))
    known_days = np.where(is_lost_on_day.any(axis=1), is_lost_on_day.argmax(axis=1), days)
    last = np.minimum(known_days, days - 1)
    return SurvivalCurves(
        settled=share,
        withdrawn=np.cumsum(open_before * (ending - settling), axis=1),
        error=_standard_error(at_risk, settling, ending, open_before, share),
        known_days=known_days,
        is_cut=np.take_along_axis(is_cut_on_day, last[:, None], axis=1)[:, 0],
    )


def _standard_error(
    at_risk: np.ndarray,
    settling: np.ndarray,
    ending: np.ndarray,
    open_before: np.ndarray,
    share: np.ndarray,
) -> np.ndarray:
    """Return the standard error of the share F settled by each day t.

    Its square is the sum over days s up to t of [S(s-)^2 h1 (1 - h1) - 2 S(s-) h1 (F(t) - F(s)) +
    (F(t) - F(s))^2 h / (1 - h)] / n, with h1 the hazard of settling and h that of any end, written
    as cumulated sums times powers of F(t).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # Where all end, F changes no more, and the last term is nothing.
        odds = np.where((at_risk > 0) & (ending < 1), ending / (1 - ending) / at_risk, 0)
        per_claim = np.where(at_risk > 0, open_before * settling / at_risk, 0)
    own_variance = per_claim * open_before * (1 - settling)
    constant = np.cumsum(own_variance + 2 * per_claim * share + odds * share**2, axis=1)
    linear = np.cumsum(per_claim + odds * share, axis=1)
    square = np.cumsum(odds, axis=1)
    variance = constant - 2 * linear * share + square * share**2
    return np.sqrt(np.maximum(variance, 0))


def curve_limits(share: np.ndarray, error: np.ndarray, level: float) -> Limits:
    """Return the log(-log) limits of a share; NaN where nothing or everything is settled, and the
    scale has no value.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        rest = 1 - share
        z = stats.norm.ppf((1 + level) / 2)
        factor = np.exp(z * error / np.abs(rest * np.log(rest)))
        has_scale = (share > NEGLIGIBLE) & (rest > NEGLIGIBLE)
        low = np.where(has_scale, 1 - rest ** (1 / factor), np.nan)
        high = np.where(has_scale, 1 - rest**factor, np.nan)
    return low, high


def median_time(
    curves: SurvivalCurves, level: float, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first day by which half are settled, and its limits: the days on which the limits
    of the curve reach one half (Brookmeyer and Crowley 1982, Biometrics 38). Shape (rows,).

    NaN where it is not reached in the days that are known; no limit where its curve does not reach
    one half, or where `ends`, the settled claims of each row, are fewer than FEWEST_ENDS.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(1 - curves.settled)
        # How far the curve is beyond one half on the log(-log) scale, and how far its limits are
        # from it.
        beyond = np.log(log / np.log(1 - HALF))
        z = stats.norm.ppf((1 + level) / 2)
        half_width = z * curves.error / np.abs((1 - curves.settled) * log)
        median = _first_known_day(curves.settled >= HALF, curves)
        low = _first_known_day(beyond + half_width >= 0, curves)
        high = _first_known_day(beyond - half_width >= 0, curves)
    has_no_limits = np.isnan(median) | (ends < FEWEST_ENDS)
    return median, np.where(has_no_limits, np.nan, low), np.where(has_no_limits, np.nan, high)


def _first_known_day(is_met: np.ndarray, curves: SurvivalCurves) -> np.ndarray:
    """Return the first known day on which something is met; NaN where there is none."""
    is_known = np.arange(is_met.shape[1]) < curves.known_days[:, None]
    is_met = is_met & is_known
    return np.where(is_met.any(axis=1), is_met.argmax(axis=1), np.nan)
