"""What judging asks of an engine. `transforms.engine` has one; this room does not import it."""

from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa


class JudgingEngine(Protocol):
    """A DuckDB engine with a work folder; `connection` is its `duckdb.DuckDBPyConnection`."""

    folder: Path
    threads: int
    connection: Any

    def create(self, name: str, sql: str, kind: str) -> None:
        """Create or replace a relation of kind `table` or `view`."""

    def create_table_from(self, name: str, table: pa.Table) -> None:
        """Create a table out of an Arrow table."""

    def arrow(self, sql: str) -> pa.Table:
        """Return the rows of a query."""
        ...

    def export(self, sql: str, target: Path) -> int:
        """Write the rows of a query as Parquet and return how many there are."""
        ...

    def cursor(self) -> "JudgingEngine":
        """Return the same database for another thread."""
        ...
