"""A preview in the store."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from data.store.store import Store
from data.store.table_files import PeriodKey, read_part, read_table


@dataclass(frozen=True)
class Preview:
    """A preview in the store: `case` has one row per KPI and case that it counted: `kpi_id,
    extract, key, branch_code, numerator, denominator`.
    """

    as_of: date
    folder: Path

    @classmethod
    def of_day(cls, store: Store, as_of: date) -> "Preview":
        """Return the preview of a day, whether it has been made or not."""
        return cls(as_of, store.root / "preview" / as_of.isoformat())

    @property
    def exists(self) -> bool:
        """Whether it has been made."""
        return (self.folder / "tables" / "case.parquet").is_file()

    def read(self, name: str, rows: pc.Expression | None = None) -> pa.Table:
        """Return a table, or some of its rows."""
        return read_table(self.folder / "tables", name, rows)

    def read_period(self, name: str, period: PeriodKey) -> pa.Table:
        """Return the rows of a table in a period."""
        return read_part(self.folder / "tables", name, period)
