"""Charts as SVG bytes: the same numbers give the same bytes, and no reader needs a font.

A chart carries numbers, months and branch names only. Its words stand in the page, where they are
in both languages.
"""

import io
import warnings
from functools import cache

import matplotlib
import numpy as np
import pylopdf_fonts_zh_cn
from matplotlib import font_manager
from matplotlib.figure import Figure

from reports.text import format

BETTER, WORSE, INK, FAINT, BAND = "#12436D", "#F46A25", "#222222", "#6B6B6B", "#B9CBDD"
CUT = 30
WIDE = 8.2
NAME_LIMIT = 14
MARKS = {
    "better": ("^", BETTER, BETTER),
    "worse": ("v", WORSE, "#000000"),
    "as_expected": ("o", "#FFFFFF", INK),
}
UNCOMPARED = ("s", "#FFFFFF", FAINT)


@cache
def _font() -> str:
    """The family name of the Chinese font, registered by its path: what the machine has installed
    does not matter.
    """
    path = pylopdf_fonts_zh_cn.sans_path()
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


def style() -> dict:
    """Settings under which a chart is drawn; names of branches are never read as formulas."""
    return {
        "font.family": [_font(), "DejaVu Sans"],
        "font.size": 9,
        "text.parse_math": False,
        "svg.hashsalt": "servicekpi",
        "svg.fonttype": "path",
        "axes.edgecolor": FAINT,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.labelcolor": INK,
        "hatch.color": FAINT,
        "hatch.linewidth": 0.6,
    }


def to_svg(figure: Figure) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # A hostile branch name may hold letters that no font has; it gets boxes, not a failed
        # night.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()


def axes_of(figure: Figure, left: float, right: float, below: float, above: float):
    """Axes with margins in inches: laying a chart out by its texts takes longer than drawing it."""
    width, height = figure.get_size_inches()
    return figure.add_axes(
        (left / width, below / height, 1 - (left + right) / width, 1 - (below + above) / height)
    )


def as_float(values: list) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def draw_trend(months: list[dict], unit: str, zero_based: bool) -> bytes:
    """A monthly line with its interval band.

    `months`, oldest first: `{label: str, value, low, high: float | None, is_whole: bool}` in the
    KPI's unit. A month without a value is a gap; one that is not whole is hollow and hatched.
    """
    with matplotlib.rc_context(style()):
        axes = axes_of(
            figure := Figure(figsize=(WIDE, 2.9)), left=0.75, right=0.1, below=0.35, above=0.12
        )
        places = np.arange(len(months))
        values, low, high = (
            as_float([month[name] for month in months]) for name in ("value", "low", "high")
        )
        axes.fill_between(places, low, high, color=BAND, linewidth=0, zorder=1)
        axes.plot(places, values, color=BETTER, linewidth=1.8, zorder=3)
        whole = np.array([month["is_whole"] for month in months], dtype=bool)
        axes.scatter(places[whole], values[whole], s=20, color=BETTER, zorder=4)
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
        if zero_based:
            axes.set_ylim(bottom=0)
        shown = places[(len(months) - 1) % 3 :: 3]
        axes.set_xticks(shown, [months[place]["label"] for place in shown])
        axes.yaxis.set_major_formatter(lambda tick, _: tick_label(tick, unit))
        axes.grid(axis="y", color="#DDDDDD", linewidth=0.7)
        axes.set_axisbelow(True)
        return to_svg(figure)


def draw_dots(
    branches: list[dict], unit: str, network: float | None, market: float | None = None
) -> tuple[bytes, bool]:
    """Branches best first, one row each: value, interval, a dashed line for the network and a
    dotted one for the market.

    `branches`: `{name: str, value, low, high: float | None, verdict: str | None}`. Returns the
    picture, and whether it was cut to the first and last 30.
    """
    is_cut = len(branches) > 2 * CUT
    shown = branches[:CUT] + branches[-CUT:] if is_cut else branches
    with matplotlib.rc_context(style()):
        axes = axes_of(
            figure := Figure(figsize=(WIDE, 0.7 + 0.21 * len(shown))),
            left=1.6,
            right=0.95,
            below=0.35,
            above=0.35,
        )
        _draw(axes, shown)
        if network is not None:
            axes.axvline(network, color=INK, linewidth=1.1, linestyle=(0, (5, 3)), zorder=1)
        if market is not None:
            axes.axvline(market, color=INK, linewidth=1.1, linestyle=(0, (1, 2)), zorder=1)
        # An axis with a tick for every branch takes longer than all else in the picture: names and
        # lines are drawn by themselves.
        axes.set_yticks([])
        axes.hlines(
            range(len(shown)),
            0,
            1,
            transform=axes.get_yaxis_transform(),
            colors="#E4E4E4",
            linewidth=0.6,
            zorder=0,
        )
        for place, branch in enumerate(shown):
            axes.text(
                -0.01,
                place,
                format.text(branch["name"], NAME_LIMIT),
                transform=axes.get_yaxis_transform(),
                va="center",
                ha="right",
            )
            axes.text(
                1.01,
                place,
                format.value(branch["value"], unit).en,
                transform=axes.get_yaxis_transform(),
                va="center",
            )
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(_reach(shown, [line for line in (network, market) if line is not None]))
        axes.tick_params(axis="x", top=True, labeltop=True)
        axes.xaxis.set_major_formatter(lambda tick, _: tick_label(tick, unit))
        axes.grid(axis="x", color="#E4E4E4", linewidth=0.6)
        axes.set_axisbelow(True)
        return to_svg(figure), is_cut


def _draw(axes, shown: list[dict]) -> None:
    """Intervals and marks, one verdict at a time."""
    for verdict in sorted({branch["verdict"] or "" for branch in shown}):
        marker, fill, edge = MARKS.get(verdict, UNCOMPARED)
        places = np.array(
            [place for place, branch in enumerate(shown) if (branch["verdict"] or "") == verdict]
        )
        values, low, high = (
            as_float([shown[place][name] for place in places]) for name in ("value", "low", "high")
        )
        axes.hlines(
            places,
            low,
            high,
            colors=FAINT,
            linewidth=1.3,
            linestyles="solid" if verdict in MARKS else (0, (2, 2)),
            zorder=2,
        )
        axes.scatter(
            values,
            places,
            marker=marker,
            s=44,
            facecolor=fill,
            edgecolor=edge,
            linewidth=1,
            zorder=3,
        )


def _reach(shown: list[dict], lines: list[float]) -> tuple[float, float]:
    """The axis holds every value, and the intervals of branches with enough cases: one tiny branch
    must not squeeze the rest.
    """
    held = [
        branch for branch in shown if branch["low"] is not None and branch["verdict"] != "too_few"
    ]
    reached = [branch["value"] for branch in shown] + [
        end for branch in held for end in (branch["low"], branch["high"])
    ]
    reached += lines
    low, high = min(reached), max(reached)
    room = (high - low or abs(high) or 1) * 0.03
    return low - room, high + room


def tick_label(tick: float, unit: str) -> str:
    """An axis label: as many decimals as the axis needs, not as many as the value has."""
    decimals = next((places for places in range(5) if abs(round(tick, places) - tick) < 1e-9), 5)
    return format.plain(float(tick), decimals) + ("%" if unit == "%" else "")
