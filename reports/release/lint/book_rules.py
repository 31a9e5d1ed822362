"""What breaks the rules about a workbook as a whole (W)."""

import re
from collections.abc import Iterator

from openpyxl.worksheet.worksheet import Worksheet

from reports.release.lint.book import FRONT_SHEETS, Book
from reports.release.lint.rule import Rule
from reports.release.lint.sheet import SheetCell, in_both_languages

SHEET_NAME = re.compile(r"[A-Za-z_]\w{0,29}", re.ASCII)
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,49}\.xlsx")
SANS_SERIF = ("Arial", "Calibri", "Helvetica", "Verdana", "Noto Sans SC", "Liberation Sans")
SMALLEST_POINTS = 12
SHORTEST_LINK = 8  # letters: less cannot say where a link leads
FORBIDDEN_PARTS = {
    "vbaProject": "macros",
    "externalLinks": "links to other files",
    "connections": "data connections",
    "comments": "comments",
    "drawings/": "drawings",
}
COVER_LINES = (
    *("producer", "holds", "published", "version", "next", "contact", "revision_policy"),
    *("state", "reading", "licence", "method", "not_for", "run"),
)


def find_front_sheets_out_of_order(book: Book) -> Iterator[str]:
    """W1: other sheets first, or a workbook that does not open on A1 of the cover."""
    sheets = book.book.sheetnames[: len(FRONT_SHEETS)]
    if tuple(sheets) != FRONT_SHEETS:
        yield f"the first sheets are {', '.join(sheets)}"

    first, active = book.book.worksheets[0], book.book.active
    if active is not first:
        yield f"it opens on {active.title if active else 'no sheet'}"
        return

    cursors = [area.activeCell for area in first.sheet_view.selection]

    # Without a cursor a spreadsheet begins at A1.
    if any(cursor not in (None, "A1") for cursor in cursors):
        yield "the cursor is not in A1"


def find_bad_sheet_names(book: Book) -> Iterator[str]:
    """W2: sheet names that formulas and programs have to quote."""
    for name in book.book.sheetnames:
        if not SHEET_NAME.fullmatch(name):
            yield name


def find_hidden_content(book: Book) -> Iterator[str]:
    """W3: what is hidden, blank, alive, or repeats on paper."""
    for page in book.book.worksheets:
        if page.sheet_state != "visible":
            yield f"{page.title} is {page.sheet_state}"

        # openpyxl says of an empty sheet that it has one row and one column.
        has_one_cell = page.max_row == 1 and page.max_column == 1
        if has_one_cell and page["A1"].value is None:
            yield f"{page.title} is blank"
        if hidden := _hidden_lines(page):
            yield f"{page.title}: {hidden[0]} is hidden"
        if _has_header_or_footer(page):
            yield f"{page.title} has a header or footer"

    for piece, content in FORBIDDEN_PARTS.items():
        if any(piece in part for part in book.parts):
            yield f"there are {content}"


def _hidden_lines(page: Worksheet) -> list[str]:
    hidden = []
    for name, column in page.column_dimensions.items():
        if column.hidden:
            hidden.append(f"column {name}")

    for number, row in page.row_dimensions.items():
        if row.hidden:
            hidden.append(f"row {number}")

    return hidden


def _has_header_or_footer(page: Worksheet) -> bool:
    for line in (page.oddHeader, page.oddFooter):
        if not line:
            continue
        parts = (line.left, line.center, line.right)
        if any(part and part.text for part in parts):
            return True
    return False


def find_missing_properties(book: Book) -> Iterator[str]:
    """W4: properties of the document that are not filled in."""
    properties = book.book.properties
    for name in ("title", "creator", "subject", "keywords"):
        if not getattr(properties, name):
            yield name

    # openpyxl reads custom properties; its type stubs do not know them yet.
    custom = book.book.custom_doc_props  # pyright: ignore[reportAttributeAccessIssue]
    if not properties.language and "Language" not in custom.names:
        yield "language"


def find_missing_cover_lines(book: Book) -> Iterator[str]:
    """W5: what the cover does not state, or states outside of column A."""
    if "Cover" not in book.book.sheetnames:
        return
    if book.book["Cover"].max_column > 1:
        yield "there is something outside column A"

    lines = book.lines("Cover")
    for name in COVER_LINES:
        # A line begins with its label: `Producer: ...`, `编制机构：...`.
        labels = tuple(re.split(r"[:：]", text)[0] for text in in_both_languages(name))
        if not any(line.startswith(labels) for line in lines):
            _, english = labels
            yield f"{english.lower()} is missing"


def find_bad_links(book: Book) -> Iterator[str]:
    """W6: tables that Contents does not link to in words, and links in table sheets."""
    links = _links_by_sheet(book)
    for sheet in book.tables:
        text = links.get(sheet.name)
        if text is None:
            yield f"no link leads to {sheet.name}"
        elif len(text) < SHORTEST_LINK or "!" in text or "://" in text:
            yield f"the link to {sheet.name} says {text!r}"
        if any(cell.hyperlink for cell in sheet.all_cells()):
            yield f"{sheet.name} has links"


def _links_by_sheet(book: Book) -> dict[str, str]:
    """Return the texts of the links in Contents by the sheet that they lead to."""
    links: dict[str, str] = {}
    if "Contents" not in book.book.sheetnames:
        return links

    for row in book.book["Contents"].iter_rows():
        for cell in row:
            if cell.hyperlink:
                # A location is `#'Sheet name'!A1`, the quotes and the # optional.
                location = (cell.hyperlink.location or "").strip("'#")
                links[location.split("!")[0].strip("'")] = str(cell.value)

    return links


def find_other_than_one_list_of_notes(book: Book) -> Iterator[str]:
    """W7: no table in Notes, several, or one without its columns."""
    if "Notes" not in book.book.sheetnames:
        return

    tables = list(book.book["Notes"].tables.values())
    if len(tables) != 1:
        yield f"Notes has {len(tables)} tables"
    elif len(tables[0].tableColumns) < 3:
        yield "a column is missing"


def find_decoration(book: Book) -> Iterator[str]:
    """W8: small or serif type, italics, fill, borders, turned text."""
    for page in book.book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if cell.value is not None and _is_decorated(cell):
                    yield f"{page.title}!{cell.coordinate}"


def _is_decorated(cell: SheetCell) -> bool:
    font, border = cell.font, cell.border
    points = font.sz or 0
    if font.name not in SANS_SERIF or points < SMALLEST_POINTS:
        return True
    if font.i or font.u or cell.fill.fill_type or cell.alignment.textRotation:
        return True

    lines = (border.top, border.bottom)
    return any(line and line.style for line in lines)


def find_bad_file_name(book: Book) -> Iterator[str]:
    """W10: a file name with blanks, capitals or other letters, or too long."""
    if not FILE_NAME.fullmatch(book.path.name):
        yield book.path.name


RULES: tuple[Rule[Book], ...] = (
    Rule(
        "W1",
        "put Cover, Contents and Notes first, in this order, and save with the cursor in A1 "
        "of the first sheet",
        find_front_sheets_out_of_order,
    ),
    Rule(
        "W2",
        "name sheets with letters, digits and underscores, up to 30 characters, not beginning"
        " with a digit",
        find_bad_sheet_names,
    ),
    Rule(
        "W3",
        "remove blank and hidden sheets, hidden rows and columns, macros, links, connections,"
        " comments, drawings, headers and footers",
        find_hidden_content,
    ),
    Rule(
        "W4",
        "fill in title, author (the organisation), subject, keywords and language in the "
        "document's properties",
        find_missing_properties,
    ),
    Rule(
        "W5",
        "state on the cover, all in column A: producer, contents, publication, version, next "
        "release, contact, revisions, status, licence, method, run",
        find_missing_cover_lines,
    ),
    Rule(
        "W6",
        "list every table sheet in Contents with a link whose text says where it leads; no "
        "links in table sheets",
        find_bad_links,
    ),
    Rule(
        "W7",
        "give Notes one table of note number, text, and the tables it applies to",
        find_other_than_one_list_of_notes,
    ),
    Rule(
        "W8",
        "use one sans-serif font of 12 points or more, without italics, underline, fill, "
        "borders or turned text",
        find_decoration,
    ),
    Rule(
        "W10",
        "name the file in lower-case letters, digits and hyphens, up to 50 characters",
        find_bad_file_name,
    ),
)
