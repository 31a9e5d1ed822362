"""Recognitions: who is praised by name, for what, and whether chance alone would do it (as an
insurer praised its branches in 2012).

zero_record: none of what should not happen; all_on_time: 100%; first_of_province: among the first
of the branches of its level in its province; most_improved: the greatest changes for the better on
the year before, only where they are more than chance.
"""

import numpy as np
import pyarrow as pa

from data.config.policy import Policy
from data.config.policy_sections import RecognitionPolicy
from data.config.published_tables import load_published_tables
from data.problem import Problem
from transforms.leagues.kpi_board import KpiBoard, read_kpi_board
from transforms.leagues.leagues import better_sign
from transforms.leagues.peers import PERIOD
from transforms.statistics import combined_intervals, ranks
from transforms.statistics.chance_limits import tail_probabilities
from transforms.statistics.intervals import Counts

# The kinds of KPI that each setting of the policy may name. A count ranks nobody.
RANKED_KINDS = ("share", "ratio", "rate", "index", "mean", "quantile")
KINDS_OF_SETTING = {
    "zero_records": ("count",),
    "all_on_time": ("share",),
    "first_of_province": RANKED_KINDS,
    "most_improved": RANKED_KINDS,
}
# Columns that only some recognitions have a value for; null for the others.
OPTIONAL_COLUMNS = {
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
VALUE_COLUMNS = [
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
    values: dict[str, pa.Table], kpis: dict[str, dict], provinces: list[dict], policy: Policy
) -> pa.Table:
    """Return the published table, in the order of its key.

    Raises Problem where the policy names an id that is not a KPI's, or praises for what has no
    better direction.

    Args:
        values: the tables of mart_kpi_value by kpi_id.
        kpis: the rows of dim_kpi by kpi_id.
        provinces: the rows of dim_branch_province.
        policy: the sections recognition and intervals.
    """
    settings, level = policy.recognition, policy.intervals.level
    _check_settings(settings, kpis)
    volume, awards = settings.zero_volume, settings.places
    used = {volume}.union(*(getattr(settings, name) for name in KINDS_OF_SETTING))
    board = read_kpi_board({kpi: values[kpi] for kpi in sorted(used)}, settings.period_kinds)
    tables = [find_zero_records(board, kpi, volume, level) for kpi in settings.zero_records]
    tables += [find_full_records(board, kpi, level) for kpi in settings.all_on_time]
    tables += [
        find_province_leaders(board, kpis[kpi], provinces, awards, level)
        for kpi in settings.first_of_province
    ]
    tables += [
        find_most_improved(board, kpis[kpi], awards, level) for kpi in settings.most_improved
    ]
    key = load_published_tables()["mart_recognition"].key
    return pa.concat_tables(tables).sort_by([(name, "ascending") for name in key])


def _check_settings(settings: RecognitionPolicy, kpis: dict[str, dict]) -> None:
    for setting, kinds in KINDS_OF_SETTING.items():
        for kpi in getattr(settings, setting):
            row = kpis.get(kpi, {"direction": "none"})
            if row["direction"] == "none" or row.get("kind") not in kinds:
                raise Problem(
                    f"policy setting recognition.{setting} has {kpi}",
                    f"use ids of KPIs with a better direction of kind {' or '.join(kinds)}",
                )
    if kpis.get(settings.zero_volume, {"kind": ""})["kind"] != "rate":
        raise Problem(
            f"policy setting recognition.zero_volume is {settings.zero_volume}",
            "use the id of a KPI of kind rate: its denominator is the volume",
        )


def find_zero_records(board: KpiBoard, kpi: str, volume: str, level: float) -> pa.Table:
    """Return branches without a single one.

    `expected` is how many a branch of that volume would have if it did as the network does,
    `chance` how likely it would then have none; the interval's upper limit (exact Poisson, 3.69 at
    95%) is how many none may stand for. `volume` is the KPI whose denominator is the volume.
    """
    size = board.number(volume, "denominator")
    has_volume = size > 0
    rate = board.number(kpi, "numerator") / np.where(has_volume, size, np.nan)
    is_zero = board.number(kpi, "value") == 0
    rows = np.flatnonzero(is_zero & has_volume & ~board.is_head_office)
    network = rate[board.head_office_row][rows]
    counts = Counts(np.zeros(len(rows)), size[rows])
    chance = tail_probabilities("poisson", counts, network)[0]
    is_sure = chance < (1 - level) / 2
    expected = network * size[rows]
    table = _recognise("zero_record", board, kpi, rows, is_sure, expected=expected, chance=chance)
    # A count has no denominator of its own: that of the volume takes its place.
    column = table.column_names.index("denominator")
    denominator = board.values[volume]["denominator"].take(rows)
    denominator = denominator.cast(table["denominator"].type)
    return table.set_column(column, "denominator", denominator)


def find_full_records(board: KpiBoard, kpi: str, level: float) -> pa.Table:
    """Return branches with every case on time.

    `chance` is how likely that would be if it did as the network does; the interval's lower limit
    is what all of such a small number may stand for.
    """
    cases, size = board.number(kpi, "numerator"), board.number(kpi, "denominator")
    has_cases = size > 0
    share = cases / np.where(has_cases, size, np.nan)
    rows = np.flatnonzero(has_cases & (cases == size) & ~board.is_head_office)
    network = share[board.head_office_row][rows]
    chance = tail_probabilities("wilson", Counts(cases[rows], size[rows]), network)[1]
    is_sure = chance < (1 - level) / 2
    expected = network * size[rows]
    return _recognise("all_on_time", board, kpi, rows, is_sure, expected=expected, chance=chance)


def find_province_leaders(
    board: KpiBoard, kpi: dict, provinces: list[dict], awards: int, level: float
) -> pa.Table:
    """Return the first of the branches of one level in one province, where there are more of them
    than awards. Sure where no range of ranks that the data allow is worse than the last award.
    """
    province = _province_of_rows(board, provinces)
    names = np.char.add("/", province.astype(str))
    league_names = np.char.add(board.league.astype(str), names)
    league = np.unique(league_names, return_inverse=True)[1]
    value = board.rankable_value(kpi)
    ranked = np.flatnonzero(np.isfinite(value) & (province != ""))
    league, sign = league[ranked], better_sign(kpi)
    rank, _ = ranks.competition_ranks(league, sign * value[ranked])
    low, high = board.joint_limits(kpi, ranked, ranks.joint_level(league, level), level)
    if sign < 0:
        low, high = -high, -low
    first, last = ranks.rank_ranges(league, low, high)
    size = ranks.league_sizes(league)
    leaders = np.flatnonzero((rank <= awards) & (size > awards))
    return _recognise(
        "first_of_province",
        board,
        kpi["kpi_id"],
        ranked[leaders],
        last[leaders] <= awards,
        rank=rank[leaders],
        rank_low=first[leaders],
        rank_high=last[leaders],
        ranked_of=size[leaders],
        province_code=province[ranked][leaders],
    )


def _province_of_rows(board: KpiBoard, provinces: list[dict]) -> np.ndarray:
    """Return the code of each row's province, empty where it is in none."""
    code_of = {}
    for row in provinces:
        key = (*(row[name] for name in PERIOD), row["branch_code"])
        code_of[key] = row["province_code"]
    return np.array([code_of.get(key, "") for key in board.row_keys], object)


def find_most_improved(board: KpiBoard, kpi: dict, awards: int, level: float) -> pa.Table:
    """Return the greatest changes for the better on the year before of each level, those whose
    limits leave no doubt of a change.

    The limits are those at the joint level of all branches that are compared, since the greatest of
    many changes is great by chance alone.
    """
    value, year_earlier = board.rankable_value(kpi), board.year_earlier_row
    earlier = np.where(year_earlier >= 0, value[year_earlier], np.nan)
    has_both = np.isfinite(value) & np.isfinite(earlier)
    rows = np.flatnonzero(has_both & ~board.is_head_office)
    league = board.league[rows]
    joint_level = ranks.joint_level(league, level)
    change = (value - earlier)[rows]
    rank, _ = ranks.competition_ranks(league, better_sign(kpi) * change)
    now, then = (
        (value[rows_of_time], *board.joint_limits(kpi, rows_of_time, joint_level, level))
        for rows_of_time in (rows, year_earlier[rows])
    )
    low, high = combined_intervals.difference_interval(now, then)
    is_sure = high < 0 if kpi["direction"] == "down" else low > 0
    best = np.flatnonzero((rank <= awards) & is_sure)
    return _recognise(
        "most_improved",
        board,
        kpi["kpi_id"],
        rows[best],
        is_sure[best],
        rank=rank[best],
        ranked_of=ranks.league_sizes(league)[best],
        value_prior_year=earlier[rows][best],
        difference=change[best],
        difference_low=low[best],
        difference_high=high[best],
    )


def _recognise(
    name: str,
    board: KpiBoard,
    kpi: str,
    rows: np.ndarray,
    is_sure: np.ndarray,
    **figures: np.ndarray,
) -> pa.Table:
    """Return rows of the published table: some of a KPI's values, with the `figures` that this
    recognition has.
    """
    columns: dict = {"recognition": pa.array([name] * len(rows), pa.string())}
    for source in (board.keys, board.values[kpi].select(VALUE_COLUMNS)):
        table = source.take(rows)
        for column in table.column_names:
            columns[column] = table[column].cast(_plain_type(table[column].type))
    for column, data_type in OPTIONAL_COLUMNS.items():
        if column in figures:
            columns[column] = pa.array(figures[column], data_type, from_pandas=True)
        else:
            columns[column] = pa.nulls(len(rows), data_type)
    columns["is_sure"] = pa.array(is_sure)
    return pa.table(columns)


def _plain_type(data_type: pa.DataType) -> pa.DataType:
    is_dictionary = pa.types.is_dictionary(data_type)
    return data_type.value_type if is_dictionary else data_type
