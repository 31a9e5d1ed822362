"""The synthetic Dadi of 2011-2012: simulated like any company, then nudged to published figures."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from . import calibrate
from .callbacks import (
    closed_cases,
    complaint_cases,
    find_paid,
    rescue_cases,
    scene_cases,
    simulate_callbacks,
)
from .claims import Columns, join_columns, simulate_claims, take_rows
from .clock import MONTH_OF_YEAR, month_starts, next_month, seconds, simulate_arrivals, yyyymm
from .complaints import number_complaints, simulate_complaints
from .exposure import scale_to_yuan, simulate_exposure
from .tree import UNKNOWN_CODES, Tree, make_company_tree

# Claims begin half a year before the two years of the figures, so that some are open at the start.
FIRST_CLAIM, FIRST_COMPLAINT, FIRST_CALL = date(2010, 7, 1), date(2011, 1, 1), date(2011, 7, 1)
LAST_MONTH, END = date(2012, 12, 1), date(2013, 1, 1)
CLAIMS_A_MONTH = 37_500
SECOND_PARTY_SHARE = 0.35  # of the scene reports: the other driver is called too
PACE_2011, PACE_2012, PACE_JIANGXI = 1.72, 1.00, 1.18  # Jiangxi was the same in both years
UNKNOWN = {"claims": 6, "callbacks": 8, "complaints": 2}  # rows whose branch is nowhere in the tree


@dataclass(frozen=True, eq=False)
class Company:
    """Everything that ever happens to the company's cases.

    `codes` are the tree's codes and, after them, the unknown ones.
    """

    tree: Tree
    codes: list[str]
    claims: Columns
    callbacks: Columns
    complaints: Columns
    exposure: Columns


def _month_number(month: date) -> int:
    return month.year * 100 + month.month


def _simulate_claims(tree: Tree) -> Columns:
    parts = []
    jiangxi = tree.below("江西分公司")
    for month_index, month in enumerate(month_starts(FIRST_CLAIM, LAST_MONTH)):
        # Each month has a source of chance of its own: another month more or less changes no other.
        rng = np.random.default_rng([2012, 2, month_index])
        start, end = seconds(month), seconds(next_month(month))
        season = MONTH_OF_YEAR[month.month - 1]
        growth = 1 + 0.055 * (month_index - 15) / 12
        count = int(CLAIMS_A_MONTH * season * growth)
        reported = simulate_arrivals(rng, start, end, count)
        first_number = _month_number(month) * 1_000_000 + 1
        number = first_number + np.arange(count)

        # The company got faster from October 2011 to March 2012.
        company_pace = np.interp(month_index, [0, 15, 20], [PACE_2011, PACE_2011, PACE_2012])
        pace = np.where(jiangxi, PACE_JIANGXI, company_pace) * tree.pace
        parts.append(simulate_claims(rng, tree, reported, number, pace))

    return join_columns(parts)


def _simulate_complaints(tree: Tree, claims: Columns) -> Columns:
    parts = []
    month_reported = yyyymm(claims["reported"])

    # What draws complaints needs no more of claims: taking all columns would cost memory.
    needed = ("reported", "branch", "line", "number", "outcome", "paid", "closed")
    causes = {name: claims[name] for name in needed}

    # One month earlier than the sample: its first complaints are about claims of the month before.
    months = month_starts(date(2010, 12, 1), LAST_MONTH)
    for month_index, month in enumerate(months):
        rng = np.random.default_rng([2012, 3, month_index])
        is_of_month = month_reported == _month_number(month)
        claims_of_month = take_rows(causes, is_of_month)
        count = 380 + 5 * month_index
        complaints_of_month = simulate_complaints(rng, tree, claims_of_month, count, seconds(END))
        parts.append(complaints_of_month)

    complaints = join_columns(parts)
    is_in_sample = complaints["received"] >= seconds(FIRST_COMPLAINT)

    return number_complaints(take_rows(complaints, is_in_sample))


def _simulate_callbacks(tree: Tree, claims: Columns, complaints: Columns) -> Columns:
    rng = np.random.default_rng([2012, 4])
    start, end = seconds(FIRST_CALL), seconds(END)
    reported = np.flatnonzero(claims["reported"] >= start)
    has_second_party = rng.random(len(reported)) < SECOND_PARTY_SHARE
    called_about = take_rows(complaints, complaints["received"] >= start)
    parts = [
        scene_cases(rng, claims, reported),
        scene_cases(rng, claims, reported[has_second_party]),
        closed_cases(claims, find_paid(claims, start, end)),
        complaint_cases(called_about),
    ]

    occasions = np.concatenate([part["occasion"] for part in parts])
    for month_index, month in enumerate(month_starts(FIRST_CALL, LAST_MONTH)):
        rescues = _simulate_rescues(rng, tree, occasions, month_index, month)
        parts.append(rescues)

    cases = join_columns(parts)
    cases = take_rows(cases, cases["occasion"] < end)
    callbacks = simulate_callbacks(rng, tree, cases)
    month = yyyymm(callbacks["occasion"])

    # Calls are in order of their occasions, so a month begins where its number is first found.
    number_in_month = np.arange(len(month)) - np.searchsorted(month, month) + 1
    callbacks["number"] = month * 10_000_000 + number_in_month

    return callbacks


def _simulate_rescues(
    rng: np.random.Generator, tree: Tree, occasions: np.ndarray, month_index: int, month: date
) -> Columns:
    """Return the roadside rescues of a month: they make up the published number of call-backs."""
    if month_index < 6:
        callbacks = 100_000 + 600 * month_index
    else:
        callbacks = 136_000 + 3_000 * (month_index % 3) + 700 * (month_index - 6)

    start, end = seconds(month), seconds(next_month(month))
    is_in_month = (occasions >= start) & (occasions < end)
    missing = callbacks - int(is_in_month.sum())
    moments = simulate_arrivals(rng, start, end, missing)
    first_number = _month_number(month) * 1_000_000 + 1

    return rescue_cases(tree, rng, moments, first_number)


def _lose_branches(tree: Tree, columns: Columns, count: int, is_spared: np.ndarray) -> None:
    """Give a few rows, spread over the extract, a code that is not listed.

    Rows of the branches `is_spared` keep theirs: their figures are published.
    """
    may_be_lost = ~is_spared[columns["branch"]]
    rows = calibrate.spread(np.flatnonzero(may_be_lost), count)
    number_of_code = np.arange(count) % len(UNKNOWN_CODES)
    columns["branch"][rows] = len(tree.code) + number_of_code


@lru_cache(maxsize=1)
def simulate_dadi() -> Company:
    """Return the whole company, with everything that will ever happen to its cases.

    A pure function: the company is always the same.
    """
    tree = make_company_tree()
    jiangxi, jinhua = tree.below("江西分公司"), tree.below("金华中心支公司")
    claims = _simulate_claims(tree)
    calibrate.meet_claims_of_jiangxi(claims, jiangxi)
    calibrate.meet_closure_of_company(claims, ~jiangxi[claims["branch"]])
    complaints = _simulate_complaints(tree, claims)
    calibrate.close_complaints_on_time(complaints, jiangxi)
    calibrate.move_complaints_of_jinhua(complaints, jinhua, tree.find("杭州中心支公司"))
    calibrate.meet_complaints_to_regulator(complaints)
    callbacks = _simulate_callbacks(tree, claims, complaints)
    calibrate.meet_complaint_ratings(callbacks, jiangxi)
    calibrate.meet_satisfaction(callbacks)

    extracts = {"claims": claims, "callbacks": callbacks, "complaints": complaints}
    for name, columns in extracts.items():
        _lose_branches(tree, columns, UNKNOWN[name], jiangxi | jinhua)

    rng = np.random.default_rng([2012, 5])
    shares = simulate_exposure(rng, tree, month_starts(FIRST_CLAIM, LAST_MONTH), 0.16)
    exposure = scale_to_yuan(shares, calibrate.premium_factor(shares))

    return Company(tree, tree.code + UNKNOWN_CODES, **extracts, exposure=exposure)
