"""Cells that several tables have: a branch, a KPI, and numbers with what to sort them by."""

from reports.elements.links import branch_link, kpi_page_link
from reports.elements.table import Cell, name_cell, number_cell
from reports.tables.publication import Publication
from reports.text import format


def branch_cell(publication: Publication, code: str) -> Cell:
    """Return the name of a branch, which leads to its page."""
    return name_cell(publication.name(code), branch_link(publication, code))


def kpi_cell(publication: Publication, kpi: dict) -> Cell:
    """Return the title of a KPI, which leads to its page."""
    return Cell(publication.title(kpi), link=kpi_page_link(kpi))


def value_cell(number: float | None, unit: str) -> Cell:
    """Return a value with the decimals of its unit."""
    return number_cell(format.value(number, unit), number)


def change_cell(number: float | None, unit: str) -> Cell:
    """Return a difference of two values, with its sign."""
    return number_cell(format.change(number, unit), number)


def count_cell(number: int | None) -> Cell:
    """Return a number of rows or cases."""
    return number_cell(format.count(number), number)
