"""Keys and codes: a whole number is one key, however a format spells it.

`14`, `14.0`, `14.0000000000` and `1.4E1` are the same key; leading zeros stay where the text has
them. A number whose digits a format could not hold is left as it is written: the rules of the
contract (`<column>_damaged`) find it by its spelling.
"""

import re

from data.config.profile_source import Origin
from expectations.parsing.text import quote_sql, unwrapped_sql

# Fifteen digits are what a double, and so a spreadsheet, holds of a whole number. Longer ones with
# one or two decimals came through a double; with more of them through an exact decimal.
SAFE_DIGITS = 15
WHOLE = rf"^(-?[0-9]{{1,{SAFE_DIGITS}}})POINT0*$|^(-?[0-9]+)POINT000+$"
EXPONENT = r"^(-?[0-9])POINT([0-9]+)[Ee][+]?0*([0-9]{1,2})$"
# What a spreadsheet writes where a formula failed (in any language), or a column was too narrow.
# Our own mark, #FORMULA!, stands for a formula that was saved without its value.
SPREADSHEET_ERROR = r"#n/a|#n/d|#nv|#[^\s#!?]{2,20}[!?]|#{3,}|#getting_data"


def key_sql(text: str, decimal: str) -> str:
    """A tidy key, with a whole number in its shortest spelling."""
    point = _point(decimal)
    whole = quote_sql(WHOLE.replace("POINT", point))
    exponent = quote_sql(EXPONENT.replace("POINT", point))
    fraction = f"regexp_extract({text}, {exponent}, 2)"
    power = f"CAST(regexp_extract({text}, {exponent}, 3) AS INTEGER)"
    digits = f"regexp_extract({text}, {exponent}, 1) || left({fraction}, {power})"

    # Every digit must be there: of 1.43E+05 the last three are unknown.
    is_whole = f"length({fraction}) >= {power} AND rtrim(substr({fraction}, {power} + 1), '0') = ''"
    is_exact = f"{is_whole} AND {power} < {SAFE_DIGITS}"
    return f"""CASE WHEN regexp_matches({text}, {exponent})
        THEN CASE WHEN {is_exact} THEN {digits} ELSE {text} END
        ELSE regexp_replace({text}, {whole}, '\\1\\2') END"""


def spell_key(word: str) -> str:
    """A declared word as `key_sql` would leave it."""
    return re.sub(WHOLE.replace("POINT", _point(".")), r"\1\2", word)


def declared_sql(text: str, origin: Origin) -> str:
    """A cell with the words that a profile declares replaced by what they mean.

    A declared 1 is also met by 1.0, and by ="1".
    """
    declared = dict(origin.values) | dict.fromkeys(origin.nulls, "")
    if not declared:
        return text

    cases = []
    for word, code in declared.items():
        meaning = quote_sql(code) if code != "" else "NULL"
        cases.append(f"WHEN {quote_sql(spell_key(str(word)))} THEN {meaning}")

    spelled = key_sql("w", origin.decimal)

    # A list of one binds the cell, which is named several times.
    cell = f"list_transform([trim({unwrapped_sql(text)})], lambda w: {spelled})[1]"
    return f"CASE {cell} {' '.join(cases)} ELSE {text} END"


def is_error_sql(text: str) -> str:
    """True for text that is the error of a spreadsheet, #N/A or #REF!, rather than an answer."""
    pattern = quote_sql(SPREADSHEET_ERROR)
    return f"(starts_with({text}, '#') AND regexp_full_match(lower({text}), {pattern}))"


def _point(decimal: str) -> str:
    return "[.,]" if decimal == "," else "[.]"
