"""Write a table as Parquet, as CSV in two languages, or as a workbook.

The same table always gives the same bytes.
"""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .chinese import HEADERS, WORDS


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table as Parquet, with timestamps in microseconds and without a zone."""
    schema = table.schema
    for position, field in enumerate(schema):
        if pa.types.is_timestamp(field.type):
            schema = schema.set(position, pa.field(field.name, pa.timestamp("us")))

    # Dictionaries are only a way to write words faster: a stored schema would show them to readers.
    pq.write_table(table.cast(schema), path, compression="zstd", store_schema=False)


def _text(column: pa.ChunkedArray, yes: str, no: str) -> pa.ChunkedArray:
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, yes, no)
    return column.cast(pa.string())


def _translate(column: pa.ChunkedArray, words: dict[str, str]) -> pa.ChunkedArray:
    for code, word in words.items():
        is_code = pc.equal(column, pa.scalar(code))
        column = pc.if_else(is_code, word, column)
    return column


def as_text(table: pa.Table) -> pa.Table:
    """Return the table with every cell as text, in our own words."""
    columns = {}
    for name in table.column_names:
        columns[name] = _text(table[name], "true", "false")
    return pa.table(columns)


def in_chinese(extract: str, table: pa.Table) -> pa.Table:
    """Return the table with every cell as text, with Chinese headers and words."""
    columns = {}
    for name in table.column_names:
        text = _text(table[name], "是", "否")
        columns[HEADERS[extract][name]] = _translate(text, WORDS.get((extract, name), {}))
    return pa.table(columns)


def add_complainant(table: pa.Table) -> pa.Table:
    """Return the columns in another order, with two of (invented) personal data.

    A reader has to drop those two.
    """
    rows = np.arange(table.num_rows)
    invented_names = pa.array(["测试甲", "测试乙", "测试丙", "测试丁"])
    names = invented_names.take(pa.array(rows % 4, pa.int64()))
    phones = pa.array(13_000_000_000 + rows % 10_000).cast(pa.string())

    # The key in the middle, the last columns first: columns are to be found by their headers.
    columns = table.column_names
    shuffled = table.select(columns[1:4] + columns[:1] + columns[:3:-1])

    return shuffled.add_column(3, "投诉人", names).append_column("联系电话", phones)


def csv_lines(table: pa.Table) -> list[str]:
    """Return header and rows of a table of texts as lines of CSV."""
    columns = [_quote_cells(column.combine_chunks()) for column in table.columns]
    lines = pc.binary_join_element_wise(  # pyright: ignore[reportCallIssue]
        *columns,
        pa.scalar(","),  # pyright: ignore[reportArgumentType] - the stubs know no scalar here
        null_handling="replace",
        null_replacement="",
    )
    return [",".join(table.column_names), *lines.to_pylist()]


def _quote_cells(column: pa.Array) -> pa.Array:
    """Return the cells, those with a comma or a quotation mark quoted."""
    is_special = pc.match_substring_regex(column, '[",]')
    if not pc.any(is_special).as_py():
        return column

    doubled = pc.replace_substring(column, '"', '""')
    mark, nothing = pa.scalar('"'), pa.scalar("")
    quoted = pc.binary_join_element_wise(mark, doubled, mark, nothing)  # pyright: ignore
    return pc.if_else(is_special, quoted, column)


def write_lines(lines: list[str], path: Path, encoding: str) -> None:
    """Write lines of text, ended as on Windows."""
    text = "".join(line + "\r\n" for line in lines)
    path.write_bytes(text.encode(encoding))


def write_workbook(table: pa.Table, path: Path) -> None:
    """Write a table as the only sheet of a workbook."""
    rows = table.to_pandas(date_as_object=True)
    # The moment of writing would make other bytes of the same rows.
    properties = {"title": "机构(合成样本)", "created": datetime(2013, 1, 1)}
    with pd.ExcelWriter(path, engine="xlsxwriter", date_format="yyyy-mm-dd") as writer:
        writer.book.set_properties(properties)
        rows.to_excel(writer, sheet_name="机构", index=False)
