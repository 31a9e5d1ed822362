"""The synthetic Dadi of 2011-2012: simulated like any company, then nudged to the published
figures.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from . import calibrate
from .callbacks import (
    closed_cases,
    complaint_cases,
    paid_between,
    rescue_cases,
    scene_cases,
    simulate_callbacks,
)
from .claims import Columns, join, simulate_claims
from .clock import MONTH_OF_YEAR, arrivals, month_starts, next_month, seconds, yyyymm
from .complaints import in_order, simulate_complaints
from .exposure import in_yuan, simulate_exposure
from .tree import UNKNOWN_CODES, Tree, make_company_tree

FIRST_CLAIM, FIRST_COMPLAINT, FIRST_CALL, END = (
    date(2010, 7, 1),
    date(2011, 1, 1),
    date(2011, 7, 1),
    date(2013, 1, 1),
)
LAST_MONTH = date(2012, 12, 1)
CLAIMS_A_MONTH = 37_500
SECOND_PARTY = 0.35  # of the scene reports: the other driver is called too
PACE_2011, PACE_2012, PACE_JIANGXI = 1.72, 1.00, 1.18  # Jiangxi was the same in both years
UNKNOWN = {"claims": 6, "callbacks": 8, "complaints": 2}  # rows whose branch is nowhere in the tree


@dataclass(frozen=True, eq=False)
class Company:
    tree: Tree
    codes: list[str]  # the tree's codes and, after them, the unknown ones
    claims: Columns
    callbacks: Columns
    complaints: Columns
    exposure: Columns


def _claims(tree: Tree) -> Columns:
    parts, jiangxi = [], tree.below("江西分公司")
    for at, month in enumerate(month_starts(FIRST_CLAIM, LAST_MONTH)):
        rng = np.random.default_rng([2012, 2, at])
        count = int(CLAIMS_A_MONTH * MONTH_OF_YEAR[month.month - 1] * (1 + 0.055 * (at - 15) / 12))
        reported = arrivals(rng, seconds(month), seconds(next_month(month)), count)
        number = (month.year * 100 + month.month) * 1_000_000 + 1 + np.arange(count)
        pace = np.interp(at, [0, 15, 20], [PACE_2011, PACE_2011, PACE_2012])
        parts.append(
            simulate_claims(
                rng, tree, reported, number, np.where(jiangxi, PACE_JIANGXI, pace) * tree.pace
            )
        )
    return join(parts)


def _complaints(tree: Tree, claims: Columns) -> Columns:
    parts, month_of = [], yyyymm(claims["reported"])
    for at, month in enumerate(month_starts(date(2010, 12, 1), LAST_MONTH)):
        rng = np.random.default_rng([2012, 3, at])
        chosen = month_of == month.year * 100 + month.month
        needed = ("reported", "place", "line", "number", "outcome", "paid", "closed")
        source = {name: claims[name][chosen] for name in needed}
        parts.append(simulate_complaints(rng, tree, source, int(380 + 5 * at), seconds(END)))
    both = join(parts)
    return in_order(
        {
            name: column[both["received"] >= seconds(FIRST_COMPLAINT)]
            for name, column in both.items()
        }
    )


def _callbacks(tree: Tree, claims: Columns, complaints: Columns) -> Columns:
    rng = np.random.default_rng([2012, 4])
    since = np.flatnonzero(claims["reported"] >= seconds(FIRST_CALL))
    second = since[rng.random(len(since)) < SECOND_PARTY]
    lately = np.flatnonzero(complaints["received"] >= seconds(FIRST_CALL))
    parts = [
        scene_cases(rng, claims, since),
        scene_cases(rng, claims, second),
        closed_cases(claims, paid_between(claims, seconds(FIRST_CALL), seconds(END))),
        complaint_cases({name: column[lately] for name, column in complaints.items()}),
    ]
    known = np.concatenate([part["asked"] for part in parts])
    for at, month in enumerate(month_starts(FIRST_CALL, LAST_MONTH)):
        start, end = seconds(month), seconds(next_month(month))
        wanted = 100_000 + 600 * at if at < 6 else 136_000 + 3_000 * (at % 3) + 700 * (at - 6)
        missing = wanted - int(((known >= start) & (known < end)).sum())
        first = (month.year * 100 + month.month) * 1_000_000 + 1
        parts.append(rescue_cases(tree, rng, arrivals(rng, start, end, missing), first))
    both = join(parts)
    c = simulate_callbacks(
        rng, tree, {name: column[both["asked"] < seconds(END)] for name, column in both.items()}
    )
    month_of = yyyymm(c["asked"])
    c["number"] = (
        month_of * 10_000_000 + np.arange(len(month_of)) - np.searchsorted(month_of, month_of) + 1
    )
    return c


def _lose_branches(tree: Tree, c: Columns, count: int, named: np.ndarray) -> None:
    """A few rows, spread over the extract and none of them of the named branches, get a code that
    is not listed.
    """
    rows = calibrate.spread(np.flatnonzero(~named[c["place"]]), count)
    c["place"][rows] = len(tree.code) + np.arange(count) % len(UNKNOWN_CODES)


@lru_cache(maxsize=1)
def simulate_dadi() -> Company:
    """The whole company, with everything that will ever happen to its cases. A pure function:
    always the same.
    """
    tree = make_company_tree()
    jiangxi, jinhua = tree.below("江西分公司"), tree.below("金华中心支公司")
    claims = _claims(tree)
    calibrate.claims_of_jiangxi(claims, jiangxi)
    calibrate.closure_of_company(claims, ~jiangxi[claims["place"]])
    complaints = _complaints(tree, claims)
    calibrate.complaints_on_time(complaints, jiangxi)
    calibrate.complaints_of_jinhua(complaints, jinhua, tree.find("杭州中心支公司"))
    calibrate.complaints_to_regulator(complaints)
    callbacks = _callbacks(tree, claims, complaints)
    calibrate.complaint_ratings(callbacks, jiangxi)
    calibrate.satisfaction(callbacks)
    for name, columns in (("claims", claims), ("callbacks", callbacks), ("complaints", complaints)):
        _lose_branches(tree, columns, UNKNOWN[name], jiangxi | jinhua)
    shares = simulate_exposure(
        np.random.default_rng([2012, 5]), tree, month_starts(FIRST_CLAIM, LAST_MONTH), 0.16
    )
    exposure = in_yuan(shares, calibrate.premium_factor(shares))
    return Company(tree, tree.code + UNKNOWN_CODES, claims, callbacks, complaints, exposure)
