"""Recognitions: who is praised by name, for what, and whether chance alone would do it (as an
insurer praised its branches in 2012).

zero_record: none of what should not happen; all_on_time: 100 %; first_of_province: among the first
of the branches of its level in its province; most_improved: the greatest changes for the better on
the year before, only where they are more than chance.
"""

import numpy as np
import pyarrow as pa

from data.config.published_tables import load_published_tables as dictionary
from data.problem import Problem
from transforms.leagues.kpi_board import KpiBoard, read_kpi_board
from transforms.leagues.peers import PERIOD
from transforms.statistics import combined_intervals, intervals, ranks
from transforms.statistics.intervals import Counts

KINDS = {
    "zero_records": ("count",),
    "all_on_time": ("share",),
    "first_of_province": (),
    "most_improved": (),
}
# Of a recognition that a column says nothing about it is null.
ADDED = {
    "province_code": pa.string(),
    "rank": pa.int64(),
    "rank_low": pa.int64(),
    "rank_high": pa.int64(),
    "ranked_of": pa.int64(),
    "value_prior_year": pa.float64(),
    "difference": pa.float64(),
    "difference_low": pa.float64(),
    "difference_high": pa.float64(),
    "expected": pa.float64(),
    "chance": pa.float64(),
}
KEPT = [
    "kpi_id",
    "value",
    "numerator",
    "denominator",
    "interval_low",
    "interval_high",
    "interval_level",
    "interval_method",
]


def build_mart_recognition(
    values: dict[str, pa.Table], kpis: dict[str, dict], provinces: list[dict], policy: dict
) -> pa.Table:
    """The published table, in the order of its key. `values` are the tables of mart_kpi_value,
    `kpis` the rows of dim_kpi, both by kpi_id; `provinces` are the rows of dim_branch_province.

    Raises Problem where the policy names what is no KPI, or praises for what has no better
    direction.
    """
    section, level = policy["recognition"], policy["intervals"]["level"]
    _check(section, kpis)
    wanted = {
        *section["zero_records"],
        section["zero_volume"],
        *section["all_on_time"],
        *section["first_of_province"],
        *section["most_improved"],
    }
    held = read_kpi_board({kpi: values[kpi] for kpi in sorted(wanted)}, section["period_kinds"])
    made = [
        *(
            find_zero_records(held, kpi, section["zero_volume"], level)
            for kpi in section["zero_records"]
        ),
        *(find_full_records(held, kpi, level) for kpi in section["all_on_time"]),
        *(
            find_province_leaders(held, kpis[kpi], provinces, section["places"], level)
            for kpi in section["first_of_province"]
        ),
        *(
            find_most_improved(held, kpis[kpi], section["places"], level)
            for kpi in section["most_improved"]
        ),
    ]
    return pa.concat_tables(made).sort_by(
        [(name, "ascending") for name in dictionary()["mart_recognition"].key]
    )


def _check(section: dict, kpis: dict[str, dict]) -> None:
    for name, kinds in KINDS.items():
        for kpi in section[name]:
            row = kpis.get(kpi, {"direction": "none"})
            if row["direction"] == "none" or (kinds and row["kind"] not in kinds):
                raise Problem(
                    f"policy setting recognition.{name} has {kpi}",
                    f"use ids of KPIs with a better direction{' of kind ' * bool(kinds)}{' or '.join(kinds)}",
                )
    if kpis.get(section["zero_volume"], {"kind": ""})["kind"] != "rate":
        raise Problem(
            f"policy setting recognition.zero_volume is {section['zero_volume']}",
            "use the id of a KPI of kind rate: its denominator is the volume",
        )


def find_zero_records(held: KpiBoard, kpi: str, volume: str, level: float) -> pa.Table:
    """Branches without a single one. `expected` is how many a branch of that volume would have if
    it did as the network does, `chance` how likely it would then have none; the interval's upper
    limit (exact Poisson, 3.69 at 95 %) is how many none may stand for.
    """
    of, is_branch = held.number(volume, "denominator"), held.names("branch_level") != "head_office"
    rate = (held.number(kpi, "numerator") / np.where(of > 0, of, np.nan))[held.head]
    rows = np.flatnonzero((held.number(kpi, "value") == 0) & (of > 0) & is_branch)
    chance = intervals.tail_probabilities(
        "poisson", Counts(np.zeros(len(rows)), of[rows]), rate[rows]
    )[0]
    table = _rows(
        "zero_record",
        held,
        kpi,
        rows,
        chance < (1 - level) / 2,
        expected=rate[rows] * of[rows],
        chance=chance,
    )
    at = table.column_names.index("denominator")
    return table.set_column(
        at,
        "denominator",
        held.values[volume]["denominator"].take(pa.array(rows)).cast(table["denominator"].type),
    )


def find_full_records(held: KpiBoard, kpi: str, level: float) -> pa.Table:
    """Branches with every case on time. `chance` is how likely that would be if it did as the
    network does; the interval's lower limit is what all of so few may stand for.
    """
    done, of = held.number(kpi, "numerator"), held.number(kpi, "denominator")
    share = (done / np.where(of > 0, of, np.nan))[held.head]
    rows = np.flatnonzero((of > 0) & (done == of) & (held.names("branch_level") != "head_office"))
    chance = intervals.tail_probabilities("wilson", Counts(done[rows], of[rows]), share[rows])[1]
    return _rows(
        "all_on_time",
        held,
        kpi,
        rows,
        chance < (1 - level) / 2,
        expected=share[rows] * of[rows],
        chance=chance,
    )


def find_province_leaders(
    held: KpiBoard, kpi: dict, provinces: list[dict], most: int, level: float
) -> pa.Table:
    """The first of the branches of one level in one province, where there are more of them than
    places. Sure where no range of ranks that the data allow is worse than the last place.
    """
    of = {
        (*(row[name] for name in PERIOD), row["branch_code"]): row["province_code"]
        for row in provinces
    }
    province = np.array([of.get(key, "") for key in held.rows], object)
    peers = np.unique(
        np.char.add(held.league.astype(str), np.char.add("/", province.astype(str))),
        return_inverse=True,
    )[1]
    value, sign = held.value(kpi), 1 if kpi["direction"] == "down" else -1
    ranked = np.flatnonzero(np.isfinite(value) & (province != ""))
    rank = ranks.competition_ranks(peers[ranked], sign * value[ranked])[0]
    low, high = held.joint(kpi, ranked, ranks.joint_level(peers[ranked], level), level)
    first, last = ranks.rank_ranges(peers[ranked], *((low, high) if sign > 0 else (-high, -low)))
    size = ranks.league_sizes(peers[ranked])
    shown = np.flatnonzero((rank <= most) & (size > most))
    told = {
        "rank": rank,
        "rank_low": first,
        "rank_high": last,
        "ranked_of": size,
        "province_code": province[ranked],
    }
    told = {name: values[shown] for name, values in told.items()}
    return _rows(
        "first_of_province", held, kpi["kpi_id"], ranked[shown], told["rank_high"] <= most, **told
    )


def find_most_improved(held: KpiBoard, kpi: dict, most: int, level: float) -> pa.Table:
    """The greatest changes for the better on the year before of each level, those whose limits
    leave no doubt of a change: limits at the joint level of all branches that are compared, since
    the greatest of many changes is great by chance alone.
    """
    value, before, sign = held.value(kpi), held.before, -1 if kpi["direction"] == "down" else 1
    earlier = np.where(before >= 0, value[before], np.nan)
    compared = np.flatnonzero(
        np.isfinite(value) & np.isfinite(earlier) & (held.names("branch_level") != "head_office")
    )
    league, joint = held.league[compared], ranks.joint_level(held.league[compared], level)
    change = (value - earlier)[compared]
    rank = ranks.competition_ranks(league, -sign * change)[0]
    now, then = (
        (value[rows], *held.joint(kpi, rows, joint, level)) for rows in (compared, before[compared])
    )
    low, high = combined_intervals.difference_interval(now, then)
    is_sure = low > 0 if sign > 0 else high < 0
    told = {
        "rank": rank,
        "ranked_of": ranks.league_sizes(league),
        "value_prior_year": earlier[compared],
        "difference": change,
        "difference_low": low,
        "difference_high": high,
    }
    shown = np.flatnonzero((rank <= most) & is_sure)
    return _rows(
        "most_improved",
        held,
        kpi["kpi_id"],
        compared[shown],
        is_sure[shown],
        **{name: values[shown] for name, values in told.items()},
    )


def _rows(
    name: str, held: KpiBoard, kpi: str, rows: np.ndarray, is_sure: np.ndarray, **told: np.ndarray
) -> pa.Table:
    """Rows of the published table: some of a KPI's values, with what is told of them."""
    taken = [table.take(pa.array(rows)) for table in (held.keys, held.values[kpi].select(KEPT))]
    columns = {
        column: table[column].cast(_plain(table[column].type))
        for table in taken
        for column in table.column_names
    }
    columns |= {column: pa.nulls(len(rows), kind) for column, kind in ADDED.items()}
    columns |= {
        column: pa.array(values, ADDED[column], from_pandas=True) for column, values in told.items()
    }
    return pa.table(
        {
            "recognition": pa.array([name] * len(rows), pa.string()),
            **columns,
            "is_sure": pa.array(is_sure),
        }
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
