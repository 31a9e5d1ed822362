"""The sample company, delivered once and published once, as the demo does."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data.store.table_files import read_table
from data.synthetic import SAMPLE_DAY, write_delivery
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions


@pytest.fixture(scope="session")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("landing")
    write_delivery(folder, SAMPLE_DAY)
    return folder


@pytest.fixture(scope="session")
def outcome(landing, tmp_path_factory):
    """The outcome of the only night."""
    store = tmp_path_factory.mktemp("store")
    return run_nightly(RunOptions(landing=landing, as_of=SAMPLE_DAY, store=store, render=False))


@pytest.fixture(scope="session")
def published(outcome):
    """Reads a table of the publication, with pushed-down filters."""
    assert outcome.state == "published", outcome.reason

    def read(table: str, **filters):
        conditions = [(name, "=", value) for name, value in filters.items()]
        where = pq.filters_to_expression(conditions) if conditions else None
        return read_table(Path(outcome.folder) / "tables", table, where)

    return read
