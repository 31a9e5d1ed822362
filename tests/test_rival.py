"""The figures of a company are those of a script that shares no definition with the house
(tests/bench/rival).
"""

from pathlib import Path

import polars as pl
import pytest
from polars import col

from tests.bench.rival.__main__ import compute
from tests.bench.rival.calendar import Calendar
from tests.bench.rival.compare import FIGURES, find_differences, read_published, read_rows
from tests.stores import YEAR_END, synthetic_store
from transforms.kpis.catalogue import load_kpis


@pytest.fixture(scope="module")
def ours() -> pl.DataFrame:
    return read_published(Path(synthetic_store().outcomes[0].folder) / "tables")


def test_the_rival_has_every_cell_of_ours(ours, tmp_path):
    compute(synthetic_store().store.root, YEAR_END, tmp_path)
    rival = read_rows(tmp_path, Calendar(YEAR_END))
    assert find_differences(ours, rival).to_dicts() == []
    assert set(rival["kpi_id"]) == {kpi.name for kpi in load_kpis()}
    assert rival.filter(col("numerator") > 0).height > 10_000


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_that_is_a_little_different_is_seen(ours, name):
    is_known = col(name).is_not_null()
    rows = ours.filter(is_known).head(3)
    tenth = pl.lit("0.0000000001").cast(pl.Decimal(38, 10))
    changed = col(name) + tenth if name in FIGURES[:2] else col(name) * (1 + 1e-11) + 1e-300
    others = rows.with_columns(
        pl.when(pl.int_range(pl.len()) == 1).then(changed).otherwise(name).alias(name)
    )
    assert find_differences(rows, rows).height == 0
    differing = find_differences(rows, others)
    assert differing["branch_code"].to_list() == rows["branch_code"].to_list()[1:2]


def test_a_missing_row_and_one_too_many_are_seen(ours):
    rows = ours.head(5)
    assert find_differences(rows, rows.head(4)).height == 1
    assert find_differences(rows.head(4), rows).height == 1
