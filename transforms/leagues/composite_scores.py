"""How values become points, and points scores and grades. Arrays have the shape (rows,), a row per
league and branch, or (rows, parts).
"""

from itertools import product

import numpy as np
import pyarrow as pa

from data.config.composite import CompositePart
from transforms.statistics import combined_intervals
from transforms.statistics.intervals import Limits

DECIMALS = 9  # of a score: the last bits of a sum decide no rank and no grade


def earned_share(part: CompositePart, value: np.ndarray) -> np.ndarray:
    """Return what share of a part's weight a value earns: 0 at `zero_at`, 1 at `full_at`, on the
    straight line between.
    """
    span = part.full_at - part.zero_at
    return np.clip((value - part.zero_at) / span, 0, 1)


def counted_weights(earned: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weights of the parts that have points, else 0, shape (rows, parts)."""
    return np.where(np.isnan(earned), 0, weights)


def compute_scores(earned: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return scores of 0 to 100 from earned shares, shape (rows, parts), NaN where a part is left
    out; NaN where all are, or weigh nothing.
    """
    weight = counted_weights(earned, weights).sum(axis=1)
    points = np.where(np.isnan(earned), 0, earned * weights).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.round(100 * points / weight, DECIMALS)


def score_limits(
    earned: np.ndarray, low: np.ndarray, high: np.ndarray, weights: np.ndarray
) -> Limits:
    """Return the limits of the scores from those of the shares earned (see combined_intervals.py);
    NaN where a part that counts has none.
    """
    weight = counted_weights(earned, weights).sum(axis=1, keepdims=True)
    is_missing = np.isnan(earned)

    def to_points(shares: np.ndarray) -> np.ndarray:
        return np.where(is_missing, 0, 100 * shares * weights / weight)

    with np.errstate(invalid="ignore", divide="ignore"):
        below, above = combined_intervals.sum_interval(
            to_points(earned), to_points(low), to_points(high)
        )
    has_points = weight[:, 0] > 0
    low_score = np.where(has_points, np.maximum(below, 0), np.nan)
    high_score = np.where(has_points, np.minimum(above, 100), np.nan)
    return low_score, high_score


def corner_factors(parts: int, change: float) -> np.ndarray:
    """Return what weights are multiplied with: every combination of weights that are each smaller
    or greater by that share, shape (2 ** parts, parts).

    Two branches with the same parts change places within these bounds only if they do at a corner:
    their difference is linear in the weights.
    """
    return 1 + change * np.array(list(product((-1, 1), repeat=parts)))


def grade_scores(grades: dict[str, float], score: np.ndarray, is_graded: np.ndarray) -> pa.Array:
    """Return the grade whose band a score is in (a band begins with its lower end), or null."""
    names = np.array(list(grades)[::-1], object)  # from the worst, whose band begins at 0
    lower_ends = list(grades.values())[::-1]
    band = np.searchsorted(lower_ends, score, side="right").clip(1) - 1
    has_grade = is_graded & ~np.isnan(score)
    return pa.array(names[band], pa.string(), mask=~has_grade)
