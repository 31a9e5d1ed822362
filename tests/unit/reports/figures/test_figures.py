"""Charts: Chinese renders, colours can be told apart, the same numbers give the same bytes."""

import re
import warnings

import matplotlib
import numpy as np
import pyarrow as pa
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reports.figures import canvas, line_and_dot, sparkline
from reports.tables.trend_tables import COLUMNS, Trends
from reports.text.words import ASSETS


def pixels(text: str) -> np.ndarray:
    with matplotlib.rc_context(canvas.style()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure = Figure(figsize=(0.6, 0.6))
        figure.text(0.2, 0.3, text, fontsize=16)
        drawn = FigureCanvasAgg(figure)
        drawn.draw()
        return np.asarray(drawn.buffer_rgba()).copy()


def test_a_company_without_any_chart_has_none():
    empty = pa.table(
        {
            name: pa.array(
                [], {"value": pa.float64(), "is_charted": pa.bool_()}.get(name, pa.string())
            )
            for name in COLUMNS
        }
    )
    assert Trends(empty).get("satisfaction_pct", "14") is None


def test_chinese_glyphs_are_drawn():
    box = pixels("\ue0ff")
    drawn = [pixels(letter) for letter in "优劣省江"]
    assert all((picture != box).any() for picture in drawn)
    assert len({picture.tobytes() for picture in drawn}) == 4


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_house_colours_can_be_distinguished():
    css = dict(
        re.findall(r"--(\w+): (#\w{6})", (ASSETS / "report.css").read_text(encoding="utf-8"))
    )
    assert (css["better"], css["worse"]) == (canvas.BETTER, canvas.WORSE) == ("#12436D", "#F46A25")
    for graphic, ground in (
        (css["better"], "#FFFFFF"),
        (css["worse"], "#FFFFFF"),
        (css["better"], css["worse"]),
        (css["line"], "#FFFFFF"),
    ):
        assert contrast(graphic, ground) >= 3
    for text, ground in (
        ("#FFFFFF", css["better"]),
        ("#000000", css["worse"]),
        (css["ink"], css["paper"]),
        (css["faint"], css["wash"]),
        (css["better"], css["wash"]),
    ):
        assert contrast(text, ground) >= 4.5


def branch(name: str, value: float | None, verdict: str | None = "better") -> dict:
    low, high = (None, None) if value is None else (value - 1, value + 1)
    return {"name": name, "value": value, "low": low, "high": high, "verdict": verdict}


def test_charts_stand_hostile_names_and_come_out_the_same():
    shown = [
        branch("$\\frac{1}{2}$", 2.0),
        branch("\u202e<b>", 1.0, "worse"),
        branch("😀" * 300, 0.0, None),
    ]
    first, is_cut = line_and_dot.draw_dots(shown, "%", 1.0)
    assert line_and_dot.draw_dots(shown, "%", 1.0)[0] == first and not is_cut
    assert b"<b>" not in first and b"<dc:date>" not in first
    assert line_and_dot.draw_dots(
        [branch(str(number), float(number)) for number in range(450)], "%", None
    )[1]


def test_a_month_without_value_is_a_gap():
    months = [
        {"label": str(number), "value": value, "low": None, "high": None, "is_whole": True}
        for number, value in enumerate((1.0, None, 2.0, 3.0))
    ]
    assert line_and_dot.draw_trend(months, "days", zero_based=False).startswith(b"<?xml")
    line = sparkline.draw_sparkline([1.0, None, 2.0, 3.0], [True, True, True, False])
    assert len(line["lines"]) == 1 and len(line["dots"]) == 1 and line["last"][2] is False
    assert sparkline.draw_sparkline([None, None], [True, True])["last"] is None


@pytest.mark.parametrize(("branches", "is_cut"), [(59, False), (60, False), (61, True)])
def test_dots_are_cut_above_twice_thirty(branches, is_cut):
    rows = [branch(str(number), float(number)) for number in range(branches)]
    assert line_and_dot.draw_dots(rows, "%", None)[1] is is_cut
