"""What every chart is drawn on: size, fonts, colours, axes.

The same numbers give the same bytes, and no reader needs a font.

A chart carries numbers, months and branch names only. Its words are in the page, where they are in
both languages.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal

import matplotlib
import numpy as np
import pylopdf_fonts_zh_cn
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.text import format

BETTER, WORSE, INK, FAINT, BAND = "#12436D", "#F46A25", "#222222", "#6B6B6B", "#B9CBDD"
WHITE, BLACK, GRID = "#FFFFFF", "#000000", "#E4E4E4"
WIDTH = 8.2  # inches
NAME_LIMIT = 14  # letters of a branch's name
DASHED, DOTTED = (0, (5, 3)), (0, (1, 2))
MOST_DECIMALS = 5


@dataclass(frozen=True)
class Mark:
    """How a point is drawn: the shape, its fill and its edge."""

    shape: str
    fill: str
    edge: str


# Shape and colour say the same: colour alone is not seen by all, and not printed by all.
MARKS = {
    "better": Mark("^", BETTER, BETTER),
    "worse": Mark("v", WORSE, BLACK),
    "as_expected": Mark("o", WHITE, INK),
}
UNCOMPARED = Mark("s", WHITE, FAINT)


@dataclass(frozen=True)
class Margins:
    """The room around the axes, in inches."""

    left: float
    right: float
    below: float = 0.35
    above: float = 0.12


@dataclass(frozen=True)
class Canvas:
    """A figure and its axes."""

    figure: Figure
    axes: Axes

    def to_svg(self) -> bytes:
        """Return the picture."""
        stream = io.BytesIO()
        with warnings.catch_warnings():
            # A hostile branch name may hold letters that no font has; it gets boxes, not a failed
            # run.
            warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
            # Without them, a date and a version would make other bytes of the same numbers.
            no_metadata = {"Date": None, "Creator": None}
            self.figure.savefig(stream, format="svg", metadata=no_metadata)

        return stream.getvalue()


@contextmanager
def open_canvas(height: float, margins: Margins) -> Iterator[Canvas]:
    """Open a canvas of the page's width and a height in inches, under the settings of `style`.

    Margins are given: laying a chart out by its texts takes longer than drawing it.
    """
    with matplotlib.rc_context(style()):
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes(
            (
                margins.left / WIDTH,
                margins.below / height,
                1 - (margins.left + margins.right) / WIDTH,
                1 - (margins.below + margins.above) / height,
            )
        )
        yield Canvas(figure, axes)


def style() -> dict:
    """Return the settings of a chart; no name of a branch is read as a formula."""
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


@cache
def _font() -> str:
    """Return the family name of the Chinese font, registered by its path: what the machine has
    installed does not matter.
    """
    path = pylopdf_fonts_zh_cn.sans_path()
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


def column_of(rows: list[dict], name: str) -> np.ndarray:
    """Return a column of rows as numbers, NaN where there is none."""
    numbers = []
    for row in rows:
        value = row[name]
        numbers.append(np.nan if value is None else value)
    return np.array(numbers, dtype=float)


def label_values(axis, unit: str) -> None:
    """Label the ticks of an axis in a unit."""
    axis.set_major_formatter(lambda tick, _: tick_label(tick, unit))


def tick_label(tick: float, unit: str) -> str:
    """Return an axis label: as many decimals as the axis needs, not as many as the value has."""
    label = format.plain(float(tick), _decimals_of_tick(tick))
    return f"{label}%" if unit == "%" else label


def _decimals_of_tick(tick: float) -> int:
    for decimals in range(MOST_DECIMALS):
        if abs(round(tick, decimals) - tick) < 1e-9:
            return decimals
    return MOST_DECIMALS


def draw_grid(
    axes: Axes, which: Literal["x", "y", "both"], colour: str = GRID, width: float = 0.6
) -> None:
    """Draw the lines of a grid behind everything else."""
    axes.grid(axis=which, color=colour, linewidth=width)
    axes.set_axisbelow(True)
