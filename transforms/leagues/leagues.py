"""The leagues of one KPI: who is compared with whom, with all that is known of each branch."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from data.config.policy import Policy
from transforms.statistics.chance_limits import tail_probabilities
from transforms.statistics.intervals import Counts, Limits
from transforms.statistics.shrinkage import ShrunkEstimates, shrink


@dataclass(frozen=True)
class YearBefore:
    """What each branch was in the same period a year earlier, shape (branches,): its rank, 0 where
    it had none, what was counted, the ratio of its network then and the variance of one of the
    network's observations (means).
    """

    rank: np.ndarray
    counts: Counts
    network: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True)
class Leagues:
    """The leagues of one KPI (period x level of the tree x peer group), one entry per branch in
    each, in the order of the key; arrays have the shape (branches,), over all leagues.

    `table` has key and value, `league` a number for each league. `network` is the ratio of the
    branch's network, `variance` that of one of its observations (means). `limits` are those of the
    value.
    """

    kpi: dict
    policy: Policy
    table: pa.Table
    league: np.ndarray
    peer_group: np.ndarray
    value: np.ndarray
    counts: Counts
    limits: Limits
    network: np.ndarray
    variance: np.ndarray
    expected_mix: np.ndarray
    adjusted: np.ndarray
    coverage: np.ndarray
    before: YearBefore

    @property
    def sign(self) -> int:
        """What a value is multiplied with so that the smaller one is the better one."""
        return better_sign(self.kpi)

    @property
    def method(self) -> str:
        """The method of intervals."""
        return self.kpi["interval_method"]

    @property
    def test_method(self) -> str:
        """The method of verdicts: none where branches are not comparable."""
        return self.method if is_comparable(self.kpi) else "none"

    @property
    def volume(self) -> np.ndarray:
        """What the minimum volume applies to."""
        return ranked_volume(self.kpi, self.counts)

    @cached_property
    def is_ranked(self) -> np.ndarray:
        """Which branches have a rank."""
        return may_be_ranked(self.kpi, self.value, self.counts)

    @cached_property
    def shrunken(self) -> ShrunkEstimates:
        """What is believed of each branch's true ratio."""
        method = "none" if self.kpi["kind"] == "count" else self.method
        return shrink(method, self.league, self.counts)

    @cached_property
    def reference(self) -> np.ndarray:
        """The ratio that a verdict compares with: the network's, or that of the branch's own mix of
        cases at the network's rates (policy).
        """
        if self.policy.league.leads == "crude":
            return self.network
        with np.errstate(divide="ignore", invalid="ignore"):
            own_mix = self.expected_mix / self.counts.size
        return np.where(np.isfinite(own_mix), own_mix, self.network)

    @cached_property
    def tails(self) -> Limits:
        """How likely chance makes a branch's cases or fewer, and these or more."""
        return tail_probabilities(self.test_method, self.counts, self.reference, self.variance)

    @cached_property
    def is_tested(self) -> np.ndarray:
        """Which branches have a verdict, and a point in the funnel."""
        is_enough = self.volume >= self.kpi["minimum_volume"]
        return np.isfinite(self.tails[0]) & is_enough


def better_sign(kpi: dict) -> int:
    """Return what a KPI's value is multiplied with so that the smaller one is the better one."""
    return 1 if kpi["direction"] == "down" else -1


def ranked_volume(kpi: dict, counts: Counts) -> np.ndarray:
    """Return what a minimum volume applies to: the cases of a count, the denominator of anything
    else.
    """
    return counts.cases if kpi["kind"] == "count" else counts.size


def is_comparable(kpi: dict) -> bool:
    """Return whether branches can do better and worse by a KPI: one direction is the better one,
    and it is not a count, by which the large ones would be the worst.
    """
    return kpi["direction"] != "none" and kpi["kind"] != "count"


def may_be_ranked(kpi: dict, value: np.ndarray, counts: Counts) -> np.ndarray:
    """Return which branches have a value and the minimum volume, where they are comparable."""
    is_enough = ranked_volume(kpi, counts) >= kpi["minimum_volume"]
    return np.isfinite(value) & is_enough & is_comparable(kpi)
