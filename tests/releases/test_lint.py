"""Every rule fires on a file that breaks it, and none on what a release writes."""

import re
import shutil
from dataclasses import replace

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill

from data.problem import Problem
from flows.publications import releases
from reports.release.lint.run import lint_file, lint_release


def table(book):
    return book["Table_1_cn_complaint_bulletin"]


def put(cell: str, value):
    def change(book):
        page = table(book)
        column, row = cell[0], int(cell[1:])
        page[f"{column}{head(page) + row}"].value = value

    return change


def head(page) -> int:
    return openpyxl.utils.range_boundaries(next(iter(page.tables.values())).ref)[1]


def style(**styles):
    def change(book):
        page = table(book)
        for name, value in styles.items():
            setattr(page.cell(head(page) + 1, 6), name, value)

    return change


def line(number: int, text):
    return lambda book: setattr(table(book)[f"A{number}"], "value", text)


BREAKS = {
    "W1": lambda book: book.move_sheet("Notes", -2),
    "W2": lambda book: setattr(table(book), "title", "Table 1"),
    "W3": lambda book: setattr(table(book), "sheet_state", "hidden"),
    "W4": lambda book: setattr(book.properties, "keywords", None),
    "W5": lambda book: book["Cover"].delete_rows(8),
    "W6": lambda book: setattr(book["Contents"]["E4"], "hyperlink", None),
    "W7": lambda book: book["Notes"].tables.pop("Notes_table"),
    "W8": style(font=Font(name="Arial", size=9)),
    "T1": line(1, "Complaints"),
    "T2": line(2, "Complaints of the year"),
    "T3": put("P2", "beside"),
    "T4": put("F0", "complaints_count"),
    "T5": lambda book: table(book).merge_cells("A1:C1"),
    "T6": lambda book: setattr(table(book), "freeze_panes", "B2"),
    "T7": style(alignment=Alignment(horizontal="left")),
    "T8": put("E2", "Total"),
    "T9": put("F0", "Complaints"),
    "T11": put("D1", 6),
    "T12": put("A1", "1/1/12-31/12/12"),
    "T14": put("F1", "[note 2]"),
    "C1": put("F1", "43"),
    "C2": put("F1", "12 (3%)"),
    "C3": put("F1", "n/a"),
    "C4": put("F1", None),
    "C5": put("F1", 0.0004),
    "C6": put("N1", "31/12/12"),
    "C7": put("F1", "=40+3"),
    "C8": put("E1", "second\nline"),
    "C9": put("E1", '=HYPERLINK("x","y")'),
    "C10": style(font=Font(name="Arial", size=12, color="FF00FF00")),
    "M1": put("F1", "[low]"),
    "M2": line(5, "[c] = another reason"),
    "M3": put("F1", "[p]"),
    "M4": put("E0", "Branch [note 7]"),
    "M5": put("F3", 5),
}


def test_what_a_release_writes_breaks_no_rule(public, regulator):
    files = [
        path
        for folder in (public, regulator)
        for path in folder.iterdir()
        if path.suffix == ".xlsx" or path.name.startswith("cn-")
    ]
    assert len(files) > 4
    assert [
        str(finding)
        for path in files
        if path.suffix == ".xlsx" or not path.name.endswith((".meta.csv", ".json"))
        for finding in lint_file(path)
    ] == []


@pytest.fixture(scope="module")
def workbook(store, request_template):
    """One of two tables, which reads and writes faster than one of eight."""
    folder = releases.make_release(
        store,
        replace(request_template, name="two-returns", templates=request_template.templates[:2]),
    )
    return folder / "two-returns.xlsx"


@pytest.mark.parametrize("rule", BREAKS)
def test_workbook_rule_fires(rule, workbook, tmp_path):
    book = openpyxl.load_workbook(workbook)
    BREAKS[rule](book)
    book.save(tmp_path / "broken.xlsx")
    findings = {finding.rule: finding for finding in lint_file(tmp_path / "broken.xlsx")}
    assert rule in findings, sorted(findings)
    assert findings[rule].fix in str(findings[rule])


def test_names_pictures_and_comments_are_reported(workbook, tmp_path):
    book = openpyxl.load_workbook(workbook)
    table(book)["A1"].comment = Comment("why?", "someone")
    table(book)["A1"].fill = PatternFill("solid", fgColor="FFFF00")
    book.save(tmp_path / "Returns 2012 (final).xlsx")
    findings = {
        finding.rule: str(finding) for finding in lint_file(tmp_path / "Returns 2012 (final).xlsx")
    }
    assert "there are comments" in findings["W3"] and "W10" in findings and "!A1" in findings["W8"]


CSV = {
    "F1": lambda text: text.replace(b"\r\n", b"\n"),
    "F2": lambda text: b"Complaints by branch\r\n" + text,
    "F3": lambda text: text.replace(b"complaints_count,", b"Complaints 2012,", 1),
    "F4": lambda text: text + text.split(b"\r\n")[1] + b"\r\n",
    "F5": lambda text: text.replace(b",region,", b",province,"),
    "F6": lambda text: re.sub(rb"company,00,([^,]+),\d+,", rb'company,00,\1,"1,074",', text),
    "F7": lambda text: text.replace(b"2012-01-01/2012-12-31", b"1/1/2012", 1),
    "F8": lambda text: re.sub(rb"company,00,([^,]+),\d+,", rb"company,00,\1,NA,", text),
    "F9": lambda text: text.replace(b"complaints_rank,", b"complaints_place,", 1),
    "F10": lambda text: text.replace(b",final", b", final", 1),
    "T13": lambda text: text.replace(b"2012-01-01/2012-12-31", b"2011-01-01/2011-12-31", 1),
    "C9": lambda text: text.replace(b"\"'=HYPERLINK", b'"=HYPERLINK', 1),
}


@pytest.mark.parametrize("rule", CSV)
def test_csv_rule_fires(rule, public, tmp_path):
    for path in public.glob("cn-complaint-bulletin.*"):
        shutil.copy(path, tmp_path)
    path = tmp_path / "cn-complaint-bulletin.csv"
    text = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(CSV[rule](text))
    assert CSV[rule](text) != text
    findings = {finding.rule: finding for finding in lint_file(path)}
    assert rule in findings, sorted(findings)


def test_what_is_no_workbook_is_a_sentence(tmp_path):
    for name, what in (
        ("a.xlsx", "cannot be read as a workbook"),
        ("a.ods", "neither a workbook nor a CSV"),
        ("a.csv", "not UTF-8 at byte 0"),
    ):
        (tmp_path / name).write_bytes(b"\xff\xfe")
        with pytest.raises(Problem, match=what):
            lint_file(tmp_path / name)


WHOLE = {
    "F12": ("qa-log.csv", lambda text: text + b"more,,passed,\r\n"),
    "F14": ("cn-complaint-bulletin.csv", lambda text: text.replace(b",50.4,", b",50.5,")),
    "D1": ("cn-complaint-bulletin.csv", lambda text: text.replace(b",100,,", b",99,,", 1)),
    "D4": ("cn-complaint-bulletin.csv", lambda text: text.replace(b",,c,", b",0,c,", 1)),
    "P2": (
        "manifest.json",
        lambda text: text.replace(b'"checked_by": "Wang"', b'"checked_by": "Li"'),
    ),
    "P3": ("qa-log.csv", lambda text: text.replace(b",passed,", b",failed,", 1)),
    "P6": (
        "manifest.json",
        lambda text: text.replace(
            b'"correction": null',
            b'"correction": {"replaces": "1.0.0", "cause": "", "prevention": "x"}',
        ),
    ),
}


@pytest.mark.parametrize("rule", WHOLE)
def test_rule_of_the_release_fires(rule, workbook, tmp_path):
    folder = shutil.copytree(workbook.parent, tmp_path / "1.0.0")
    name, change = WHOLE[rule]
    text = (folder / name).read_bytes()
    assert change(text) != text
    (folder / name).chmod(0o644)
    (folder / name).write_bytes(change(text))
    findings = {finding.rule: str(finding) for finding in lint_release(folder)}
    assert rule in findings, sorted(findings)


def test_a_merged_cell_in_the_table_does_not_stop_the_linter(workbook, tmp_path):
    book = openpyxl.load_workbook(workbook)
    first = head(table(book)) + 1
    table(book).merge_cells(f"F{first}:G{first}")
    book.save(tmp_path / "merged.xlsx")
    assert "T5" in {finding.rule for finding in lint_file(tmp_path / "merged.xlsx")}


def csv_findings(folder, text: str, name: str = "a.csv") -> set[str]:
    (folder / name).write_bytes(text.encode())
    return {finding.rule for finding in lint_file(folder / name)}


@pytest.mark.parametrize(("letters", "is_too_long"), [(49, False), (50, False), (51, True)])
def test_a_column_name_has_up_to_fifty_letters(tmp_path, letters, is_too_long):
    text = f"{'a' * letters},b\r\n1,2\r\n"
    assert ("F3" in csv_findings(tmp_path, text)) is is_too_long


@pytest.mark.parametrize(("columns", "is_title"), [("a", True), ("a,b", False)])
def test_a_header_has_two_columns_at_least(tmp_path, columns, is_title):
    assert ("F2" in csv_findings(tmp_path, f"{columns}\r\n")) is is_title


@pytest.mark.parametrize(("rows", "is_too_many"), [(3, False), (4, False), (5, True)])
def test_rows_of_a_file_count_with_the_header(tmp_path, monkeypatch, rows, is_too_many):
    monkeypatch.setattr("reports.release.lint.csv_content_rules.ROW_LIMIT", 4)
    text = "a,b\r\n" + "1,2\r\n" * (rows - 1)
    assert ("F11" in csv_findings(tmp_path, text)) is is_too_many


@pytest.mark.parametrize(
    ("value", "is_low"),
    [(0.05, False), (0.0499, True), (-0.05, False), (-0.0499, True), (0, False)],
)
def test_a_figure_is_low_below_half_of_the_last_decimal(workbook, tmp_path, value, is_low):
    book = openpyxl.load_workbook(workbook)
    cell = table(book).cell(head(table(book)) + 1, 6)
    cell.value, cell.number_format = value, "#,##0.0"
    book.save(tmp_path / "low.xlsx")
    assert ("C5" in {finding.rule for finding in lint_file(tmp_path / "low.xlsx")}) is is_low


@pytest.mark.parametrize(("points", "is_small"), [(11, True), (12, False), (13, False)])
def test_type_has_twelve_points_at_least(workbook, tmp_path, points, is_small):
    book = openpyxl.load_workbook(workbook)
    style(font=Font(name="Arial", size=points))(book)
    book.save(tmp_path / "type.xlsx")
    assert ("W8" in {finding.rule for finding in lint_file(tmp_path / "type.xlsx")}) is is_small
