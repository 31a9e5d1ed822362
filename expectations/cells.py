"""What a cell may look like: SQL that turns a file's cell into the contract's type, or into NULL where it cannot be read."""

import pyarrow as pa

from data.contract import Column
from data.profile import Origin

TOTALS = ("合计", "总计", "小计", "total", "totals", "grand total", "sum")
TRUE, FALSE = ("是", "y", "yes", "true", "1", "t"), ("否", "n", "no", "false", "0", "f")
FORMATS = ["%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y%m%d%H%M%S", "%Y%m%d", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日"]


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def named(header: str) -> str:
    """A SQL identifier."""
    return '"' + header.replace('"', '""') + '"'


def raw_sql(column: Column, origin: Origin, cell_type: pa.DataType | None, content: list[str]) -> str:
    """The cell before it is read as a type: blanks are NULL, the source's words are the contract's."""
    if origin.content:
        return "md5(concat_ws(chr(31), " + ", ".join(f"coalesce(CAST({named(name)} AS VARCHAR), '')" for name in content) + "))"
    if origin.constant is not None:
        return quoted(origin.constant)
    cell = named(origin.header)
    if not is_text(cell_type):
        if pa.types.is_timestamp(cell_type) and cell_type.tz:
            cell = f"CAST({cell} AT TIME ZONE 'UTC' AS TIMESTAMP)"
        return f"CAST({cell} AS VARCHAR)" if column.type in ("text", "code") else cell
    cell = f"NULLIF(trim({cell}), '')"
    words = {word: code for code, words in {**column.values, **column.words}.items() for word in words}
    words |= {str(word): str(code) for word, code in origin.values.items()}
    if not words:
        return cell
    # A word that is mapped to nothing says that the cell is empty.
    cases = " ".join(f"WHEN {quoted(word)} THEN {quoted(code) if code else 'NULL'}" for word, code in words.items())
    return f"CASE {cell} {cases} ELSE {cell} END"


def is_text(cell_type: pa.DataType | None) -> bool:
    return cell_type is None or pa.types.is_string(cell_type) or pa.types.is_large_string(cell_type) or pa.types.is_null(cell_type)


def typed_sql(column: Column, raw: str, cell_type: pa.DataType | None) -> str:
    """The cell as the contract's type; NULL where it is empty or cannot be read as that."""
    text = is_text(cell_type)
    if column.type == "text":
        return _masked(raw) if column.free_text else raw
    if column.type == "code":
        return f"CASE WHEN lower({raw}) IN ({', '.join(map(quoted, column.values))}) THEN lower({raw}) END"
    if column.type == "boolean":
        if not text:
            return f"TRY_CAST({raw} AS BOOLEAN)"
        return f"CASE WHEN lower({raw}) IN ({', '.join(map(quoted, TRUE))}) THEN TRUE WHEN lower({raw}) IN ({', '.join(map(quoted, FALSE))}) THEN FALSE END"
    if column.type == "instant":
        return _instant(raw) if text else _native_instant(raw, cell_type)
    if column.type == "date":
        return f"COALESCE(TRY_CAST({raw} AS DATE), CAST(try_strptime({raw}, {_formats()}) AS DATE))" if text else f"TRY_CAST({raw} AS DATE)"
    number = f"replace({raw}, ',', '')" if text else raw
    if column.type == "integer":
        # TRY_CAST alone would read 3.7 as 4.
        return f"CASE WHEN TRY_CAST({number} AS DECIMAL(18,4)) = TRY_CAST({number} AS BIGINT) THEN TRY_CAST({number} AS BIGINT) END"
    return f"TRY_CAST({number} AS {'DECIMAL(18,2)' if column.type == 'money' else 'DECIMAL(18,4)'})"


def _native_instant(raw: str, cell_type: pa.DataType) -> str:
    stamp = f"CAST({raw} AS TIMESTAMP)"
    return stamp if pa.types.is_timestamp(cell_type) and cell_type.tz else f"instant({stamp})"


def _instant(raw: str) -> str:
    civil = f"COALESCE(TRY_CAST({raw} AS TIMESTAMP), try_strptime({raw}, {_formats()}))"
    # Longer than a date and a time to the second: there may be an offset. A cast to TIMESTAMP drops it without a word; one to
    # TIMESTAMPTZ applies it (DuckDB 1.5).
    offset = f"length({raw}) > 19 AND regexp_matches({raw}, '([+-][0-9]{{2}}(:?[0-9]{{2}})?|Z)$')"
    return f"CASE WHEN {offset} THEN CAST(TRY_CAST({raw} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP) ELSE instant({civil}) END"


def _formats() -> str:
    return "[" + ", ".join(map(quoted, FORMATS)) + "]"


def _masked(raw: str) -> str:
    """Free text with every run of seven digits or more, and every plate, replaced: phones, identity and card numbers."""
    return f"regexp_replace(regexp_replace({raw}, '[0-9][0-9 -]{{5,}}[0-9Xx]', '***', 'g'), '[一-龥][A-Z][A-Z0-9]{{5,6}}', '***', 'g')"


def skipped_sql(first: str, headers: dict[str, str]) -> str:
    """True for a row that is no record: blank, a repeated header line, or a totals line.

    `first` is the file's first header; `headers` maps required canonical columns to the file's headers.
    """
    cells = [named(header) for header in headers.values()]
    blank = " AND ".join(f"coalesce(trim({cell}), '') = ''" for cell in {*cells, named(first)})
    repeated = " AND ".join(f"trim({named(header)}) = {quoted(header)}" for header in headers.values())
    totals = f"lower(trim({named(first)})) IN ({', '.join(map(quoted, TOTALS))})"
    return f"coalesce(({blank}) OR ({repeated}) OR ({totals}), FALSE)"
