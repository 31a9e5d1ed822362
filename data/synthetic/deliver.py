"""The three deliveries of the sample: one with everything, then two with what is new or changed."""

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
    add_reporter,
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

DELIVERY_DAYS = (date(2012, 9, 30), date(2012, 11, 30), date(2012, 12, 31))
# How each delivery writes an extract: as Parquet, as CSV with Chinese headers and words (GB 18030),
# or as CSV with ours (UTF-8).
FORMATS = {
    "claims": ("parquet", "chinese", "utf-8"),
    "callbacks": ("parquet", "utf-8", "chinese"),
    "complaints": ("chinese", "chinese", "chinese"),
}
EVENTS = {
    "claims": claims.EVENTS,
    "callbacks": callbacks.EVENTS,
    "complaints": complaints.EVENTS,
}
TABLES = {
    "claims": claims_table,
    "callbacks": callbacks_table,
    "complaints": complaints_table,
}
# Per extract the time that a planted fault makes unreadable.
TIME = {"claims": "reported_at", "callbacks": "due_at", "complaints": "received_at"}


def _read_state(extract: str, start: int, end: int) -> pa.Table:
    """Return the rows of an extract that are new or changed in [start, end), as they are then."""
    company = simulate_dadi()
    columns = getattr(company, extract)
    rows = find_touched(columns, EVENTS[extract], start, end)
    table = TABLES[extract](take_rows(columns, rows), company.codes, end)
    return decode(table)


def _write_csv(
    extract: str, table: pa.Table, unreadable_keys: list[str], is_chinese: bool, path: Path
) -> None:
    key, time = table.column_names[0], TIME[extract]
    if is_chinese:
        text = in_chinese(extract, table)
        key, time = HEADERS[extract][key], HEADERS[extract][time]
    else:
        text = as_text(table)
    text = spoil_times(text, key, time, unreadable_keys)
    if extract == "claims" and is_chinese:
        text = add_reporter(text)
    lines = plant_stray_lines(csv_lines(text), path.stem, text.column_names)
    write_lines(lines, path, "gb18030" if is_chinese else "utf-8")


def _write_extract(landing: Path, extract: str, delivery: int, start: int, end: int) -> Path:
    name = f"{extract}_{DELIVERY_DAYS[delivery]:%Y%m%d}"
    manner = FORMATS[extract][delivery]
    table, unreadable_keys = plant_faults(_read_state(extract, start, end), name)
    if manner == "parquet":
        path = landing / f"{name}.parquet"
        write_parquet(table, path)
    else:
        path = landing / f"{name}.csv"
        _write_csv(extract, table, unreadable_keys, manner == "chinese", path)
    return path


def _write_exposure(landing: Path, day: date, start: int) -> Path:
    company = simulate_dadi()
    ended = company.exposure["end"]
    exposure = take_rows(company.exposure, (ended > start) & (ended <= end_of(day)))
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
        "period_end": str(day + timedelta(1)),
        "peer": "industry",
        "value": "1.34",
        "source": "全行业2012年:消费者投诉7,389件,平均每亿元保费1.34件",
    }
    path = landing / f"benchmarks_{day:%Y%m%d}.csv"
    text = in_chinese("benchmarks", pa.Table.from_pylist([row]))
    write_lines(csv_lines(text), path, "utf-8")
    return path


def _write_branches(landing: Path, day: date) -> Path:
    path = landing / f"branches_{day:%Y%m%d}.xlsx"
    write_workbook(in_chinese("branches", branches_table(simulate_dadi().tree, day)), path)
    return path


def write_delivery(landing: Path, day: date) -> list[Path]:
    """Write the files of one of the DELIVERY_DAYS into `landing`, which is created if need be."""
    landing.mkdir(parents=True, exist_ok=True)
    delivery = DELIVERY_DAYS.index(day)
    start = end_of(DELIVERY_DAYS[delivery - 1]) if delivery > 0 else 0
    end = end_of(day)
    paths = [_write_extract(landing, extract, delivery, start, end) for extract in FORMATS]
    paths.append(_write_exposure(landing, day, start))
    paths.append(_write_benchmarks(landing, day))
    paths.append(_write_branches(landing, day))
    return paths
