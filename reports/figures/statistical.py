"""The charts of the statisticians: funnel, control chart, survival curve."""

import numpy as np

from reports.figures.canvas import (
    BAND,
    BETTER,
    DASHED,
    DOTTED,
    FAINT,
    INK,
    MARKS,
    NAME_LIMIT,
    UNCOMPARED,
    WORSE,
    Axes,
    Margins,
    Mark,
    column_of,
    draw_grid,
    label_values,
    open_canvas,
)
from reports.figures.months import finish_month_axes, mark_incomplete_months
from reports.text import format

LABELLED = 12  # branches of a funnel, at most
LOG_FROM = 20  # times the smallest branch: a larger one would squeeze the small ones
EDGE_SHARE = 0.06  # of the reach, free at both ends of an axis
# What a month of a control chart needs of mart_trend.
CHARTED = ("is_charted", "centre_line", "limit_low", "limit_high", "variation")
POINTS = {
    "improvement": MARKS["better"],
    "concern": MARKS["worse"],
    "change": Mark("D", INK, INK),
}
# The lines of a funnel: their columns, and width and dashes.
FUNNEL_LINES = (
    ("watch", 0.8, "solid"),
    ("act", 1.5, "solid"),
    ("watch_spread", 0.8, DASHED),
    ("act_spread", 1.5, DASHED),
)
SIDES = ("low", "high")
CURVE_DAYS = (0, 5, 10, 20, 30, 60, 90, 180, 365)


def draw_funnel(branches: list[dict], unit: str) -> bytes:
    """Draw value by size, between the lines that chance draws.

    `branches`, the smallest first: a row of mart_funnel with `name: str, verdict: str | None, act:
    bool`. Lines of watch are thin, of act thick; dashed where they allow for the usual spread
    between branches. Only branches outside of the outer lines are named.
    """
    with open_canvas(3.6, Margins(left=0.75, right=0.25)) as canvas:
        axes = canvas.axes
        sizes = column_of(branches, "n")
        for kind, width, dashes in FUNNEL_LINES:
            for side in SIDES:
                limits = column_of(branches, f"{kind}_{side}")
                axes.plot(sizes, limits, color=FAINT, linewidth=width, linestyle=dashes, zorder=1)

        axes.plot(sizes, column_of(branches, "centre"), color=INK, linewidth=1.1, zorder=1)
        _draw_marks(axes, branches)
        _name_outliers(axes, branches)
        if sizes.max() > LOG_FROM * sizes.min() > 0:
            axes.set_xscale("log")

        axes.set_ylim(_funnel_reach(branches))
        axes.xaxis.set_major_formatter(_size_label)
        axes.xaxis.set_minor_formatter("")
        label_values(axes.yaxis, unit)
        draw_grid(axes, "y")
        return canvas.to_svg()


def _size_label(tick: float, _position: float) -> str:
    if tick < 1:
        return f"{tick:g}"
    return format.plain(float(tick), 0)


def _draw_marks(axes: Axes, branches: list[dict]) -> None:
    sizes, values = column_of(branches, "n"), column_of(branches, "value")
    verdicts = [branch["verdict"] or "" for branch in branches]
    for verdict in sorted(set(verdicts)):
        mark = MARKS.get(verdict, UNCOMPARED)
        has_verdict = np.array([other == verdict for other in verdicts])
        axes.scatter(
            sizes[has_verdict],
            values[has_verdict],
            marker=mark.shape,
            s=36,
            facecolor=mark.fill,
            edgecolor=mark.edge,
            linewidth=0.9,
            zorder=3,
        )


def _name_outliers(axes: Axes, branches: list[dict]) -> None:
    """Write names next to the outliers, those of neighbours at different sides: the picture is too
    small to seek a free place for each.
    """
    count = len(branches)
    by_value = sorted(outliers(branches), key=lambda at: (branches[at]["value"], at))
    for turn, at in enumerate(by_value):
        branch = branches[at]
        is_at_right_edge = at > 0.9 * count
        has_room_at_left = at > 0.25 * count
        is_left_of_mark = is_at_right_edge or (turn % 2 == 1 and has_room_at_left)
        axes.annotate(
            format.text(branch["name"], NAME_LIMIT),
            (branch["n"], branch["value"]),
            xytext=(-6 if is_left_of_mark else 6, -3),
            textcoords="offset points",
            ha="right" if is_left_of_mark else "left",
            fontsize=8,
        )


def outliers(branches: list[dict]) -> list[int]:
    """Return the positions of the branches that are named: those outside of the outer lines, the
    farthest from the centre first.

    The lines are those that allow for the usual spread or, where there is no such spread, those of
    chance.
    """
    positions = [at for at, branch in enumerate(branches) if _is_outside(branch)]
    return sorted(positions, key=lambda at: (-_distance_from_centre(branches[at]), at))[:LABELLED]


def _is_outside(branch: dict) -> bool:
    # Where branches differ by more than chance, the wider lines are the ones that count.
    has_spread = branch["act_spread_high"] is not None
    kind = "act_spread" if has_spread else "act"
    value, low, high = branch["value"], branch[f"{kind}_low"], branch[f"{kind}_high"]
    is_below = low is not None and value < low
    is_above = high is not None and value > high
    return is_below or is_above


def _distance_from_centre(branch: dict) -> float:
    return abs(branch["value"] - branch["centre"])


def _funnel_reach(branches: list[dict]) -> tuple[float, float]:
    """Return where the axis begins and ends: it holds every value, and the lines of all but the
    smallest quarter of branches, which would squeeze the others.
    """
    numbers = [branch["value"] for branch in branches]
    smallest_quarter = len(branches) // 4
    for branch in branches[smallest_quarter:]:
        for kind in ("act", "act_spread"):
            ends = [branch[f"{kind}_{side}"] for side in SIDES]
            numbers += [end for end in ends if end is not None]

    lowest, highest = min(numbers), max(numbers)
    edge = (highest - lowest or 1) * EDGE_SHARE
    low = lowest - edge
    if lowest >= 0:
        low = max(low, 0)  # what cannot be negative has no axis below zero

    return low, highest + edge


def draw_control_chart(months: list[dict], unit: str) -> bytes:
    """Draw a control chart.

    `months`, oldest first: `{label, value, is_whole}` as for `draw_trend`, with `centre_line,
    limit_low, limit_high: float | None` and `variation`. A month without a value is a gap; one that
    is not whole is hollow and hatched.
    """
    with open_canvas(2.9, Margins(left=0.75, right=0.1)) as canvas:
        axes = canvas.axes
        positions = np.arange(len(months))
        values = column_of(months, "value")
        axes.plot(positions, column_of(months, "centre_line"), color=INK, linewidth=1)

        for name in ("limit_low", "limit_high"):
            axes.plot(
                positions,
                column_of(months, name),
                color=FAINT,
                linewidth=1,
                linestyle=DASHED,
                drawstyle="steps-mid",
            )

        axes.plot(positions, values, color=BETTER, linewidth=1.4, zorder=3)
        is_whole = np.array([month["is_whole"] for month in months], dtype=bool)
        _draw_months(axes, months, values, is_whole)
        mark_incomplete_months(axes, positions, values, is_whole)
        finish_month_axes(axes, months, unit)
        return canvas.to_svg()


def _draw_months(axes: Axes, months: list[dict], values: np.ndarray, is_whole: np.ndarray) -> None:
    """Draw the whole months: small points, and a mark for each variation that is not chance."""
    positions = np.arange(len(months))
    variations = [month["variation"] for month in months]
    is_usual = is_whole & np.array([variation not in POINTS for variation in variations])
    axes.scatter(positions[is_usual], values[is_usual], s=16, color=BETTER, zorder=4)

    for variation, mark in POINTS.items():
        is_marked = is_whole & np.array([other == variation for other in variations])
        axes.scatter(
            positions[is_marked],
            values[is_marked],
            marker=mark.shape,
            s=46,
            facecolor=mark.fill,
            edgecolor=mark.edge,
            linewidth=1,
            zorder=5,
        )


def draw_curve(days: list[dict], median: float | None) -> bytes:
    """Draw the share of claims settled by a day: rows of mart_survival by day. Open claims count in
    the full line, and not in the dashed one.
    """
    with open_canvas(2.9, Margins(left=0.75, right=0.25)) as canvas:
        axes = canvas.axes
        positions = column_of(days, "day")
        low, high = column_of(days, "interval_low"), column_of(days, "interval_high")
        axes.fill_between(positions, low, high, color=BAND, linewidth=0, step="post")
        axes.plot(
            positions,
            column_of(days, "value"),
            color=BETTER,
            linewidth=1.8,
            drawstyle="steps-post",
        )
        axes.plot(
            positions,
            column_of(days, "closed_only_value"),
            color=WORSE,
            linewidth=1.6,
            linestyle=DASHED,
            drawstyle="steps-post",
        )
        if median is not None:
            axes.plot([0, median, median], [50, 50, 0], color=INK, linewidth=0.9, linestyle=DOTTED)

        # Most claims settle early: a square root gives the first weeks more room.
        axes.set_xscale("function", functions=(np.sqrt, np.square))
        last_day = positions.max()
        axes.set_xticks([day for day in CURVE_DAYS if day <= last_day])
        axes.set_xlim(0, last_day)
        axes.set_ylim(0, 100)
        label_values(axes.yaxis, "%")
        draw_grid(axes, "both")
        return canvas.to_svg()
