"""Shares and chance in a league, at their thresholds."""

import pytest

from reports.elements import league_tables


@pytest.mark.parametrize(
    ("part", "text"),
    [(0.0, "0%"), (0.004, "<1%"), (0.005, "1%"), (0.994, "99%"), (0.995, ">99%"), (1.0, "100%")],
)
def test_a_share_that_is_not_all_or_nothing_never_looks_like_it(part, text):
    assert league_tables.share(part) == text


@pytest.mark.parametrize(
    ("rankability", "is_chance"), [(None, False), (0.4999, True), (0.5, False), (0.5001, False)]
)
def test_ranks_give_way_to_groups_below_one_half(rankability, is_chance):
    assert league_tables.is_mostly_chance([{"rankability": rankability}]) == is_chance
