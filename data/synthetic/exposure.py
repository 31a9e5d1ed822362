"""Premium and policies per branch, month and line."""

from datetime import date

import numpy as np

from .claims import LINES, Columns
from .clock import MONTH_OF_YEAR, end_of, next_month, seconds
from .tree import CLOSED_2012, OPENED_2011, Tree

LINE_OF_PREMIUM = np.array([0.27, 0.58, 0.10, 0.05])
YUAN_PER_POLICY = np.array([930, 2_900, 9_500, 3_100])


def simulate_exposure(
    rng: np.random.Generator, tree: Tree, months: list[date], yearly_growth: float
) -> Columns:
    """Premium of an average month of the last year adds up to 1; `write` scales it to yuan."""
    places = np.flatnonzero(tree.level > 1)
    share = tree.share[places] * rng.lognormal(0, 0.12, len(places))
    share /= share.sum()
    age = np.arange(len(months)) - len(months) + 6
    trend = np.array([MONTH_OF_YEAR[m.month - 1] for m in months]) * (1 + yearly_growth) ** (
        age / 12
    )
    noise = rng.lognormal(0, 0.06, (len(places), len(months), len(LINES)))
    premium = share[:, None, None] * trend[None, :, None] * LINE_OF_PREMIUM * noise
    place, month, line = (index.ravel() for index in np.indices(premium.shape))
    starts = np.array([seconds(m) for m in months])[month]
    ends = np.array([seconds(next_month(m)) for m in months])[month]
    c = dict(
        place=places[place],
        month=starts,
        line=line.astype(np.int8),
        share=premium.ravel(),
        end=ends,
    )
    return _while_open(tree, c)


def _while_open(tree: Tree, c: Columns) -> Columns:
    early = (c["place"] == tree.find("宁乡支公司")) & (c["end"] <= seconds(OPENED_2011))
    late = (c["place"] == tree.find("宜城支公司")) & (c["month"] >= end_of(CLOSED_2012))
    return {name: column[~early & ~late] for name, column in c.items()}


def in_yuan(c: Columns, factor: float) -> Columns:
    """Cents and policies for shares times the factor (yuan)."""
    yuan = c["share"] * factor
    issued = np.maximum(np.rint(yuan / YUAN_PER_POLICY[c["line"]]), 1).astype(np.int64)
    return c | dict(
        premium=np.rint(yuan * 100).astype(np.int64),
        issued=issued,
        in_force=np.rint(issued * 11.6).astype(np.int64),
    )
