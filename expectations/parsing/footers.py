"""Lines that are not records: blank ones, the header once more, footers and totals."""

import re

from expectations.parsing.text import BLANKS, quote_sql

TOTALS = r"(?:合计|总计|小计|共计|累计|本页合计|本页小计|(?:grand |sub-?)?totals?|sum)(?: ?[:：].*| ?[(（].*| [0-9].*)?"
SIGNED = r"(?:制表|打印|导出|审核|复核|填报|统计|报表)(?:人|时间|日期|单位|部门)?[:：].*"
COUNTED = r"共计? ?[0-9,]+ ?[条笔件行页户].*|第 ?[0-9]+ ?页.*|[(（]?[0-9,]+ (?:rows?|records?|行|条)\b.*|[(（][0-9,]+ ?行受影响[)）]"
BEGINNINGS = (
    "合总小共累本制打导审复核填统报第（(TtGgSs"  # of the first two and of most of the third
)
FOOTER = f"(?i:{TOTALS}|{SIGNED}|{COUNTED})"


def header_names(header: str) -> str:
    """A SQL identifier."""
    return '"' + header.replace('"', '""') + '"'


def is_footer(text: str) -> bool:
    """Whether a cell belongs to a footer or a line of totals: 合计, Total: 9800, 制表人:..., (123 rows
    affected). `Total-123` does not.
    """
    return re.fullmatch(FOOTER, text.strip()) is not None


def skipped_sql(headers: list[str], required: list[str], key: str) -> str:
    """True for a row that is not a record.

    `headers` are all of the file's, `required` those of the required columns, `key` the one that
    names the record. A row is none when its key is a footer's text, or when it lacks something
    required and is blank, or says in a cell that it is a footer while it fills no required column.
    """
    blanks = quote_sql(" " + BLANKS)
    text, footer = {}, {}
    for header in headers:
        text[header] = f"trim(coalesce({header_names(header)}, ''), {blanks})"
        footer[header] = f"regexp_full_match({text[header]}, {quote_sql(FOOTER)})"

    cells = {header: header_names(header) for header in required}
    lacking = " OR ".join(
        f"{cell} IS NULL OR {cell} < '!'" for cell in cells.values()
    )  # empty, or begins with a blank
    blank = " AND ".join(f"{text[header]} = ''" for header in headers)
    unfilled = " AND ".join(f"({text[header]} = '' OR {footer[header]})" for header in required)
    repeated = " AND ".join(f"trim({cell}) = {quote_sql(header)}" for header, cell in cells.items())

    # Most rows are answered at the price of a few comparisons.
    key_cell = header_names(key)
    may_be_footer = f"contains({key_cell}, ' ') OR contains({quote_sql(BEGINNINGS)}, {key_cell}[1])"
    first, first_cell = next(iter(cells.items()))
    return f"""CASE WHEN {lacking} THEN ({blank}) OR ({unfilled} AND ({" OR ".join(footer.values())})) OR ({repeated}) OR {footer[key]}
        WHEN {first_cell} = {quote_sql(first)} THEN {repeated} WHEN {may_be_footer} THEN {footer[key]} ELSE FALSE END"""
