"""Files and releases, checked by the rules about them."""

from pathlib import Path

from data.problem import Problem
from reports.release.lint import registry
from reports.release.lint.book import Book
from reports.release.lint.csv_file import CsvFile
from reports.release.lint.release_folder import ReleaseFolder
from reports.release.lint.rule import Finding, apply_rules

# Lists of a release: they describe its returns, and no metadata describe them.
LISTS = ("changes.csv", "correction-notice.csv", "qa-log.csv")
DESCRIBED = "F9"


def lint_file(path: Path) -> list[Finding]:
    """Return a finding for every rule that a workbook (.xlsx) or a CSV breaks.

    Raises Problem where it is neither, or cannot be read as what its name says.
    """
    if path.suffix == ".xlsx":
        return _lint_workbook(path)
    if path.suffix == ".csv":
        return apply_rules(registry.CSV_RULES, path.name, CsvFile.from_file(path))

    raise Problem(f"{path.name} is neither a workbook nor a CSV", "give an .xlsx or a .csv file")


def _lint_workbook(path: Path) -> list[Finding]:
    book = Book.from_file(path)
    findings = apply_rules(registry.BOOK_RULES, path.name, book)
    for sheet in book.tables:
        findings += apply_rules(registry.SHEET_RULES, f"{path.name} {sheet.name}", sheet)
    return findings


def lint_release_files(folder: Path) -> list[Finding]:
    """Return a finding for every rule that a workbook or a CSV of a release breaks."""
    findings: list[Finding] = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".xlsx", ".csv"):
            continue
        is_list = path.name in LISTS
        findings += [
            finding for finding in lint_file(path) if not (is_list and finding.rule == DESCRIBED)
        ]

    return findings


def lint_release(folder: Path) -> list[Finding]:
    """Return a finding for every rule that a release breaks as a whole."""
    return apply_rules(registry.RELEASE_RULES, folder.name, ReleaseFolder(folder))
