"""Adding a KPI is one SQL file and one case.

In a checkout of its own, a new one appears in tables, report, workbook and dictionary, and its
figures can be explained.
"""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from data.store.table_files import read_table

ROOT = Path(__file__).parent.parent
ROOMS = ("data", "expectations", "flows", "reports", "transforms", "tests")
KPI = """/*
title = { zh = "报案量", en = "Claims reported" }
unit = "claims"
scale = [1, 1]
kind = "count"
direction = "none"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at"]
numerator = { zh = "期内报案件数", en = "claims reported in the period" }
denominator = { zh = "无", en = "none" }
excluded = { zh = "无", en = "nothing" }
interval = "none"
source = "house rule 7"
version = 1
*/
SELECT reported_interval AS interval_id, branch_code, line, claim_group, 1 AS numerator, NULL AS denominator
FROM fct_claim
"""
CASE = """as_of = 2012-12-31
[given]
claims = [
    { claim_id = "1", branch_code = "A", reported_at = "2012-01-01 00:00:00" },
    { claim_id = "2", branch_code = "A", reported_at = "2012-12-31 23:59:59" },
    { claim_id = "3", branch_code = "A", reported_at = "2013-01-01 00:00:00" },
]
[[expect]]
numerator = 2
"""
PUBLISH = """
import sys
from pathlib import Path
from data.config import published_tables
from tests.company import open_company
from tests.reports.conftest import _quality, render
from transforms import build, explain
from transforms.kpis import catalogue, periods
claims = [{"claim_id": str(number), "branch_code": "A", "reported_at": f"2012-{number:02}-01 00:00:00"} for number in range(1, 10)]
with open_company("2012-12-20", claims=claims) as (engine, inputs):
    tables = build.build(engine, inputs)
    quarter = periods.named_periods(inputs.as_of)["2012Q3"]
    kpi = catalogue.find_kpi("claim_reported_count")
    explanation = explain.Tracer(engine, inputs).explain(kpi, "A", quarter, ("all", "all"))
    assert explanation.rows["key"].to_pylist() == ["7", "8", "9"]
render(tables | {"dim_column": published_tables.build_dim_column()} | _quality(), Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (
        "pyproject.toml",
        "requirements.lock",
        "requirements-test.lock",
        "README.md",
        "Makefile",
    ):
        shutil.copy(ROOT / name, folder / name)
    (folder / "transforms/sql/kpis/claim_reported_count.sql").write_text(KPI, encoding="utf-8")
    (folder / "tests/cases/claim_reported_count").mkdir()
    (folder / "tests/cases/claim_reported_count/two_of_three.toml").write_text(
        CASE, encoding="utf-8"
    )
    return folder


def run_python(checkout: Path, *command: str) -> str:
    """Run Python in the other checkout; return what it prints."""
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_case_and_the_rules_of_the_house_hold(checkout):
    output = run_python(
        checkout,
        "-m",
        "pytest",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "-k",
        "claim_reported_count",
        "tests/test_cases.py",
        "tests/house/test_rules.py",
    )
    assert "4 passed" in output, "its case, its words, its SQL, and that it has a case"


def test_it_is_in_tables_report_workbook_and_dictionary(checkout):
    run_python(checkout, "-c", PUBLISH, str(checkout / "out"))
    is_new = pc.field("kpi_id") == "claim_reported_count"
    rows = read_table(checkout / "out/tables", "mart_kpi_value", is_new).to_pylist()
    year = {
        row["period_end"]: row["value"]
        for row in rows
        if (row["branch_code"], row["period_kind"], row["segment_kind"]) == ("A", "ytd", "all")
    }
    assert list(year.values())[-1] == 9
    before = [value for end, value in year.items() if end <= date(2012, 1, 1)]
    assert before and set(before) == {None}, "the extract begins in 2012"
    assert "Claims reported" in (checkout / "out/report/kpi-claim_reported_count.html").read_text(
        encoding="utf-8"
    )
    assert "house rule 7" in (checkout / "out/report/definitions.html").read_text(encoding="utf-8")
    book = openpyxl.load_workbook(checkout / "out/exports/servicekpi.xlsx")
    for sheet in ("Values", "Definitions"):
        assert "claim_reported_count" in {cell.value for cell in book[sheet]["A"]}
    assert (
        "报案量" in pq.read_table(checkout / "out/tables/dim_kpi.parquet")["title_zh"].to_pylist()
    )
