"""League tables and funnels: published figures, chance by simulation, and the edges."""

import numpy as np
import pytest

from tests.leagues import kpi, league
from transforms.statistics import funnel_limits, ranks

# Deaths of babies after heart surgery in twelve hospitals A to L (Spiegelhalter et al., BUGS
# examples volume 1, Surgical).
DEATHS = np.array([[0, 18, 8, 46, 8, 13, 9, 31, 14, 8, 29, 24]])
OPERATIONS = np.array([[47, 148, 119, 810, 211, 196, 148, 215, 207, 97, 256, 360]])
# Their posterior means in the random-effects model there.
SHRUNKEN = [0.053, 0.103, 0.070, 0.059, 0.052, 0.069, 0.067, 0.123, 0.070, 0.079, 0.102, 0.069]
HOSPITALS = kpi(direction="down", minimum_volume=30)


@pytest.fixture(scope="module")
def hospitals():
    return league(HOSPITALS, DEATHS, OPERATIONS)


def test_no_death_is_rank_one_and_says_little(hospitals):
    table = {name: column[0] for name, column in hospitals[0].items()}
    assert (
        table["rank"][0] == 1
        and (table["rank_low"][0], table["rank_high"][0]) == (1, 12)
        and table["rank_group"][0] == "middle"
    )
    assert table["rank_expected"][0] == pytest.approx(3.2, abs=0.5)  # 3.2 by Markov chain
    assert (
        table["rank"][7] == 12
        and table["rank_low"][7] > 1
        and table["rank_expected"][7] > 10.5
        and table["rank_group"][7] == "bottom"
    )
    assert table["rank_expected"].sum() == pytest.approx(12 * 13 / 2)


def test_shrunken_values_are_those_of_the_random_effects_model(hospitals):
    table = {name: column[0] for name, column in hospitals[0].items()}
    assert table["shrunken_value"] == pytest.approx(SHRUNKEN, abs=0.006)
    assert table["shrunken_weight"].argsort()[[0, -1]].tolist() == [
        0,
        3,
    ]  # the fewest and the most operations


@pytest.fixture(scope="module")
def alike():
    """Two hundred months of forty branches that all do the same, 85 %, on 150 cases each; and the
    year before, the same.
    """
    random = np.random.default_rng(20251122)
    size = np.full((200, 40), 150.0)
    return league(
        kpi(minimum_volume=30),
        random.binomial(150, 0.85, (200, 40)),
        size,
        before=(random.binomial(150, 0.85, (200, 40)), size, None),
    )


def test_branches_that_are_alike_get_no_verdicts_beyond_chance(alike):
    table, drawn = alike
    assert np.mean(table["watch"]) < 0.05 and np.mean(table["act"]) < 0.002
    assert np.mean(table["watch"]) == pytest.approx(
        drawn["watch_false_alarms"].sum() / 40 / 8000, rel=0.1
    )
    # On four pages in a hundred or fewer does anything pass for real once all looks are counted.
    assert np.mean([(drawn["p_adjusted"].reshape(200, 40) < 0.05).any(axis=1)]) <= 0.05


def test_branches_that_are_alike_get_no_ranks_and_no_groups(alike):
    table, drawn = alike
    assert np.median(table["rankability"]) < 0.1 and np.mean(table["rankability"] >= 0.5) < 0.01
    assert np.mean((table["rank_low"] > 1).any(axis=1)) < 0.05
    assert np.mean((table["rank_group"] != "middle").any(axis=1)) <= 0.07
    assert np.mean(table["shrunken_weight"]) < 0.15
    assert np.mean(drawn["phi"]) == pytest.approx(
        0.68, abs=0.03
    )  # of a standard normal with a tenth at each end drawn in


def test_branches_that_stay_as_they_are_do_not_move(alike):
    assert (
        np.mean(alike[0]["movement"] == "real") < 0.06
        and not (alike[0]["movement"] == "unknown").any()
    )


def test_joint_ranges_hold_the_true_ranks_of_whole_leagues():
    random = np.random.default_rng(20251122)
    true = np.linspace(0.7, 0.95, 12)
    table, _ = league(
        kpi(minimum_volume=30), random.binomial(300, true, (300, 12)), np.full((300, 12), 300.0)
    )
    rank = 12 - np.arange(12)
    is_covered = ((table["rank_low"] <= rank) & (rank <= table["rank_high"])).all(axis=1)
    assert is_covered.mean() >= 0.95
    assert (
        np.mean(table["rank_high"] - table["rank_low"]) < 8
        and np.median(table["rankability"]) > 0.8
    )
    assert np.mean(np.abs(table["rank_expected"] - rank)) < 1


def test_a_movement_of_the_branch_is_real_and_one_of_the_network_is_not():
    before = (np.full((1, 20), 120.0), np.full((1, 20), 200.0), None)
    all_better, one_better = np.full((1, 20), 150.0), np.full((1, 20), 120.0)
    one_better[0, 4] = 160
    size = np.full((1, 20), 200.0)
    of = kpi(minimum_volume=30, scale=100)
    assert set(league(of, all_better, size, before=before)[0]["movement"][0]) == {"chance"}
    moved = league(of, one_better, size, before=before)[0]
    assert (
        moved["movement"][0, 4] == "real"
        and moved["rank"][0, 4] == 1
        and moved["rank_prior"][0, 4] == 1
    )
    assert set(np.delete(moved["movement"][0], 4)) == {"chance"}
    assert set(league(kpi(minimum_volume=30), all_better, size)[0]["movement"][0]) == {"unknown"}


@pytest.mark.parametrize("kind", ["share", "rate", "mean"])
def test_equal_branches_share_a_rank_that_can_be_any(kind):
    counts = (np.full((1, 12), 40.0), np.full((1, 12), 50.0), np.full((1, 12), 60.0))
    table, drawn = league(kpi(kind), *counts)
    assert (
        set(table["rank"][0]) == {1}
        and table["rank_tied"].all()
        and set(table["rank_low"][0]) == {1}
        and set(table["rank_high"][0]) == {12}
    )
    assert table["rank_expected"][0] == pytest.approx([6.5] * 12) and set(
        table["rankability"][0]
    ) == {0}
    assert set(table["verdict"][0]) == {"as_expected"} and set(drawn["tau_squared"]) == {0}


def test_none_and_all_and_nothing():
    """Zero and full numerators, a branch without cases, a league of one: no crash, no flag for zero
    events where two are expected.
    """
    table, _ = league(kpi("share"), [[0, 30, 0, 15]], [[30, 30, 0, 30]])
    assert (
        table["verdict"][0].tolist()[:2] == ["worse", "better"]
        and np.isnan(table["rank"][0, 2].astype(float))
        and table["ranked_of"][0, 0] == 3
    )
    assert (
        table["verdict"][0, 2] == "too_few"
        and table["shrunken_value"][0, 2] != table["shrunken_value"][0, 2]
    )
    table, _ = league(kpi("rate", direction="down"), [[0, 4, 2, 2]], [[1, 1, 1, 1]])
    assert set(table["verdict"][0]) == {"as_expected"} and table["zero_record"][0].tolist() == [
        True,
        False,
        False,
        False,
    ]
    table, drawn = league(kpi("share"), [[9]], [[10]])
    assert (table["rank"][0, 0], table["rank_low"][0, 0], table["rank_high"][0, 0]) == (
        1,
        1,
        1,
    ) and len(drawn["phi"]) == 1
    assert table["rankability"][0, 0] != table["rankability"][0, 0]


def test_a_count_has_neither_rank_nor_verdict_and_a_ratio_of_amounts_a_rank_alone():
    table, drawn = league(
        kpi("count", direction="down", minimum_volume=0),
        [[0, 3, 50]],
        [[1, 1, 1]],
        before=tuple(np.array(counts, float) for counts in ([[4, 4, 4]], [[1, 1, 1]], [[0, 0, 0]])),
    )
    for name in ("rank", "rank_low", "rank_high", "rank_expected", "rank_prior", "adjusted_rank"):
        assert np.isnan(table[name][0].astype(float)).all(), name
    for name in ("rank_group", "verdict"):
        assert set(table[name][0].astype(str)) == {"nan"}, name
    assert set(table["ranked_of"][0]) == {0} and set(table["movement"][0]) == {"unknown"}
    assert not table["watch"].any() and not table["act"].any()
    assert table["value"][0].tolist() == [0, 3, 50] and table["n"][0].tolist() == [0, 3, 50]
    table, _ = league(kpi("ratio"), [[1, 2, 3]], [[4, 4, 4]])
    assert (
        table["rank"][0].tolist() == [3, 2, 1]
        and set(table["rank_low"][0].astype(str)) == {"nan"}
        and not len(drawn["phi"])
    )


def test_order_of_branches_changes_nothing():
    random = np.random.default_rng(20251122)
    size = random.integers(30, 400, (3, 30)).astype(float)
    cases = random.binomial(size.astype(int), random.uniform(0.6, 0.9, 30)).astype(float)
    order = random.permutation(30)
    table, _ = league(kpi(), cases, size)
    other, _ = league(kpi(), cases[:, order], size[:, order])
    for name in ("rank", "rank_low", "rank_high", "rank_group", "verdict", "watch", "act"):
        assert (table[name][:, order] == other[name]).all(), name
    for name in ("rank_expected", "shrunken_value", "rankability"):
        assert table[name][:, order].astype(float) == pytest.approx(
            other[name].astype(float), rel=1e-9
        ), name


def test_ranges_count_the_intervals_that_lie_wholly_before_and_behind():
    random = np.random.default_rng(20251122)
    numbers = np.sort(random.integers(0, 6, 200))
    low = random.integers(0, 30, 200).astype(float)
    high = low + random.integers(0, 6, 200)
    first, last = ranks.rank_ranges(numbers, low, high)
    for branch in range(200):
        mates = numbers == numbers[branch]
        assert (
            first[branch] == 1 + (high[mates] < low[branch]).sum()
            and last[branch] == mates.sum() - (low[mates] > high[branch]).sum()
        )


def test_expected_ranks_by_hand():
    """Two branches 1 apart with variances that add up to 1: the better one is better with
    probability .8413 (normal table at 1).
    """
    got = ranks.expected_ranks(
        np.array([0, 0, 1]), np.array([1.0, 2.0, 5.0]), np.array([0.36, 0.64, 1.0])
    )
    assert got == pytest.approx([1.1587, 1.8413, 1], abs=5e-5)
    many = ranks.expected_ranks(
        np.zeros(150, int), np.arange(150.0)[::-1], np.full(150, 1e-6)
    )  # over the size of a block
    assert many == pytest.approx(np.arange(150.0)[::-1] + 1)


def test_overdispersion_by_hand():
    """Twelve branches with standard error 1 at distances -6 ... 6: the outermost one at either end
    is drawn in to the next.

    Sum of squares 2 (25 + 25 + 16 + 9 + 4 + 1) = 160, phi = 160 / 12; all weights 1: tau squared =
    (160 - 11) / (12 - 1).
    """
    far = np.array([-6.0, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6])
    spread = funnel_limits.estimate_spread(np.zeros(12, int), far, np.ones(12))
    assert spread.phi[0] == pytest.approx(160 / 12) and spread.tau_squared[0] == pytest.approx(
        149 / 11
    )
    few = funnel_limits.estimate_spread(np.zeros(9, int), far[:9], np.ones(9))
    assert few.phi[0] > 1 and few.tau_squared[0] == 0


def test_with_the_usual_spread_fewer_branches_are_outside_and_the_odd_one_still_is():
    random = np.random.default_rng(20251122)
    size = np.full((1, 60), 20_000.0)
    rate = random.normal(0.8, 0.02, 60)
    rate[7] = 0.55
    table, drawn = league(kpi(minimum_volume=30), random.binomial(20_000, rate, (1, 60)), size)
    assert drawn["act_outside"][0] > 35 and 1 <= drawn["act_spread_outside"][0] <= 2
    assert (
        drawn["value"][7] < drawn["act_spread_low"][7] < drawn["act_low"][7] < drawn["centre"][7]
        and table["act"][0, 7]
    )
    assert drawn["tau_squared"][0] ** 0.5 == pytest.approx(
        0.02 / (2 * np.sqrt(0.8 * 0.2)), rel=0.3
    )  # arcsin of the root


def test_peers_are_ranked_among_themselves():
    cases, size = [[90, 80, 70, 60, 50, 40]], [[100, 100, 100, 100, 100, 100]]
    regions = {"B00001": "north", "B00002": "south", "B00003": "north", "B00004": "south"}
    table, drawn = league(kpi(), cases, size, policy={"peers": "region"}, regions=regions)
    assert table["peer_group"][0].tolist() == [
        "north",
        "south",
        "north",
        "south",
        "(missing)",
        "(missing)",
    ]
    assert table["rank"][0].tolist() == [1, 1, 2, 2, 1, 2] and set(table["ranked_of"][0]) == {2}
    assert drawn["centre"].tolist() == pytest.approx(
        [0.8, 0.7, 0.8, 0.7, 0.45, 0.45]
    )  # of the peers together
    table, _ = league(
        kpi(),
        [[9, 8, 70, 60, 500, 400]],
        [[10, 10, 100, 100, 1000, 1000]],
        policy={"peers": "size"},
    )
    assert table["peer_group"][0].tolist() == [
        "small",
        "small",
        "middle",
        "middle",
        "large",
        "large",
    ]


def test_where_the_adjusted_value_leads_a_branch_is_compared_with_its_own_mix():
    mix = (np.array([[60.0, 75, 75]]), np.array([[0.8, 0.7, 0.6]]), np.ones((1, 3)))
    crude, _ = league(kpi(minimum_volume=30), [[60, 75, 75]], [[100, 100, 100]], mix=mix)
    led, drawn = league(
        kpi(minimum_volume=30),
        [[60, 75, 75]],
        [[100, 100, 100]],
        mix=mix,
        policy={"leads": "adjusted"},
    )
    assert crude["verdict"][0, 0] == "worse" and led["verdict"][0].tolist() == ["as_expected"] * 3
    assert drawn["centre"].tolist() == pytest.approx([0.6, 0.75, 0.75])
    assert led["rank"][0].tolist() == [3, 1, 1] and led["adjusted_rank"][0].tolist() == [1, 2, 3]
