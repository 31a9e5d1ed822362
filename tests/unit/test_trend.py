"""Control charts against published ones, by simulation of branches in which nothing happens, at the
edges, and as a published table.
"""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from transforms.build import conform
from transforms.kpis.mart_trend import build_mart_trend
from transforms.statistics.chart_rules import apply_rules
from transforms.statistics.control_limits import attributes_chart, individuals_chart

MONTHS = [date(2022 + number // 12, number % 12 + 1, 1) for number in range(25)]


def everywhere(values) -> np.ndarray:
    return np.ones(np.shape(values), bool)


def test_viscosity_published():
    """Montgomery, Introduction to Statistical Quality Control, viscosity of a primer paint: centre
    33.52, limits 32.24 and 34.80.
    """
    batch = [
        33.75,
        33.05,
        34.00,
        33.81,
        33.46,
        34.02,
        33.68,
        33.27,
        33.49,
        33.20,
        33.62,
        33.00,
        33.54,
        33.12,
        33.84,
    ]
    chart = individuals_chart(np.array([batch]), everywhere([batch]), np.array([False]))
    assert (chart.centre[0, 0], chart.low[0, 0], chart.high[0, 0]) == pytest.approx(
        (33.52, 32.24, 34.80), abs=5e-3
    )
    assert not apply_rules(chart, np.array([batch]), everywhere([batch]))[0].any()
    # On the log scale the limits lie as far from the centre by factors.
    chart = individuals_chart(np.exp([batch]), everywhere([batch]), np.array([True]))
    assert np.log([chart.centre[0, 0], chart.low[0, 0], chart.high[0, 0]]) == pytest.approx(
        (33.52, 32.24, 34.80), abs=5e-3
    )


def test_defects_published():
    """Montgomery, defects of twenty samples of five computers: 1.93 each, limits 0.07 and 3.79 by
    the normal approximation, which is 0.35 and 18.95 of a sample. The exact ones lie higher, as a
    Poisson count leans that way: at most one, or 21 and more, are as unlikely.
    """
    defects = np.array(
        [[10, 12, 8, 14, 10, 16, 11, 7, 10, 15, 9, 5, 7, 11, 12, 6, 8, 10, 7, 5]], float
    )
    chart = attributes_chart(
        defects, np.full(defects.shape, 5.0), everywhere(defects), is_share=False
    )
    assert chart.centre[0, 0] == pytest.approx(1.93) and 1 <= chart.dispersion[0] < 1.1
    assert (5 * chart.low[0, 0], 5 * chart.high[0, 0]) == (2, 20)
    assert not apply_rules(chart, defects / 5, everywhere(defects))[0].any()


def test_laney_by_his_own_formula():
    """Large samples of unequal size that differ beyond chance: the limits are p +- 3 sigma_p
    sigma_z, sigma_z = mean moving range of z / 1.128.
    """
    chance = np.random.default_rng(7)
    of = chance.integers(20_000, 60_000, 20).astype(float)
    cases = np.round(of * (0.3 + 0.01 * chance.standard_normal(20)))
    chart = attributes_chart(cases[None], of[None], everywhere(of[None]), is_share=True)
    p = cases.sum() / of.sum()
    deviation = np.sqrt(p * (1 - p) / of)
    spread = np.abs(np.diff((cases / of - p) / deviation)).mean() / 1.128
    assert chart.dispersion[0] == pytest.approx(spread) and spread > 3
    assert chart.low[0] == pytest.approx(p - 3 * deviation * spread) and chart.high[
        0
    ] == pytest.approx(p + 3 * deviation * spread)
    # Of samples of one size it is the chart of individuals.
    same, shares = np.full((1, 20), 40_000.0), np.round(cases / of * 40_000)[None]
    laney, xmr = (
        attributes_chart(shares, same, everywhere(same), is_share=True),
        individuals_chart(shares / same, everywhere(same), np.array([False])),
    )
    assert laney.low[0] == pytest.approx(xmr.low[0]) and laney.high[0] == pytest.approx(xmr.high[0])


@pytest.mark.parametrize(
    ("of", "share"), [(10, 0.9), (50, 0.98), (200, 0.98), (30, 0.5), (2000, 0.9)]
)
def test_small_counts_are_judged_as_large_ones(of, share):
    """Outside the exact limits lie about as many as outside three sigmas; the normal approximation
    tells several times as many near 100 %.
    """
    cases = np.full((1, 24), of * share)
    chart = attributes_chart(cases, np.full((1, 24), float(of)), everywhere(cases), is_share=True)
    low, high = np.rint(of * chart.low[0, 0]), np.rint(of * chart.high[0, 0])
    assert stats.binom.cdf(low - 1, of, share) < 0.0027 and stats.binom.sf(high, of, share) < 0.0027


def in_control(seed: int, draw) -> float:
    """Share of charts of 24 months of which some rule tells something."""
    values, of, is_share = draw(np.random.default_rng(seed))
    is_there = everywhere(values)
    if of is None:
        return (
            apply_rules(
                individuals_chart(values, is_there, np.zeros(len(values), bool)), values, is_there
            )[0]
            .any(axis=1)
            .mean()
        )
    return (
        apply_rules(attributes_chart(values, of, is_there, is_share), values / of, is_there)[0]
        .any(axis=1)
        .mean()
    )


def test_false_alarms_of_branches_in_which_nothing_happens():
    """XmR of normal values: 19 % of charts show something within 24 months. Shares and rates, their
    spread known, at most as many: also of few cases, and of events so rare that most months have
    none.
    """
    shape = (800, 24)
    assert in_control(
        1, lambda chance: (100 + chance.standard_normal(shape), None, None)
    ) == pytest.approx(0.19, abs=0.04)
    for size, share in [(10, 0.9), (50, 0.98), (200, 0.999), (1000, 0.95)]:
        of = 1 + np.random.default_rng(2).poisson(size, shape)
        assert (
            in_control(
                3,
                lambda chance, of=of, share=share: (
                    chance.binomial(of, share) * 1.0,
                    of * 1.0,
                    True,
                ),
            )
            < 0.17
        )
    for mean in (0.2, 2, 50):
        assert (
            in_control(
                4,
                lambda chance, mean=mean: (
                    chance.poisson(mean, shape) * 1.0,
                    np.ones(shape),
                    False,
                ),
            )
            < 0.17
        )


def test_a_real_change_is_seen():
    chance = np.random.default_rng(4)
    share = np.where(np.arange(24) < 14, 0.85, 0.92)
    cases, of = chance.binomial(200, share, (500, 24)) * 1.0, np.full((500, 24), 200.0)
    rule, side = apply_rules(
        attributes_chart(cases, of, everywhere(cases), is_share=True), cases / of, everywhere(cases)
    )
    assert (rule[:, 14:] > 0).any(axis=1).mean() > 0.95 and (
        side[:, -1][rule[:, -1] > 0] == 1
    ).all()


def by_rule(values) -> list[int]:
    """Rules of points on a chart with centre 0 and sigma 1."""
    values = np.array([values], float)
    zero = np.zeros(values.shape)
    chart = individuals_chart(values, everywhere(values), np.array([False]))
    chart = type(chart)(
        zero, zero - 3, zero + 3, zero + 1, values, np.sign(values), chart.dispersion
    )
    return apply_rules(chart, values, everywhere(values))[0][0].tolist()


def test_each_rule_and_which_comes_first():
    assert by_rule([0.5, 3.1, -0.5, -3.1, 3.0]) == [0, 1, 0, 1, 0]
    # Seven points are six steps; equal neighbours are no rise.
    assert by_rule([-1, -0.5, -0.1, 0.2, 0.4, 0.6, 0.9, -0.3]) == [2] * 7 + [0]
    assert by_rule([-1, -0.5, -0.1, 0.2, 0.2, 0.6, 0.9]) == [0] * 7
    assert by_rule([0.9, 0.6, 0.3, -0.1, -0.2, -0.4, -0.6]) == [2] * 7
    # Of two beyond two thirds only these are told, and only where the third is on their side.
    assert by_rule([-0.5, 2.1, 0.3, 2.2, -0.5]) == [0, 3, 0, 3, 0]
    assert by_rule([2.1, -0.3, 2.2]) == [0, 0, 0] == by_rule([2.1, 0, 2.2])
    assert by_rule([0.1, 0.3, 0.2, 0.4, 0.2, 0.3, 0.1, -0.1]) == [4] * 7 + [0]
    assert by_rule([0.1, 0.3, 0.2, 0.4, 0.2, 0.3, -0.1]) == [0] * 7
    # A point that meets several is told by the first: outside, trend, two of three, shift.
    assert by_rule([0.1, 0.5, 1, 1.5, 2.1, 2.5, 3.2]) == [2] * 6 + [1]
    assert by_rule([0.3, 2.5, 2.1, 0.2, 0.3, 0.2, 0.5]) == [4, 3, 3, 4, 4, 4, 4]


def table(
    branches: dict, kind="share", direction="up", states=None, target=None
) -> tuple[list[pa.Table], list[dict]]:
    """mart_kpi_value of one KPI: per branch 25 pairs of numerator and denominator; the last month
    is not over.
    """
    rows = []
    for place, start in enumerate(MONTHS):
        end = date(2024, 1, 20) if place == 24 else MONTHS[place + 1]
        for code, pairs in sorted(branches.items()):
            top, bottom = pairs[place]
            value = None if not bottom else top / bottom * (100 if kind == "share" else 1)
            state = (states or {}).get((code, place), "ok" if bottom else "no_cases")
            key = {
                "kpi_id": "k",
                "period_kind": "month",
                "period_start": start,
                "period_end": end,
                "branch_level": "province",
                "branch_code": code,
            }
            told = {"numerator": top, "denominator": bottom, "value": value, "target_value": target}
            rows.append(
                key
                | {"segment_kind": "all"}
                | told
                | {"state": state, "reason": None if state == "ok" else state}
            )
    schema = {
        "numerator": pa.int64(),
        "denominator": pa.int64(),
        "value": pa.float64(),
        "target_value": pa.float64(),
    }
    columns = {name: pa.array([row[name] for row in rows], schema.get(name)) for name in rows[0]}
    return [pa.table(columns)], [
        {
            "kpi_id": "k",
            "kind": kind,
            "direction": direction,
            "scale": 100.0 if kind == "share" else 1.0,
        }
    ]


def charted(*args, **kwargs) -> dict[tuple[str, int], dict]:
    rows = conform("mart_trend", build_mart_trend(*table(*args, **kwargs))).to_pylist()
    return {(row["branch_code"], MONTHS.index(row["period_start"])): row for row in rows}


def usual(seed: int) -> list[tuple[int, int]]:
    return [(int(cases), 100) for cases in np.random.default_rng(seed).binomial(100, 0.9, 25)]


def test_what_is_left_out_and_what_is_on_trial():
    some = usual(1)
    gaps = [(0, 0) if month in (3, 4) else pair for month, pair in enumerate(some)]
    rows = charted(
        {
            "A": some,
            "B": gaps,
            "C": [(0, 0)] * 25,
            "D": [(0, 0)] * 20 + some[20:],
            "E": [(50, 50)] * 25,
            "F": [(0, 0)] * 12 + some[12:],
        },
        states={("A", 7): "immature"},
        target=80.0,
    )
    assert {code for code, _ in rows} == {"A", "B", "D", "E", "F"} and len(rows) == 125
    assert (rows["A", 24]["is_charted"], rows["A", 24]["reason"]) == (
        False,
        "the month is not over",
    )
    assert (rows["A", 7]["is_charted"], rows["A", 7]["reason"], rows["A", 7]["limit_low"]) == (
        False,
        "immature",
        None,
    )
    assert [rows[code, 23]["chart_points"] for code in "ABDEF"] == [23, 22, 4, 24, 12]
    assert [rows[code, 23]["is_trial"] for code in "ABDEF"] == [False, False, True, False, True]
    # Too few months, or months that are all the same: a centre, but neither limits nor a verdict.
    for code, reason in {
        "D": "fewer than 5 months to draw limits from",
        "E": "all months are the same",
    }.items():
        row = rows[code, 23]
        assert (
            row["reason"],
            row["limit_low"],
            row["limit_high"],
            row["variation"],
            row["assurance"],
        ) == (reason, None, None, None, None)
        assert row["centre_line"] is not None
    assert rows["F", 23]["assurance"] == "met" or rows["F", 23]["limit_low"] < 80
    # A month without cases is no gap in a run and no branch changes another's chart.
    alone = charted({"B": gaps}, target=80.0)
    assert all(alone["B", month] == rows["B", month] for month in range(25))


def test_directions_and_targets_decide_what_is_good():
    better = [(80 + month % 3, 100) for month in range(16)] + [
        (95 + month % 2, 100) for month in range(9)
    ]
    for direction, word in {"up": "improvement", "down": "concern", "none": "change"}.items():
        row = charted({"A": better}, direction=direction)["A", 23]
        assert (row["variation"], row["rule"], row["assurance"]) == (word, "outside", None)
    steady = [(900 + 5 * (-1) ** month, 1000) for month in range(25)]
    told = {
        target: charted({"A": steady}, target=target)["A", 23]["assurance"]
        for target in (80.0, 90.0, 99.0)
    }
    assert told == {80.0: "met", 90.0: "hit_and_miss", 99.0: "missed"}
    assert charted({"A": steady}, direction="down", target=99.0)["A", 23]["assurance"] == "met"
    assert charted({"A": steady}, direction="none", target=99.0)["A", 23]["assurance"] is None


def test_times_are_charted_by_logarithms_unless_one_is_zero():
    days = [(10 + month % 4, 1) for month in range(25)]
    zero = [(0, 1), *days[1:]]
    rows = charted({"A": days, "B": zero}, kind="mean", direction="down")
    assert (rows["A", 0]["chart_method"], rows["B", 0]["chart_method"]) == ("xmr_log", "xmr")
    assert rows["A", 5]["centre_line"] == pytest.approx(
        np.exp(np.mean([np.log(top) for top, _ in days[:24]]))
    )
    assert rows["B", 5]["limit_low"] >= 0
