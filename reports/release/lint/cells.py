"""Rules about the cells of a table (C)."""

import re
from decimal import Decimal

from reports.release.lint import new_registry
from reports.release.lint.sheets import MARKERS, UNIT, Sheet

RULES, rule = new_registry()
NUMBER = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?|[-+]?\d+(\.\d+)?%?")
SYMBOLS = re.compile(r"[*†‡~:…–—-]+|\.\.+|N/?A|n/?a|nil|null|#N/A|[¹²³⁰-⁹]+")
CODE = re.compile(
    r"^(branch|机构)|\bname\b|名称|\bcode\b|代码|number|号|period|期间|identifier|year|年",
    re.IGNORECASE,
)


@rule(
    "C1", "store numbers as numbers, under a display format with a leading zero and fixed decimals"
)
def _numbers(sheet: Sheet):
    for head, cells in sheet.columns():
        if UNIT.search(head) or not CODE.search(head):
            yield from (
                sheet.at(cell)
                for cell in cells
                if isinstance(cell.value, str) and NUMBER.fullmatch(cell.value.strip())
            )
        yield from (
            f"{cell.coordinate} has the format {cell.number_format!r}"
            for cell in cells
            if isinstance(cell.value, int | float)
            and not re.match(r"#,##0|0(\.0+)?", cell.number_format)
        )


@rule("C2", "put one number into a cell; no ranges, no number with another in brackets")
def _one_number(sheet: Sheet):
    pattern = re.compile(
        r"\d[\d,.]*\s*(?:-|–|to|至|~|±)\s*\d[\d,.]*%?|\d[\d,.]*\s*[(（]\s*\d[\d,.]*\s*%?\s*[)）]"
    )
    yield from (
        sheet.at(cell)
        for cell in sheet.body_cells()
        if isinstance(cell.value, str) and pattern.fullmatch(cell.value.strip())
    )


@rule(
    "C3",
    "use markers in square brackets ([c], [x], [z], [low]) instead of symbols, superscripts or NA",
)
def _symbols(sheet: Sheet):
    yield from (
        sheet.at(cell)
        for cell in sheet.body_cells()
        if isinstance(cell.value, str) and SYMBOLS.fullmatch(cell.value.strip())
    )
    yield from (
        sheet.at(cell)
        for cell in sheet.body_cells()
        if isinstance(cell.value, str) and re.fullmatch(r"[\d.,]+ ?[*†‡¹²³]+", cell.value)
    )


@rule("C4", "fill every cell; a marker where there is no figure")
def _empty(sheet: Sheet):
    yield from (
        cell.coordinate
        for cell in sheet.body_cells()
        if cell.value is None or str(cell.value).strip() == ""
    )


@rule("C5", "write [low] where a figure that is not zero would be shown as zero")
def _low(sheet: Sheet):
    for cell in sheet.body_cells():
        if isinstance(cell.value, int | float) and cell.value and cell.is_date is False:
            found = re.search(r"0\.(0+)", cell.number_format)
            places = len(found[1]) if found else 0
            if (
                cell.number_format != "General"
                and "%" not in cell.number_format
                and abs(Decimal(repr(cell.value))) < Decimal(5).scaleb(-places - 1)
            ):
                yield sheet.at(cell)


@rule("C6", "store dates as dates, shown as yyyy-mm-dd")
def _dates(sheet: Sheet):
    for cell in sheet.body_cells():
        if isinstance(cell.value, str) and re.fullmatch(
            r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,4}年\d{1,2}月\d{1,2}日?", cell.value.strip()
        ):
            yield sheet.at(cell)
        if cell.is_date and cell.number_format.lower() not in ("yyyy-mm-dd", "yyyy\\-mm\\-dd"):
            yield f"{cell.coordinate} has the format {cell.number_format!r}"


@rule("C7", "replace formulas by their values")
def _formulas(sheet: Sheet):
    yield from (
        sheet.at(cell) for row in sheet.page.iter_rows() for cell in row if cell.data_type == "f"
    )


@rule("C8", "remove leading and trailing blanks, line breaks and control characters")
def _blanks(sheet: Sheet):
    yield from (
        sheet.at(cell)
        for row in sheet.page.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
        and (
            cell.value != cell.value.strip()
            or re.search(
                r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff]|_x000[0-9A-F]_", cell.value
            )
        )
    )


@rule(
    "C9",
    "write text that begins with = + - @ as text, never as a formula; a formula that reaches out of the file is an attack",
)
def _live(sheet: Sheet):
    for row in sheet.page.iter_rows():
        yield from (
            sheet.at(cell)
            for cell in row
            if cell.data_type == "f"
            and re.search(r"HYPERLINK|WEBSERVICE|DDE|\||!", str(cell.value), re.IGNORECASE)
        )


@rule("C10", "let colour carry nothing: no conditional formats, no coloured text")
def _colour(sheet: Sheet):
    yield from (
        f"a conditional format on {area.sqref}" for area in sheet.page.conditional_formatting
    )
    for cell in sheet.body_cells():
        colour = cell.font.color
        if (
            cell.value is not None
            and colour is not None
            and colour.type == "rgb"
            and colour.rgb not in ("FF000000", "00000000")
        ):
            yield sheet.at(cell)


@rule("C11", "say significance in words, not with stars")
def _stars(sheet: Sheet):
    yield from (
        sheet.at(cell)
        for cell in sheet.body_cells()
        if isinstance(cell.value, str)
        and re.search(r"\d ?\*{1,3}$|^\*{1,3}$", cell.value)
        and not MARKERS.search(cell.value)
    )
