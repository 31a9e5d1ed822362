"""The workbook's charts, which the spreadsheet draws itself from the cells of its sheets: change a
filter or a number, and they follow.
"""

from dataclasses import dataclass
from functools import cached_property
from math import floor
from typing import Literal

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.worksheet import Worksheet

from reports.tables.publication import Publication
from reports.text.words import Both, word
from reports.workbook.sheet import Sheet, head, number_pattern

DRAWN_KPI = "claim_closure_pct"
DRAWN_CURVE = "claim_km_curve_pct"
BLUE, ORANGE, GREY, GRID = "#12436D", "#F46A25", "#6B6B6B", "#DDDDDD"
SIZE = {"width": 960, "height": 340}  # pixels
ROWS_PER_CHART = 18
CHARTS_PER_PAGE = 2
NEARLY_ALL_PCT = 90  # of a share above it, an axis would go beyond 100%, which cannot be


@dataclass(frozen=True)
class Series:
    """A column that is drawn: its words, its colour, and how its points are joined."""

    column: Both
    colour: str
    style: Literal["solid", "dashed", "marked", "points"] = "solid"


@dataclass(frozen=True)
class NativeChart:
    """A chart of the rows of a sheet with the cells `where`, by column: the column along the axis,
    and the series drawn over it.
    """

    kind: Literal["line", "scatter", "column"]
    sheet: Sheet
    where: dict[str, str]
    title: Both
    along: Both
    series: list[Series]
    unit: str

    @cached_property
    def rows(self) -> range:
        """The rows, counted from 0, which are together in the sheet; empty where the first series
        has no value in them.
        """
        conditions = {self.sheet.column(head(name)): cell for name, cell in self.where.items()}
        numbers = []
        for number, line in enumerate(self.sheet.rows):
            if all(line.cells[position] == cell for position, cell in conditions.items()):
                numbers.append(number)

        leading = self.sheet.column(self.series[0].column)
        values = [self.sheet.rows[number].cells[leading] for number in numbers]
        if all(value is None for value in values):
            return range(0)

        return range(numbers[0], numbers[-1] + 1)


def draw_charts(
    book: xlsxwriter.Workbook,
    page: Worksheet,
    publication: Publication,
    sheets: dict[str, Sheet],
) -> None:
    """Draw the charts whose sheets have values, one below the other; `sheets` by name."""
    charts = _describe_charts(publication, sheets)
    page_starts = range(CHARTS_PER_PAGE, len(charts), CHARTS_PER_PAGE)
    page.set_h_pagebreaks([number * ROWS_PER_CHART for number in page_starts])
    for number, chart in enumerate(charts):
        description = {"description": chart.title.lines()}
        page.insert_chart(number * ROWS_PER_CHART, 0, _add_chart(book, chart), description)

    page.hide_gridlines(2)


def _describe_charts(publication: Publication, sheets: dict[str, Sheet]) -> list[NativeChart]:
    """Return the charts that have something to draw, in their order on the page."""
    kpi = next((kpi for kpi in publication.kpis if kpi["kpi_id"] == DRAWN_KPI), None)
    if kpi is None:
        return []

    title, unit = publication.title(kpi), kpi["unit"]
    charts = [
        _describe_trend(sheets["Trend"], title, unit),
        _describe_control(sheets["Control_charts"], title, unit),
        _describe_funnel(sheets["Funnel"], title, unit),
        _describe_survival(sheets["Time_to_settlement"]),
        _describe_composite(sheets["Composite"]),
    ]
    return [chart for chart in charts if chart.rows]


def _describe_trend(sheet: Sheet, title: Both, unit: str) -> NativeChart:
    headings = [heading for heading, _ in sheet.columns]

    # The heading of a KPI's column is its title with its unit behind it.
    kpi_column = next(heading for heading in headings if heading.en.startswith(title.en))
    series = [Series(kpi_column, BLUE, "marked")]
    words = word("drawn.trend", kpi=title)

    return NativeChart(
        kind="line",
        sheet=sheet,
        where={},
        title=words,
        along=head("month"),
        series=series,
        unit=unit,
    )


def _describe_control(sheet: Sheet, title: Both, unit: str) -> NativeChart:
    series = [
        Series(head("value"), BLUE, "marked"),
        Series(head("centre_line"), GREY),
        Series(head("limit_low"), GREY, "dashed"),
        Series(head("limit_high"), GREY, "dashed"),
    ]
    where = {"kpi_id": DRAWN_KPI}
    words = word("drawn.control", kpi=title)
    return NativeChart("line", sheet, where, words, head("period_start"), series, unit)


def _describe_funnel(sheet: Sheet, title: Both, unit: str) -> NativeChart:
    series = [
        Series(head("value"), BLUE, "points"),
        Series(head("centre"), GREY),
        Series(head("watch_low"), GREY, "dashed"),
        Series(head("watch_high"), GREY, "dashed"),
        Series(head("act_low"), ORANGE, "dashed"),
        Series(head("act_high"), ORANGE, "dashed"),
    ]
    where = {"kpi_id": DRAWN_KPI, "branch_level": "province"}
    words = word("drawn.funnel", kpi=title)
    return NativeChart("scatter", sheet, where, words, head("n"), series, unit)


def _describe_survival(sheet: Sheet) -> NativeChart:
    series = [
        Series(head("value"), BLUE),
        Series(head("closed_only_value"), ORANGE, "dashed"),
    ]
    where = {"kpi_id": DRAWN_CURVE}
    words = word("drawn.survival")
    return NativeChart("scatter", sheet, where, words, head("day"), series, "%")


def _describe_composite(sheet: Sheet) -> NativeChart:
    series = [Series(head("score"), BLUE)]
    where = {"branch_level": "province"}
    words = word("drawn.composite")
    return NativeChart("column", sheet, where, words, head("branch_code"), series, "")


def _add_chart(book: xlsxwriter.Workbook, described: NativeChart) -> Chart:
    options = {"type": described.kind}
    if described.kind == "scatter":
        options["subtype"] = "straight"

    chart = book.add_chart(options)
    assert chart is not None  # only for a type that xlsxwriter does not know

    for series in described.series:
        cells = {
            "name": _on_one_line(series.column),
            "categories": _cell_range(described, described.along),
            "values": _cell_range(described, series.column),
        }
        chart.add_series(cells | _series_style(described.kind, series))

    title = {
        "name": described.title.lines(),
        "name_font": {"size": 12},
        "overlay": False,
    }
    chart.set_title(title)

    # A month that is left out is not a month at zero.
    chart.show_blanks_as("gap")
    has_one_series = len(described.series) == 1
    chart.set_legend({"none": True} if has_one_series else {"position": "bottom"})
    chart.set_y_axis(_value_axis(described))
    chart.set_x_axis(_category_axis(described))
    chart.set_size(SIZE)

    return chart


def _on_one_line(words: Both) -> str:
    return words.lines().replace("\n", " ")


def _value_axis(chart: NativeChart) -> dict:
    grid = {"visible": True, "line": {"color": GRID}}
    pattern = number_pattern(chart.unit) if chart.unit else "0"
    return {"num_format": pattern, "major_gridlines": grid} | _value_range(chart)


def _value_range(chart: NativeChart) -> dict:
    """Return where the axis of values begins and ends: columns stand on zero, lines that are all
    high up are shown where they are.
    """
    positions = [chart.sheet.column(series.column) for series in chart.series]
    values = []
    for number in chart.rows:
        cells = chart.sheet.rows[number].cells
        values += [cells[position] for position in positions if cells[position] is not None]

    lowest, highest = min(values), max(values)

    limits: dict = {"min": 0}
    is_zero_based = chart.kind == "column" or lowest < highest / 2
    if not is_zero_based:
        limits["min"] = floor(lowest)
    if chart.unit == "%" and highest > NEARLY_ALL_PCT:
        limits["max"] = 100

    return limits


def _category_axis(chart: NativeChart) -> dict:
    axis: dict = {"name": _on_one_line(chart.along)}
    if chart.kind == "line":
        axis |= {"interval_unit": 3, "num_format": "yyyy-mm"}
    return axis


def _cell_range(chart: NativeChart, column: Both) -> list:
    """Return the cells of a column as the spreadsheet counts them, its headings in row 0."""
    position = chart.sheet.column(column)
    first = chart.rows[0] + 1
    last = chart.rows[-1] + 1
    return [chart.sheet.name, first, position, last, position]


def _series_style(kind: str, series: Series) -> dict:
    fill = {"color": series.colour}
    if kind == "column":
        return {"fill": fill, "border": fill}

    marker: dict = {"type": "none"}
    if series.style in ("marked", "points"):
        marker = {"type": "circle", "size": 5, "fill": fill, "border": fill}

    line: dict = {"none": True}
    if series.style != "points":
        dash = "dash" if series.style == "dashed" else "solid"
        line = {"color": series.colour, "width": 1.5, "dash_type": dash}

    return {"line": line, "marker": marker}
