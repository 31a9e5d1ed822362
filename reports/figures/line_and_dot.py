"""The charts of every KPI: its months as a line, its branches as dots."""

from collections.abc import Sequence

import numpy as np

from reports.figures.canvas import (
    BAND,
    BETTER,
    DASHED,
    DOTTED,
    FAINT,
    GRID,
    INK,
    MARKS,
    NAME_LIMIT,
    UNCOMPARED,
    Axes,
    Margins,
    column_of,
    draw_grid,
    label_values,
    open_canvas,
)
from reports.figures.months import finish_month_axes, mark_incomplete_months
from reports.text import format

CUT = 30  # branches at each end, where there are more than twice as many
ROW_HEIGHT = 0.21  # inches
TREND_GRID = ("#DDDDDD", 0.7)
EDGE_SHARE = 0.03  # of the reach, free at both ends of an axis


def draw_trend(months: list[dict], unit: str, zero_based: bool) -> bytes:
    """Draw a monthly line with its interval band.

    `months`, oldest first: `{label: str, value, low, high: float | None, is_whole: bool}` in the
    KPI's unit. A month without a value is a gap; one that is not whole is hollow and hatched.
    """
    with open_canvas(2.9, Margins(left=0.75, right=0.1)) as canvas:
        axes = canvas.axes
        positions = np.arange(len(months))
        values = column_of(months, "value")
        low, high = column_of(months, "low"), column_of(months, "high")
        axes.fill_between(positions, low, high, color=BAND, linewidth=0, zorder=1)
        axes.plot(positions, values, color=BETTER, linewidth=1.8, zorder=3)
        is_whole = np.array([month["is_whole"] for month in months], dtype=bool)
        axes.scatter(positions[is_whole], values[is_whole], s=20, color=BETTER, zorder=4)
        mark_incomplete_months(axes, positions, values, is_whole)
        finish_month_axes(axes, months, unit, TREND_GRID)
        if zero_based:
            axes.set_ylim(bottom=0)

        return canvas.to_svg()


def draw_dots(
    branches: list[dict], unit: str, network: float | None, market: float | None = None
) -> tuple[bytes, bool]:
    """Draw branches best first, one row each: value, interval, a dashed line for the network and a
    dotted one for the market. Return the picture, and whether it was cut to the first and last 30.

    Args:
        branches: `{name: str, value, low, high: float | None, verdict: str | None}`.
        unit: of the KPI.
        network: its value; None draws no line.
        market: its value; None draws no line.
    """
    is_cut = len(branches) > 2 * CUT
    rows = branches[:CUT] + branches[-CUT:] if is_cut else branches
    height = 0.7 + ROW_HEIGHT * len(rows)

    margins = Margins(left=1.6, right=0.95, above=0.35)
    with open_canvas(height, margins) as canvas:
        axes = canvas.axes
        _draw_intervals_and_marks(axes, rows)
        for value, dashes in ((network, DASHED), (market, DOTTED)):
            if value is not None:
                axes.axvline(value, color=INK, linewidth=1.1, linestyle=dashes, zorder=1)

        _label_rows(axes, rows, unit)

        # Downwards: the first branch is at the top.
        axes.set_ylim(len(rows) - 0.4, -0.6)
        lines = [value for value in (network, market) if value is not None]
        axes.set_xlim(_reach(rows, lines))
        axes.tick_params(axis="x", top=True, labeltop=True)
        label_values(axes.xaxis, unit)
        draw_grid(axes, "x")
        return canvas.to_svg(), is_cut


def _draw_intervals_and_marks(axes: Axes, rows: list[dict]) -> None:
    """Draw all branches of a verdict at once: one branch at a time takes longer."""
    for verdict in sorted({row["verdict"] or "" for row in rows}):
        mark = MARKS.get(verdict, UNCOMPARED)
        positions = [at for at, row in enumerate(rows) if (row["verdict"] or "") == verdict]
        selected = [rows[at] for at in positions]
        axes.hlines(
            np.array(positions),
            column_of(selected, "low"),
            column_of(selected, "high"),
            colors=FAINT,
            linewidth=1.3,
            linestyles="solid" if verdict in MARKS else (0, (2, 2)),
            zorder=2,
        )
        axes.scatter(
            column_of(selected, "value"),
            np.array(positions),
            marker=mark.shape,
            s=44,
            facecolor=mark.fill,
            edgecolor=mark.edge,
            linewidth=1,
            zorder=3,
        )


def _label_rows(axes: Axes, rows: list[dict], unit: str) -> None:
    """Write names and values next to the rows, and draw a line for each.

    An axis with a tick for every branch takes longer than all else in the picture: names and lines
    are drawn by themselves.
    """
    axes.set_yticks([])
    across = axes.get_yaxis_transform()
    axes.hlines(range(len(rows)), 0, 1, transform=across, colors=GRID, linewidth=0.6, zorder=0)

    for position, row in enumerate(rows):
        name = format.text(row["name"], NAME_LIMIT)
        axes.text(-0.01, position, name, transform=across, va="center", ha="right")
        value = format.value(row["value"], unit).en
        axes.text(1.01, position, value, transform=across, va="center")


def _reach(rows: list[dict], lines: Sequence[float]) -> tuple[float, float]:
    """Return where an axis begins and ends: it holds every value, and the intervals of branches
    with enough cases. One tiny branch must not squeeze the rest.
    """
    numbers = [*lines, *(row["value"] for row in rows)]
    for row in rows:
        if row["low"] is not None and row["verdict"] != "too_few":
            numbers += [row["low"], row["high"]]

    low, high = min(numbers), max(numbers)

    # Where all values are the same, the edge is a share of them; of zeros it is anything.
    width = high - low or abs(high) or 1
    edge = width * EDGE_SHARE

    return low - edge, high + edge
