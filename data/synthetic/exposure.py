"""Exposure: premium and policies per branch, month and line."""

from datetime import date

import numpy as np

from .claims import LINES, Columns, take_rows
from .clock import MONTH_OF_YEAR, end_of, next_month, seconds
from .tree import CLOSED_BRANCH, CLOSED_ON, OPENED_BRANCH, OPENED_ON, PROVINCE, Tree

LINE_OF_PREMIUM = np.array([0.27, 0.58, 0.10, 0.05])
YUAN_PER_POLICY = np.array([930, 2_900, 9_500, 3_100])
POLICIES_IN_FORCE_PER_ISSUED = 11.6  # most policies run for a year, some are cancelled


def simulate_exposure(
    rng: np.random.Generator, tree: Tree, months: list[date], yearly_growth: float
) -> Columns:
    """Return shares of premium per branch below a province, month and line.

    They add up to 1 in an average month of the last year; `scale_to_yuan` makes yuan of them.

    Args:
        rng: the source of chance; the order of the draws is part of the sample.
        tree: the branches, by whose share of the business premium is spread.
        months: their first days, in order.
        yearly_growth: of premium; 0.05 is 5% a year.
    """
    branches = np.flatnonzero(tree.level > PROVINCE)
    share = tree.share[branches] * rng.lognormal(0, 0.12, len(branches))
    share /= share.sum()

    # Years since the middle of the last twelve months, so that growth changes nothing of their sum.
    age_months = np.arange(len(months)) - len(months) + 6
    season = np.array([MONTH_OF_YEAR[month.month - 1] for month in months])
    trend = season * (1 + yearly_growth) ** (age_months / 12)

    shape = len(branches), len(months), len(LINES)
    noise = rng.lognormal(0, 0.06, shape)
    premium = share[:, None, None] * trend[None, :, None] * LINE_OF_PREMIUM * noise
    branch, month, line = (index.ravel() for index in np.indices(shape))
    starts = np.array([seconds(day) for day in months])
    ends = np.array([seconds(next_month(day)) for day in months])
    exposure = {
        "branch": branches[branch],
        "month": starts[month],
        "line": line.astype(np.int8),
        "share": premium.ravel(),
        "end": ends[month],
    }

    return _leave_out_closed(tree, exposure)


def _leave_out_closed(tree: Tree, exposure: Columns) -> Columns:
    """Return the months in which a branch was open."""
    branch, month, month_ended = exposure["branch"], exposure["month"], exposure["end"]
    is_new = branch == tree.find(OPENED_BRANCH)
    is_old = branch == tree.find(CLOSED_BRANCH)
    is_too_early = is_new & (month_ended <= seconds(OPENED_ON))
    is_too_late = is_old & (month >= end_of(CLOSED_ON))
    return take_rows(exposure, ~is_too_early & ~is_too_late)


def scale_to_yuan(exposure: Columns, factor: float) -> Columns:
    """Return premium in cents and policies, for shares times the factor (yuan)."""
    yuan = exposure["share"] * factor
    yuan_per_policy = YUAN_PER_POLICY[exposure["line"]]
    policies = np.rint(yuan / yuan_per_policy)

    # A branch without any policy in a month would have no exposure to divide by.
    issued = np.maximum(policies, 1).astype(np.int64)
    in_force = np.rint(issued * POLICIES_IN_FORCE_PER_ISSUED).astype(np.int64)
    cents = np.rint(yuan * 100).astype(np.int64)

    return exposure | {"premium": cents, "issued": issued, "in_force": in_force}
