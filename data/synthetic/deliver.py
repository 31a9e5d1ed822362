"""The three deliveries of the sample: a first one with everything, then two with what is new or
changed.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from . import callbacks, claims, complaints
from .clock import end_of
from .company import Company, simulate_dadi
from .faults import spoil_times, with_faults, with_stray_lines
from .formats import (
    HEADERS,
    as_text,
    csv_lines,
    in_chinese,
    with_reporter,
    write_lines,
    write_parquet,
    write_workbook,
)
from .snapshot import (
    branches_table,
    callbacks_table,
    claims_table,
    complaints_table,
    exposure_table,
    plain,
    take,
    touched,
)

DELIVERY_DAYS = (date(2012, 9, 30), date(2012, 11, 30), date(2012, 12, 31))
FORMATS = {
    "claims": ("parquet", "chinese", "utf-8"),
    "callbacks": ("parquet", "utf-8", "chinese"),
    "complaints": ("chinese", "chinese", "chinese"),
}
BENCHMARK = ("kpi_id", "period_kind", "period_start", "period_end", "peer", "value", "source")
TIME = {"claims": "reported_at", "callbacks": "due_at", "complaints": "received_at"}


def _state(extract: str, company: Company, start: int, end: int) -> pa.Table:
    columns = getattr(company, extract)
    module, table = {
        "claims": (claims, claims_table),
        "callbacks": (callbacks, callbacks_table),
        "complaints": (complaints, complaints_table),
    }[extract]
    rows = touched(columns, module.EVENTS, start, end)
    return plain(table(take(columns, rows), company.codes, end))


def _write_csv(
    extract: str, name: str, table: pa.Table, unreadable: list[str], manner: str, path: Path
) -> None:
    key, time = table.column_names[0], TIME[extract]
    if manner == "chinese":
        text = in_chinese(extract, table)
        key, time = HEADERS[extract][key], HEADERS[extract][time]
    else:
        text = as_text(table)
    text = spoil_times(text, key, time, unreadable)
    if extract == "claims" and manner == "chinese":
        text = with_reporter(text)
    lines = with_stray_lines(csv_lines(text), name, text.column_names)
    write_lines(lines, path, "gb18030" if manner == "chinese" else "utf-8")


def _write_extract(landing: Path, extract: str, which: int, start: int, end: int) -> Path:
    name, manner = f"{extract}_{DELIVERY_DAYS[which]:%Y%m%d}", FORMATS[extract][which]
    table, unreadable = with_faults(_state(extract, simulate_dadi(), start, end), name)
    path = landing / f"{name}.{'parquet' if manner == 'parquet' else 'csv'}"
    if manner == "parquet":
        write_parquet(table, path)
    else:
        _write_csv(extract, name, table, unreadable, manner, path)
    return path


def _write_exposure(landing: Path, day: date, start: int) -> Path:
    company, path = simulate_dadi(), landing / f"exposure_{day:%Y%m%d}.csv"
    ended = company.exposure["end"]
    rows = np.flatnonzero((ended > start) & (ended <= end_of(day)))
    table = plain(exposure_table(take(company.exposure, rows), company.codes))
    write_lines(csv_lines(as_text(table)), path, "utf-8")
    return path


def _write_benchmarks(landing: Path, day: date) -> Path:
    """The industry's figure that the founding article holds the company's against: complaints per
    100m yuan of premium.
    """
    said = "全行业2012年:消费者投诉7,389件,平均每亿元保费1.34件"
    rows = [
        (
            "complaint_per_100m_premium",
            "ytd",
            "2012-01-01",
            str(day + timedelta(1)),
            "industry",
            "1.34",
            said,
        )
    ]
    path = landing / f"benchmarks_{day:%Y%m%d}.csv"
    table = pa.table(dict(zip(BENCHMARK, map(list, zip(*rows, strict=True)), strict=True)))
    write_lines(csv_lines(in_chinese("benchmarks", table)), path, "utf-8")
    return path


def write_delivery(landing: Path, day: date) -> list[Path]:
    """Write the files of one of the DELIVERY_DAYS into `landing`, which is created if need be."""
    landing.mkdir(parents=True, exist_ok=True)
    which = DELIVERY_DAYS.index(day)
    start, end = end_of(DELIVERY_DAYS[which - 1]) if which else 0, end_of(day)
    paths = [_write_extract(landing, extract, which, start, end) for extract in FORMATS]
    paths.append(_write_exposure(landing, day, start))
    paths.append(_write_benchmarks(landing, day))
    paths.append(landing / f"branches_{day:%Y%m%d}.xlsx")
    write_workbook(in_chinese("branches", branches_table(simulate_dadi().tree, day)), paths[-1])
    return paths
