"""A preview in the store."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from data.problem import Problem
from data.store.store import Store
from data.store.table_files import read_table


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

    def read(self, name: str) -> pa.Table:
        """Return a table. Raises Problem where there is no such preview."""
        try:
            return read_table(self.folder / "tables", name)
        except FileNotFoundError:
            raise Problem(
                f"there is no preview of {self.as_of}",
                f"make one: servicekpi preview --as-of {self.as_of}",
            ) from None
