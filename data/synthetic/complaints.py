"""Complaints: each grows out of the business of a branch, most of them out of a claim that takes
long.
"""

import numpy as np

from .claims import Columns, settled
from .clock import DAY, NEVER, later
from .tree import Tree

CHANNELS = ["regulator", "company", "industry_body", "other"]
REGULATOR, COMPANY = 0, 1
OUTCOMES = ["upheld", "partly_upheld", "rejected", "withdrawn"]
CATEGORIES = ["claims", "销售", "服务", "承保", "其他"]
COMPLEXITIES = ["simple", "complex", "special"]
LIMIT_DAYS = np.array([10, 30, 60])  # in force in China until 2020
EVENTS = ["received", "contacted", "closed", "escalated"]


def _origin(
    rng: np.random.Generator, tree: Tree, claims: Columns, count: int, until: int
) -> Columns:
    """Claims that made somebody complain, and the moment: during the wait, or just after it."""
    wait = np.minimum(settled(claims) - claims["reported"], 200 * DAY)
    weight = tree.trouble[claims["place"]] * (wait / DAY + 3) ** 0.5
    chosen = np.sort(rng.choice(len(wait), count, replace=False, p=weight / weight.sum()))
    moment = (
        claims["reported"][chosen]
        + 3_600
        + (wait[chosen] * rng.uniform(0.1, 1.1, count)).astype(np.int64)
    )
    moment = moment // DAY * DAY + 28_800 + rng.integers(0, 43_200, count)
    moment = np.maximum(moment, claims["reported"][chosen] + 1_800)
    kept = moment < until
    return dict(
        received=moment[kept],
        place=claims["place"][chosen][kept],
        line=claims["line"][chosen][kept],
        claim=claims["number"][chosen][kept],
    )


def limit_days(c: Columns) -> np.ndarray:
    """Empty complexity counts as simple; an extension moves to the next longer limit."""
    step = np.maximum(c["complexity"], 0) + c["extended"]
    return LIMIT_DAYS[np.minimum(step, 2)]


def limit_day(c: Columns) -> np.ndarray:
    return c["received"] // DAY + limit_days(c)


def escalate(c: Columns) -> None:
    """A complaint past its limit is raised, two levels if it drags on."""
    late = c["closed"] // DAY - limit_day(c)
    c["escalation"] = np.where(late > 12, 2, np.where(late > 0, 1, 0)).astype(np.int8)
    c["escalated"] = np.where(late > 0, (limit_day(c) + 1) * DAY + 32_400, NEVER)


def simulate_complaints(
    rng: np.random.Generator, tree: Tree, claims: Columns, count: int, until: int
) -> Columns:
    """`count` complaints drawn from these claims, of which those received before `until` are
    returned.
    """
    c = _origin(rng, tree, claims, count, until)
    size = len(c["received"])
    c["channel"] = rng.choice(4, size, p=[0.033, 0.837, 0.04, 0.09]).astype(np.int8)
    c["valid"] = rng.random(size) < 0.62
    c["category"] = rng.choice(5, size, p=[0.62, 0.14, 0.13, 0.07, 0.04]).astype(np.int8)
    linked = (c["category"] == 0) & (rng.random(size) < 0.9)
    c["claim"] = np.where(linked, c["claim"], 0)
    c["complexity"] = rng.choice([-1, 0, 1, 2], size, p=[0.05, 0.70, 0.21, 0.04]).astype(np.int8)
    c["extended"] = rng.random(size) < 0.04
    good = np.array([0.45, 0.35, 0.14, 0.06]).cumsum()
    bad = np.array([0.0, 0.0, 0.75, 0.25]).cumsum()
    dice = rng.random(size)
    c["outcome"] = (
        np.where(c["valid"], np.searchsorted(good, dice), np.searchsorted(bad, dice))
        .clip(0, 3)
        .astype(np.int8)
    )
    pace = tree.pace[c["place"]]
    c["contacted"] = (
        c["received"]
        + (3_600 * 1.6 * pace * np.exp(1.1 * rng.standard_normal(size))).astype(np.int64)
        + 60
    )
    c["contacted"] = np.where(rng.random(size) < 0.03, NEVER, c["contacted"])
    days = limit_days(c) * 0.42 * pace * np.exp(0.55 * rng.standard_normal(size))
    c["closed"] = later(rng, c["received"], days)
    escalate(c)
    return c


def in_order(c: Columns) -> Columns:
    """Sorted by receipt and numbered within the year."""
    order = np.argsort(c["received"], kind="stable")
    c = {name: column[order] for name, column in c.items()}
    year = c["received"].astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
    c["number"] = year * 1_000_000 + np.arange(len(year)) - np.searchsorted(year, year) + 1
    return c
