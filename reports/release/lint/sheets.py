"""Rules about a sheet and its one table (T), and the markers on it (M1-M3)."""

import re
from functools import cached_property

from openpyxl.utils import range_boundaries

from reports.release.lint import new_registry
from reports.text.words import word

RULES, rule = new_registry()
LEGEND = re.compile(r"\[([a-z]+\d*)\] = .+")
MARKERS = re.compile(r"\[([a-z]+\d*)\]")
FLAGS = ("u", "p", "r", "e", "f", "b", "ns", "s", "ss", "sss")
UNIT = re.compile(r"\([^()]+\)( (\[[^\]]+\])+)?$|（[^（）]+）")


def both_languages_of(key: str) -> tuple[str, str]:
    """The words of both languages."""
    return word(key).zh, word(key).en


class Sheet:
    """A sheet with a table: the lines above it, its headers, its rows."""

    def __init__(self, page):
        self.page = page
        self.name = page.title

    @cached_property
    def area(self) -> tuple[int, int, int, int] | None:
        """First column, first row, last column, last row of the one table; None where there is not
        one.
        """
        tables = list(self.page.tables.values())
        return range_boundaries(tables[0].ref) if len(tables) == 1 else None

    @cached_property
    def lines(self) -> list[str]:
        """The lines above the table, in column A."""
        last = self.area[1] - 1 if self.area else self.page.max_row
        return [str(self.page.cell(number, 1).value or "") for number in range(1, last + 1)]

    @cached_property
    def headers(self) -> list:
        if not self.area:
            return []
        left, top, right, _ = self.area
        return [cell.value for cell in next(self.page.iter_rows(top, top, left, right))]

    @cached_property
    def body(self) -> list[tuple]:
        if not self.area:
            return []
        left, top, right, bottom = self.area
        return list(self.page.iter_rows(top + 1, bottom, left, right))

    def body_cells(self):
        return (cell for row in self.body for cell in row)

    def columns(self):
        """(header, its cells) of each column."""
        return (
            (str(head or ""), [row[place] for row in self.body])
            for place, head in enumerate(self.headers)
        )

    def numeric(self):
        """The columns that hold a number, or only markers."""
        for head, cells in self.columns():
            values = [cell.value for cell in cells]
            if any(isinstance(value, int | float) for value in values) or (
                values and all(MARKERS.fullmatch(str(value)) for value in values)
            ):
                yield head, cells

    def texts(self) -> list[str]:
        """Title and lines, headers, then cells: the order in which a reader meets them."""
        return [
            *self.lines,
            *map(str, self.headers),
            *(str(cell.value) for cell in self.body_cells() if isinstance(cell.value, str)),
        ]

    def at(self, cell) -> str:
        return f"{cell.coordinate} {str(cell.value)[:40]!r}"


@rule("T1", 'write in A1 a title like "Table 3: Closure rate by branch, October 2026"')
def _title(sheet: Sheet):
    first = str(sheet.page["A1"].value or "")
    if not re.match(r"(Table|表) ?\d+[a-z]?[:：] ?\S.{6,}", first):
        yield f"A1 is {first[:60]!r}"


@rule("T2", "say in column A above the table that the sheet has one table, and where its notes are")
def _said(sheet: Sheet):
    if not any(line in both_languages_of("release.one_table") for line in sheet.lines):
        yield "it does not say that it has one table"
    if any(re.search(r"\[(note|注) \d+\]", text) for text in sheet.texts()) and not any(
        line in both_languages_of("release.refers") for line in sheet.lines
    ):
        yield "it does not say where its notes are"


@rule(
    "T3",
    "keep one table to a sheet, from column A, with nothing below or beside it and no blank row or column in it",
)
def _one_table(sheet: Sheet):
    if not sheet.area:
        yield f"{len(sheet.page.tables)} tables"
        return
    left, _, right, bottom = sheet.area
    if left != 1:
        yield "the table does not begin in column A"
    if sheet.page.max_row > bottom or sheet.page.max_column > right:
        yield f"something stands outside {next(iter(sheet.page.tables.values())).ref}"
    yield from (
        f"row {row[0].row} is blank"
        for row in sheet.body
        if all(cell.value is None for cell in row)
    )
    yield from (
        f"column {head!r} is blank"
        for head, cells in sheet.columns()
        if all(cell.value is None for cell in cells)
    )


@rule(
    "T4",
    "mark the table up as a table named like its sheet, each header filled in, in words, and unique",
)
def _table(sheet: Sheet):
    yield from (f"the table is named {name}" for name in sheet.page.tables if name != sheet.name)
    heads = [str(head or "") for head in sheet.headers]
    yield from (
        f"header {head!r}"
        for head in heads
        if not head.strip() or re.search(r"[a-z]_[a-z]", head) or heads.count(head) > 1
    )


@rule("T5", "split merged cells")
def _merged(sheet: Sheet):
    yield from map(str, sheet.page.merged_cells.ranges)


@rule("T6", "remove filter buttons and freeze panes; they belong to the analysts' edition")
def _no_panes(sheet: Sheet):
    filtered = sheet.page.auto_filter.ref or any(
        table.autoFilter for table in sheet.page.tables.values()
    )
    yield from ["filter buttons"] * bool(filtered) + ["freeze panes"] * bool(
        sheet.page.freeze_panes
    )


@rule("T7", "wrap text, align text left and numbers right")
def _alignment(sheet: Sheet):
    for cell in sheet.body_cells():
        if isinstance(cell.value, int | float) and cell.alignment.horizontal not in (
            "right",
            "general",
            None,
        ):
            yield sheet.at(cell)
        if (
            isinstance(cell.value, str)
            and not MARKERS.fullmatch(cell.value)
            and not (cell.alignment.wrap_text and cell.alignment.horizontal == "left")
        ):
            yield sheet.at(cell)
    top = next(sheet.page.iter_rows(sheet.area[1], sheet.area[1])) if sheet.area else ()
    yield from (sheet.at(cell) for cell in top if cell.value and not cell.alignment.wrap_text)


@rule("T8", 'put the total last (or first), and name it "Total"')
def _total(sheet: Sheet):
    places = [
        place
        for place, row in enumerate(sheet.body)
        if any(str(cell.value).strip().lower() in ("合计", "total", "总计", "sum") for cell in row)
    ]
    yield from (
        f"the total is row {sheet.body[place][0].row}"
        for place in places
        if place not in (0, len(sheet.body) - 1)
    )
    yield from (
        sheet.at(cell)
        for place in places
        for cell in sheet.body[place]
        if str(cell.value).strip() in ("总计", "sum", "TOTAL", "total")
    )


@rule(
    "T9",
    'write the unit in round brackets at the end of the header, "Closure rate (%)", and keep a column to one type',
)
def _units(sheet: Sheet):
    yield from (f"header {head!r}" for head, _ in sheet.numeric() if not UNIT.search(head))
    for head, cells in sheet.columns():
        words = [
            cell
            for cell in cells
            if isinstance(cell.value, str) and not MARKERS.fullmatch(cell.value)
        ]
        if words and any(isinstance(cell.value, int | float) for cell in cells):
            yield f"column {head!r} mixes numbers and {words[0].value[:30]!r}"


@rule("T11", "give the code and the name of each branch, the code as text")
def _codes(sheet: Sheet):
    for head, cells in sheet.columns():
        if re.search(r"\bcode\b|代码", head, re.IGNORECASE):
            yield from (sheet.at(cell) for cell in cells if not isinstance(cell.value, str))
            if not any(
                re.match(r"(Branch|机构)(?! ?code|代码)", str(other or ""))
                for other in sheet.headers
            ):
                yield "codes stand without names"


@rule("T12", "write periods in words or as ISO dates")
def _periods(sheet: Sheet):
    for head, cells in sheet.columns():
        if head.strip() in ("Period", "期间"):
            yield from (
                sheet.at(cell)
                for cell in cells
                if re.search(r"\d{1,2}/\d{1,2}/\d{2,4}|\b\d{8}\b|\b\d{6}\b", str(cell.value))
            )


@rule(
    "T13",
    "complete the matrix: one row for every combination, with a marker where there is no figure",
)
def _complete(sheet: Sheet):
    labels = [
        [str(cell.value) for cell in cells]
        for head, cells in sheet.columns()
        if re.match(r"(Branch code|机构代码|Line|险种|Indicator|指标)", head)
    ]
    keys = list(zip(*labels, strict=True))
    if len(labels) > 1:
        whole = 1
        for label in labels:
            whole *= len(set(label))
        if len(set(keys)) < whole:
            yield f"{whole - len(set(keys))} of {whole} combinations are missing"


@rule("T14", "keep note markers to titles, headers, row labels and a Notes column at the far right")
def _note_markers(sheet: Sheet):
    if sheet.headers and str(sheet.headers[-1]) not in both_languages_of("release.row_notes"):
        yield f"the last column is {sheet.headers[-1]!r}"
    for _, cells in sheet.numeric():
        yield from (sheet.at(cell) for cell in cells if re.search(r"\[(note|注)", str(cell.value)))


@rule("M1", "explain above the table each marker that it uses, and only those")
def _explained(sheet: Sheet):
    used = {mark for cell in sheet.body_cells() for mark in MARKERS.findall(str(cell.value))}
    told = {found[1] for line in sheet.lines if (found := LEGEND.fullmatch(line))}
    yield from (f"[{mark}] is not explained" for mark in sorted(used - told))
    yield from (f"[{mark}] is explained but not used" for mark in sorted(told - used))


@rule("M2", "number markers of one kind with different reasons: [x1], [x2]")
def _reasons(sheet: Sheet):
    told = [found[1] for line in sheet.lines if (found := LEGEND.fullmatch(line))]
    yield from (
        f"[{mark}] has {told.count(mark)} reasons"
        for mark in sorted(set(told))
        if told.count(mark) > 1
    )


@rule("M3", "put flags that accompany a value into a status column beside it")
def _flags(sheet: Sheet):
    for head, cells in sheet.columns():
        if not re.search(r"status|状态", head, re.IGNORECASE):
            yield from (
                sheet.at(cell)
                for cell in cells
                if any(
                    re.sub(r"\d", "", mark) in FLAGS for mark in MARKERS.findall(str(cell.value))
                )
            )
