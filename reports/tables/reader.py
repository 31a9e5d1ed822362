"""The only reader of published tables in this room."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.config.published_tables import load_published_tables


class PublishedTables:
    """A folder with one `<table>.parquet` per published table, read in small selections."""

    def __init__(self, folder: Path):
        self.tables = folder

    def read(
        self,
        name: str,
        where: pc.Expression | None = None,
        columns: list[str] | None = None,
    ) -> pa.Table:
        """Return a table in its published order: all of it, or the rows that an expression
        selects, or some of its columns.

        Raises FileNotFoundError where the table was not published.
        """
        columns = columns or load_published_tables()[name].schema.names
        table = pq.read_table(self.tables / f"{name}.parquet", filters=where, columns=columns)
        # A reader of Parquet returns columns in the order of the file.
        return table.select(columns)
