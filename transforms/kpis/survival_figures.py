"""The figures that are read off survival curves, and why there is none."""

from dataclasses import dataclass, fields

import numpy as np

from transforms.kpis.survival_counts import DAYS, IntervalCounts
from transforms.kpis.value_states import NO_CASES
from transforms.statistics.survival_curves import (
    HALF,
    SurvivalCurves,
    curve_limits,
    estimate_curves,
    median_time,
)

COUNTS = ("claims", "claims_late", "claims_settled", "claims_withdrawn", "claims_open")
FIGURES = (
    "value",
    "interval_low",
    "interval_high",
    "withdrawn_pct",
    "closed_only_value",
    "closed_only_mean",
)
REASONS = [
    "",
    NO_CASES,
    "no claim of the period has been observed without a gap until that day",
    "too few claims: all under observation on one day ended, while older ones go on",
    *(f"fewer than half are settled within {day} days" for day in range(DAYS)),
]
# Positions in REASONS; NOT_REACHED is that of day 0.
KNOWN, NO_CLAIMS, NOT_OBSERVED, CUT_OFF, NOT_REACHED = range(5)
NO_DAY = -1  # of a figure that is not of one day: a median

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class SurvivalEstimate:
    """The curves of one period and segment, a row per branch.

    `columns` are position of the branch and counts of claims, shape (rows,). `closed_only`, shape
    (rows, days 0 to 366), is what the curves would be if settled claims were all there is.
    """

    columns: Columns
    curves: SurvivalCurves
    closed_only: np.ndarray

    def select_branch(self, branch: int) -> "SurvivalEstimate":
        """Return the rows of one branch."""
        is_selected = self.columns["branch"] == branch
        columns = {name: column[is_selected] for name, column in self.columns.items()}
        curves = {}
        for field in fields(SurvivalCurves):
            curves[field.name] = getattr(self.curves, field.name)[is_selected]

        closed_only = self.closed_only[is_selected]
        return SurvivalEstimate(columns, SurvivalCurves(**curves), closed_only)

    def shares_by_day(self, days: list[int], level: float) -> Columns:
        """Return rows of the shares settled by some days."""
        curves = self.curves
        settled = curves.settled[:, days]
        low, high = curve_limits(settled, curves.error[:, days], level)
        no_mean = np.full(settled.shape, np.nan)
        figures = {
            "value": 100 * settled,
            "interval_low": 100 * low,
            "interval_high": 100 * high,
            "withdrawn_pct": 100 * curves.withdrawn[:, days],
            "closed_only_value": 100 * self.closed_only[:, days],
            "closed_only_mean": no_mean,
        }
        is_known = np.array(days) < curves.known_days[:, None]

        return self._rows(figures, is_known, np.array(NOT_OBSERVED), days)

    def medians(self, level: float, closed_only_mean: np.ndarray) -> Columns:
        """Return rows of the day by which half are settled, with the mean of the settled claims
        alone, shape (rows,), next to it.
        """
        median, low, high = median_time(self.curves, level, self.columns["claims_settled"])
        nothing_settled = np.isnan(self.closed_only[:, -1])

        # The first day that reaches it: argmax finds the first True.
        first_half = (self.closed_only >= HALF).argmax(axis=1)
        figures = {
            "value": median,
            "interval_low": low,
            "interval_high": high,
            "withdrawn_pct": np.full(len(median), np.nan),
            "closed_only_value": np.where(nothing_settled, np.nan, first_half),
            "closed_only_mean": closed_only_mean,
        }
        by_day = {name: values[:, None] for name, values in figures.items()}
        is_known = np.isfinite(median)[:, None]

        known_days = self.curves.known_days
        not_reached = NOT_REACHED + known_days - 1
        unknown = np.where(known_days > 0, not_reached, NOT_OBSERVED)

        return self._rows(by_day, is_known, unknown[:, None], [NO_DAY])

    def _rows(
        self, figures: Columns, is_known: np.ndarray, unknown: np.ndarray, days: list[int]
    ) -> Columns:
        """Return a row per branch and day, out of figures of that shape.

        `unknown` says why not, where a figure is not known, by its position in REASONS.
        """
        has_no_claims = (self.columns["claims"] == 0)[:, None]
        is_cut = self.curves.is_cut[:, None]
        reason = np.select(
            [has_no_claims, is_known, is_cut],
            [NO_CLAIMS, KNOWN, CUT_OFF],
            unknown,
        )

        rows = {name: np.repeat(column, len(days)) for name, column in self.columns.items()}
        for name, values in figures.items():
            # What the settled claims alone would say is published also where the curve is not
            # known: that is where it misleads.
            is_published = (reason == KNOWN) | name.startswith("closed_only")
            rows[name] = np.where(is_published, values, np.nan).reshape(-1)

        rows["reason"] = reason.reshape(-1)
        rows["day"] = np.broadcast_to(days, reason.shape).reshape(-1)

        return rows


def estimate_survival(counts: IntervalCounts, has_every_branch: bool) -> SurvivalEstimate:
    """Return the curves of every branch or, unless it `has_every_branch`, of those that have
    claims.
    """
    claims = counts.entered[:, 0] + counts.late
    branch = np.flatnonzero(has_every_branch | (claims > 0))
    claims, late = claims[branch], counts.late[branch]
    settled, withdrawn = counts.settled[branch], counts.withdrawn[branch]

    # Who leaves on a day is still at risk on it.
    at_risk = np.cumsum(counts.entered[branch], axis=1)[:, :DAYS]
    has_left = np.cumsum(counts.left[branch], axis=1)
    at_risk[:, 1:] -= has_left[:, : DAYS - 1]
    curves = estimate_curves(at_risk, settled[:, :DAYS], withdrawn[:, :DAYS])

    settled_in_all = settled.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        closed_only = np.cumsum(settled, axis=1) / settled_in_all

    settled_count = settled[:, :DAYS].sum(axis=1)
    withdrawn_count = withdrawn[:, :DAYS].sum(axis=1)
    columns = {
        "branch": branch,
        "claims": claims,
        "claims_late": late,
        "claims_settled": settled_count,
        "claims_withdrawn": withdrawn_count,
        "claims_open": claims - settled_count - withdrawn_count,
    }

    return SurvivalEstimate(columns, curves, closed_only)
