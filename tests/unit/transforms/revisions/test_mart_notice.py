"""Which changes of published figures are put on notice: at the policy's limit and beyond it."""

from datetime import date

import pyarrow as pa
import pytest

from data.config.policy_sections import NoticePolicy
from transforms.engine.duckdb_engine import DuckDB
from transforms.revisions.mart_revision import build_mart_notice

NOTICE = NoticePolicy(levels=("head_office",), points=0.5, percent=2)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = DuckDB(tmp_path_factory.mktemp("engine"), "UTC", threads=1)
    engine.create_table_from(
        "dim_kpi", pa.table({"kpi_id": ["share", "days"], "unit": ["%", "days"]})
    )
    yield engine
    engine.close()


def is_on_notice(engine, kpi: str, before, after, level="head_office", kind="all") -> bool:
    row = {
        "kpi_id": kpi,
        "period_kind": "month",
        "period_start": date(2012, 10, 1),
        "period_end": date(2012, 11, 1),
        "branch_code": "HQ",
        "segment_kind": kind,
        "segment": "all",
        "branch_level": level,
        "step": 1,
        "cause": "late_rows",
        "numerator_before": 1.0,
        "numerator_after": 1.0,
        "denominator_before": 1.0,
        "denominator_after": 1.0,
        "value_before": before,
        "value_after": after,
    }
    table = pa.Table.from_pylist([row])
    for name in ("value_before", "value_after"):
        column = table.column_names.index(name)
        table = table.set_column(column, name, table[name].cast(pa.float64()))
    engine.create_table_from("mart_change", table)
    return len(build_mart_notice(engine, NOTICE)) == 1


@pytest.mark.parametrize(
    ("kpi", "before", "after", "expected"),
    [
        ("share", 90, 90.5, False),
        ("share", 90, 90.501, True),
        ("share", 90, 89.5, False),
        ("share", 90, 89.499, True),
        ("days", 100, 102, False),
        ("days", 100, 102.001, True),
        ("days", 100, 98, False),
        ("days", 100, 97.999, True),
        ("share", None, 90, True),  # a value where there was none
        ("share", 90, None, True),
        ("share", None, None, False),
        ("days", 0, 1, True),  # no per cent of zero
        ("days", 0, 0, False),
    ],
)
def test_a_change_is_on_notice_beyond_the_limit(engine, kpi, before, after, expected):
    assert is_on_notice(engine, kpi, before, after) == expected


def test_only_all_cases_at_the_levels_of_the_policy_are_on_notice(engine):
    assert is_on_notice(engine, "share", 90, 95)
    assert not is_on_notice(engine, "share", 90, 95, level="province")
    assert not is_on_notice(engine, "share", 90, 95, kind="line")
