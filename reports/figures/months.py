"""What the charts of months share: hollow points for months that are not whole, and the axis."""

import numpy as np

from reports.figures.canvas import BETTER, FAINT, GRID, WHITE, Axes, draw_grid, label_values

TICK_EVERY = 3  # months


def mark_incomplete_months(
    axes: Axes, positions: np.ndarray, values: np.ndarray, is_whole: np.ndarray
) -> None:
    """Draw months that are not whole as hollow points on hatched ground: they will still change."""
    incomplete = positions[~is_whole]
    axes.scatter(
        incomplete,
        values[~is_whole],
        s=34,
        facecolor=WHITE,
        edgecolor=BETTER,
        linewidth=1.4,
        zorder=4,
    )

    for position in incomplete:
        axes.axvspan(
            position - 0.5,
            position + 0.5,
            facecolor="none",
            edgecolor=FAINT,
            hatch="////",
            linewidth=0,
            alpha=0.5,
            zorder=0,
        )


def finish_month_axes(
    axes: Axes, months: list[dict], unit: str, grid: tuple[str, float] = (GRID, 0.6)
) -> None:
    """Label every third month, counted back from the latest, and the values in their unit.

    Args:
        axes: of the chart.
        months: what is drawn, oldest first, each with its `label`.
        unit: of the values.
        grid: colour and width of the lines.
    """
    count = len(months)
    axes.set_xlim(-0.6, count - 0.4)
    first = (count - 1) % TICK_EVERY
    labelled = range(first, count, TICK_EVERY)
    labels = [months[position]["label"] for position in labelled]
    axes.set_xticks(labelled, labels)
    label_values(axes.yaxis, unit)
    colour, width = grid
    draw_grid(axes, "y", colour, width)
