"""What breaks the rules about a release as a whole: its folder, figures that are the same in every
file, sign-off (F12-F14, D, P).
"""

import csv
import hashlib
import math
import re
from collections.abc import Iterator

import openpyxl

from data.config.return_layout import Layout, Return
from data.config.return_parts import Column
from data.store.releases import SIGNERS, file_stem, fold_name
from reports.release.cells import displayed_mark, displayed_number, row_order
from reports.release.lint.release_folder import ReleaseFolder
from reports.release.lint.rule import Rule
from reports.release.lint.sheet import Number, Sheet, SheetCell

VERSION = re.compile(r"\d+\.\d+\.\d+")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d|Z)")
# A number of a workbook is a double that was printed and read again.
CELL_PRECISION = 1e-14
# A ratio is formed again here, from columns that were printed and read again.
RATIO_PRECISION = 1e-12


def find_changed_files(release: ReleaseFolder) -> Iterator[str]:
    """F12: files that are missing, new, or differ from what the manifest says of them."""
    sums = {}
    for path in release.folder.iterdir():
        if path.name != "manifest.json":
            sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    listed = {name: entry["sha256"] for name, entry in release.manifest["files"].items()}
    for name in sorted(set(listed) - set(sums)):
        yield f"{name} is missing"
    for name in sorted(set(sums) - set(listed)):
        yield f"{name} is not in the manifest"
    for name in sorted(set(sums) & set(listed)):
        if sums[name] != listed[name]:
            yield f"{name} differs from its sha256"


def find_bad_version(release: ReleaseFolder) -> Iterator[str]:
    """F13: a version that is not semantic, or no list of changes."""
    if not VERSION.fullmatch(release.manifest["version"]):
        yield release.manifest["version"]
    if not (release.folder / "changes.csv").is_file():
        yield "changes.csv not found"


def find_different_figures(release: ReleaseFolder) -> Iterator[str]:
    """F14: figures that the workbook and the CSV state differently."""
    book = openpyxl.load_workbook(release.folder / f"{release.manifest['name']}.xlsx")
    for content in release.returns:
        layout = content.layout
        sheets = _sheets_of_return(book, layout.id)
        body = [row for sheet in sheets for row in sheet.body]
        pairs = sorted(
            zip(content.rows, content.marks, strict=True),
            key=lambda pair: row_order(layout, *pair),
        )
        if len(body) != len(pairs):
            yield f"{layout.id} has {len(body)} rows in the workbook, {len(pairs)} in the CSV"
            continue
        titles = [_title_of_header(header) for header in sheets[0].headers]
        for column in _number_columns(content):
            position = titles.index(column.title[release.request["language"]])
            for cells, (row, marks) in zip(body, pairs, strict=True):
                if difference := _describe_difference(cells[position], column, row, marks):
                    yield f"{layout.id} {column.name} {row['branch_code']}: {difference}"


def _sheets_of_return(book: openpyxl.Workbook, return_id: str) -> list[Sheet]:
    """Return the sheets of a return, `Table_<n>_<its name, cut to the length of a sheet's>`."""
    stem = file_stem(return_id).replace("-", "_")
    sheets = []
    for page in book.worksheets:
        name = re.sub(r"^Table_\d+_", "", page.title)
        if name and stem.startswith(name):
            sheets.append(Sheet(page))
    return sheets


def _title_of_header(header: str) -> str:
    """Return a column's title from `title (unit) [note 1]`."""
    return re.sub(r" ?\[.*", "", header).rsplit(" (", 1)[0]


def _number_columns(content: Return) -> list[Column]:
    return [column for column in content.layout.columns if column.is_number]


def _describe_difference(
    cell: SheetCell, column: Column, row: dict, marks: dict[str, str]
) -> str | None:
    """Return how a cell of the workbook differs from the CSV; None where it does not."""
    expected = displayed_number(column, row, marks)
    figure = cell.value if isinstance(cell.value, Number) else None
    if expected is None or figure is None:
        is_same = expected is figure
    else:
        is_same = math.isclose(figure, expected, rel_tol=CELL_PRECISION)
    if is_same:
        return None
    in_csv = repr(displayed_mark(column, row, marks)) if expected is None else expected
    return f"{cell.value!r} in the workbook, {in_csv} in the CSV"


def find_wrong_ratios(release: ReleaseFolder) -> Iterator[str]:
    """D1: a ratio that is not its numerator by its denominator, or is missing without reason."""
    is_rounded = release.request["audience"] == "public"
    for content in release.returns:
        layout = content.layout
        totals = {layout.group(row): row for row in content.rows if layout.is_total(row)}
        for column in layout.columns:
            if column.role != "ratio" or not column.numerator:
                continue
            for row, marks in zip(content.rows, content.marks, strict=True):
                whole = row if column.denominator else totals.get(layout.group(row), {})
                parts = (row[column.numerator], whole.get(column.denominator or column.numerator))
                tolerance = _rounding_error(layout, column, parts) if is_rounded else 0.0
                if fault := _describe_wrong_ratio(column, row, marks, parts, tolerance):
                    yield f"{layout.id} {column.name} {row['branch_code']}{fault}"


def _rounding_error(layout: Layout, column: Column, parts: tuple) -> float:
    """Return how far a rounded ratio may lie from the ratio of its parts, which may be rounded."""
    numerator, denominator = parts
    own = 0.5 * 10**-column.decimals
    if not numerator or not denominator:
        return own
    relative = 0.0
    for source in layout.columns:
        if source.role != "ratio":
            continue
        if source.name == column.numerator:
            relative += 0.5 * 10**-source.decimals / abs(float(numerator))
        if source.name == column.denominator:
            relative += 0.5 * 10**-source.decimals / abs(float(denominator))
    # Twice: the errors of both parts work together.
    return own + relative * 2 * abs(column.scale * float(numerator) / float(denominator))


def _describe_wrong_ratio(
    column: Column, row: dict, marks: dict[str, str], parts: tuple, tolerance: float
) -> str | None:
    ratio = row[column.name]
    numerator, denominator = parts
    if ratio is not None and numerator is not None and denominator:
        expected = column.scale * float(numerator) / float(denominator)
        precision = max(RATIO_PRECISION, tolerance)
        if not math.isclose(ratio, expected, rel_tol=RATIO_PRECISION, abs_tol=precision):
            return f": {ratio} is not {expected}"
    elif marks[column.name] == "z" and denominator not in (None, 0):
        return " is not applicable, although it has cases"
    return None


def find_hidden_figures_with_value(release: ReleaseFolder) -> Iterator[str]:
    """D4: a cell that is hidden and has a value."""
    for content in release.returns:
        for row, marks in zip(content.rows, content.marks, strict=True):
            for name, mark in marks.items():
                if mark == "c" and row[name] is not None:
                    yield f"{content.layout.id} {name} {row['branch_code']}"


def find_missing_calendar(release: ReleaseFolder) -> Iterator[str]:
    """P1: no hour of publication with its offset, or no next release."""
    publish_at = release.request["publish_at"]
    if not INSTANT.fullmatch(publish_at):
        yield f"published at {publish_at!r}"
    if not release.request["next_release"]:
        yield "the next release is not announced"


def find_missing_signatures(release: ReleaseFolder) -> Iterator[str]:
    """P2: nobody prepared, checked or approved it, or one person signed twice."""
    role_of: dict[str, str] = {}
    for role in SIGNERS:
        name = fold_name(release.request[role])
        if not name:
            yield f"{role} is empty"
        elif name in role_of:
            yield f"{release.request[role]} signed twice: {role_of[name]}, {role}"
        role_of[name] = role


def find_failed_checks(release: ReleaseFolder) -> Iterator[str]:
    """P3: no log of the checks, or a check in it that did not pass."""
    path = release.folder / "qa-log.csv"
    if not path.is_file():
        yield "qa-log.csv not found"
        return
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["outcome"] != "passed":
                yield f"{row['check_id']}: {row['found']}"


def find_incomplete_correction(release: ReleaseFolder) -> Iterator[str]:
    """P6: a correction that does not say what it replaces, why, or what prevents it."""
    correction = release.request["correction"]
    if not correction:
        return
    for name in ("replaces", "cause", "prevention"):
        if not correction[name].strip():
            yield f"{name} is empty"
    if not (release.folder / "correction-notice.csv").is_file():
        yield "correction-notice.csv not found"


RULES: tuple[Rule[ReleaseFolder], ...] = (
    Rule(
        "F12",
        "leave the folder as it was made: each file named in the manifest, with its sha256, "
        "and no other",
        find_changed_files,
    ),
    Rule(
        "F13",
        "give the release a semantic version, and list in changes.csv what differs from the "
        "one before",
        find_bad_version,
    ),
    Rule(
        "F14",
        "write workbook and CSV from the same figures: they agree to the decimals of each column",
        find_different_figures,
    ),
    Rule(
        "D1", "form a ratio once, from the unrounded numerator and denominator", find_wrong_ratios
    ),
    Rule(
        "D4",
        "publish a true zero as 0 and a hidden figure as an empty cell with status c",
        find_hidden_figures_with_value,
    ),
    Rule(
        "P1",
        "say when the release is published, at which hour, and when the next one will be",
        find_missing_calendar,
    ),
    Rule(
        "P2",
        "have the release prepared, checked and approved by three different people",
        find_missing_signatures,
    ),
    Rule(
        "P3",
        "keep the log of the checks that were made before publication, and let all of them pass",
        find_failed_checks,
    ),
    Rule(
        "P6",
        "state in a correction notice what was wrong, old and new figures, the cause, and "
        "what prevents it from now on",
        find_incomplete_correction,
    ),
)
