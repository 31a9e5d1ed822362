"""Control charts suited to the data: limits of what is usual for a branch, month by month, and how
far each month lies from its centre.

Shares, rates and counts: the binomial or Poisson spread about the centre, widened by what months
differ beyond chance (P', U' and C' charts: Laney 2002, Quality Engineering 14). Small counts are
judged by exact tails (the normal score of the mid-p value) instead of the normal approximation,
which near 100 % flags several times too often. Everything else: individuals and moving ranges
(XmR), times on the log scale.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

SIGMAS, WARNING = 3.0, 2.0
NORMAL_FROM = 100  # variance of a count from which the normal approximation does
RANGE = 1.128  # mean range of two normal values, in standard deviations (d2)
OUTLYING = 3.267  # a moving range beyond so many times their mean is left out of it (D4)
SMALLEST = 1e-300


@dataclass(frozen=True)
class ControlCharts:
    """One row per chart, one column per point. In the unit of numerator / denominator (xmr: of the
    values): `centre, low, high, sigma`.

    `score` is the distance from the centre in standard deviations, `side` -1, 0 or 1: on which side
    of it the point counts as lying. `dispersion` is the spread of the points relative to chance,
    NaN for xmr. Without limits (all points the same) `low` and `high` are NaN.
    """

    centre: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sigma: np.ndarray
    score: np.ndarray
    side: np.ndarray
    dispersion: np.ndarray


def moving_range(values: np.ndarray, is_there: np.ndarray) -> np.ndarray:
    """Mean moving range of each row, outlying ranges screened out once. Points that are there come
    first in their row.
    """
    ranges = np.abs(np.diff(values, axis=1))
    used = is_there[:, 1:]

    def mean(chosen: np.ndarray) -> np.ndarray:
        return np.where(chosen, ranges, 0).sum(axis=1) / np.maximum(chosen.sum(axis=1), 1)

    whole = mean(used)
    screened = mean(used & (ranges <= OUTLYING * whole[:, None]))
    # Where all ranges but one are zero, that one is all there is to know of the spread.
    return np.where(screened > 0, screened, whole)


def individuals_chart(
    values: np.ndarray, is_there: np.ndarray, is_log: np.ndarray
) -> ControlCharts:
    """XmR charts; rows for which `is_log` are charted by their logarithms. `sigma` of these is on
    the log scale. No limit below zero.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        held = np.where(is_there, np.where(is_log[:, None], np.log(values), values), 0)
        centre = (held.sum(axis=1) / is_there.sum(axis=1))[:, None]
        sigma = (moving_range(held, is_there) / RANGE)[:, None]
        score = np.where(sigma > 0, (held - centre) / sigma, 0)
    lines = [
        np.where(is_log[:, None], np.exp(line), line)
        for line in (centre, centre - SIGMAS * sigma, centre + SIGMAS * sigma)
    ]
    centre, low, high = (np.broadcast_to(line, values.shape) for line in lines)
    is_flat = sigma == 0
    low, high = np.where(is_flat, np.nan, np.maximum(low, 0)), np.where(is_flat, np.nan, high)
    return ControlCharts(
        centre,
        low,
        high,
        np.broadcast_to(sigma, values.shape),
        score,
        np.sign(score),
        np.full(len(values), np.nan),
    )


def attributes_chart(
    cases: np.ndarray, of: np.ndarray, is_there: np.ndarray, is_share: bool
) -> ControlCharts:
    """P' charts (`is_share`) or U' charts (C' where `of` is 1). Points that are not there have
    neither cases nor exposure.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (cases.sum(axis=1) / of.sum(axis=1))[:, None]
        expected = of * centre
        deviation = np.sqrt(expected * (1 - centre) if is_share else expected)
        is_flat = ~(deviation > 0)
        score = np.where(is_flat, 0, (cases - expected) / deviation)
        side = np.sign(score)
        is_exact = is_there & ~is_flat & (deviation**2 < NORMAL_FROM)
        law = _law(is_share, of[is_exact], np.broadcast_to(centre, of.shape)[is_exact])
        score[is_exact], side[is_exact] = _scored(law, cases[is_exact])
        dispersion = np.maximum(moving_range(score, is_there) / RANGE, 1)
        sigma = dispersion[:, None] * deviation
        low, high = expected - SIGMAS * sigma, expected + SIGMAS * sigma
        low[is_exact], high[is_exact] = _limits(
            law, np.broadcast_to(dispersion[:, None], of.shape)[is_exact]
        )
        low, high = (
            np.where(is_flat, np.nan, np.clip(line / of, 0, 1 if is_share else None))
            for line in (low, high)
        )
        whole = np.broadcast_to(centre, of.shape)
        return ControlCharts(
            whole, low, high, sigma / of, score / dispersion[:, None], side, dispersion
        )


def _law(is_share: bool, of: np.ndarray, centre: np.ndarray):
    return stats.binom(of, centre) if is_share else stats.poisson(of * centre)


def _scored(law, cases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Normal scores of mid-p values, and the side of the centre: the one whose tail, the count
    included, holds at most half of all chances.

    Where no case is the likeliest count by far, a month without is on neither side: seven of them
    in a row are no news.
    """
    same = law.pmf(cases)
    below, above = law.cdf(cases), law.sf(cases) + same
    low, high = np.maximum(below - same / 2, SMALLEST), np.maximum(above - same / 2, SMALLEST)
    return np.where(low < high, special.ndtri(low), -special.ndtri(high)), np.where(
        below <= 0.5, -1, np.where(above <= 0.5, 1, 0)
    )


def _limits(law, dispersion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and the largest count whose scores lie within the limits: what is flagged lies
    outside the line that is drawn.
    """
    tail = np.maximum(special.ndtr(-SIGMAS * dispersion), SMALLEST)
    low, high = np.maximum(law.ppf(tail), 0), law.isf(tail)
    low += (law.cdf(low) + law.cdf(low - 1)) / 2 < tail
    high -= (law.sf(high) + law.sf(high - 1)) / 2 < tail
    return low, high


def apply_rules(
    charts: ControlCharts, values: np.ndarray, is_there: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The first of the rules of NHS England's Making Data Count that each point meets (0: none),
    and on which side (1 high or rising, -1 low or falling).

    1 outside the limits; 2 seven points that rise, or fall, throughout; 3 two of three beyond two
    thirds of the limits, all three on one side of the centre (the far ones are told); 4 seven
    points on one side. Points that are there come first in their row.
    """
    rule, side = np.zeros(values.shape, int), np.zeros(values.shape, int)
    steps = np.sign(np.diff(values, axis=1)) * is_there[:, 1:]
    here = np.where(is_there, charts.side, 0)
    with np.errstate(invalid="ignore"):
        outside = ((values > charts.high).astype(int) - (values < charts.low)) * is_there
    for direction in (1, -1):
        on_side = here == direction
        far = on_side & (np.abs(charts.score) > WARNING)
        met = [
            outside == direction,
            _in_window(steps == direction, 6, 6, 7),
            # A far point counts twice: five are three on the side, two of them far.
            far & _in_window(on_side.astype(int) + far, 3, 5, 3),
            _in_window(on_side, 7, 7, 7),
        ]
        for number, is_met in enumerate(met, start=1):
            is_first = is_met & ((rule == 0) | (number < rule))
            rule, side = np.where(is_first, number, rule), np.where(is_first, direction, side)
    return rule, side


def _in_window(holds: np.ndarray, length: int, enough: int, covered: int) -> np.ndarray:
    """Points covered by some window of so many marks in a row that add up to enough. Steps are
    marks between points: they cover one point more.
    """
    told = np.zeros((holds.shape[0], holds.shape[1] + covered - length), bool)
    for start in range(holds.shape[1] - length + 1):
        told[:, start : start + covered] |= (
            holds[:, start : start + length].sum(axis=1) >= enough
        )[:, None]
    return told
