"""Movements since last year: nobody who stayed moves, the list as a whole holds, and what is real
has a size.
"""

import numpy as np
import pytest

from tests.leagues import kpi, league

SEED = 20261126
BRANCHES = 36


def draw(random, kind: str, level, size) -> tuple:
    """Cases, size and squares of branches with a true level, shape months x branches."""
    if kind == "share":
        cases = random.binomial(size.astype(int), np.broadcast_to(level, size.shape))
        return cases.astype(float), size, np.zeros(size.shape)
    if kind == "rate":
        return random.poisson(level * size).astype(float), size, np.zeros(size.shape)
    # Durations: the sum of gamma variables of shape 2, whose squares follow from mean and variance.
    cases = random.gamma(2 * size, level / 2)
    return cases, size, cases**2 / size + (size - 1) * level**2 / 2


def moved(kind: str, now: tuple, then: tuple, **settings) -> dict:
    of = kpi(kind, minimum_volume=30, scale=100 if kind == "share" else 1)
    return league(of, *now, before=then, **settings)[0]


@pytest.mark.parametrize("kind", ["share", "rate", "mean"])
@pytest.mark.parametrize("size", [30, 300, 300_000])
def test_where_nobody_moves_few_pages_say_that_somebody_did(kind, size):
    random = np.random.default_rng(SEED)
    sizes = np.full((400, BRANCHES), float(size))
    level = 0.85 + random.normal(0, 0.01, BRANCHES)
    table = moved(kind, draw(random, kind, level, sizes), draw(random, kind, level, sizes))
    has_moved = np.isin(table["movement"], ["real", "small"])
    assert np.mean(has_moved.any(axis=1)) <= 0.07
    assert not (table["movement"] == "unknown").any()


def test_of_what_has_moved_one_in_twenty_is_chance():
    random = np.random.default_rng(SEED)
    size = random.choice([60.0, 500.0, 5000.0], (300, BRANCHES))
    size[:, 9:18] = size[:, :9]  # what some gain others lose: the network stays
    then, now = np.full(BRANCHES, 0.85), np.full(BRANCHES, 0.85)
    now[:9] += 0.06
    now[9:18] -= 0.06
    table = moved("share", draw(random, "share", now, size), draw(random, "share", then, size))
    has_moved = np.isin(table["movement"], ["real", "small"])
    false = has_moved[:, 18:].sum(axis=1) / np.maximum(has_moved.sum(axis=1), 1)
    assert false.mean() <= 0.05
    assert has_moved[:, :18].mean() > 0.5
    rose = table["movement_direction"] == "better"
    assert rose[has_moved & (np.arange(BRANCHES) < 9)].all()


@pytest.mark.parametrize("size", [30, 300_000])
def test_the_limits_of_a_movement_hold_its_true_size(size):
    random = np.random.default_rng(SEED)
    sizes = np.full((300, BRANCHES), float(size))
    then, now = np.full(BRANCHES, 0.85), np.full(BRANCHES, 0.85)
    now[0] += 0.05
    table = moved("share", draw(random, "share", now, sizes), draw(random, "share", then, sizes))
    # The network moves a little with the branch.
    true = 100 * (0.05 - 0.05 / BRANCHES)
    low, high = table["movement_low"][:, 0], table["movement_high"][:, 0]
    assert 0.93 <= np.mean((low <= true) & (true <= high)) <= 0.98
    assert table["movement_size"][:, 0].mean() == pytest.approx(true, abs=150 / np.sqrt(300 * size))


def test_branches_that_stay_among_their_peers_have_not_moved():
    counts = [[700, 700, 700, 700, 900, 900, 900, 900]], [[1000] * 8], None
    counts = tuple(None if part is None else np.array(part, float) for part in counts)
    regions = {f"B0000{number}": "north" if number < 5 else "south" for number in range(1, 9)}
    by_region = {"policy": {"peers": "region"}, "regions": regions}
    table = moved("share", counts, counts, **by_region)
    assert set(table["movement"][0]) == {"chance"}
    assert table["movement_size"][0] == pytest.approx([0] * 8)
    # The north as a whole improves: against the north nobody has moved.
    better = (counts[0] + [[100] * 4 + [0] * 4], counts[1], None)
    assert set(moved("share", better, counts, **by_region)["movement"][0]) == {"chance"}
    # One of them does: it moves against the north, by what it gained beyond the others.
    one = (counts[0] + [[100] + [0] * 7], counts[1], None)
    table = moved("share", one, counts, **by_region)
    assert table["movement"][0].tolist() == ["real"] + ["chance"] * 7
    assert table["movement_size"][0, 0] == pytest.approx(10 - 2.5)


def test_at_many_cases_what_is_real_may_be_small():
    size = np.full((1, 20), 300_000.0)
    then, now = 0.85 * size, 0.85 * size
    now[0, 0], now[0, 1] = 0.854 * 300_000, 0.856 * 300_000
    table = moved("share", (now, size, None), (then, size, None))
    assert table["movement"][0, :3].tolist() == ["small", "real", "chance"]
    assert table["movement_p_adjusted"][0, 0] < 1e-2


@pytest.mark.parametrize(
    ("kind", "worth", "movement"),
    [
        ("share", {"points": 3.0}, "real"),
        ("share", {"points": 3.0001}, "small"),
        ("rate", {"percent": 12.0}, "real"),
        ("rate", {"percent": 12.001}, "small"),
    ],
)
def test_the_edge_of_what_is_worth_reporting(kind, worth, movement):
    # From 0.80 to 0.84 among four equal branches that stay: 4 points less the network's one.
    size = np.full((1, 4), 1_000_000.0)
    then, now = 0.8 * size, 0.8 * size
    now[0, 0] = 840_000 if kind == "share" else 800_000 * 7 / 6
    table = moved(kind, (now, size, None), (then, size, None), movement=worth)
    expected = 3.0 if kind == "share" else 100 * (7 / 6 / (25 / 24) - 1)
    assert table["movement_size"][0, 0] == pytest.approx(expected)
    assert table["movement"][0, 0] == movement


def test_a_year_without_a_case_has_a_movement():
    size = np.full((1, 12), 100.0)
    then, now = np.full((1, 12), 20.0), np.full((1, 12), 20.0)
    now[0, 0] = 0
    table = moved("rate", (now, size, None), (then, size, None))
    assert table["movement"][0, 0] == "real"
    assert table["movement_size"][0, 0] == pytest.approx(-100)
    assert table["movement_low"][0, 0] < -100 < table["movement_high"][0, 0] < 0
