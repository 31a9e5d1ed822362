"""Who is compared with whom: the branches of one KPI in leagues, with all that is known of each of
them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.kpis.mart_kpi_value import LeagueInputs
from transforms.statistics import intervals, ranks
from transforms.statistics.intervals import Counts
from transforms.statistics.shrinkage import ShrunkEstimates, shrink

LEVELS = ["central", "province", "sub"]  # in the order of the key
SHOWN = ["ok", "stale", "no_cases", "immature"]
PERIOD = ["period_kind", "period_start", "period_end"]
SIZES = ["large", "middle", "small"]  # thirds of a level's branches by volume
EVERYONE = "all"


@dataclass(frozen=True)
class Leagues:
    """The leagues of one KPI (period x level of the tree x peer group), one entry per branch in
    each, in the order of the key.

    `table` has key and value, `league` a number for each league, `page` one for each period and
    level. `network` is the ratio that a branch is held against, `variance` that of one observation
    (means); `far` and `error` say how far it is from there (`statistics.stabilised`) and,
    `far_before` and `error_before`, how far it was a year earlier from what the network was then.
    `limits` are those of the value.
    """

    kpi: dict
    policy: dict
    table: pa.Table
    page: np.ndarray
    league: np.ndarray
    peers: np.ndarray
    value: np.ndarray
    counts: Counts
    limits: tuple[np.ndarray, np.ndarray]
    network: np.ndarray
    variance: np.ndarray
    expected_mix: np.ndarray
    adjusted: np.ndarray
    coverage: np.ndarray
    rank_before: np.ndarray
    far_before: np.ndarray
    error_before: np.ndarray

    @property
    def sign(self) -> int:
        """What a value is multiplied with so that the smaller one is the better one."""
        return 1 if self.kpi["direction"] == "down" else -1

    @property
    def method(self) -> str:
        return self.kpi["interval_method"]

    @property
    def test(self) -> str:
        """The method of verdicts: none where no way is the better one, or where a count has no
        exposure.
        """
        return (
            "none"
            if self.kpi["direction"] == "none" or self.kpi["kind"] == "count"
            else self.method
        )

    @property
    def volume(self) -> np.ndarray:
        return ranked_volume(self.kpi, self.counts)

    @cached_property
    def is_ranked(self) -> np.ndarray:
        return may_be_ranked(self.kpi, self.value, self.counts)

    @cached_property
    def shrunken(self) -> ShrunkEstimates:
        return shrink(
            "none" if self.kpi["kind"] == "count" else self.method, self.league, self.counts
        )

    @cached_property
    def held_against(self) -> np.ndarray:
        """The ratio of a verdict: the network's, or that of the branch's own mix of cases at the
        network's rates (policy).
        """
        if self.policy["leads"] == "crude":
            return self.network
        with np.errstate(divide="ignore", invalid="ignore"):
            mixed = self.expected_mix / self.counts.size
        return np.where(np.isfinite(mixed), mixed, self.network)

    @cached_property
    def tails(self) -> tuple[np.ndarray, np.ndarray]:
        return intervals.tail_probabilities(
            self.test, self.counts, self.held_against, self.variance
        )

    @cached_property
    def is_tested(self) -> np.ndarray:
        return np.isfinite(self.tails[0]) & (self.volume >= self.kpi["minimum_volume"])


def read_regions(engine) -> dict[str, str]:
    """The region of each branch: its own, else that of the nearest branch above that has one."""
    rows = {
        row["branch_code"]: row
        for row in engine.arrow(
            "SELECT branch_code, parent_code, region FROM dim_branch"
        ).to_pylist()
    }
    found = {}
    for code, row in rows.items():
        seen = {code}
        while not row["region"] and row["parent_code"] in rows and row["parent_code"] not in seen:
            seen.add(row["parent_code"])
            row = rows[row["parent_code"]]
        found[code] = row["region"]
    return found


def ranked_volume(kpi: dict, counts: Counts) -> np.ndarray:
    """What a minimum volume is held against: the cases of a count, the denominator of anything
    else.
    """
    return counts.cases if kpi["kind"] == "count" else counts.size


def may_be_ranked(kpi: dict, value: np.ndarray, counts: Counts) -> np.ndarray:
    return (
        np.isfinite(value)
        & (ranked_volume(kpi, counts) >= kpi["minimum_volume"])
        & (kpi["direction"] != "none")
    )


def form_leagues(
    values: pa.Table, grounds: LeagueInputs, kpi: dict, policy: dict, regions: dict[str, str]
) -> Leagues:
    """Put a KPI's published values into leagues. `policy` is its section league; `regions` have the
    region of each branch.
    """
    whole = values.filter(pc.equal(values["segment_kind"].cast(pa.string()), "all"))
    period = ranks.league_runs(*(_numbered(whole[name]) for name in PERIOD))
    level, state, code = (
        whole[name].cast(pa.string()) for name in ("branch_level", "state", "branch_code")
    )
    head = np.full(period[-1] + 1, -1)
    is_head = pc.equal(level, "head_office").to_numpy(zero_copy_only=False)
    head[period[is_head]] = np.flatnonzero(is_head)
    head = head[period]
    counts = _counted(whole, grounds, kpi)
    value = float_column(whole, "value")
    place = _placed(level)
    peers = _peers(period * len(LEVELS) + place, ranked_volume(kpi, counts), code, policy, regions)
    shown = np.flatnonzero(
        (place >= 0) & pc.is_in(state, pa.array(SHOWN)).to_numpy(zero_copy_only=False)
    )
    # Of the network's own branches, in the order of the key: periods, then levels, then codes.
    shown = shown[np.argsort(period[shown] * len(LEVELS) + place[shown], kind="stable")]
    page = period * len(LEVELS) + place
    names, group = np.unique(peers, return_inverse=True)
    league = np.unique((page * len(names) + group)[shown], return_inverse=True)[1]
    network, variance = (
        value[head] / kpi["scale"],
        counts.variance[head] if kpi["kind"] == "mean" else np.full(len(value), np.nan),
    )
    earlier = grounds.before.of(head)
    far, error = intervals.stabilise(
        kpi["interval_method"],
        grounds.before,
        earlier.ratio,
        earlier.variance if kpi["kind"] == "mean" else np.full(len(value), np.nan),
    )
    network, variance = network[shown], variance[shown]
    if policy["peers"] != "none":
        network, variance = _pooled(kpi, league, counts.of(shown))
    return Leagues(
        kpi=kpi,
        policy=policy,
        table=whole.take(pa.array(shown)).select(
            ["kpi_id", *PERIOD, "branch_level", "branch_code", "value", "numerator", "denominator"]
        ),
        page=page[shown],
        league=league,
        peers=peers[shown],
        value=value[shown],
        counts=counts.of(shown),
        limits=(
            float_column(whole, "interval_low")[shown],
            float_column(whole, "interval_high")[shown],
        ),
        network=network,
        variance=variance,
        expected_mix=grounds.expected[shown],
        adjusted=grounds.adjusted[shown],
        coverage=grounds.coverage[shown],
        rank_before=_rank_before(kpi, period, group, grounds)[shown],
        far_before=far[shown],
        error_before=error[shown],
    )


def _counted(whole: pa.Table, grounds: LeagueInputs, kpi: dict) -> Counts:
    size = np.ones(len(whole)) if kpi["kind"] == "count" else float_column(whole, "denominator")
    return Counts(
        float_column(whole, "numerator"), size, grounds.squares if kpi["kind"] == "mean" else None
    )


def _placed(level: pa.ChunkedArray) -> np.ndarray:
    """The place of each level in LEVELS, -1 for head offices and the unknown branch."""
    return (
        pc.fill_null(pc.index_in(level, pa.array(LEVELS)), -1)
        .to_numpy(zero_copy_only=False)
        .astype(np.int64)
    )


def _peers(
    page: np.ndarray,
    volume: np.ndarray,
    code: pa.ChunkedArray,
    policy: dict,
    regions: dict[str, str],
) -> np.ndarray:
    """The peer group of each branch: everyone of its level, those of its region, or those of its
    third by volume.
    """
    if policy["peers"] == "region":
        return np.array([regions.get(branch) or "(missing)" for branch in code.to_pylist()])
    if policy["peers"] == "size":
        page = page - page.min(initial=0)
        place, _ = ranks.competition_ranks(page, -np.nan_to_num(volume))
        return np.array(SIZES)[(place - 1) * len(SIZES) // np.maximum(ranks.league_sizes(page), 1)]
    return np.full(len(page), EVERYONE)


def _pooled(kpi: dict, league: np.ndarray, counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    """The ratio of all branches of a league together, and the variance of their observations."""
    together = Counts(
        *(
            None if held is None else np.bincount(league, np.nan_to_num(held))[league]
            for held in (counts.cases, counts.size, counts.squares)
        )
    )
    return together.ratio, together.variance if kpi["kind"] == "mean" else np.full(
        len(league), np.nan
    )


def _rank_before(
    kpi: dict, period: np.ndarray, group: np.ndarray, grounds: LeagueInputs
) -> np.ndarray:
    """The rank a year earlier among the branches that had the level then; 0 where there was
    none.
    """
    place = _placed(pa.chunked_array([pa.array(grounds.level_before, pa.string())]))
    rank = np.zeros(len(period), np.int64)
    was = np.flatnonzero(may_be_ranked(kpi, grounds.value_before, grounds.before) & (place >= 0))
    league = np.unique(
        ((period * len(LEVELS) + place) * (group.max(initial=0) + 1) + group)[was],
        return_inverse=True,
    )[1]
    rank[was] = ranks.competition_ranks(
        league, grounds.value_before[was] * (1 if kpi["direction"] == "down" else -1)
    )[0]
    return rank


def _numbered(column: pa.ChunkedArray) -> np.ndarray:
    whole = column.unify_dictionaries().combine_chunks()
    return (
        whole.indices if pa.types.is_dictionary(whole.type) else whole.cast(pa.int32())
    ).to_numpy(zero_copy_only=False)


def float_column(table: pa.Table, name: str) -> np.ndarray:
    return table[name].cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
