"""The rules that separate news from usual variation on a control chart: those of NHS England's
Making Data Count, with seven points for a trend and a shift.
"""

import numpy as np

from transforms.statistics.control_limits import ControlCharts

WARNING = 2.0  # standard deviations: two thirds of the way to a limit
RUN = 7  # points for a trend or a shift

OUTSIDE, TREND, TWO_OF_THREE, SHIFT = 1, 2, 3, 4


def apply_rules(
    charts: ControlCharts, values: np.ndarray, is_present: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first rule that each point meets (0: none), and on which side (1 high or rising,
    -1 low or falling).

    OUTSIDE the limits; TREND: seven points that rise, or fall, throughout; TWO_OF_THREE: two of
    three beyond two thirds of the limits, all three on one side of the centre (only the far ones
    are marked); SHIFT: seven points on one side. Arrays have the shape (charts, points); points
    that are present come first in their row.
    """
    rule = np.zeros(values.shape, int)
    side = np.zeros(values.shape, int)
    steps = np.sign(np.diff(values, axis=1)) * is_present[:, 1:]
    sides = np.where(is_present, charts.side, 0)
    is_far = np.abs(charts.score) > WARNING
    with np.errstate(invalid="ignore"):
        outside = ((values > charts.high).astype(int) - (values < charts.low)) * is_present
    for direction in (1, -1):
        is_on_side = sides == direction
        is_far_on_side = is_on_side & is_far
        # A far point counts twice: five are three points on the side, two of them far.
        weights = is_on_side.astype(int) + is_far_on_side
        met_by_rule = {
            OUTSIDE: outside == direction,
            TREND: _in_window(steps == direction, RUN - 1, RUN - 1, RUN),
            TWO_OF_THREE: is_far_on_side & _in_window(weights, 3, 5, 3),
            SHIFT: _in_window(is_on_side, RUN, RUN, RUN),
        }
        for number, is_met in met_by_rule.items():
            is_first = is_met & ((rule == 0) | (number < rule))
            rule = np.where(is_first, number, rule)
            side = np.where(is_first, direction, side)
    return rule, side


def _in_window(marks: np.ndarray, length: int, enough: int, covered: int) -> np.ndarray:
    """Return which points are covered by some window of `length` marks in a row that add up to
    enough. Steps are marks between points: they cover one point more.
    """
    is_covered = np.zeros((marks.shape[0], marks.shape[1] + covered - length), bool)
    for start in range(marks.shape[1] - length + 1):
        is_enough = marks[:, start : start + length].sum(axis=1) >= enough
        is_covered[:, start : start + covered] |= is_enough[:, None]
    return is_covered
