"""What breaks the rules about the cells of a table (C)."""

import re
from collections.abc import Iterator
from decimal import Decimal

from reports.release.lint.rule import Rule
from reports.release.lint.sheet import MARKERS, Number, Sheet, describe_cell, is_date, texts_of
from reports.release.lint.sheet_rules import UNIT

NUMBER = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?|[-+]?\d+(\.\d+)?%?")
NUMBER_FORMAT = re.compile(r"#,##0|0(\.0+)?")
TWO_NUMBERS = re.compile(
    r"\d[\d,.]*\s*(?:-|–|to|至|~|±)\s*\d[\d,.]*%?|\d[\d,.]*\s*[(（]\s*\d[\d,.]*\s*%?\s*[)）]"
)
SYMBOLS = re.compile(r"[*†‡~:…–—-]+|\.\.+|N/?A|n/?a|nil|null|#N/A|[¹²³⁰-⁹]+")
NUMBER_WITH_SYMBOL = re.compile(r"[\d.,]+ ?[*†‡¹²³]+")
STARS = re.compile(r"\d ?\*{1,3}$|^\*{1,3}$")
DATE_AS_TEXT = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,4}年\d{1,2}月\d{1,2}日?")
DATE_FORMATS = ("yyyy-mm-dd", "yyyy\\-mm\\-dd")
# Control characters, zero-width characters, direction marks, and how a workbook escapes the first.
INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff]|_x000[0-9A-F]_")
REACHES_OUT = re.compile(r"HYPERLINK|WEBSERVICE|DDE|\||!", re.IGNORECASE)
BLACK = ("FF000000", "00000000")
# A column that names or numbers something: digits there are no quantity.
CODE = re.compile(
    r"^(branch|机构)|\bname\b|名称|\bcode\b|代码|number|号|period|期间|identifier|year|年",
    re.IGNORECASE,
)


def find_numbers_as_text(sheet: Sheet) -> Iterator[str]:
    """C1: a quantity written as text, or a number whose format is not one of figures."""
    for header, cells in sheet.columns():
        # A code of digits is text, unless its header has a unit.
        if UNIT.search(header) or not CODE.search(header):
            for cell, text in texts_of(cells):
                if NUMBER.fullmatch(text.strip()):
                    yield describe_cell(cell)

        for cell in cells:
            is_number = isinstance(cell.value, Number)
            if is_number and not NUMBER_FORMAT.match(cell.number_format):
                yield f"{cell.coordinate} has the format {cell.number_format!r}"


def find_two_numbers(sheet: Sheet) -> Iterator[str]:
    """C2: a range, or a number with another in brackets."""
    for cell, text in sheet.body_texts():
        if TWO_NUMBERS.fullmatch(text.strip()):
            yield describe_cell(cell)


def find_symbols(sheet: Sheet) -> Iterator[str]:
    """C3: symbols, superscripts or NA where a marker belongs."""
    for cell, text in sheet.body_texts():
        if SYMBOLS.fullmatch(text.strip()) or NUMBER_WITH_SYMBOL.fullmatch(text):
            yield describe_cell(cell)


def find_empty_cells(sheet: Sheet) -> Iterator[str]:
    """C4: a cell without a value or with blanks only."""
    for cell in sheet.body_cells():
        if cell.value is None or not str(cell.value).strip():
            yield str(cell.coordinate)


def find_figures_shown_as_zero(sheet: Sheet) -> Iterator[str]:
    """C5: a figure that is not zero under a format whose decimals show it as zero."""
    for cell in sheet.body_cells():
        value, pattern = cell.value, cell.number_format
        if not isinstance(value, Number) or not value or is_date(cell):
            continue
        if pattern == "General" or "%" in pattern:
            continue

        zeros = re.search(r"0\.(0+)", pattern)
        decimals = len(zeros[1]) if zeros else 0
        smallest_shown = Decimal(5).scaleb(-decimals - 1)  # 0.005 is shown as 0.01
        if abs(Decimal(repr(value))) < smallest_shown:
            yield describe_cell(cell)


def find_dates_as_text(sheet: Sheet) -> Iterator[str]:
    """C6: a date written as text, or a date under another format than yyyy-mm-dd."""
    for cell in sheet.body_cells():
        value, pattern = cell.value, cell.number_format
        if isinstance(value, str) and DATE_AS_TEXT.fullmatch(value.strip()):
            yield describe_cell(cell)
        if is_date(cell) and pattern.lower() not in DATE_FORMATS:
            yield f"{cell.coordinate} has the format {pattern!r}"


def find_formulas(sheet: Sheet) -> Iterator[str]:
    """C7: a formula anywhere on the sheet."""
    for cell in sheet.all_cells():
        if cell.data_type == "f":
            yield describe_cell(cell)


def find_invisible_characters(sheet: Sheet) -> Iterator[str]:
    """C8: blanks at the ends, line breaks, control and direction characters."""
    for cell, text in texts_of(sheet.all_cells()):
        if text != text.strip() or INVISIBLE.search(text):
            yield describe_cell(cell)


def find_formulas_that_reach_out(sheet: Sheet) -> Iterator[str]:
    """C9: a formula that opens links, other files or programs."""
    for cell in sheet.all_cells():
        if cell.data_type == "f" and REACHES_OUT.search(str(cell.value)):
            yield describe_cell(cell)


def find_colours(sheet: Sheet) -> Iterator[str]:
    """C10: conditional formats and coloured text."""
    for area in sheet.page.conditional_formatting:
        yield f"a conditional format on {area.sqref}"

    for cell in sheet.body_cells():
        colour = cell.font.color
        if cell.value is None or colour is None or colour.type != "rgb":
            continue
        if colour.rgb not in BLACK:
            yield describe_cell(cell)


def find_stars(sheet: Sheet) -> Iterator[str]:
    """C11: stars that stand for significance."""
    for cell, text in sheet.body_texts():
        if STARS.search(text) and not MARKERS.search(text):
            yield describe_cell(cell)


RULES: tuple[Rule[Sheet], ...] = (
    Rule(
        "C1",
        "store numbers as numbers, under a display format with a leading zero and fixed decimals",
        find_numbers_as_text,
    ),
    Rule(
        "C2",
        "put one number into a cell; no ranges, no number with another in brackets",
        find_two_numbers,
    ),
    Rule(
        "C3",
        "use markers in square brackets ([c], [x], [z], [low]) instead of symbols, "
        "superscripts or NA",
        find_symbols,
    ),
    Rule("C4", "fill every cell; a marker where there is no figure", find_empty_cells),
    Rule(
        "C5",
        "write [low] where a figure that is not zero would be shown as zero",
        find_figures_shown_as_zero,
    ),
    Rule("C6", "store dates as dates, shown as yyyy-mm-dd", find_dates_as_text),
    Rule("C7", "replace formulas by their values", find_formulas),
    Rule(
        "C8",
        "remove leading and trailing blanks, line breaks and control characters",
        find_invisible_characters,
    ),
    Rule(
        "C9",
        "write text that begins with = + - @ as text, never as a formula; a formula that "
        "reaches out of the file is an attack",
        find_formulas_that_reach_out,
    ),
    Rule("C10", "let colour carry nothing: no conditional formats, no coloured text", find_colours),
    Rule("C11", "say significance in words, not with stars", find_stars),
)
