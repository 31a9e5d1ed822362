"""A release is frozen, checkable, repeatable and correctable; and opens alike everywhere."""

import csv
import json
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from data.config.return_layout import Return
from data.problem import Problem
from data.store.releases import (
    Releases,
    next_version,
    parse_layouts,
    read_release_manifest,
    read_rows,
)
from flows.publications import releases
from reports.release import csvw
from reports.release.facts import ReleaseFacts
from reports.release.lint.run import lint_file
from reports.release.workbook import write_release_workbook
from tests.releases.conftest import ID, SIGNED, extracts
from tests.releases.publication import compute, publish


@pytest.fixture
def copied(store, tmp_path):
    """A store of one's own."""
    return shutil.copytree(store, tmp_path / "store")


def test_a_release_is_frozen_signed_and_repeatable(copied, public):
    manifest = json.loads((public / "manifest.json").read_text(encoding="utf-8"))
    assert (
        manifest["version"] == "1.0.0"
        and manifest["asked"]["publication_id"] == ID
        and manifest["marks"]["c"] > 0
    )
    assert [manifest["asked"][who] for who in SIGNED] == list(SIGNED.values())
    assert releases.verify_release(copied, "public", "public-returns", "1.0.0") == []
    assert releases.reproduce_release(copied, "public", "public-returns", "1.0.0") == []
    path = copied / "releases" / "public" / "public-returns" / "1.0.0" / "cn-complaint-bulletin.csv"
    assert not path.stat().st_mode & 0o222
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b",100,", b",101,", 1))
    assert any(
        "cn-complaint-bulletin.csv differs from its sha256" in line
        for line in releases.verify_release(copied, "public", "public-returns", "1.0.0")
    )
    assert releases.reproduce_release(copied, "public", "public-returns", "1.0.0") == [
        "cn-complaint-bulletin.csv"
    ]


def test_hidden_and_zero_never_look_alike(public, regulator):
    def cells(folder):
        with (folder / "cn-complaint-bulletin.csv").open(encoding="utf-8", newline="") as stream:
            return {
                row["branch_code"]: (row["complaints_count"], row["complaints_count_status"])
                for row in csv.DictReader(stream)
            }

    public_cells, everything = cells(public), cells(regulator)
    assert public_cells["(other)"] == ("0", "") and ("", "c") in public_cells.values()
    assert all(
        count == everything[code][0] for code, (count, mark) in public_cells.items() if not mark
    )
    assert not any(mark for _, mark in everything.values())
    sheet = openpyxl.load_workbook(public / "public-returns.xlsx")["Table_1_cn_complaint_bulletin"]
    shown = {row[3]: row[5] for row in sheet.iter_rows(values_only=True)}
    assert shown["(other)"] == 0 and shown["01"] == "[c]"


def test_a_correction_tells_old_and_new_and_keeps_what_it_replaces(copied, tables):
    rows = extracts()
    rows["complaints"] += [
        row | {"complaint_id": f"late {row['complaint_id']}"}
        for row in rows["complaints"]
        if row["branch_code"] == "06"
    ][:2]
    publish(copied, "2012-12-31-bbbbbbbbbbbb", "2012-12-31", compute("2012-12-31", **rows))
    correction = releases.Correction(
        "2012-12-31-bbbbbbbbbbbb",
        "two complaints came late",
        "the desk is asked before",
        SIGNED,
        "2013-02-01T09:30+08:00",
    )
    folder = releases.correct_release(copied, "regulator", "regulator-returns", correction)
    assert (
        folder.name == "1.0.1"
        and releases.verify_release(copied, "regulator", "regulator-returns", "1.0.1") == []
    )
    with (folder / "correction-notice.csv").open(encoding="utf-8", newline="") as stream:
        notice = {
            (row["key"].split()[-1], row["column_name"]): row
            for row in csv.DictReader(stream)
            if row["return_id"] == "reg_cn_complaint_bulletin"
        }
    row = notice["06", "complaints_count"]
    assert (
        int(row["new"]) - int(row["old"]) in (1, 2)
        and row["cause"] == "two complaints came late"
        and row["replaces"] == "1.0.0"
    )
    assert ("05", "complaints_count") not in notice and ("05", "complaints_share_percent") in notice
    states = {
        entry["version"]: entry["state"]
        for entry in Releases(copied, "regulator").register("regulator-returns")
    }
    assert states == {"1.0.0": "superseded", "1.0.1": "published"}
    assert (
        copied / "releases" / "regulator" / "regulator-returns" / "1.0.0" / "manifest.json"
    ).is_file()
    cover = [
        str(cell.value)
        for cell in openpyxl.load_workbook(folder / "regulator-returns.xlsx")["Cover"]["A"]
    ]
    assert any("two complaints came late" in line for line in cover)
    releases.withdraw_release(copied, "regulator", "regulator-returns", "1.0.1", "asked to", "Zhao")
    with pytest.raises(
        Problem, match="no version of release regulator-returns for the regulator is in force"
    ):
        Releases(copied, "regulator").latest("regulator-returns")


def test_what_is_wrong_is_not_released(copied, request_template, tables):
    with pytest.raises(Problem, match="three different people sign a release"):
        releases.make_release(copied, replace(request_template, checked_by="Li"))
    with pytest.raises(
        Problem, match="template reg_none not found - use reg_cn_complaint_bulletin"
    ):
        releases.make_release(copied, replace(request_template, templates=("reg_none",)))
    rows = tables["reg_control"].to_pylist()
    rows[0] |= {"sums_wrong": 1, "examples": "complaints_count: 73 is not 74"}
    publish(
        copied,
        "2012-12-31-cccccccccccc",
        "2012-12-31",
        tables | {"reg_control": pa.Table.from_pylist(rows, schema=tables["reg_control"].schema)},
    )
    with pytest.raises(Problem, match="1 control totals are wrong: .*73 is not 74"):
        releases.make_release(
            copied, replace(request_template, publication_id="2012-12-31-cccccccccccc")
        )
    assert [
        entry["version"] for entry in Releases(copied, "public").register("public-returns")
    ] == ["1.0.0"]


def test_versions_say_what_readers_have_to_change():
    assert next_version(None, [], ["a"]) == "1.0.0"
    assert next_version("1.0.9", ["a"], ["a"]) == "1.0.10"
    assert next_version("1.0.9", ["a"], ["a", "b"]) == "1.1.0"
    assert next_version("1.3.9", ["a", "b"], ["a", "c"]) == "2.0.0"


def small_facts() -> ReleaseFacts:
    return ReleaseFacts(
        name="limits",
        version="1.0.0",
        language="zh",
        audience="regulator",
        publication_id=ID,
        publish_at="2013-01-15T09:30+08:00",
        announced_on="-",
        next_release="",
        pre_release=(),
        producer="甲",
        manifest_sha256="",
        titles=(),
        contact="",
        licence="乙",
        low_marker="low",
        floor=1,
        few=30,
        state="final",
        notice=(),
        quality=dict.fromkeys(
            ("read", "accepted", "quarantined", "other", "controls", "as_of", "versions"), "1"
        ),
        correction=None,
        row_status=lambda *_: "final",
    )


def test_a_table_of_too_many_rows_is_split_in_the_order_of_its_key(
    store, request_template, regulator, tmp_path
):
    """A spreadsheet's limit, made small: parts with a header each, described once, and read back as
    one.
    """
    layout = next(
        layout
        for layout in parse_layouts(read_release_manifest(regulator))
        if layout.id == "reg_cn_complaint_bulletin"
    )
    rows, marks = read_rows(regulator, layout)
    facts = small_facts()
    csvw.write_return_csv(tmp_path, Return(layout, rows, marks), facts, row_limit=3)
    parts = sorted(tmp_path.glob("*-part-*.csv"))
    assert [path.name for path in parts] == [
        f"cn-complaint-bulletin-part-{number}.csv" for number in (1, 2, 3)
    ]
    assert read_rows(tmp_path, layout) == (rows, marks)
    assert {finding.rule for path in parts for finding in lint_file(path)} <= {"T13"}, (
        "a part has not every combination"
    )


def test_files_open_with_the_same_types_and_values(regulator, tmp_path):
    """pandas and DuckDB read the CSV, LibreOffice and pandas the workbook: the same branches as
    text, the same numbers as numbers.
    """
    path = regulator / "cn-complaint-bulletin.csv"
    counts = (
        pd.read_csv(path, dtype={"branch_code": str})
        .set_index("branch_code")["complaints_count"]
        .to_dict()
    )
    ducks = duckdb.execute(
        f"SELECT branch_code, complaints_count FROM read_csv('{path}', types = {{'branch_code': 'VARCHAR'}})"
    ).fetchall()
    assert dict(ducks) == counts and duckdb.execute(
        f"SELECT typeof(complaints_share_percent) FROM '{path}' LIMIT 1"
    ).fetchone() == ("DOUBLE",)
    book = regulator / "regulator-returns.xlsx"
    frame = pd.read_excel(
        book, sheet_name="Table_1_cn_complaint_bulletin", header=None, dtype=object
    )
    assert {row[3]: row[5] for row in frame.itertuples(index=False) if row[3] in counts} == counts
    office = shutil.which("soffice")
    if not office:
        pytest.skip("LibreOffice is not installed")
    where = f"-env:UserInstallation=file://{tmp_path}/profile"
    # Sheet 4 of the workbook as CSV: field and text delimiters, UTF-8, from the first line, cells
    # as they are.
    command = [
        office,
        where,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,4",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(book)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with next(tmp_path.glob("*.csv")).open(encoding="utf-8", newline="") as stream:
        opened = {row[3]: row[5] for row in csv.reader(stream) if len(row) > 5}
    assert {code: Decimal(opened[code]) for code in counts} == counts


@pytest.mark.parametrize(("row_limit", "parts"), [(8, 1), (7, 2), (9, 1)])
def test_a_return_is_split_above_the_limit_only(regulator, tmp_path, row_limit, parts):
    layouts = parse_layouts(read_release_manifest(regulator))
    layout = next(layout for layout in layouts if layout.id == "reg_cn_complaint_bulletin")
    rows, marks = read_rows(regulator, layout)
    assert len(rows) >= 8
    content = Return(layout, rows[:8], marks[:8])
    csvw.write_return_csv(tmp_path, content, small_facts(), row_limit=row_limit)
    assert len([*tmp_path.glob("cn-complaint-bulletin*.csv")]) == parts + 1, "and its meta.csv"
    path = tmp_path / "limits.xlsx"
    write_release_workbook(path, [content], small_facts(), row_limit=row_limit)
    assert len(openpyxl.load_workbook(path).sheetnames) == 3 + parts
