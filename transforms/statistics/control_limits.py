"""Control charts suited to the data: limits of what is usual for a branch, month by month, and how
far each month is from its centre.

Shares, rates and counts: the binomial or Poisson spread about the centre, widened by what months
differ beyond chance (P', U' and C' charts: Laney 2002, Quality Engineering 14). Small counts are
judged by exact tails (the normal score of the mid-p value: Lancaster 1961, Journal of the American
Statistical Association 56) instead of the normal approximation, which near 100% flags several
times too often. Everything else: individuals and moving ranges (XmR), times on the log scale.

All arrays have the shape (charts, points) unless said otherwise. Points that are present come first
in their row, so that a month without a figure is not a gap in a run.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from transforms.statistics.intervals import Limits

SIGMAS = 3.0  # from the centre to a limit
NORMAL_FROM = 100  # variance of a count from which the normal approximation is good enough
D2 = 1.128  # mean range of two normal values, in standard deviations
D4 = 3.267  # a moving range beyond this multiple of their mean is screened out
SMALLEST = 1e-300  # a probability that still has a normal score


@dataclass(frozen=True)
class ControlCharts:
    """One row per chart, one column per point. In the unit of numerator / denominator (xmr: of the
    values): `centre, low, high, sigma`.

    `score` is the distance from the centre in standard deviations, `side` -1, 0 or 1: on which side
    of it the point counts. `dispersion`, shape (charts,), is the spread of the points relative to
    chance, NaN for xmr. Without limits (all points the same) `low` and `high` are NaN.
    """

    centre: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sigma: np.ndarray
    score: np.ndarray
    side: np.ndarray
    dispersion: np.ndarray


def mean_moving_range(values: np.ndarray, is_present: np.ndarray) -> np.ndarray:
    """Return the mean moving range of each row, outlying ranges screened out once: shape
    (charts,).
    """
    ranges = np.abs(np.diff(values, axis=1))
    is_between = is_present[:, 1:]
    mean = _masked_mean(ranges, is_between)
    is_usual = is_between & (ranges <= D4 * mean[:, None])
    screened = _masked_mean(ranges, is_usual)
    # Where all ranges but one are zero, that one is all there is to know of the spread.
    return np.where(screened > 0, screened, mean)


def _masked_mean(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the mean of each row over a mask; 0 where it is empty."""
    count = np.maximum(mask.sum(axis=1), 1)
    return np.where(mask, values, 0).sum(axis=1) / count


def individuals_chart(
    values: np.ndarray, is_present: np.ndarray, is_log: np.ndarray
) -> ControlCharts:
    """Return XmR charts; rows for which `is_log`, shape (charts,), are charted by their logarithms,
    and their `sigma` is on the log scale. No limit is below zero.
    """
    logs = is_log[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        charted = np.where(is_present, np.where(logs, np.log(values), values), 0)
        centre = (charted.sum(axis=1) / is_present.sum(axis=1))[:, None]
        sigma = (mean_moving_range(charted, is_present) / D2)[:, None]
        score = np.where(sigma > 0, (charted - centre) / sigma, 0)

    def in_unit(line: np.ndarray) -> np.ndarray:
        line = np.where(logs, np.exp(line), line)
        return np.broadcast_to(line, values.shape)

    is_flat = sigma == 0
    low = in_unit(centre - SIGMAS * sigma)
    high = in_unit(centre + SIGMAS * sigma)
    return ControlCharts(
        centre=in_unit(centre),
        low=np.where(is_flat, np.nan, np.maximum(low, 0)),
        high=np.where(is_flat, np.nan, high),
        sigma=np.broadcast_to(sigma, values.shape),
        score=score,
        side=np.sign(score),
        dispersion=np.full(len(values), np.nan),
    )


def attributes_chart(
    cases: np.ndarray, size: np.ndarray, is_present: np.ndarray, is_share: bool
) -> ControlCharts:
    """Return P' charts (`is_share`) or U' charts (C' where `size` is 1).

    Points that are not present have neither cases nor size.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (cases.sum(axis=1) / size.sum(axis=1))[:, None]
        expected = size * centre
        deviation = np.sqrt(expected * (1 - centre) if is_share else expected)
        is_flat = ~(deviation > 0)
        score = np.where(is_flat, 0, (cases - expected) / deviation)
        side = np.sign(score)
        is_exact = is_present & ~is_flat & (deviation**2 < NORMAL_FROM)
        centres = np.broadcast_to(centre, size.shape)
        distribution = _distribution(is_share, size[is_exact], centres[is_exact])
        score[is_exact], side[is_exact] = _mid_p_scores(distribution, cases[is_exact])
        # Months that differ less than chance would have them do not narrow the limits.
        dispersion = np.maximum(mean_moving_range(score, is_present) / D2, 1)
        dispersions = np.broadcast_to(dispersion[:, None], size.shape)
        sigma = dispersion[:, None] * deviation
        low = expected - SIGMAS * sigma
        high = expected + SIGMAS * sigma
        low[is_exact], high[is_exact] = _exact_limits(distribution, dispersions[is_exact])
        largest = 1 if is_share else None
        return ControlCharts(
            centre=centres,
            low=np.where(is_flat, np.nan, np.clip(low / size, 0, largest)),
            high=np.where(is_flat, np.nan, np.clip(high / size, 0, largest)),
            sigma=sigma / size,
            score=score / dispersion[:, None],
            side=side,
            dispersion=dispersion,
        )


def _distribution(is_share: bool, size: np.ndarray, centre: np.ndarray):
    """Return the distribution by chance of each count, as scipy's frozen one."""
    if is_share:
        return stats.binom(size, centre)
    return stats.poisson(size * centre)


def _mid_p_scores(distribution, cases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return normal scores of mid-p values, and the side of the centre: the one whose tail, the
    count included, has at most half of all chances.

    Where no case is the likeliest count by far, a month without is on neither side: seven of them
    in a row are not news.
    """
    same = distribution.pmf(cases)
    at_most = distribution.cdf(cases)
    at_least = distribution.sf(cases) + same
    low = np.maximum(at_most - same / 2, SMALLEST)
    high = np.maximum(at_least - same / 2, SMALLEST)
    score = np.where(low < high, special.ndtri(low), -special.ndtri(high))
    side = np.where(at_most <= 0.5, -1, np.where(at_least <= 0.5, 1, 0))
    return score, side


def _exact_limits(distribution, dispersion: np.ndarray) -> Limits:
    """Return the smallest and the largest count whose scores are within the limits: what is flagged
    is outside the line that is drawn.
    """
    tail = np.maximum(special.ndtr(-SIGMAS * dispersion), SMALLEST)
    low = np.maximum(distribution.ppf(tail), 0)
    high = distribution.isf(tail)
    low += (distribution.cdf(low) + distribution.cdf(low - 1)) / 2 < tail
    high -= (distribution.sf(high) + distribution.sf(high - 1)) / 2 < tail
    return low, high
