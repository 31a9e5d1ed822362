"""Shrunken values: what is believed of a branch's true value, from its own cases and from its
league.

Buehlmann and Straub (1970), which for shares is the mean of the beta-binomial posterior and for
rates that of the gamma-Poisson one (Marshall 1991, Applied Statistics 40); for means it is the
normal-normal one.
"""

from dataclasses import dataclass

import numpy as np

from transforms.statistics.intervals import Counts


@dataclass(frozen=True)
class ShrunkEstimates:
    """Per branch, before scaling: what is believed (`mean`, `variance`), the `weight` of the
    branch's own cases in it, and of its league the `centre`, the variance `between` branches and
    the variance by `chance` of the branch's own ratio. NaN where nothing is known.
    """

    mean: np.ndarray
    variance: np.ndarray
    weight: np.ndarray
    centre: np.ndarray
    between: np.ndarray
    chance: np.ndarray


def shrink(method: str, league: np.ndarray, counts: Counts) -> ShrunkEstimates:
    """Shrink each branch's ratio towards that of its league. Moments, so that 2,000 branches in
    1,000 leagues take a second.

    Knows `wilson`, `poisson` and `t`; with any other method, and in a league without cases, all is
    NaN.
    """
    counted = counts.size > 0
    if method not in ("wilson", "poisson", "t"):
        nothing = np.full(len(league), np.nan)
        return ShrunkEstimates(*[nothing] * 6)
    of = league[counted]

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(of, values[counted], minlength=league.max(initial=0) + 1)[league]

    with np.errstate(divide="ignore", invalid="ignore"):
        size, branches = summed(counts.size), summed(np.ones(len(league)))
        centre = summed(counts.cases) / size
        if method == "t":
            inside = counts.squares - counts.cases * counts.cases / counts.size
            chance = np.maximum(summed(inside), 0) / (size - branches)
        else:
            chance = centre * (1 - centre) if method == "wilson" else centre
        # The spread of the ratios is what chance makes of it, and what lies between branches.
        spread = summed(counts.size * (counts.ratio - centre) ** 2)
        unequal = size - summed(counts.size**2) / size
        between = (spread - (branches - 1) * chance) / (
            unequal - ((branches - 1) if method == "wilson" else 0)
        )
        between = np.clip(
            np.where(unequal > 0, between, 0),
            0,
            chance * (1 - 1e-9) if method == "wilson" else None,
        )
        # A share's variance between branches is part of the whole centre x (1 - centre): chance
        # inside a branch has the rest.
        one = chance - between if method == "wilson" else chance
        weight = np.where(between > 0, counts.size * between / (counts.size * between + one), 0)
        mean = np.where(counted, weight * counts.ratio, 0) + (1 - weight) * centre
        if method == "wilson":
            prior = one / between
            variance = np.where(between > 0, mean * (1 - mean) / (counts.size + prior + 1), 0)
        elif method == "poisson":
            variance = np.where(between > 0, mean / (counts.size + centre / between), 0)
        else:
            variance = np.where(between > 0, (1 - weight) * between, 0)
        known = counted & np.isfinite(centre) & np.isfinite(chance)
        return ShrunkEstimates(
            *(
                np.where(known, values, np.nan)
                for values in (mean, variance, weight, centre, between, one / counts.size)
            )
        )
