"""The only reader of published tables in this room."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from data.config.published_tables import load_published_tables
from data.store.table_files import read_table


class PublishedTables:
    """A folder of published tables, read in small selections."""

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
        table = read_table(self.tables, name, where, columns)

        # A reader of Parquet returns columns in the order of the file.
        return table.select(columns)
