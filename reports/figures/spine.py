"""The spine of a profile: from the worst to the best branch, where the middle half stands, the
network, and this branch.
"""

from dataclasses import dataclass

import numpy as np

from reports.figures.svg import SvgDrawing
from reports.text.words import Both

WIDTH, HEIGHT, MARGIN = 140, 18, 7


@dataclass(frozen=True)
class Spread:
    """How the ranked branches of a league stand, in the KPI's unit."""

    worst: float
    low: float  # a quarter is worse than this
    high: float  # a quarter is better than this
    best: float

    @staticmethod
    def from_values(values: list[float], direction: str) -> "Spread | None":
        """Return the spread of ranked values; None for fewer than four: none is a quarter."""
        if len(values) < 4:
            return None

        numbers = np.array(values, dtype=float)
        ends = np.quantile(numbers, [0, 0.25, 0.75, 1])
        if direction != "up":
            ends = ends[::-1]

        return Spread(*(float(end) for end in ends))

    def position(self, value: float) -> float:
        """Return a position from 0, the worst, to 1, the best; what is beyond is at the end."""
        span = self.best - self.worst
        return min(max((value - self.worst) / span, 0.0), 1.0) if span else 0.5


def _across(position: float) -> str:
    return f"{MARGIN + position * (WIDTH - 2 * MARGIN):.1f}"


def draw_spine(
    spread: Spread, network: float | None, value: float, verdict: str | None, alt: Both
) -> SvgDrawing:
    """Return the drawing: worst at the left, whichever way the KPI runs.

    Args:
        spread: of the ranked branches.
        network: its value; None draws no line.
        value: of the branch.
        verdict: of the branch, which its mark shows.
        alt: what the drawing shows, for those who cannot see it.
    """
    middle = HEIGHT / 2
    left = float(_across(spread.position(spread.low)))
    right = float(_across(spread.position(spread.high)))

    # As thin as a line at least: where most branches have one value, the band would be nothing.
    width = max(right - left, 1)
    inside = f'<path class="line" d="M{_across(0)} {middle}H{_across(1)}"/>'
    inside += f'<rect class="band" x="{left:.1f}" y="{middle - 4}" width="{width:.1f}" height="8"/>'
    if network is not None:
        across = _across(spread.position(network))
        inside += f'<path class="net" d="M{across} 1V{HEIGHT - 1}"/>'

    at = float(_across(spread.position(value)))
    inside += _branch_mark(at, middle, verdict)
    return SvgDrawing(inside, WIDTH, HEIGHT, alt, "spine")


def _branch_mark(at: float, middle: float, verdict: str | None) -> str:
    """Return the mark of the branch: its shape says the verdict, not its colour alone."""
    if verdict == "better":
        return f'<path class="better" d="M{at} {middle - 5}l5 9h-10z"/>'
    if verdict == "worse":
        return f'<path class="worse" d="M{at} {middle + 5}l5 -9h-10z"/>'

    style = "similar" if verdict == "as_expected" else "uncompared"
    return f'<circle class="{style}" cx="{at}" cy="{middle}" r="4.2"/>'
