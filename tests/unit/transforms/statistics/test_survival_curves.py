"""Survival curves against published ones and a library's, and at the edges."""

import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from transforms.statistics.survival_curves import curve_limits, estimate_curves, median_time

SETTLED, WITHDRAWN = 1, 2


def count_by_day(entry, exit, how) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Claims by day as one row: at risk, settled, withdrawn. A claim is observed from its entry up
    to and including its exit.
    """
    days = np.arange(max(exit) + 1)
    entry, exit, how = (np.asarray(values)[:, None] for values in (entry, exit, how))
    ends = (days == exit).astype(float)
    at_risk = ((entry <= days) & (days <= exit)).sum(axis=0)
    return tuple(
        counts[None, :].astype(float)
        for counts in (
            at_risk,
            (ends * (how == SETTLED)).sum(axis=0),
            (ends * (how == WITHDRAWN)).sum(axis=0),
        )
    )


def median_of_claims(exit, how, entry=None, level=0.95) -> tuple:
    at_risk, settled, withdrawn = count_by_day(entry or [0] * len(exit), exit, how)
    curves = median_time(estimate_curves(at_risk, settled, withdrawn), level, settled.sum(axis=1))
    return tuple(None if np.isnan(value[0]) else float(value[0]) for value in curves)


def test_leukaemia_published():
    """Miller (1981), Survival Analysis: the maintained and the other group of the acute myelogenous
    leukaemia trial; shares and errors as R's survfit.
    """
    weeks, how = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
    curves = estimate_curves(*count_by_day([0] * 11, weeks, how))
    days = [9, 13, 18, 23, 31, 34, 48]
    assert 1 - curves.settled[0, days] == pytest.approx(
        [0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184], abs=6e-4
    )
    assert curves.error[0, days] == pytest.approx(
        [0.0867, 0.1163, 0.1397, 0.1526, 0.1642, 0.1627, 0.1535], abs=6e-5
    )
    # Seven ends are too few for limits of a median.
    assert median_of_claims(weeks, how) == (31, None, None)
    weeks, how = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1] * 5 + [0] + [1] * 6
    assert estimate_curves(*count_by_day([0] * 12, weeks, how)).error[
        0, [5, 12, 43]
    ] == pytest.approx([0.1076, 0.1423, 0.0919], abs=6e-5)
    assert median_of_claims(weeks, how)[0] == 23


def test_lung_cancer_published():
    """Loprinzi et al. (1994), patients of ECOG grade 0: 37 of 63 died; R's survfit tells a median
    of 394 days, 340 to 558 on the log-log scale.
    """
    died = [
        455,
        883,
        81,
        371,
        394,
        574,
        433,
        303,
        643,
        189,
        53,
        246,
        65,
        5,
        428,
        705,
        11,
        176,
        791,
        147,
        655,
        166,
        15,
        201,
        442,
        558,
        353,
        267,
        337,
    ]
    died += [353, 31, 340, 320, 285, 348, 350, 286]
    lived = [
        175,
        1010,
        821,
        840,
        588,
        559,
        543,
        444,
        315,
        384,
        266,
        382,
        269,
        300,
        284,
        292,
        332,
        259,
        225,
        276,
        240,
        202,
        235,
        224,
        252,
        191,
    ]
    assert (len(died), len(lived)) == (37, 26)
    assert median_of_claims(died + lived, [SETTLED] * len(died) + [0] * len(lived)) == (
        394,
        340,
        558,
    )


@pytest.mark.parametrize("seed", range(3))
def test_as_a_library_with_late_entry(seed):
    chance = np.random.default_rng(seed)
    entry = np.where(chance.random(300) < 0.3, chance.integers(1, 20, 300), 0)
    exit, how = entry + chance.geometric(0.05, 300) - 1, chance.integers(0, 2, 300)
    curves = estimate_curves(*count_by_day(entry, exit, how))
    library = SurvfuncRight(exit, how, entry=entry - 0.5)
    share, error = np.asarray(library.surv_prob), np.asarray(library.surv_prob_se)
    # Where all are settled the library has no error.
    has_error = share > 0
    days = np.asarray(library.surv_times, int)[has_error]
    assert curves.settled[0, days] == pytest.approx(1 - share[has_error], abs=1e-12)
    assert curves.error[0, days] == pytest.approx(error[has_error], abs=1e-12)
    limits = library.quantile_ci(0.5, method="cloglog")
    assert median_of_claims(exit, how, entry.tolist())[1:] == limits


@pytest.mark.parametrize("seed", range(3))
def test_as_a_library_with_competing_ends(seed):
    chance = np.random.default_rng(seed)
    exit, how = chance.geometric(0.05, 300) - 1, chance.integers(0, 3, 300)
    curves = estimate_curves(*count_by_day(np.zeros(300), exit, how))
    library = CumIncidenceRight(exit, how)
    (settled, withdrawn), error = np.asarray(library.cinc), np.asarray(library.cinc_se)[0]
    has_error = np.isfinite(error)
    days = np.asarray(library.times, int)[has_error]
    assert curves.settled[0, days] == pytest.approx(settled[has_error], abs=1e-12)
    assert curves.withdrawn[0, days] == pytest.approx(withdrawn[has_error], abs=1e-12)
    assert curves.error[0, days] == pytest.approx(error[has_error], abs=1e-12)


def test_curves_at_their_edges():
    # Nothing settled: 0 % to the last day observed, no median, no limits.
    curves = estimate_curves(*count_by_day([0, 0], [3, 5], [0, 0]))
    assert (
        curves.settled[0, :6].tolist() == [0] * 6
        and np.isnan(curve_limits(curves.settled, curves.error, 0.95)[0]).all()
    )
    assert median_of_claims([3, 5], [0, 0]) == (None, None, None)
    # One claim, and all claims on one day: everything is settled then, and nothing can be said of
    # chance.
    for claims in (1, 50):
        assert median_of_claims([4] * claims, [SETTLED] * claims) == (4, None, None)
    # Just half are settled: reached on that day, whatever the last bits of a product say.
    for claims in (2, 6, 14, 98):
        assert median_of_claims(range(1, claims + 1), [SETTLED] * claims)[0] == claims / 2
    # Withdrawn claims are never settled: half of all cannot be reached.
    assert median_of_claims([1, 2, 3, 4], [WITHDRAWN, SETTLED, WITHDRAWN, WITHDRAWN])[0] is None
    # A young claim settled on its day says nothing of the older ones that go on; nor is anything
    # told after a gap.
    cut, gap = (
        estimate_curves(*count_by_day([0, 3], [0, 9], [SETTLED, 0])),
        estimate_curves(*count_by_day([0, 3], [1, 9], [0, SETTLED])),
    )
    assert (cut.known_days[0], cut.is_cut[0]) == (0, True) and (
        gap.known_days[0],
        gap.is_cut[0],
    ) == (2, False)


def test_twice_the_claims_narrow_the_limits():
    entry, exit, how = [0] * 40, list(range(1, 41)), [SETTLED, SETTLED, 0, WITHDRAWN] * 10
    once, twice = (
        estimate_curves(*(times * counts for counts in count_by_day(entry, exit, how)))
        for times in (1, 2)
    )
    assert once.settled == pytest.approx(twice.settled, abs=1e-12)
    (low, high), (narrow_low, narrow_high) = (
        curve_limits(curves.settled[0, 1:-1], curves.error[0, 1:-1], 0.95)
        for curves in (once, twice)
    )
    assert (narrow_low > low).all() and (narrow_high < high).all()


@pytest.mark.parametrize(("ends", "has_limits"), [(9, False), (10, True), (11, True)])
def test_a_median_has_limits_from_ten_ends_on(ends, has_limits):
    exit = list(range(1, ends + 1))
    median, low, _ = median_of_claims(exit, [SETTLED] * ends)
    assert median == (ends + 1) // 2 and (low is not None) == has_limits


@pytest.mark.parametrize(
    ("settled", "median"),
    [(49, None), (50, 0.0), (51, 0.0)],
)
def test_half_is_reached_at_exactly_half(settled, median):
    """Of a hundred claims so many are settled on the day of their report, the others stay open."""
    exit = [0] * settled + [9] * (100 - settled)
    how = [SETTLED] * settled + [0] * (100 - settled)
    assert median_of_claims(exit, how)[0] == median
