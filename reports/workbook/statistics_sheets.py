"""The workbook's sheets of what statistics say: published tables, the rows that a reader of a year
wants, every number as it is published.
"""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from data.config.published_tables import load_published_tables as dictionary
from reports.tables.periods import within
from reports.tables.publication import Publication
from reports.text import format
from reports.workbook.report_sheets import EXACT, SHARE, UNIT, WHOLE, Line, Sheet, exact, head

LEVELS = ("head_office", "province", "central")
SAME = (
    "period_kind",
    "interval_level",
    "rule_set",
    "limit_level",
    "watch_level",
    "act_level",
    "chart_points",
)  # the same in every row, or said in the dictionary


def all_sheets(publication: Publication) -> list[Sheet]:
    """The sheets of statistics, and of what arrived; one without rows is there all the same, with
    its heads.
    """
    field, year = pc.field, publication.year_to_date
    now = within(year) if year else pc.scalar(False)
    twelve_months = publication.latest("rolling12")
    either = now | within(twelve_months) if twelve_months else now
    of_company = field("branch_code") == (publication.head_office or "")
    shown = field("branch_level").isin(LEVELS)
    sheet = _Sheets(publication)
    return [
        sheet(
            "mart_funnel",
            "Funnel",
            now & shown,
            lambda row: (
                row["kpi_id"],
                row["branch_level"] != "province",
                row["n"] or 0,
                row["branch_code"],
            ),
        ),
        sheet("mart_trend", "Control_charts", of_company),
        sheet(
            "mart_survival",
            "Time_to_settlement",
            either & of_company & (field("segment_kind") == "all"),
        ),
        sheet(
            "mart_composite",
            "Composite",
            now & shown,
            lambda row: (
                row["composite_id"],
                row["branch_level"] != "province",
                row["rank"] or 1e9,
                row["branch_code"],
            ),
        ),
        sheet("mart_composite_part", "Composite_parts", now & shown),
        sheet("mart_recognition", "Recognitions", now & shown),
        sheet(
            "mart_agent_league",
            "Agents",
            now,
            lambda row: (row["measure_id"], row["rank"] or 1e9, row["agent_id"]),
        ),
        sheet("dim_agent_measure", "Agent_measures"),
        sheet("quality_arrival", "Arrivals"),
        sheet("quality_effect", "Effects"),
    ]


class _Sheets:
    """Makes a sheet of a published table: its columns in their order, a branch's name beside its
    code, the last day of a period instead of the day after.
    """

    def __init__(self, publication: Publication):
        self.publication = publication
        self.units = {row["kpi_id"]: row["unit"] for row in publication.read("dim_kpi").to_pylist()}
        self.units |= {
            row["measure_id"]: row["unit"]
            for row in publication.read("dim_agent_measure").to_pylist()
        }
        self.units_of = {
            (row["table_name"], row["column_name"]): row["unit"]
            for row in publication.read("dim_column").to_pylist()
        }

    def __call__(
        self,
        table: str,
        name: str,
        where: pc.Expression | None = None,
        order: Callable[[dict], tuple] | None = None,
    ) -> Sheet:
        schema = dictionary()[table].schema
        columns = [column for column in schema.names if column not in SAME]
        rows = self.publication.read(table, where, columns).to_pylist()
        rows = sorted(rows, key=order) if order else rows
        heads = []
        for column in columns:
            heads.append((head(column), self._format(table, schema.field(column))))
            if column == "branch_code":
                heads.append((head("branch_name"), None))
        return Sheet(name, heads, [self._line(columns, row) for row in rows])

    def _format(self, table: str, field: pa.Field) -> str | None:
        if self.units_of[table, field.name] == "the KPI's":
            return UNIT
        if pa.types.is_integer(field.type):
            return WHOLE
        return (
            EXACT
            if pa.types.is_decimal(field.type)
            else SHARE
            if pa.types.is_floating(field.type)
            else None
        )

    def _line(self, columns: list[str], row: dict) -> Line:
        cells = []
        for column in columns:
            value = row[column]
            if column == "period_end":
                value -= format.DAY
            cells.append(exact(value))
            if column == "branch_code":
                cells.append(self.publication.name(value))
        return Line(cells, self.units.get(row.get("kpi_id") or row.get("measure_id") or "", ""))
