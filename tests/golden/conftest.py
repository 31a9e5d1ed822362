"""The sample company, delivered once and run once: three days in a row, as the demo does.

A run without a previous publication compares nothing, which saves a third of the time; comparing
is what tests/test_publications.py is about.
"""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data.store.table_files import read_table
from data.synthetic import DELIVERY_DAYS, write_delivery
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions


@pytest.fixture(scope="session")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("landing")
    for day in DELIVERY_DAYS:
        write_delivery(folder, day)
    return folder


@pytest.fixture(scope="session")
def outcomes(landing, tmp_path_factory):
    """The outcome of the run of each day; a delivery arrives on the evening of its day."""
    root = tmp_path_factory.mktemp("store")
    arrived = root / "landing"
    arrived.mkdir()
    outcomes = {}
    for day in DELIVERY_DAYS:
        for path in landing.glob(f"*_{day:%Y%m%d}.*"):
            (arrived / path.name).hardlink_to(path)
        (root / "published" / "CURRENT").unlink(missing_ok=True)
        outcomes[day] = run_nightly(
            RunOptions(landing=arrived, as_of=day, store=root, render=False)
        )
    return outcomes


@pytest.fixture(scope="session")
def published(outcomes):
    """Reads a table of a day's publication, with pushed-down filters."""

    def read(day, table: str, **filters):
        conditions = [(name, "=", value) for name, value in filters.items()]
        where = pq.filters_to_expression(conditions) if conditions else None
        return read_table(Path(outcomes[day].folder) / "tables", table, where)

    return read
