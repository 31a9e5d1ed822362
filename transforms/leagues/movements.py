"""Whether branches have moved against their network since the same period a year earlier, by how
much, and whether that is worth reporting.

Both years are held against the same side: the peers of today, as they are and as they were. A page
of movements is a list of tests, so what is called real is found for the list as a whole (Benjamini
and Hochberg 1995), and a movement that is real may still be small.
"""

import numpy as np
import pyarrow as pa

from data.config.policy import Policy
from transforms.kpis.arrow_columns import (
    dictionary_column,
    float_column,
    locate_text,
    number_column,
)
from transforms.leagues.leagues import Leagues
from transforms.leagues.peers import number_pages
from transforms.statistics import intervals
from transforms.statistics.combined_intervals import Estimate, difference_interval
from transforms.statistics.funnel_limits import adjust_p_values
from transforms.statistics.intervals import Counts
from transforms.statistics.stabilised_scale import compare_distances, stabilise

UNJUDGED = "unknown"  # until the tests of the whole page are there
DECIMALS = 9  # of a size: its last bits decide nothing


def measure_movements(leagues: Leagues) -> dict[str, pa.Array]:
    """Return each branch's movement by itself; what is real is a matter of the page.

    `movement_p` is that of a two-sample z test of the distances from the network then and now, on
    the scale where chance is the same at every value; branches need the volume of a rank in both
    years. `movement_size` is the difference of these distances, with limits by MOVER: in points of
    what is in per cent, of anything else in per cent of the network's value, so that a year without
    a case has one.
    """
    before = leagues.before
    now = stabilise(leagues.test_method, leagues.counts, leagues.network, leagues.variance)
    then = stabilise(leagues.test_method, before.counts, before.network, before.variance)
    is_known = np.isfinite(now[0]) & np.isfinite(then[0]) & leagues.is_ranked & (before.rank > 0)
    estimate = _estimate_distance(leagues, leagues.counts, leagues.network)
    estimate_then = _estimate_distance(leagues, before.counts, before.network)
    distance = estimate[0] - estimate_then[0]
    low, high = difference_interval(estimate, estimate_then)
    direction = np.where(leagues.sign * distance < 0, "better", "worse")
    has_direction = is_known & (distance != 0)

    def known(values: np.ndarray) -> pa.Array:
        return number_column(np.where(is_known, values, np.nan))

    return {
        "movement": dictionary_column(np.full(len(distance), UNJUDGED), slice(None)),
        "movement_direction": dictionary_column(direction, slice(None), has_direction),
        "movement_size": known(distance),
        "movement_low": known(low),
        "movement_high": known(high),
        "movement_p": known(compare_distances(now, then)),
        "movement_p_adjusted": pa.nulls(len(distance), pa.float64()),
    }


def _estimate_distance(leagues: Leagues, counts: Counts, network: np.ndarray) -> Estimate:
    """Return how far ratios are from the network's, with their limits: in points or in per cent of
    the network's.
    """
    ratio = counts.ratio
    low, high = intervals.confidence_interval(
        leagues.method, counts, leagues.policy.intervals.level
    )
    if is_in_points(leagues.kpi):
        scale = leagues.kpi["scale"]
        return scale * (ratio - network), scale * (low - network), scale * (high - network)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100 * ratio / network, 100 * low / network, 100 * high / network


def is_in_points(kpi: dict) -> bool:
    """Return whether two values of a KPI differ by percentage points; others differ in per cent
    (kpi-spec, section 2).
    """
    return kpi["unit"] == "%"


def judge_movements(table: pa.Table, kpis: dict[str, dict], policy: Policy) -> pa.Table:
    """Return mart_league with `movement_p_adjusted`, and `movement`: real, small, chance or
    unknown.

    Args:
        table: mart_league of all KPIs.
        kpis: the rows of dim_kpi by kpi_id.
        policy: its section movement.
    """
    settings = policy.movement
    p_value = float_column(table, "movement_p")
    is_known = np.isfinite(p_value)
    page = number_pages(table)
    adjusted = np.full(len(table), np.nan)
    adjusted[is_known] = adjust_p_values(page[is_known], p_value[is_known])
    names = list(kpis)
    is_of_points = np.array([is_in_points(kpis[name]) for name in names], bool)
    threshold = np.where(is_of_points, settings.points, settings.percent)
    threshold_of_row = threshold[locate_text(table["kpi_id"], names)]
    with np.errstate(invalid="ignore"):
        is_real = adjusted <= settings.false_share
        size = np.round(np.abs(float_column(table, "movement_size")), DECIMALS)
        is_small = size < threshold_of_row
    movement = np.select([~is_known, ~is_real, is_small], [UNJUDGED, "chance", "small"], "real")
    for name, column in (
        ("movement", dictionary_column(movement, slice(None))),
        ("movement_p_adjusted", number_column(adjusted)),
    ):
        table = table.set_column(table.column_names.index(name), name, column)
    return table
