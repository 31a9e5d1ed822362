"""The workbook's charts, which the spreadsheet draws itself from the cells of its sheets: change a
filter or a number, and they follow.
"""

from dataclasses import dataclass
from math import floor

from reports.tables.publication import Publication
from reports.text.words import Both, word
from reports.workbook.report_sheets import Sheet, head, pattern

PREFERRED = "claim_closure_pct"
CURVE = "claim_km_curve_pct"
BLUE, ORANGE, GREY = "#12436D", "#F46A25", "#6B6B6B"
SIZE = {"width": 960, "height": 340}
ROWS_APART = 18
ON_A_PAGE = 2
NEARLY_ALL = 90  # of a share: an axis beyond 100 % would show what cannot be


@dataclass(frozen=True)
class NativeChart:
    """A chart: rows first to last of a sheet (counted from 0), a column along and those drawn over
    it, each with its colour and style.
    """

    kind: str
    sheet: Sheet
    title: Both
    first: int
    last: int
    along: Both
    over: list[tuple[Both, str, str]]
    unit: str


def draw_charts(book, page, publication: Publication, sheets: dict[str, Sheet]) -> None:
    """Draw on the sheet `page` what has rows to be drawn, one below the other."""
    drawings = _drawings(publication, sheets)
    page.set_h_pagebreaks(
        [place * ROWS_APART for place in range(ON_A_PAGE, len(drawings), ON_A_PAGE)]
    )
    for place, drawing in enumerate(drawings):
        page.insert_chart(
            place * ROWS_APART, 0, _chart(book, drawing), {"description": drawing.title.lines()}
        )
    page.hide_gridlines(2)


def _drawings(publication: Publication, sheets: dict[str, Sheet]) -> list[NativeChart]:
    kpi = next((kpi for kpi in publication.kpis if kpi["kpi_id"] == PREFERRED), None)
    if kpi is None:
        return []
    title, unit, value = publication.title(kpi), kpi["unit"], head("value")
    limits = [(head(name), GREY, "dashed") for name in ("limit_low", "limit_high")]
    funnel = [
        (head(name), colour, "dashed")
        for name, colour in (
            ("watch_low", GREY),
            ("watch_high", GREY),
            ("act_low", ORANGE),
            ("act_high", ORANGE),
        )
    ]
    of_kpi = {"kpi_id": PREFERRED}
    drawings = [
        _drawing(
            "line",
            sheets["Trend"],
            word("drawn.trend", kpi=title),
            {},
            head("month"),
            [(_head_of(sheets["Trend"], title), BLUE, "marked")],
            unit,
        ),
        _drawing(
            "line",
            sheets["Control_charts"],
            word("drawn.control", kpi=title),
            of_kpi,
            head("period_start"),
            [(value, BLUE, "marked"), (head("centre_line"), GREY, "solid"), *limits],
            unit,
        ),
        _drawing(
            "scatter",
            sheets["Funnel"],
            word("drawn.funnel", kpi=title),
            of_kpi | {"branch_level": "province"},
            head("n"),
            [(value, BLUE, "points"), (head("centre"), GREY, "solid"), *funnel],
            unit,
        ),
        _drawing(
            "scatter",
            sheets["Time_to_settlement"],
            word("drawn.survival"),
            {"kpi_id": CURVE},
            head("day"),
            [(value, BLUE, "solid"), (head("closed_only_value"), ORANGE, "dashed")],
            "%",
        ),
        _drawing(
            "column",
            sheets["Composite"],
            word("drawn.composite"),
            {"branch_level": "province"},
            head("branch_code"),
            [(head("score"), BLUE, "solid")],
            "",
        ),
    ]
    return [drawing for drawing in drawings if drawing]


def _head_of(sheet: Sheet, title: Both) -> Both:
    return next(words for words, _ in sheet.columns if words.en.startswith(title.en))


def _drawing(
    kind: str, sheet: Sheet, title: Both, where: dict, along: Both, over: list, unit: str
) -> NativeChart | None:
    """A chart of the rows with these cells, which stand together in the sheet; None where nothing
    of them can be drawn.
    """
    places = {_place(sheet, head(name)): wanted for name, wanted in where.items()}
    found = [
        number
        for number, line in enumerate(sheet.rows)
        if all(line.cells[place] == wanted for place, wanted in places.items())
    ]
    shown = _place(sheet, over[0][0])
    if not any(sheet.rows[number].cells[shown] is not None for number in found):
        return None
    return NativeChart(kind, sheet, title, found[0], found[-1], along, over, unit)


def _place(sheet: Sheet, words: Both) -> int:
    return [found for found, _ in sheet.columns].index(words)


def _chart(book, drawing: NativeChart):
    kind = (
        {"type": "scatter", "subtype": "straight"}
        if drawing.kind == "scatter"
        else {"type": drawing.kind}
    )
    chart, rows = book.add_chart(kind), (drawing.first + 1, drawing.last + 1)
    for words, colour, style in drawing.over:
        chart.add_series(
            {
                "name": words.lines().replace("\n", " "),
                "categories": _cells(drawing, drawing.along, rows),
                "values": _cells(drawing, words, rows),
                **_style(drawing.kind, colour, style),
            }
        )
    chart.set_title({"name": drawing.title.lines(), "name_font": {"size": 12}, "overlay": False})
    chart.show_blanks_as("gap")
    chart.set_legend({"none": True} if len(drawing.over) == 1 else {"position": "bottom"})
    axis = {
        "num_format": pattern(drawing.unit) if drawing.unit else "0",
        "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}},
    }
    chart.set_y_axis(axis | _scale(drawing))
    along = {"name": drawing.along.lines().replace("\n", " ")}
    if drawing.kind == "line":
        along |= {"interval_unit": 3, "num_format": "yyyy-mm"}
    chart.set_x_axis(along)
    chart.set_size(SIZE)
    return chart


def _scale(drawing: NativeChart) -> dict:
    """Where an axis begins and ends. Columns stand on zero; of lines that are all high up only
    where they are is shown.
    """
    places = [_place(drawing.sheet, words) for words, _, _ in drawing.over]
    shown = [
        line.cells[place]
        for line in drawing.sheet.rows[drawing.first : drawing.last + 1]
        for place in places
        if line.cells[place] is not None
    ]
    low = 0 if drawing.kind == "column" or min(shown) < max(shown) / 2 else floor(min(shown))
    return {"min": low} | ({"max": 100} if drawing.unit == "%" and max(shown) > NEARLY_ALL else {})


def _cells(drawing: NativeChart, words: Both, rows: tuple[int, int]) -> list:
    place = _place(drawing.sheet, words)
    return [drawing.sheet.name, rows[0], place, rows[1], place]


def _style(kind: str, colour: str, style: str) -> dict:
    if kind == "column":
        return {"fill": {"color": colour}, "border": {"color": colour}}
    marker = (
        {"type": "circle", "size": 5, "fill": {"color": colour}, "border": {"color": colour}}
        if style in ("marked", "points")
        else {"type": "none"}
    )
    line = (
        {"none": True}
        if style == "points"
        else {"color": colour, "width": 1.5, "dash_type": "dash" if style == "dashed" else "solid"}
    )
    return {"line": line, "marker": marker}
