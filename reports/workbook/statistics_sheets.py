"""The sheets of what statistics say: published tables, cut to the year, numbers as published."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from data.config.published_tables import load_published_tables
from reports.tables.periods import within
from reports.tables.publication import Publication
from reports.text import format
from reports.workbook.sheet import EXACT, SHARE, UNIT, WHOLE, Line, Sheet, head, to_cell_value

LEVELS = ("head_office", "province", "central")
# The same in every row, or said in the dictionary.
OMITTED = (
    *("period_kind", "interval_level", "rule_set", "limit_level"),
    *("watch_level", "act_level", "chart_points"),
)
UNRANKED = 1e9  # sorts after every rank


def make_statistics_sheets(publication: Publication) -> list[Sheet]:
    """Return the sheets of statistics, and of what arrived; a table without rows is a sheet with
    its headings only.
    """
    year = publication.year_to_date
    of_year = within(year) if year else pc.scalar(False)
    rolling_year = publication.latest("rolling12")
    of_both_years = of_year | within(rolling_year) if rolling_year else of_year
    of_company = pc.field("branch_code") == (publication.head_office or "")
    at_shown_levels = of_year & pc.field("branch_level").isin(LEVELS)
    survival = of_both_years & of_company & (pc.field("segment_kind") == "all")
    tables = PublishedSheets(publication)
    charted = [
        tables.make_sheet("mart_funnel", "Funnel", at_shown_levels, _by_size),
        tables.make_sheet("mart_trend", "Control_charts", of_company),
        tables.make_sheet("mart_survival", "Time_to_settlement", survival),
        tables.make_sheet("mart_composite", "Composite", at_shown_levels, _by_composite_rank),
    ]

    return [
        *charted,
        tables.make_sheet("mart_composite_part", "Composite_parts", at_shown_levels),
        tables.make_sheet("mart_recognition", "Recognitions", at_shown_levels),
        tables.make_sheet("mart_agent_league", "Agents", of_year, _by_agent_rank),
        tables.make_sheet("dim_agent_measure", "Agent_measures"),
        tables.make_sheet("quality_arrival", "Arrivals"),
        tables.make_sheet("quality_effect", "Effects"),
    ]


def _by_size(row: dict) -> tuple:
    """Sort provinces before other levels: the chart of the funnel shows the first block."""
    is_other_level = row["branch_level"] != "province"
    return row["kpi_id"], is_other_level, row["n"] or 0, row["branch_code"]


def _by_composite_rank(row: dict) -> tuple:
    is_other_level = row["branch_level"] != "province"
    rank = row["rank"] or UNRANKED
    return row["composite_id"], is_other_level, rank, row["branch_code"]


def _by_agent_rank(row: dict) -> tuple:
    return row["measure_id"], row["rank"] or UNRANKED, row["agent_id"]


class PublishedSheets:
    """Makes sheets of published tables: the columns in their order, a branch's name next to its
    code, the last day of a period instead of the day after.
    """

    def __init__(self, publication: Publication):
        self.publication = publication
        self.units: dict[str, str] = {}
        for table, key in (("dim_kpi", "kpi_id"), ("dim_agent_measure", "measure_id")):
            for row in publication.read(table).to_pylist():
                self.units[row[key]] = row["unit"]

        self.column_units = {}
        for row in publication.read("dim_column").to_pylist():
            self.column_units[row["table_name"], row["column_name"]] = row["unit"]

    def make_sheet(
        self,
        table: str,
        name: str,
        where: pc.Expression | None = None,
        order: Callable[[dict], tuple] | None = None,
    ) -> Sheet:
        """Return a sheet of a table's rows, in their published order unless `order` sorts them."""
        schema = load_published_tables()[table].schema
        names = [column for column in schema.names if column not in OMITTED]
        rows = self.publication.read(table, where, names).to_pylist()
        if order:
            rows.sort(key=order)

        columns = []
        for column in names:
            columns.append((head(column), self._display_format(table, schema.field(column))))
            if column == "branch_code":
                columns.append((head("branch_name"), None))

        return Sheet(name, columns, [self._line(names, row) for row in rows])

    def _display_format(self, table: str, field: pa.Field) -> str | None:
        if self.column_units[table, field.name] == "the KPI's":
            return UNIT
        if pa.types.is_integer(field.type):
            return WHOLE
        if pa.types.is_decimal(field.type):
            return EXACT
        if pa.types.is_floating(field.type):
            return SHARE

        return None

    def _line(self, names: list[str], row: dict) -> Line:
        cells = []
        for column in names:
            value = row[column]
            if column == "period_end":
                value -= format.DAY
            cells.append(to_cell_value(value))
            if column == "branch_code":
                cells.append(self.publication.name(value))

        measure = row.get("kpi_id") or row.get("measure_id") or ""
        return Line(cells, self.units.get(measure, ""))
