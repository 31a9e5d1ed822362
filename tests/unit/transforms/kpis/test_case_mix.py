"""Case mix: the two standardisations by hand, and on the emergency departments of England."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

from tests.datasets import DATASETS
from tests.leagues import kpi, league
from transforms.kpis.case_mix import standardise_case_mix
from transforms.kpis.cube import Cube
from transforms.kpis.kpi_rows import HALF, split_squares
from transforms.kpis.positioned_rows import PositionedRows


def mixed(
    branch: np.ndarray, strata: np.ndarray, cases: np.ndarray, size: np.ndarray, portions: int = 1
):
    """The case mix of branches under one head office (branch 0) in one period."""
    count = int(branch.max()) + 1
    above = sparse.csr_array(np.vstack([np.ones(count, int), np.eye(count, dtype=int)[1:]]))
    grid = Cube(
        [{"period_id": 1}],
        [f"B{position}" for position in range(count)],
        [(np.array([0]), above)],
        np.full((1, count), "province"),
        head_office=0,
        later_interval=0,
    )
    names = [("stratum", str(name)) for name in np.unique(strata)]
    position = np.unique(strata, return_inverse=True)[1]
    rows = PositionedRows(
        np.ones(len(branch), int),
        False,
        branch,
        names,
        [position],
        {"numerator": cases, "denominator": size},
    )
    chosen = np.array_split(np.arange(len(names)), portions)
    return standardise_case_mix([rows.select_segments(part) for part in chosen], grid)


@pytest.mark.parametrize("portions", [1, 2])
def test_by_hand(portions):
    """Easy cases 90 % and hard ones 50 % in the network, 200 of each. Branch 1: 90 easy of 100, 12
    hard of 20; branch 2: 90 of 100, 88 of 180.

    Branch 1 expects .9 x 100 + .5 x 20 = 100 of 120 and has 102; with the network's mix it would
    have (.9 + .6) / 2 = 75 %, branch 2 (.9 + .4889) / 2 = 69.4 %. Crude, they are 85 % and 63.6 %:
    most of that difference is the mix.
    """
    mix = mixed(
        np.array([1, 1, 2, 2]),
        np.array([0, 1, 0, 1]),
        np.array([90, 12, 90, 88]),
        np.array([100, 20, 100, 180]),
        portions,
    )
    assert mix.expected[1:, 0] == pytest.approx([100, 180]) and mix.ratio[1:, 0] == pytest.approx(
        [0.75, (0.9 + 88 / 180) / 2]
    )
    assert mix.coverage[1:, 0] == pytest.approx([1, 1]) and mix.ratio[0, 0] == pytest.approx(
        280 / 400
    )


def test_a_branch_without_hard_cases_is_not_better_for_it():
    """Branch 1 has easy cases only, and does with them as the network does: adjusted, it is at the
    network's value, half of it covered. One with the tenth kind of case only is given no value.
    """
    mix = mixed(
        np.array([1, 2, 2]), np.array([0, 0, 1]), np.array([90, 90, 100]), np.array([100, 100, 200])
    )
    assert mix.ratio[1, 0] == pytest.approx(280 / 400) and mix.coverage[1, 0] == pytest.approx(0.5)
    few = mixed(np.array([1, 2]), np.array([0, 1]), np.array([5, 90]), np.array([10, 100]))
    assert (
        np.isnan(few.ratio[1, 0])
        and few.coverage[1, 0] == pytest.approx(1 / 11)
        and few.expected[1, 0] == pytest.approx(5)
    )
    assert np.isnan(
        mixed(np.array([1, 3]), np.array([0, 0]), np.array([1, 1]), np.array([2, 2])).ratio[2, 0]
    )  # no case: no value


def test_squares_of_a_century_add_up_exactly():
    from decimal import Decimal

    squares = [Decimal((100 * 366 * 86400) ** 2 * 1_000_000 + 5), None, Decimal(7)]
    column = pa.chunked_array([pa.array(squares, pa.decimal128(38, 0))])
    rows = split_squares(pa.table([column], names=["squares"]))
    high, low = rows["squares_high"].to_numpy().tolist(), rows["squares_low"].to_numpy().tolist()
    assert [up * HALF + down for up, down in zip(high, low, strict=True)] == [
        int(square or 0) for square in squares
    ]
    assert max(high) * 4 < 2**62


def test_emergency_departments_of_england():
    """More than four hours in 227 trusts, January to March 2019: units for minor injuries next
    to those of university hospitals.

    Crude, all but a few are outside the limits of chance, and none outside the usual spread: a
    unit for minor injuries at 11 % looks good. Against the own mix of departments (type 1, 2,
    other) it is among the few that stand out.
    """
    path = DATASETS / "nhs_ae_attendances" / "ae_attendances.csv"
    if not path.exists():
        pytest.skip(
            "../shared/datasets/nhs_ae_attendances does not exist: the public data sets are not part of the repository"
        )
    rows = pd.read_csv(path)
    rows = rows.query("period >= '2019-01-01' and attendances > 0")
    sums = rows.groupby(["org_code", "type"])[["attendances", "breaches"]].sum()
    rows = pd.DataFrame(sums).reset_index()
    trusts, branch = np.unique(rows["org_code"], return_inverse=True)
    cases, size = rows["breaches"].to_numpy(int), rows["attendances"].to_numpy(int)
    mix = mixed(branch + 1, rows["type"].to_numpy(str), cases, size)
    breaches, attendances = (np.bincount(branch, figures)[None] for figures in (cases, size))
    of = kpi(direction="down", minimum_volume=30)
    figures = tuple(values[1:].T for values in (mix.expected, mix.ratio, mix.coverage))
    crude, funnel = league(of, breaches, attendances, mix=figures)
    led, against_mix = league(of, breaches, attendances, mix=figures, policy={"leads": "adjusted"})
    assert len(trusts) == 227 and crude["ranked_of"][0, 0] == 227
    assert (
        funnel["act_outside"][0] > 200
        and funnel["act_spread_outside"][0] <= 2
        and funnel["act_false_alarms"][0] < 0.5
    )
    assert (
        against_mix["phi"][0] < funnel["phi"][0] / 3
        and 5 <= against_mix["act_spread_outside"][0] <= 12
    )
    minor = np.flatnonzero(trusts == "Y03082")[0]
    assert (crude["verdict"][0, minor], led["verdict"][0, minor]) == (
        "better",
        "worse",
    ) and np.isnan(crude["adjusted_value"][0, minor])
    # 539 patients and no long wait is a good record, and little: the fewer, the more it is drawn to
    # the rest.
    few = np.flatnonzero(trusts == "AAH")[0]
    assert (
        crude["value"][0, few] == 0 < crude["shrunken_value"][0, few]
        and crude["rank_high"][0, few] > 80
    )
