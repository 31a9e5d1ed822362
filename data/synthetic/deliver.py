"""The extracts of the sample company as its systems deliver them: everything, or what is new."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from . import callbacks, claims, complaints
from .chinese import HEADERS
from .claims import take_rows
from .clock import end_of
from .company import simulate_dadi
from .faults import plant_faults, plant_stray_lines, spoil_times
from .formats import (
    add_complainant,
    as_text,
    csv_lines,
    in_chinese,
    write_lines,
    write_parquet,
    write_workbook,
)
from .snapshot import (
    branches_table,
    callbacks_table,
    claims_table,
    complaints_table,
    decode,
    exposure_table,
    find_touched,
)

SAMPLE_DAY = date(2012, 12, 31)  # of the extracts that the demo and the golden tests read
# Ends of the periods that the industry's figure is written for: the nine months for which the
# founding article compares the company with it, and the year that it is of.
BENCHMARK_LAST_DAYS = (date(2012, 9, 30), date(2012, 12, 31))
EVENTS = {
    "claims": claims.EVENTS,
    "callbacks": callbacks.EVENTS,
    "complaints": complaints.EVENTS,
}
TABLES: dict[str, Callable[..., pa.Table]] = {
    "claims": claims_table,
    "callbacks": callbacks_table,
    "complaints": complaints_table,
}


def _read_state(extract: str, start: int, end: int) -> pa.Table:
    """Return the rows of an extract that are new or changed in [start, end), as they are then."""
    company = simulate_dadi()
    columns = getattr(company, extract)
    rows = find_touched(columns, EVENTS[extract], start, end)
    table = TABLES[extract](take_rows(columns, rows), company.codes, end)
    return decode(table)


def _write_large(landing: Path, extract: str, day: date, start: int) -> Path:
    """Write claims or call-backs, as Parquet."""
    table = _read_state(extract, start, end_of(day))
    if start == 0:
        table, _ = plant_faults(table, extract, day)

    path = landing / f"{extract}_{day:%Y%m%d}.parquet"
    write_parquet(table, path)
    return path


def _write_complaints(landing: Path, day: date, start: int) -> Path:
    """Write complaints, as CSV with Chinese headers and words in GB 18030."""
    table, unreadable_keys = _read_state("complaints", start, end_of(day)), []
    if start == 0:
        table, unreadable_keys = plant_faults(table, "complaints", day)

    headers = HEADERS["complaints"]
    text = in_chinese("complaints", table)
    text = spoil_times(text, headers["complaint_id"], headers["received_at"], unreadable_keys)
    text = add_complainant(text)
    lines = csv_lines(text)
    if start == 0:
        lines = plant_stray_lines(lines, "complaints", text.column_names)

    path = landing / f"complaints_{day:%Y%m%d}.csv"
    write_lines(lines, path, "gb18030")
    return path


def _write_exposure(landing: Path, day: date, start: int) -> Path:
    company = simulate_dadi()
    month_ended = company.exposure["end"]
    is_due = (month_ended > start) & (month_ended <= end_of(day))
    exposure = take_rows(company.exposure, is_due)
    table = decode(exposure_table(exposure, company.codes))
    path = landing / f"exposure_{day:%Y%m%d}.csv"
    write_lines(csv_lines(as_text(table)), path, "utf-8")
    return path


def _write_benchmarks(landing: Path, day: date) -> Path:
    """Write the industry's complaints per 100m yuan of premium.

    The founding article compares the company's figure with it.
    """
    row = {
        "kpi_id": "complaint_per_100m_premium",
        "period_kind": "ytd",
        "period_start": "2012-01-01",
        "peer": "industry",
        "value": "1.34",
        "source": "全行业2012年:消费者投诉7,389件,平均每亿元保费1.34件",
    }
    rows = [row | {"period_end": str(last + timedelta(1))} for last in BENCHMARK_LAST_DAYS]
    path = landing / f"benchmarks_{day:%Y%m%d}.csv"
    text = in_chinese("benchmarks", pa.Table.from_pylist(rows))
    write_lines(csv_lines(text), path, "utf-8")

    return path


def _write_branches(landing: Path, day: date) -> Path:
    path = landing / f"branches_{day:%Y%m%d}.xlsx"
    write_workbook(in_chinese("branches", branches_table(simulate_dadi().tree, day)), path)
    return path


def write_delivery(landing: Path, day: date, since: date | None = None) -> list[Path]:
    """Write the files of a day into `landing`, which is created if need be.

    Without `since` they have every row, and planted faults; with it only what is new or changed
    after that day, all of it sound.
    """
    landing.mkdir(parents=True, exist_ok=True)
    start = end_of(since) if since else 0
    paths = [_write_large(landing, extract, day, start) for extract in ("claims", "callbacks")]
    paths.append(_write_complaints(landing, day, start))
    paths.append(_write_exposure(landing, day, start))
    paths.append(_write_benchmarks(landing, day))
    paths.append(_write_branches(landing, day))

    return paths
