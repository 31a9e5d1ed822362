"""What a sheet and a cell of the workbook hold at most."""

import pytest
import python_calamine
import xlsxwriter

from reports.text.words import Both
from reports.workbook import workbook
from reports.workbook.sheet import Line, Sheet


@pytest.mark.parametrize(("rows", "written"), [(2, 2), (3, 3), (4, 3)])
def test_a_sheet_ends_with_the_row_at_its_limit(tmp_path, monkeypatch, rows, written):
    monkeypatch.setattr(workbook, "ROW_LIMIT", 3)
    sheet = Sheet("Values", [(Both("名", "name"), None)], [Line([f"r{n}"]) for n in range(rows)])
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        workbook._write_sheet(book, workbook.Formats(book), sheet)
    book = python_calamine.CalamineWorkbook.from_path(tmp_path / "book.xlsx")
    cells = book.get_sheet_by_name("Values").to_python()
    assert [row[0] for row in cells[1:]] == [f"r{n}" for n in range(written)]


@pytest.mark.parametrize(("more", "length"), [(-1, 32_766), (0, 32_767), (1, 32_767)])
def test_a_text_is_no_longer_than_excel_reads(more, length):
    one_line = "x" * (32_767 + more)
    two_lines = "x\n" + "y" * (32_765 + more)
    assert len(workbook._cell_text(one_line)) == length
    assert len(workbook._cell_text(two_lines)) == length
    assert (workbook._cell_text(one_line) == one_line) == (more <= 0)
    assert (workbook._cell_text(two_lines) == two_lines) == (more <= 0)


def test_what_is_between_the_narrowest_and_the_widest_column_is_shown_whole():
    widths = [workbook._column_width("a", ["x" * length]) for length in (3, 10, 11, 58, 59, 60)]
    assert widths == [11, 11, 12, 59, 60, 60]
