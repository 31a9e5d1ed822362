"""The parts of an earlier publication, found by what they are made of."""

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from data.config.published_tables import load_published_tables
from data.store.table_files import (
    PERIOD_COLUMNS,
    PeriodKey,
    part_name,
    read_parquet,
    read_table,
    table_files,
    table_path,
)

# The tables whose parts are made of what a stamp is of, KPI by KPI.
STAMPED_TABLES = ("mart_kpi_value", "mart_league", "mart_funnel")


@dataclass(frozen=True)
class FormerParts:
    """The stamped parts of a publication: `stamps` by period and KPI; none where there is no
    publication before.
    """

    folder: Path | None = None
    stamps: dict[PeriodKey, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def from_publication(cls, publication: Path) -> "FormerParts":
        """Return those of a publication; none where an earlier program made it."""
        folder = publication / "tables"
        return cls(folder, read_stamps(folder))

    def has(self, kpi_id: str, period: PeriodKey, stamp: str) -> bool:
        """Return whether there is a part with this stamp."""
        return self.stamps.get(period, {}).get(kpi_id) == stamp

    def read(self, name: str, period: PeriodKey, kpis: set[str]) -> pa.Table:
        """Return the rows of some KPIs in a period; repeated text stays encoded."""
        assert self.folder is not None, "a part is asked for that is not there"
        path = table_path(self.folder, name) / part_name(period)
        rows = read_parquet([path], encoded=_text_columns(name))
        if len(kpis) == len(self.stamps[period]):
            return rows
        names = pa.array(sorted(kpis))
        return rows.filter(pc.is_in(rows["kpi_id"].cast(pa.string()), names))


def read_stamps(folder: Path) -> dict[PeriodKey, dict[str, str]]:
    """Return the stamps of a folder of tables, by period and KPI; none where an earlier program
    wrote it.
    """
    stamps: dict[PeriodKey, dict[str, str]] = {}
    if not table_files(folder, "dim_part"):
        return stamps
    for row in read_table(folder, "dim_part").to_pylist():
        kind, start, end = (row[name] for name in PERIOD_COLUMNS)
        stamps.setdefault((kind, start, end), {})[row["kpi_id"]] = row["stamp"]
    return stamps


def _text_columns(name: str) -> list[str]:
    schema = load_published_tables()[name].schema
    return [column.name for column in schema if pa.types.is_string(column.type)]


NO_FORMER_PARTS = FormerParts()
