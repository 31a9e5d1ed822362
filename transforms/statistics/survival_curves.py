"""Survival curves from counts by day: the share settled by each day where some claims are still
open and some are withdrawn.

Kaplan and Meier (1958) with late entry; a withdrawn claim is a competing end (Aalen and Johansen
1978). The variance is that of the multinomial ends at each day (Marubini and Valsecchi 1995,
section 10.2); without competing ends it is Greenwood's. Limits are on the log(-log) scale.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

HALF = 0.5 - 1e-9  # products of fractions miss one half by their last bits
FEWEST_ENDS = 10  # below it the limits of a median mean nothing


@dataclass(frozen=True)
class SurvivalCurves:
    """Shares by the end of each day after the report, one row per group of claims, one column per
    day from 0.

    `error` is the standard error of `settled`; `told` for how many days each row is known: until
    the first day on which nobody is observed. `is_cut` marks rows that end because all under
    observation on one day ended on it while older claims go on.
    """

    settled: np.ndarray
    withdrawn: np.ndarray
    error: np.ndarray
    told: np.ndarray
    is_cut: np.ndarray


def estimate_curves(
    at_risk: np.ndarray, settled: np.ndarray, withdrawn: np.ndarray
) -> SurvivalCurves:
    """Curves from how many claims were under observation on each day (rows x days), and how many
    ended on it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        settling, ending = (
            np.where(at_risk > 0, ends / at_risk, 0) for ends in (settled, settled + withdrawn)
        )
    after = np.cumprod(1 - ending, axis=1)
    before = np.concatenate([np.ones_like(after[:, :1]), after[:, :-1]], axis=1)
    share = np.cumsum(before * settling, axis=1)
    is_empty = at_risk == 0
    is_observed_later = np.cumsum(~is_empty[:, ::-1], axis=1)[:, ::-1] - ~is_empty > 0
    is_cut_at = (ending == 1) & is_observed_later
    is_lost = is_cut_at | (is_empty & (before > 0))
    told = np.where(is_lost.any(axis=1), is_lost.argmax(axis=1), at_risk.shape[1])
    is_cut = np.take_along_axis(is_cut_at, np.minimum(told, at_risk.shape[1] - 1)[:, None], axis=1)[
        :, 0
    ]
    return SurvivalCurves(
        share,
        np.cumsum(before * (ending - settling), axis=1),
        _error(at_risk, settling, ending, before, share),
        told,
        is_cut,
    )


def _error(
    at_risk: np.ndarray,
    settling: np.ndarray,
    ending: np.ndarray,
    before: np.ndarray,
    share: np.ndarray,
) -> np.ndarray:
    """Standard error of the share settled by each day t: the sum over days s up to t of [S(s-)^2 h1
    (1 - h1) - 2 S(s-) h1 (F(t) - F(s)) + (F(t) - F(s))^2 h / (1 - h)] / n, as cumulated sums of
    powers of F(t).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # Where all end, F changes no more, and the last term is nothing.
        odds = np.where((at_risk > 0) & (ending < 1), ending / (1 - ending) / at_risk, 0)
        each = np.where(at_risk > 0, before * settling / at_risk, 0)
    constant = np.cumsum(
        each * before * (1 - settling) + 2 * each * share + odds * share**2, axis=1
    )
    linear = np.cumsum(each + odds * share, axis=1)
    return np.sqrt(
        np.maximum(constant - 2 * linear * share + np.cumsum(odds, axis=1) * share**2, 0)
    )


def curve_limits(
    share: np.ndarray, error: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Log(-log) limits of a share; NaN where nothing or everything is settled, and the scale has no
    value.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        rest = 1 - share
        wide = np.exp(stats.norm.ppf((1 + level) / 2) * error / np.abs(rest * np.log(rest)))
        inside = (share > 1e-12) & (rest > 1e-12)
        return np.where(inside, 1 - rest ** (1 / wide), np.nan), np.where(
            inside, 1 - rest**wide, np.nan
        )


def median_time(
    found: SurvivalCurves, level: float, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First day by which half are settled, and its limits: the days on which the limits of the
    curve reach one half (Brookmeyer and Crowley 1982).

    NaN where it is not reached in the days that are told; no limit where its curve does not reach
    one half, or of fewer than ten ends.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(1 - found.settled)
        # How far the curve lies beyond one half on the log(-log) scale, and how far its limits lie
        # from it.
        beyond, wide = (
            np.log(log / np.log(1 - HALF)),
            stats.norm.ppf((1 + level) / 2) * found.error / np.abs((1 - found.settled) * log),
        )
        half, low, high = (
            _first(is_there, found)
            for is_there in (found.settled >= HALF, beyond + wide >= 0, beyond - wide >= 0)
        )
    few = np.isnan(half) | (ends < FEWEST_ENDS)
    return half, np.where(few, np.nan, low), np.where(few, np.nan, high)


def _first(is_there: np.ndarray, found: SurvivalCurves) -> np.ndarray:
    """First told day on which something is there; NaN where there is none."""
    is_there = is_there & (np.arange(is_there.shape[1]) < found.told[:, None])
    return np.where(is_there.any(axis=1), is_there.argmax(axis=1), np.nan)
