"""The rows of a KPI's SELECT, with its measures as whole numbers that add up exactly."""

from decimal import Decimal

import numpy as np
import pyarrow as pa

from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model
from transforms.kpis.arrow_columns import decimal_words

HALF = 2**32  # a sum of squares is two numbers: HALF x high + low


def fetch_kpi_rows(
    engine: Engine, model: Model, is_available: bool
) -> tuple[pa.Table, tuple[int, int]]:
    """Return the rows of a SELECT with its measures as whole numbers, and how many decimal places
    numerator and denominator had.
    """
    schema = engine.arrow(f"SELECT * FROM ({model.sql}) AS kpi LIMIT 0").schema
    key_names = {"period_id", "interval_id", "branch_code", *model.header["segments"]}

    decimals = {}
    for column in schema:
        decimals[column.name] = column.type.scale if pa.types.is_decimal(column.type) else 0

    columns = []
    for name in schema.names:
        # Squares pass 64 bits: they stay decimals until they are split.
        if name in key_names or name == "squares":
            columns.append(name)
        else:
            unit = 10 ** decimals[name]
            columns.append(f"CAST({name} * {unit} AS BIGINT) AS {name}")

    query = f"SELECT {', '.join(columns)} FROM ({model.sql}) AS kpi"
    if not is_available:
        # A KPI that is not available has no cases, whatever a part of its columns would say.
        query += " LIMIT 0"

    rows = split_squares(engine.arrow(query))
    return rows, (decimals.get("numerator", 0), decimals.get("denominator", 0))


def split_squares(rows: pa.Table) -> pa.Table:
    """Return sums of squares as two whole numbers that 64 bits hold, squares = HALF x high + low,
    so that they add up exactly.
    """
    if "squares" not in rows.column_names:
        return rows

    squares = rows["squares"].fill_null(pa.scalar(Decimal(0)))
    words = decimal_words(squares.combine_chunks())
    lower, higher = words[:, 0], words[:, 1]

    # HALF is 2 ** 32, half of a word: the upper word counts 2 ** 64, so HALF times HALF.
    high = (lower // HALF + higher * np.uint64(HALF)).astype(np.int64)
    low = (lower % HALF).astype(np.int64)

    rows = rows.drop_columns("squares")
    rows = rows.append_column("squares_high", pa.array(high))

    return rows.append_column("squares_low", pa.array(low))
