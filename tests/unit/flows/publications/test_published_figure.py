"""What a person may call a figure, and what a wrong name is answered with."""

from datetime import date

import pyarrow as pa
import pytest

from data.config.published_tables import load_published_tables
from data.problem import Problem
from data.store.table_files import write_tables
from flows.publications.published_figure import FigureQuestion, find_figure

AS_OF = date(2012, 10, 31)
BRANCHES = [
    {"branch_code": "HQ", "name": "总公司", "branch_level": "head_office", "parent_code": None},
    {"branch_code": "01", "name": "江西", "branch_level": "province", "parent_code": "HQ"},
    {"branch_code": "02", "name": "双", "branch_level": "province", "parent_code": "HQ"},
    {"branch_code": "03", "name": "双", "branch_level": "province", "parent_code": "HQ"},
]
PERIODS = [("ytd", date(2012, 1, 1)), ("quarter", date(2012, 7, 1)), ("month", date(2012, 10, 1))]
ENDS = {"ytd": date(2012, 11, 1), "quarter": date(2012, 10, 1), "month": date(2012, 11, 1)}


@pytest.fixture
def folder(tmp_path):
    rows = []
    for branch in BRANCHES:
        for kind, start in PERIODS:
            cell = {"kpi_id": "claim_closure_pct", "branch_code": branch["branch_code"]}
            cell |= {"period_kind": kind, "period_start": start, "period_end": ENDS[kind]}
            rows.append(cell | {"segment_kind": "all", "segment": "all"})
            rows.append(cell | {"segment_kind": "line", "segment": "交强险"})
    (tmp_path / "tables").mkdir()
    dim_period = [
        {"period_kind": kind, "period_start": start, "period_end": ENDS[kind]}
        for kind, start in PERIODS
    ]
    content = {"dim_branch": BRANCHES, "dim_period": dim_period, "mart_kpi_value": rows}
    published = load_published_tables()
    tables = {
        name: pa.Table.from_pylist(table_rows, schema=published[name].schema)
        for name, table_rows in content.items()
    }
    write_tables(tmp_path / "tables", tables)
    return tmp_path


@pytest.mark.parametrize(
    ("branch", "period", "segment", "cell"),
    [
        (None, None, None, ("HQ", "ytd", "all", "all")),
        ("01", "2012", None, ("01", "ytd", "all", "all")),
        ("江西", "2012Q3", None, ("01", "quarter", "all", "all")),
        ("02", "2012-10", "line=交强险", ("02", "month", "line", "交强险")),
    ],
)
def test_a_figure_is_selected_by_what_people_call_it(folder, branch, period, segment, cell):
    question = FigureQuestion("claim_closure_pct", branch, period, segment)
    row = find_figure(question, folder, AS_OF).row
    names = ("branch_code", "period_kind", "segment_kind", "segment")
    assert tuple(row[name] for name in names) == cell


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (FigureQuestion("claim_closure_pct", "双"), "2 branches .* such as 02 双, 03 双"),
        (FigureQuestion("claim_closure_pct", "99"), "no branches .*'99'.* such as HQ 总公司"),
        (FigureQuestion("claim_closure_pct", None, "2013"), "'2013' is not a published period"),
        (FigureQuestion("claim_closure_pct", None, None, "line"), "no segment 'line' - use line="),
        (FigureQuestion("claim_closure_pct", None, None, "line="), "no segment 'line='"),
        (FigureQuestion("claim_closure_pct", None, None, "agent=x"), "no segment 'agent=x'"),
        (
            FigureQuestion("claim_closure_pct", "01", None, "line=车"),
            "no line '车' at 01 in this period - use one of: 交强险",
        ),
    ],
)
def test_a_wrong_name_is_answered_with_those_that_exist(folder, question, message):
    with pytest.raises(Problem, match=message):
        find_figure(question, folder, AS_OF)
