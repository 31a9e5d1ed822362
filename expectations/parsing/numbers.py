"""Numbers in cells: amounts, counts, scores. Exact: text becomes DECIMAL, never by way of a
floating-point number.
"""

import re

from expectations.parsing.text import quote_sql

SCALES = {"money": "DECIMAL(18,2)", "decimal": "DECIMAL(18,4)"}
POWERS = {"千": "e3", "万": "e4", "百万": "e6", "千万": "e7", "亿": "e8"}
CURRENCY = "元整?|圆整?|rmb|cny|yuan|人民币"


def power_of_unit(unit: str | None) -> str:
    """What moves the decimal point of a number in this unit: 万元 -> e4."""
    return next(
        (
            POWERS[word]
            for word in sorted(POWERS, key=len, reverse=True)
            if unit and unit.startswith(word)
        ),
        "",
    )


def plain_sql(kind: str, text: str, unit: str | None, decimal: str) -> str:
    """The number of a plain cell: digits, a sign, a decimal point. NULL for any other.

    An amount with more decimals than cents is rounded, half away from zero: 1.005 is 1.01.
    """
    if decimal == ",":
        text = f"CASE WHEN NOT contains({text}, '.') THEN replace({text}, ',', '.') END"

    # A cast would take 1_000, and 1e-3 for an amount of 0.00.
    odd = " OR ".join(f"contains({text}, '{letter}')" for letter in "eE_")
    if kind != "integer":
        return f"CASE WHEN {odd} THEN NULL ELSE {_cast(kind, text, power_of_unit(unit))} END"

    return _cast(kind, text, power_of_unit(unit))


def native_sql(kind: str, number: str, unit: str | None) -> str:
    """The number of a cell that is one already; a unit moves the point of its shortest decimal
    form.
    """
    return _cast(
        kind, f"CAST({number} AS VARCHAR)" if power_of_unit(unit) else number, power_of_unit(unit)
    )


def generous_sql(kind: str, text: str, unit: str | None, decimal: str) -> str:
    """The number of a tidy, lower-case cell; NULL where it is none.

    Thousands come in groups of three: 1,234,567.89 - where `decimal` is a comma 1.234.567,89 or 1
    234 567,89. A negative amount may stand in parentheses or have its sign behind. ¥ and RMB stand
    before, 元, 万元, 亿元 and the like behind; a unit in the cell beats the column's. A per cent sign is
    read only where the column's unit is per cent. Scientific notation is read only where it is
    exact: 4e+05 is 400000.00, 1.5e-3 is not an amount.
    """
    group, point = (",", r"\.") if decimal == "." else ("[. ]", ",")
    units = (
        f"(?:千万|百万|[千万亿])?(?:{CURRENCY})|千万|百万|[千万亿]"
        if kind == "money"
        else "(?:千万|百万|[千万亿])?[件笔次份个]?"
    )
    if unit:
        units += "|" + re.escape(unit.lower())

    shape = rf"([-+]?) ?(?:¥|rmb|cny|人民币)? ?([-+]?)(\d{{1,3}}(?:{group}\d{{3}})+|\d+)?({point}\d*)?(e[-+]?\d{{1,2}})? ?({units})?"
    signed = rf"regexp_replace({text}, '^([^(\d]*)\(([^()]*\d[^()]*)\)([^)\d]*)$', '-\1\2\3')"
    signed = rf"regexp_replace({signed}, '^(.*\d)-$', '-\1')"
    digits = f"regexp_replace({signed}, {quote_sql('^' + shape + '$')}, '\\1\\2\\3\\4\\5')"
    number = (
        f"replace({digits}, ',', '')"
        if decimal == "."
        else f"replace(replace(replace({digits}, '.', ''), ' ', ''), ',', '.')"
    )
    named = f"regexp_extract({signed}, {quote_sql('^' + shape + '$')}, 6)"
    moves = " ".join(
        f"WHEN starts_with({named}, '{word}') THEN '{move}'"
        for word, move in sorted(POWERS.items(), key=lambda pair: -len(pair[0]))
    )
    moved = f"{number} || CASE WHEN {named} IN ('', {quote_sql((unit or '').lower())}) THEN '{power_of_unit(unit)}' {moves} ELSE '' END"
    exact = f"(NOT contains({number}, 'e') OR TRY_CAST({moved} AS DECIMAL(38,14)) = {_cast(kind, moved, '')})"

    return f"CASE WHEN regexp_full_match({signed}, {quote_sql(shape)}) AND {exact} THEN {_cast(kind, moved, '')} END"


def _cast(kind: str, number: str, move: str) -> str:
    number = f"{number} || '{move}'" if move else number
    if kind != "integer":
        return f"TRY_CAST({number} AS {SCALES[kind]})"
    # TRY_CAST alone would read 3.7 as 4.
    return f"CASE WHEN TRY_CAST({number} AS DECIMAL(18,4)) = TRY_CAST({number} AS BIGINT) THEN TRY_CAST({number} AS BIGINT) END"
