"""The claims KPIs: what hangs on one date from counts per interval, what hangs on two from cubes."""

from datetime import date
from fractions import Fraction

import numpy as np

from tests.bench.rival.calendar import NO_DAY, Calendar
from tests.bench.rival.claims_scan import (
    CANCELLED,
    GROUPS,
    NORMAL,
    OUTCOMES,
    ZERO,
    intervals_of,
    key_of,
    read_claims,
)
from tests.bench.rival.cubes import IntervalCube
from tests.bench.rival.grid import Grid, Kpi, Writer
from tests.bench.rival.open_claims import OpenClaims
from tests.bench.rival.percentiles import Observations

DAYS = Fraction(1, 86400)
CENTS = (2, 2)
LIMITS = (5, 10, 30)


class Claims:
    """All counts of claims, filled file by file."""

    def __init__(self, grid: Grid, as_of: date):
        self.grid, self.calendar, self.as_of = grid, grid.calendar, as_of
        self.lines = len(grid.names[0])
        self.counts: dict[str, np.ndarray] = {}
        self.spells = IntervalCube(grid, np.int32)
        self.registered = IntervalCube(grid, np.int32)
        self.lasting = IntervalCube(grid, np.int32)
        self.reported = IntervalCube(grid, np.int32)
        self.paid = IntervalCube(grid, np.int64)
        self.estimates = IntervalCube(grid, np.int64)
        self.late_estimates: list[tuple[np.ndarray, ...]] = []
        self.open = OpenClaims(self.calendar)
        self.observations = Observations(grid)

    def add_file(self, file: str) -> None:
        """Count the claims of one file."""
        codes, unknown = self.grid.branches.codes, self.grid.branches.unknown
        rows = read_claims(file, codes, unknown, self.grid.names[0], self.as_of)
        key, at = key_of(rows, self.lines), intervals_of(rows, self.calendar)
        outcome = rows["outcome"]
        self._count_settled(rows, key, at)
        self._count_limits(rows, key)
        self._add("reopening", key, at["reopening"])
        self._add("registered", key, at["registered"])
        self.spells.add(key, at["reported"], at["first_settled"])
        again = np.flatnonzero(at["reopened"] != self.calendar.never)
        self.spells.add(key[again], at["reopened"][again], at["second_settled"][again])
        self.open.add(key, at["reported"], at["first_settled"], rows["reported"])
        self.open.add(
            key[again], at["reopened"][again], at["second_settled"][again], rows["reported"][again]
        )
        kept = np.flatnonzero(outcome != CANCELLED)
        self.reported.add(key[kept], at["reported"][kept], at["settled"][kept])
        is_registered = at["registered"] != self.calendar.never
        self._add_cohorts(rows, key, at, is_registered)
        self._add_estimates(rows, key, at, is_registered, again)
        normal = np.flatnonzero((outcome == NORMAL) & (at["settled"] < self.calendar.later))
        self.observations.add(key[normal], at["settled"][normal], rows["seconds"][normal])

    def _add(self, name: str, key: np.ndarray, interval: np.ndarray, weights=None) -> None:
        """Add up rows, or their weights, per key and interval; sums stay below 2 ** 53."""
        cells = self.grid.keys * self.calendar.size
        sums = np.bincount(key * self.calendar.size + interval, weights, cells)
        if name not in self.counts:
            self.counts[name] = np.zeros(cells, np.int64)
        self.counts[name] += sums if weights is None else np.rint(sums).astype(np.int64)

    def _count_settled(self, rows, key, at) -> None:
        outcome = rows["outcome"]
        for number, name in enumerate(OUTCOMES, start=1):
            chosen = np.flatnonzero(outcome == number)
            self._add(name, key[chosen], at["settled"][chosen])
        normal = np.flatnonzero(outcome == NORMAL)
        for name in ("seconds", "deviation", "estimated"):
            self._add(name, key[normal], at["settled"][normal], rows[name][normal])
        staged = normal[rows["has_stages"][normal]]
        self._add("staged", key[staged], at["paid"][staged])
        for name in ("documents", "approval", "payment"):
            self._add(name, key[staged], at["paid"][staged], rows[name][staged])

    def _count_limits(self, rows, key) -> None:
        outcome, calendar = rows["outcome"], self.calendar
        kept = np.flatnonzero(outcome != CANCELLED)
        took = rows["settled"][kept].astype(np.int64) - rows["reported"][kept]
        for days in LIMITS:
            limit = calendar.limit(rows["reported"][kept] + days, self.as_of)
            self._add(f"due_{days}", key[kept], limit)
            on_time = took <= days
            self._add(f"done_{days}", key[kept][on_time], limit[on_time])
        limit = calendar.limit(rows["survey_limit"][kept], self.as_of)
        self._add("to_survey", key[kept], limit)
        on_time = rows["is_surveyed"][kept]
        self._add("surveyed", key[kept][on_time], limit[on_time])
        is_due = (rows["approved"] < NO_DAY) & (outcome <= NORMAL)
        due = np.flatnonzero(is_due)
        limit = calendar.limit(rows["approved"][due] + 10, self.as_of)
        self._add("to_pay", key[due], limit)
        on_time = rows["paid"][due].astype(np.int64) - rows["approved"][due] <= 10
        self._add("paid_on_time", key[due][on_time], limit[on_time])

    def _add_cohorts(self, rows, key, at, is_registered) -> None:
        outcome = rows["outcome"]
        self.registered.add_where(is_registered, key, at["registered"], at["settled"])
        lasting = is_registered & (outcome != ZERO) & (outcome != CANCELLED)
        self.lasting.add_where(lasting, key, at["registered"], at["settled"])
        paid = is_registered & (outcome == NORMAL)
        self.paid.add_where(paid, key, at["registered"], at["settled"], rows["paid_cents"])

    def _add_estimates(self, rows, key, at, is_registered, again) -> None:
        """Of a spell that begins by its registration the cube knows all; others are kept apart."""
        never = self.calendar.never
        is_open = np.where(
            at["reopened"] == never, at["first_settled"] == never, at["second_settled"] == never
        )
        cents = np.where(is_open, rows["outstanding"], rows["first_estimate"])
        registered, begun = at["registered"], at["reported"]
        early = is_registered & (begun <= registered)
        self.estimates.add_where(early, key, registered, at["first_settled"], cents)
        late = np.flatnonzero(is_registered & (begun > registered))
        again = again[is_registered[again]]
        for chosen, begins, ends in (
            (late, begun, at["first_settled"]),
            (again, at["reopened"], at["second_settled"]),
        ):
            self.late_estimates.append(
                (key[chosen], registered[chosen], begins[chosen], ends[chosen], cents[chosen])
            )

    def sum_late_estimates(self) -> np.ndarray:
        """Return the cents of spells that begin after their registration, (keys, periods)."""
        key, registered, begun, ended, cents = map(
            np.concatenate, zip(*self.late_estimates, strict=True)
        )
        calendar = self.calendar
        sums = np.zeros((self.grid.keys, len(calendar.periods)), np.int64)
        for period, (first, end) in enumerate(zip(calendar.first, calendar.end, strict=True)):
            counts = (registered >= first) & (registered < end) & (begun < end) & (ended >= end)
            chosen = np.flatnonzero(counts)
            np.add.at(sums[:, period], key[chosen], cents[chosen])
        return sums

    def by_period(self, name: str) -> np.ndarray:
        """Return a count per interval as sums over periods, (keys, periods)."""
        return self.calendar.sum_periods(self.counts[name].reshape(self.grid.keys, -1))


def write_claims(claims: Claims, writer: Writer) -> None:
    """Write every KPI of claims but the percentiles and the open ones."""
    grid, of = claims.grid, claims.by_period

    def write(kpi: Kpi, numerator: np.ndarray, denominator: np.ndarray) -> None:
        writer.write(kpi, grid, grid.roll_up(numerator), grid.roll_up(denominator))

    outcomes = {name: of(name) for name in OUTCOMES}
    known = sum(outcomes.values())
    decided = outcomes["normal"] + outcomes["rejected"]
    write(Kpi("claim_cancelled_pct"), outcomes["cancelled"], known)
    write(Kpi("claim_zero_pct"), outcomes["zero"], known)
    write(Kpi("claim_paid_share_pct"), outcomes["normal"], decided)
    write(Kpi("claim_rejected_pct"), outcomes["rejected"], decided)
    deviation, estimated = of("deviation"), of("estimated")
    write(Kpi("claim_estimate_deviation_pct", decimals=CENTS), deviation, estimated)
    seconds, normal = of("seconds"), outcomes["normal"]
    write(Kpi("claim_settlement_days_mean", "mean", DAYS), seconds, normal)
    small = np.arange(grid.keys) % len(GROUPS) == GROUPS.index("small_non_injury")
    small = small[:, None]
    write(Kpi("claim_small_settlement_days_mean", "mean", DAYS), seconds * small, normal * small)
    staged = of("staged")
    for name, kpi in (
        ("documents", "claim_report_to_documents_days_mean"),
        ("approval", "claim_documents_to_approval_days_mean"),
        ("payment", "claim_approval_to_payment_days_mean"),
    ):
        write(Kpi(kpi, "mean", DAYS), of(name), staged)
    for days in LIMITS:
        kpi = Kpi(f"claim_settled_within_{days}_days_pct")
        write(kpi, of(f"done_{days}"), of(f"due_{days}"))
    write(Kpi("claim_survey_on_time_pct"), of("surveyed"), of("to_survey"))
    write(Kpi("claim_paid_within_10_days_pct"), of("paid_on_time"), of("to_pay"))
    write(Kpi("claim_reopened_pct"), of("reopening"), of("registered"))
    _write_two_dates(claims, write)


def _write_two_dates(claims: Claims, write) -> None:
    calendar: Calendar = claims.calendar
    first, end, every = calendar.first, calendar.end, calendar.size
    none = np.zeros_like(first)
    everything = np.full_like(first, every)
    spells = claims.spells.cumulate()
    before = spells.rectangle(none, first, first, everything)
    begun = spells.rectangle(first, end, first, everything)
    write(Kpi("claim_closure_pct"), spells.rectangle(none, end, first, end), before + begun)
    write(Kpi("claim_closure_stock_pct"), spells.rectangle(none, first, first, end), before)
    registered = claims.registered.cumulate()
    done = registered.rectangle(first, end, first, end)
    all_registered = registered.rectangle(first, end, none, everything)
    write(Kpi("claim_closure_registered_pct"), done, all_registered)
    year = calendar.year_first
    lasting = claims.lasting.cumulate()
    done = lasting.rectangle(year, end, year, end)
    kpi = Kpi("claim_closure_rolling12_pct")
    write(kpi, done, lasting.rectangle(year, end, none, everything))
    reported = claims.reported.cumulate()
    done = reported.rectangle(first, end, none, end)
    kpi = Kpi("claim_closure_reported_pct")
    write(kpi, done, reported.rectangle(first, end, none, everything))
    paid = claims.paid.cumulate().rectangle(first, end, first, end)
    estimates = claims.estimates.cumulate().rectangle(first, end, end, everything)
    waiting = estimates + claims.sum_late_estimates()
    write(Kpi("claim_closure_amount_pct", "ratio", decimals=CENTS), paid, paid + waiting)
