"""The sample company, delivered once and published once, as the demo does."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data.store.table_files import read_table
from flows.monitoring.run_outcome import RunOutcome
from tests.stores import sample_store


@pytest.fixture(scope="session")
def landing() -> Path:
    return sample_store().landing


@pytest.fixture(scope="session")
def outcome() -> RunOutcome:
    """The outcome of the only night."""
    return sample_store().outcomes[0]


@pytest.fixture(scope="session")
def published(outcome):
    """Reads a table of the publication, with pushed-down filters."""
    assert outcome.state == "published", outcome.reason

    def read(table: str, **filters):
        conditions = [(name, "=", value) for name, value in filters.items()]
        where = pq.filters_to_expression(conditions) if conditions else None
        return read_table(Path(outcome.folder) / "tables", table, where)

    return read
