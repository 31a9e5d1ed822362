"""Whether the rival's rows are those of mart_kpi_value, cell for cell."""

import json
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from polars import col

from tests.bench.rival.calendar import Calendar

KEY = [
    "kpi_id",
    "period_kind",
    "period_start",
    "period_end",
    "branch_code",
    "segment_kind",
    "segment",
]
FIGURES = ["numerator", "denominator", "value", "value_prior_year"]
NEAR = 1e-12  # relative: two divisions in another order


def read_rows(folder: Path, calendar: Calendar) -> pl.DataFrame:
    """Return the rival's rows with the keys and columns of the table."""
    periods = pl.DataFrame(calendar.periods).select(
        col("period_kind", "period_start", "period_end"),
        period=pl.int_range(len(calendar.periods), dtype=pl.UInt8),
    )
    frames = []
    for file in sorted(folder.glob("*.parquet")):
        table = pq.read_table(file)
        top, bottom = map(int, table.schema.metadata[b"decimals"].split())
        frame = pl.from_arrow(table).join(periods, on="period")
        segment = col("segment").cast(pl.String).str.split_exact("/", 1)
        frames.append(
            frame.select(
                col("kpi_id").cast(pl.String),
                col("period_kind", "period_start", "period_end"),
                col("branch").cast(pl.String).alias("branch_code"),
                segment.struct.field("field_0").alias("segment_kind"),
                segment.struct.field("field_1").alias("segment"),
                _as_decimal("numerator", top),
                _as_decimal("denominator", bottom),
                "value",
                col("prior").alias("value_prior_year"),
            )
        )
    return pl.concat(frames)


def _as_decimal(name: str, decimals: int) -> pl.Expr:
    """Return whole numbers in units of 10 ** -decimals as the table has them."""
    exact = col(name).cast(pl.Decimal(38, 10)) / pl.lit(10**decimals).cast(pl.Decimal(38, 0))
    return exact.cast(pl.Decimal(38, 10)).alias(name)


def find_differences(ours: pl.DataFrame, rival: pl.DataFrame) -> pl.DataFrame:
    """Return the cells that only one of them has, or that differ; `in_ours` and `in_rival`."""
    joined = ours.select(*KEY, *FIGURES, in_ours=True).join(
        rival.with_columns(in_rival=True), on=KEY, how="full", coalesce=True, suffix="_rival"
    )
    differs = ~(col("in_ours") & col("in_rival")).fill_null(False)
    for name in FIGURES[:2]:
        differs |= ~col(name).eq_missing(col(f"{name}_rival"))
    for name in FIGURES[2:]:
        is_near = (col(name) - col(f"{name}_rival")).abs() <= NEAR * col(name).abs()
        differs |= ~(
            is_near.fill_null(False) | (col(name).is_null() & col(f"{name}_rival").is_null())
        )
    return joined.filter(differs)


def read_published(tables: Path) -> pl.DataFrame:
    """Return the published rows of mart_kpi_value with text as text."""
    files = sorted((tables / "mart_kpi_value").glob("*.parquet"))
    frames = [pl.from_arrow(pq.read_table(file, columns=[*KEY, *FIGURES])) for file in files]
    texts = [name for name in KEY if name not in ("period_start", "period_end")]
    return pl.concat(frame.with_columns(col(texts).cast(pl.String)) for frame in frames)


def main() -> None:
    folder, tables, as_of = sys.argv[1:]
    ours = read_published(Path(tables))
    rival = read_rows(Path(folder), Calendar(date.fromisoformat(as_of)))
    differing = find_differences(ours, rival)
    examples = differing.head(3).select(KEY).to_dicts()
    print(
        json.dumps(
            {"cells": ours.height, "differing": differing.height, "examples": examples}, default=str
        )
    )


if __name__ == "__main__":
    main()
