"""The figures read off survival curves: at exactly one half, on the last day, without claims."""

from collections.abc import Sequence

import numpy as np
import pytest

from transforms.kpis.survival_counts import DAYS, IntervalCounts
from transforms.kpis.survival_figures import (
    CUT_OFF,
    KNOWN,
    NO_CLAIMS,
    NOT_OBSERVED,
    NOT_REACHED,
    estimate_survival,
)


def count_claims(settled_on: list[int], open_until: Sequence[int] = ()) -> IntervalCounts:
    """Claims of one branch, all reported in the period: each settled on a day after its report, or
    open and observed until a day.
    """
    entered, left, settled = (np.zeros((1, DAYS + 1)) for _ in range(3))
    entered[0, 0] = len(settled_on) + len(open_until)
    for day in settled_on:
        settled[0, min(day, DAYS)] += 1
        left[0, min(day, DAYS)] += 1
    for day in open_until:
        left[0, day] += 1
    return IntervalCounts(entered, left, settled, np.zeros((1, DAYS + 1)), np.zeros(1))


def medians(*args) -> dict:
    estimate = estimate_survival(count_claims(*args), has_every_branch=True)
    return {name: column[0] for name, column in estimate.medians(0.95, np.array([7.0])).items()}


@pytest.mark.parametrize(
    ("early", "late", "median"),
    [(5, 5, 3), (4, 6, 9), (6, 4, 3), (49, 49, 3), (7, 7, 3)],
)
def test_the_closed_only_median_is_reached_at_exactly_half(early, late, median):
    """So many claims are settled on day 3, so many on day 9."""
    row = medians([3] * early + [9] * late)
    assert (row["closed_only_value"], row["value"], row["closed_only_mean"]) == (median, median, 7)


@pytest.mark.parametrize(("settled", "reason"), [(4, NOT_REACHED + 365), (5, KNOWN), (6, KNOWN)])
def test_a_median_is_not_reached_where_fewer_than_half_are_settled(settled, reason):
    row = medians([2] * settled, [DAYS - 1] * (10 - settled))
    assert row["reason"] == reason
    assert row["closed_only_value"] == 2, "the settled claims alone mislead"
    assert (row["value"] == 2) == (reason == KNOWN)


@pytest.mark.parametrize(("day", "is_counted"), [(364, True), (365, True), (366, False)])
def test_a_claim_is_observed_for_days_0_to_365(day, is_counted):
    estimate = estimate_survival(count_claims([day]), has_every_branch=True)
    assert estimate.columns["claims_settled"][0] == is_counted
    assert estimate.columns["claims_open"][0] == (not is_counted)


@pytest.mark.parametrize(
    ("open_until", "day", "reason"),
    [(5, 4, KNOWN), (5, 5, KNOWN), (5, 6, NOT_OBSERVED)],
)
def test_a_share_is_known_to_the_last_day_observed(open_until, day, reason):
    """A claim that is open after its fifth day: on day 5 it was seen, on day 6 nobody was."""
    counts = count_claims([], [open_until])
    row = estimate_survival(counts, has_every_branch=True).shares_by_day([day], 0.95)
    assert row["reason"].tolist() == [reason]
    assert np.isnan(row["value"][0]) == (reason != KNOWN)


def test_branches_without_claims_have_rows_only_where_every_branch_has():
    empty = count_claims([])
    row = estimate_survival(empty, has_every_branch=True).shares_by_day([1], 0.95)
    assert row["reason"].tolist() == [NO_CLAIMS]
    assert len(estimate_survival(empty, has_every_branch=False).columns["branch"]) == 0


def test_a_curve_that_young_claims_cut_off_says_so():
    """One claim is settled on its day; one that was open at the start goes on from day 3."""
    counts = count_claims([0])
    counts.entered[0, 3] += 1
    counts.left[0, 9] += 1
    counts.late[0] = 1
    row = estimate_survival(counts, has_every_branch=True).shares_by_day([0, 4], 0.95)
    assert row["reason"].tolist() == [CUT_OFF, CUT_OFF]
    assert row["claims"].tolist() == [2, 2]


def test_a_median_of_claims_that_are_not_seen_from_their_first_day_is_not_observed():
    counts = count_claims([])
    counts.entered[0, 3] += 1
    counts.left[0, 9] += 1
    counts.late[0] = 1
    estimate = estimate_survival(counts, has_every_branch=True)
    assert estimate.medians(0.95, np.array([np.nan]))["reason"].tolist() == [NOT_OBSERVED]
    assert len(estimate.select_branch(0).columns["branch"]) == 1
    assert len(estimate.select_branch(1).columns["branch"]) == 0
