"""A workbook as the rules see it."""

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import openpyxl

from data.problem import Problem
from reports.release.lint.sheet import Sheet

FRONT_SHEETS = ("Cover", "Contents", "Notes")


@dataclass
class Book:
    """A workbook as openpyxl reads it, and the names of the parts in its zip."""

    path: Path
    book: openpyxl.Workbook
    parts: list[str]

    @staticmethod
    def from_file(path: Path) -> "Book":
        """Read a workbook.

        Raises Problem where it cannot be read as one.
        """
        try:
            with zipfile.ZipFile(path) as packed:
                parts = packed.namelist()
            return Book(path, openpyxl.load_workbook(path), parts)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise Problem(
                f"{path.name} cannot be read as a workbook: {error}", "save it as .xlsx"
            ) from error

    @cached_property
    def tables(self) -> list[Sheet]:
        """The sheets after the front sheets."""
        pages = self.book.worksheets
        return [Sheet(page) for page in pages if page.title not in FRONT_SHEETS]

    def lines(self, name: str) -> list[str]:
        """Return the texts in column A of a front sheet; none where the sheet is missing."""
        if name not in self.book.sheetnames:
            return []
        values = [cell.value for cell in self.book[name]["A"]]
        return [str(value) for value in values if value is not None]
