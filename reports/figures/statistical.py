"""The charts of the statisticians: funnel, control chart, survival curve. As in `figures`, the same
numbers give the same bytes.
"""

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from reports.figures.line_and_dot import (
    BAND,
    BETTER,
    FAINT,
    INK,
    MARKS,
    NAME_LIMIT,
    UNCOMPARED,
    WIDE,
    WORSE,
    as_float,
    axes_of,
    style,
    tick_label,
    to_svg,
)
from reports.text import format

DASHED, DOTTED = (0, (5, 3)), (0, (1, 2))
LABELLED = 12
# What a month of a control chart needs of mart_trend.
CHARTED = ("is_charted", "centre_line", "limit_low", "limit_high", "variation")
POINTS = {"improvement": MARKS["better"], "concern": MARKS["worse"], "change": ("D", INK, INK)}


def draw_funnel(branches: list[dict], unit: str) -> bytes:
    """Value by size, between the lines that chance draws.

    `branches`, the smallest first: a row of mart_funnel with `name: str, verdict: str | None, act:
    bool`. Lines of watch are thin, of act thick; dashed where they allow for the usual spread
    between branches. Only branches outside of the outer lines are named.
    """
    with matplotlib.rc_context(style()):
        axes = axes_of(
            figure := Figure(figsize=(WIDE, 3.6)), left=0.75, right=0.25, below=0.35, above=0.12
        )
        sizes = as_float([branch["n"] for branch in branches])
        for kind, width, line in (
            ("watch", 0.8, "solid"),
            ("act", 1.5, "solid"),
            ("watch_spread", 0.8, DASHED),
            ("act_spread", 1.5, DASHED),
        ):
            for side in ("low", "high"):
                axes.plot(
                    sizes,
                    as_float([branch[f"{kind}_{side}"] for branch in branches]),
                    color=FAINT,
                    linewidth=width,
                    linestyle=line,
                    zorder=1,
                )
        axes.plot(
            sizes,
            as_float([branch["centre"] for branch in branches]),
            color=INK,
            linewidth=1.1,
            zorder=1,
        )
        _points(axes, branches, sizes, as_float([branch["value"] for branch in branches]))
        if sizes.max() > 20 * sizes.min() > 0:
            axes.set_xscale("log")
        axes.set_ylim(_held(branches))
        axes.xaxis.set_major_formatter(
            lambda tick, _: format.plain(float(tick), 0) if tick >= 1 else f"{tick:g}"
        )
        axes.xaxis.set_minor_formatter("")
        axes.yaxis.set_major_formatter(lambda tick, _: tick_label(tick, unit))
        axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
        axes.set_axisbelow(True)
        return to_svg(figure)


def _points(axes, branches: list[dict], sizes: np.ndarray, values: np.ndarray) -> None:
    """A mark for each branch; the farthest of those outside of the outer lines with their names."""
    for verdict in sorted({branch["verdict"] or "" for branch in branches}):
        marker, fill, edge = MARKS.get(verdict, UNCOMPARED)
        held = np.array([(branch["verdict"] or "") == verdict for branch in branches])
        axes.scatter(
            sizes[held],
            values[held],
            marker=marker,
            s=36,
            facecolor=fill,
            edgecolor=edge,
            linewidth=0.9,
            zorder=3,
        )
    named = sorted(outliers(branches), key=lambda place: (values[place], place))
    for turn, place in enumerate(named):
        # Names of neighbours go to different sides: the picture is too small to seek a free place
        # for each.
        side = (
            "right"
            if place > 0.9 * len(branches) or (turn % 2 and place > 0.25 * len(branches))
            else "left"
        )
        offset = (-6 if side == "right" else 6, -3)
        name = format.text(branches[place]["name"], NAME_LIMIT)
        axes.annotate(
            name,
            (sizes[place], values[place]),
            xytext=offset,
            textcoords="offset points",
            ha=side,
            fontsize=8,
        )


def outliers(branches: list[dict]) -> list[int]:
    """Places of the branches that are named: outside of the outer lines that allow for the usual
    spread, or, where there is no such spread, of those of chance; the farthest from the centre.
    """
    found = []
    for place, branch in enumerate(branches):
        kind = "act" if branch["act_spread_high"] is None else "act_spread"
        low, high = branch[f"{kind}_low"], branch[f"{kind}_high"]
        if (low is not None and branch["value"] < low) or (
            high is not None and branch["value"] > high
        ):
            found.append(place)
    return sorted(
        found, key=lambda place: (-abs(branches[place]["value"] - branches[place]["centre"]), place)
    )[:LABELLED]


def _held(branches: list[dict]) -> tuple[float, float]:
    """The axis holds every value, and the lines of all but the smallest quarter of branches: they
    would squeeze the others.
    """
    values = [branch["value"] for branch in branches]
    larger = branches[len(branches) // 4 :]
    ends = [
        branch[f"{kind}_{side}"]
        for branch in larger
        for kind in ("act", "act_spread")
        for side in ("low", "high")
    ]
    reached = values + [end for end in ends if end is not None]
    room = (max(reached) - min(reached) or 1) * 0.06
    low = min(reached) - room
    return (max(low, 0) if min(reached) >= 0 else low), max(reached) + room


def draw_control_chart(months: list[dict], unit: str) -> bytes:
    """A control chart. `months`, oldest first: `{label, value, is_whole}` as for `figures.trend`,
    with `centre_line, limit_low, limit_high: float | None` and `variation`. A month without a value
    is a gap; one that is not whole is hollow and hatched.
    """
    with matplotlib.rc_context(style()):
        axes = axes_of(
            figure := Figure(figsize=(WIDE, 2.9)), left=0.75, right=0.1, below=0.35, above=0.12
        )
        places = np.arange(len(months))
        values, centre, low, high = (
            as_float([month[name] for month in months])
            for name in ("value", "centre_line", "limit_low", "limit_high")
        )
        axes.plot(places, centre, color=INK, linewidth=1)
        for limit in (low, high):
            axes.plot(
                places, limit, color=FAINT, linewidth=1, linestyle=DASHED, drawstyle="steps-mid"
            )
        axes.plot(places, values, color=BETTER, linewidth=1.4, zorder=3)
        whole = np.array([month["is_whole"] for month in months], dtype=bool)
        plain = whole & np.array([month["variation"] not in POINTS for month in months])
        axes.scatter(places[plain], values[plain], s=16, color=BETTER, zorder=4)
        for variation, (marker, fill, edge) in POINTS.items():
            held = whole & np.array([month["variation"] == variation for month in months])
            axes.scatter(
                places[held],
                values[held],
                marker=marker,
                s=46,
                facecolor=fill,
                edgecolor=edge,
                linewidth=1,
                zorder=5,
            )
        axes.scatter(
            places[~whole],
            values[~whole],
            s=34,
            facecolor="#FFFFFF",
            edgecolor=BETTER,
            linewidth=1.4,
            zorder=4,
        )
        for place in places[~whole]:
            axes.axvspan(
                place - 0.5,
                place + 0.5,
                facecolor="none",
                edgecolor=FAINT,
                hatch="////",
                linewidth=0,
                alpha=0.5,
                zorder=0,
            )
        axes.set_xlim(-0.6, len(months) - 0.4)
        shown = places[(len(months) - 1) % 3 :: 3]
        axes.set_xticks(shown, [months[place]["label"] for place in shown])
        axes.yaxis.set_major_formatter(lambda tick, _: tick_label(tick, unit))
        axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
        axes.set_axisbelow(True)
        return to_svg(figure)


def draw_curve(days: list[dict], median: float | None) -> bytes:
    """The share of claims settled by a day: rows of mart_survival by day. Open claims count in the
    full line, and not in the dashed one.
    """
    with matplotlib.rc_context(style()):
        axes = axes_of(
            figure := Figure(figsize=(WIDE, 2.9)), left=0.75, right=0.25, below=0.35, above=0.12
        )
        places, values, low, high, closed = (
            as_float([day[name] for day in days])
            for name in ("day", "value", "interval_low", "interval_high", "closed_only_value")
        )
        axes.fill_between(places, low, high, color=BAND, linewidth=0, step="post")
        axes.plot(places, values, color=BETTER, linewidth=1.8, drawstyle="steps-post")
        axes.plot(
            places, closed, color=WORSE, linewidth=1.6, linestyle=DASHED, drawstyle="steps-post"
        )
        if median is not None:
            axes.plot([0, median, median], [50, 50, 0], color=INK, linewidth=0.9, linestyle=DOTTED)
        axes.set_xscale("function", functions=(np.sqrt, np.square))
        axes.set_xticks(
            [day for day in (0, 5, 10, 20, 30, 60, 90, 180, 365) if day <= places.max()]
        )
        axes.set_xlim(0, places.max())
        axes.set_ylim(0, 100)
        axes.yaxis.set_major_formatter(lambda tick, _: tick_label(tick, "%"))
        axes.grid(color="#E4E4E4", linewidth=0.6)
        axes.set_axisbelow(True)
        return to_svg(figure)
