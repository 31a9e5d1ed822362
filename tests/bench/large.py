"""Millions of claims: taken in, all figures, the rival's, and a night in which little is new."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb

from data.synthetic import write_company
from tests.bench.processes import measure, run_night, scan_claims
from tests.bench.rival.rows import compare_with_rival
from tests.bench.sample import describe_steps, memory
from tests.bench.table import Row

LAST_DAY = date(2012, 12, 31)
DAY_BEFORE = LAST_DAY - timedelta(days=1)
NEW_SHARE = 0.001
BARS = {10_000_000: (45, 30), 100_000_000: (60, 40)}  # scans: bar and aim, by claims
ROWS_A_SECOND = 115_000_000 / 240  # what the bar of 115 million rows in 240 s asks for
COPY = """
import sys, duckdb
connection = duckdb.connect(config={"threads": 2, "preserve_insertion_order": False})
connection.execute(f"COPY (SELECT * FROM read_parquet('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT parquet)")
"""


def measure_company(folder: Path, claims: int) -> list[Row]:
    """A company of so many claims, on one day and the next."""
    landing, store = folder / f"landing_{claims}", folder / f"run_{claims}"
    shutil.rmtree(store, ignore_errors=True)
    write_landing(landing, claims)
    (landing / f"claims_{LAST_DAY:%Y%m%d}.parquet").unlink(missing_ok=True)
    files = f"{landing}/claims_{DAY_BEFORE:%Y%m%d}*.parquet"
    scan = scan_claims(files)
    ended, first = run_night(landing, store, DAY_BEFORE)
    size = f"{claims / 1e6:g} million claims"
    transform = first["seconds"]["transform"]
    bar, aim = BARS.get(claims, (None, None))
    rows = [
        _intake_row(size, first, files, folder),
        Row(
            f"{size}, all figures: bare scans",
            transform / scan,
            "",
            bar=bar,
            aim=aim,
            scans=transform / scan,
            note=f"{transform:.1f} s, a scan {scan:.2f} s; {describe_steps(first)}; whole process"
            f" {ended.seconds:.1f} s, {memory(ended.peak)}",
        ),
        compare_with_rival(store, DAY_BEFORE, scan, size),
    ]
    write_new_rows(landing, files, int(claims * NEW_SHARE))
    ended, second = run_night(landing, store, LAST_DAY)
    share = 100 * second["seconds"]["transform"] / transform
    note = f"of the full computation; {describe_steps(second)}; whole process {ended.seconds:.1f} s"
    work = f"{size}, a night with {NEW_SHARE:.1%} new rows"
    return [*rows, Row(work, share, "%", bar=25, aim=15, note=note)]


def write_landing(landing: Path, claims: int) -> None:
    """Write a company's extracts, where an earlier run has not."""
    if not (landing / "complete").exists():
        shutil.rmtree(landing, ignore_errors=True)
        landing.mkdir(parents=True)
        write_company(landing, claims, DAY_BEFORE)
        (landing / "complete").touch()


def write_new_rows(landing: Path, files: str, rows: int) -> None:
    """Write the next day's delivery: claims of late, half of them as they are, half of them new."""
    recent = f"""
        SELECT * FROM read_parquet('{files}') WHERE reported_at >= TIMESTAMP '2012-12-15'
        ORDER BY claim_id LIMIT {rows // 2}
    """
    changed = f"SELECT * REPLACE (outstanding_estimate + 1 AS outstanding_estimate) FROM ({recent})"
    new = f"SELECT * REPLACE (claim_id || '-1' AS claim_id) FROM ({recent})"
    target = landing / f"claims_{LAST_DAY:%Y%m%d}.parquet"
    duckdb.execute(f"COPY ({changed} UNION ALL {new}) TO '{target}' (FORMAT parquet)")


def _intake_row(size: str, outcome: dict, files: str, folder: Path) -> Row:
    """Return the seconds of intake; its bar is that of 115 million rows, for as many rows."""
    rows = sum(file["rows_read"] for file in outcome["files"])
    seconds = outcome["seconds"]["take in"]
    copy = measure("-c", COPY, files, folder / "copy.parquet").seconds
    (folder / "copy.parquet").unlink()
    return Row(
        f"{size} and what belongs to them, taken in",
        seconds,
        bar=rows / ROWS_A_SECOND,
        scans=seconds / copy,
        note=f"{rows:,} rows, {rows / seconds:,.0f} a second; bare copies of the claims,"
        f" {copy:.1f} s, instead of scans",
    )
