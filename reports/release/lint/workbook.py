"""Rules about a workbook as a whole (W, and the markers that go through all of it)."""

import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import openpyxl

from data.problem import Problem
from reports.release.lint import Finding, cells, new_registry, run_rules, sheets
from reports.text.words import word

RULES, rule = new_registry()
FRONT = ("Cover", "Contents", "Notes")
MARKER = re.compile(r"\[([a-z]+\d*)\]")
NOTE = re.compile(r"\[(?:note|注) (\d+)\]")
SANS = ("Arial", "Calibri", "Helvetica", "Verdana", "Noto Sans SC", "Liberation Sans")
PARTS = {
    "vbaProject": "macros",
    "externalLinks": "links to other files",
    "connections": "data connections",
    "comments": "comments",
    "drawings/": "drawings",
}


@dataclass
class Book:
    """A workbook as openpyxl reads it, and the names of the parts in its zip."""

    path: Path
    book: openpyxl.Workbook
    parts: list[str]

    @cached_property
    def tables(self) -> list[sheets.Sheet]:
        """The sheets behind the front matter."""
        return [sheets.Sheet(page) for page in self.book.worksheets if page.title not in FRONT]

    def lines(self, name: str) -> list[str]:
        """Column A of a front sheet."""
        return (
            [str(cell.value) for cell in self.book[name]["A"] if cell.value is not None]
            if name in self.book.sheetnames
            else []
        )


def lint_workbook(path: Path) -> list[Finding]:
    """Every rule that a workbook breaks.

    Raises Problem where it is none.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.namelist()
        whole = Book(path, openpyxl.load_workbook(path), parts)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise Problem(
            f"{path.name} cannot be read as a workbook: {error}", "save it as .xlsx"
        ) from error
    found = run_rules(RULES, path.name, whole)
    for sheet in whole.tables:
        found += run_rules(sheets.RULES + cells.RULES, f"{path.name} {sheet.name}", sheet)
    return found


@rule(
    "W1",
    "put Cover, Contents and Notes first, in this order, and save with the cursor in A1 of the first sheet",
)
def _front(whole: Book):
    if tuple(whole.book.sheetnames[:3]) != FRONT:
        yield f"the first sheets are {', '.join(whole.book.sheetnames[:3])}"
    if whole.book.active is not whole.book.worksheets[0]:
        yield f"it opens on {whole.book.active.title}"
    elif any(
        pick.activeCell not in (None, "A1")
        for pick in whole.book.worksheets[0].sheet_view.selection
    ):
        yield "the cursor is not in A1"


@rule(
    "W2",
    "name sheets with letters, digits and underscores, up to 30 characters, not beginning with a digit",
)
def _names(whole: Book):
    yield from (
        name
        for name in whole.book.sheetnames
        if not re.fullmatch(r"[A-Za-z_]\w{0,29}", name, re.ASCII)
    )


@rule(
    "W3",
    "remove blank and hidden sheets, hidden rows and columns, macros, links, connections, comments, drawings, headers and footers",
)
def _nothing_hidden(whole: Book):
    for page in whole.book.worksheets:
        if page.sheet_state != "visible":
            yield f"{page.title} is {page.sheet_state}"
        if page.max_row == 1 and page.max_column == 1 and page["A1"].value is None:
            yield f"{page.title} is blank"
        hidden = [f"column {name}" for name, held in page.column_dimensions.items() if held.hidden]
        hidden += [f"row {number}" for number, held in page.row_dimensions.items() if held.hidden]
        if hidden:
            yield f"{page.title}: {hidden[0]} is hidden"
        if any(
            part.text
            for ends in (page.oddHeader, page.oddFooter)
            for part in (ends.left, ends.center, ends.right)
        ):
            yield f"{page.title} has a header or footer"
    for piece, what in PARTS.items():
        if any(piece in part for part in whole.parts):
            yield f"there are {what}"


@rule(
    "W4",
    "fill in title, author (the organisation), subject, keywords and language in the document's properties",
)
def _properties(whole: Book):
    held = whole.book.properties
    yield from (
        name for name in ("title", "creator", "subject", "keywords") if not getattr(held, name)
    )
    if not held.language and "Language" not in whole.book.custom_doc_props.names:
        yield "language"


@rule(
    "W5",
    "tell on the cover, all in column A: producer, contents, publication, version, next release, contact, revisions, status, licence, method, run",
)
def _cover(whole: Book):
    if "Cover" in whole.book.sheetnames:
        page, lines = whole.book["Cover"], whole.lines("Cover")
        if page.max_column > 1:
            yield "something stands outside column A"
        for name in (
            "producer",
            "holds",
            "published",
            "version",
            "next",
            "contact",
            "revision_policy",
            "state",
            "reading",
            "licence",
            "method",
            "not_for",
            "run",
        ):
            told = word(f"release.{name}")
            starts = tuple(re.split(r"[:：]", text)[0] for text in (told.zh, told.en))
            if not any(line.startswith(starts) for line in lines):
                yield f"{starts[1].lower()} is missing"


@rule(
    "W6",
    "list every table sheet in Contents with a link whose text says where it leads; no links in table sheets",
)
def _contents(whole: Book):
    links = {}
    if "Contents" in whole.book.sheetnames:
        cells_of = [
            cell for row in whole.book["Contents"].iter_rows() for cell in row if cell.hyperlink
        ]
        links = {
            re.split("!", (cell.hyperlink.location or "").strip("'#"))[0].strip("'"): str(
                cell.value
            )
            for cell in cells_of
        }
    for sheet in whole.tables:
        if sheet.name not in links:
            yield f"no link leads to {sheet.name}"
        elif len(links[sheet.name]) < 8 or "!" in links[sheet.name] or "://" in links[sheet.name]:
            yield f"the link to {sheet.name} says {links[sheet.name]!r}"
        if sheet.page._hyperlinks:
            yield f"{sheet.name} has links"


@rule("W7", "give Notes one table of note number, text, and the tables it applies to")
def _notes(whole: Book):
    if "Notes" in whole.book.sheetnames:
        held = list(whole.book["Notes"].tables.values())
        if len(held) != 1:
            yield f"Notes has {len(held)} tables"
        elif len(held[0].tableColumns) < 3:
            yield "a column is missing"


@rule(
    "W8",
    "use one sans-serif font of 12 points or more, without italics, underline, fill, borders or turned text",
)
def _looks(whole: Book):
    for page in whole.book.worksheets:
        for cell in (cell for row in page.iter_rows() for cell in row if cell.value is not None):
            font = cell.font
            plain = font.name in SANS and (font.sz or 0) >= 12 and not font.i and not font.u
            if (
                not plain
                or cell.fill.fill_type
                or any(side and side.style for side in (cell.border.top, cell.border.bottom))
                or cell.alignment.textRotation
            ):
                yield f"{page.title}!{cell.coordinate}"


@rule("W10", "name the file in lower-case letters, digits and hyphens, up to 50 characters")
def _file_name(whole: Book):
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,49}\.xlsx", whole.path.name):
        yield whole.path.name


@rule(
    "M4",
    "number notes in the order in which they first appear, and list in Notes just those that appear",
)
def _note_numbers(whole: Book):
    used = list(
        dict.fromkeys(
            int(number)
            for sheet in whole.tables
            for text in sheet.texts()
            for number in NOTE.findall(text)
        )
    )
    listed = [
        int(found[1])
        for line in whole.lines("Notes")
        if (found := re.fullmatch(r"(?:note|注) ?(\d+)", line))
    ]
    if used != list(range(1, len(used) + 1)):
        yield f"they first appear as {', '.join(map(str, used))}"
    yield from (f"note {number} is not in Notes" for number in used if number not in listed)
    yield from (f"note {number} is used nowhere" for number in listed if number not in used)


@rule("M5", "print on the cover how many cells each marker stands in")
def _marker_counts(whole: Book):
    counted = Counter(
        f"[{mark}]"
        for sheet in whole.tables
        for cell in sheet.body_cells()
        for mark in MARKER.findall(str(cell.value))
    )
    told = word("release.marks", marker=r"MARK", cells=r"COUNT")
    patterns = [
        re.escape(text).replace("MARK", r"(\[\w+\])").replace("COUNT", r"(\d+)")
        for text in (told.zh, told.en)
    ]
    cover = {
        found[1]: int(found[2])
        for line in whole.lines("Cover")
        for pattern in patterns
        if (found := re.fullmatch(pattern, line))
    }
    yield from (
        f"{mark} stands in {counted[mark]} cells, the cover says {cover.get(mark, 0)}"
        for mark in sorted({*counted, *cover})
        if counted[mark] != cover.get(mark)
    )
