"""The KPIs of call-backs and of complaints, which are few: counts per interval."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from fractions import Fraction

import numpy as np
import polars as pl
from polars import col

from tests.bench.rival.calendar import EPOCH, NO_DAY, Calendar
from tests.bench.rival.claims_scan import OFFSET
from tests.bench.rival.grid import Grid, Kpi, Writer

CLAIMS_CATEGORIES = ["claims", "理赔"]
RATIO_CHANNEL = "regulator"
LIMITS = {
    "simple": (10, 30),
    "complex": (30, 60),
    "special": (60, 60),
}  # days, extended; up to 2020
CALL_BACK = timedelta(minutes=30)
ONE = Fraction(1)


class Contacts:
    """Call-backs and complaints as they stood at the end of a day."""

    def __init__(self, files: dict[str, list[str]], days: dict[str, date]):
        self.days = days
        self.raw_complaints = pl.read_parquet(files["complaints"], hive_partitioning=False)
        self.complaints = self._read_complaints()
        self.callbacks = self._read_callbacks(files["callbacks"])

    def _until(self, extract: str) -> datetime:
        return datetime.combine(self.days[extract] + timedelta(days=1), time()) - OFFSET

    def _read_complaints(self) -> pl.DataFrame:
        until = self._until("complaints")
        known = self.raw_complaints.filter(col("received_at") < until).with_columns(
            pl.when(col(name) < until).then(name).alias(name)
            for name in ("closed_at", "branch_contacted_at")
        )
        complexity, extended = col("complexity").fill_null("simple"), col("extended")
        days = complexity.replace_strict({name: limit[0] for name, limit in LIMITS.items()})
        longer = complexity.replace_strict({name: limit[1] for name, limit in LIMITS.items()})
        return known.with_columns(
            col("channel", "category").fill_null("(missing)"),
            outcome=pl.when(col("closed_at").is_not_null()).then("outcome"),
            received=_civil_day("received_at"),
            closed=_civil_day("closed_at"),
            limit=_civil_day("received_at")
            + pl.when(extended.fill_null(False)).then(longer).otherwise(days),
        )

    def _read_callbacks(self, files: list[str]) -> pl.DataFrame:
        """A complaint's call-back counts for the complaint's branch."""
        until = self._until("callbacks")
        names = ("branch_code", "kind", "subject_id", "due_at", "first_dialled_at", "connected_at")
        names += ("completed_at", "rating", "reported_issue")
        rows = pl.read_parquet(files, columns=list(names), hive_partitioning=False)
        happened = ("first_dialled_at", "connected_at", "completed_at")
        rows = rows.with_columns(
            pl.when(col(name) < until).then(name).alias(name) for name in happened
        ).with_columns(
            pl.when(col("completed_at").is_not_null()).then(name).alias(name)
            for name in ("rating", "reported_issue")
        )
        of_complaint = self.raw_complaints.select(
            subject_id="complaint_id", complaint_branch="branch_code"
        )
        calls = rows.filter(col("kind") == "complaint").join(
            of_complaint, on="subject_id", how="left"
        )
        calls = calls.with_columns(branch_code=pl.coalesce("complaint_branch", "branch_code"))
        others = rows.filter((col("kind") != "complaint").fill_null(True))
        return pl.concat([others, calls.drop("complaint_branch")])

    def list_codes(self) -> set[str]:
        """Return the branches that have a row."""
        return {*self.complaints["branch_code"].unique(), *self.callbacks["branch_code"].unique()}


class Counter:
    """Counts rows of one frame per key of a grid and period."""

    def __init__(self, grid: Grid, frame: pl.DataFrame, columns: Iterable[str]):
        self.grid, self.frame = grid, frame
        branches = grid.branches
        branch = _locate(frame["branch_code"], branches.codes, branches.unknown)
        self.key = branch
        for column, names in zip(columns, grid.names, strict=True):
            texts = frame[column].fill_null("") if column in frame.columns else None
            position = 0 if texts is None else _locate(texts, names, 0)
            self.key = self.key * len(names) + position

    def count(self, interval: np.ndarray, mask: pl.Series | None = None) -> np.ndarray:
        """Return how many rows are in each period, of shape (keys, periods)."""
        calendar = self.grid.calendar
        key = self.key
        if mask is not None:
            chosen = np.flatnonzero(mask.fill_null(False).to_numpy())
            key, interval = key[chosen], interval[chosen]
        cells = self.grid.keys * calendar.size
        counts = np.bincount(key * calendar.size + interval, minlength=cells)
        return calendar.sum_periods(counts.reshape(self.grid.keys, -1))

    def day(self, stamp: str) -> np.ndarray:
        """Return the civil day of an instant."""
        return self.frame.select(_civil_day(stamp)).to_series().fill_null(NO_DAY).to_numpy()

    def interval(self, stamp: str) -> np.ndarray:
        """Return the interval of an instant."""
        return self.grid.calendar.interval(self.day(stamp))


def _locate(texts: pl.Series, names: list[str], otherwise: int) -> np.ndarray:
    position = texts.cast(pl.Enum(names), strict=False).to_physical()
    return position.fill_null(otherwise).cast(pl.Int64).to_numpy()


def _civil_day(stamp: str) -> pl.Expr:
    return (col(stamp) + OFFSET).cast(pl.Date).cast(pl.Int32)


def write_callbacks(contacts: Contacts, branches, calendar: Calendar, writer: Writer) -> None:
    """Write the KPIs of call-backs."""
    calls = contacts.callbacks
    kinds = sorted(calls["kind"].drop_nulls().unique())
    issues = ["", *sorted(calls["reported_issue"].drop_nulls().unique())]
    known_until = contacts.days["callbacks"]
    grid = Grid(branches, calendar, ("kind", "issue"), (kinds, issues))
    counter = Counter(grid, calls, ("kind", "reported_issue"))
    due = calendar.limit(counter.day("due_at"), known_until)
    dialled, completed = counter.interval("first_dialled_at"), counter.interval("completed_at")
    named = len(grid.segments) - len(issues)

    def write(name: str, numerator, denominator, kind: str = "share") -> None:
        scale = ONE if kind == "count" else Fraction(100)
        cells = grid.roll_up(numerator), grid.roll_up(denominator)
        shown = [values[:, :, :named] for values in cells]
        writer.write_segments(Kpi(name, kind, scale), grid, grid.segments[:named], *shown)

    count = counter.count
    is_dialled = calls["first_dialled_at"].is_not_null()
    all_due, all_dialled = count(due), count(dialled)
    done = count(due, calls["completed_at"].is_not_null())
    write("callback_completion_pct", done, all_due)
    on_time = calls["first_dialled_at"] <= calls["due_at"]
    write("callback_on_time_pct", count(due, is_dialled & on_time), all_due)
    contacted = count(dialled, calls["connected_at"].is_not_null())
    write("callback_contact_pct", contacted, all_dialled)
    write("callback_count", all_dialled, np.zeros_like(all_dialled), "count")
    satisfied = count(completed, calls["rating"] >= 4)
    rated = count(completed, calls["rating"].is_not_null())
    write("satisfaction_pct", satisfied, rated)
    with_issue = count(completed, calls["reported_issue"].is_not_null())
    everything = count(completed)
    kept = [*range(named), *range(named + 1, len(grid.segments))]
    writer.write_segments(
        Kpi("callback_issue_pct", of_all="issue"),
        grid,
        [grid.segments[position] for position in kept],
        grid.roll_up(with_issue)[:, :, kept],
        grid.roll_up(everything)[:, :, kept],
    )


def write_complaints(
    contacts: Contacts, branches, calendar: Calendar, writer: Writer
) -> tuple[Counter, Grid]:
    """Write the KPIs of complaints that divide by complaints; return how they are counted."""
    rows = contacts.complaints
    channels = sorted({*rows["channel"].unique(), "(missing)"})
    categories = sorted({*rows["category"].unique(), "(missing)"})
    grid = Grid(branches, calendar, ("channel", "category"), (channels, categories))
    counter = Counter(grid, rows, ("channel", "category"))
    received, closed = counter.interval("received_at"), counter.interval("closed_at")

    def write(name: str, numerator, denominator=None, by: Counter = counter) -> None:
        kpi = Kpi(name)
        if denominator is None:
            kpi, denominator = Kpi(name, "count", ONE), np.zeros_like(numerator)
        writer.write(kpi, by.grid, by.grid.roll_up(numerator), by.grid.roll_up(denominator))

    count = counter.count
    write("complaint_count", count(received))
    write("complaint_valid_count", count(received, rows["is_valid"]))
    write("complaint_escalated_count", count(received, rows["escalation_level"] > 0))
    judged = (rows["outcome"] != "withdrawn").fill_null(False)
    upheld = rows["outcome"].is_in(["upheld", "partly_upheld"])
    write("complaint_upheld_pct", count(closed, upheld), count(closed, judged))
    known_until = contacts.days["complaints"]
    limit = calendar.limit(rows["limit"].to_numpy(), known_until)
    on_time = rows["closed"] <= rows["limit"]
    write("complaint_on_time_pct", count(limit, on_time), count(limit))
    _write_called_back(contacts, counter, write)
    _write_of_callbacks(contacts, grid, write)
    return counter, grid


def _write_called_back(contacts: Contacts, counter: Counter, write) -> None:
    calls = contacts.callbacks.filter(col("kind") == "complaint")
    earliest = calls.group_by(complaint_id="subject_id").agg(dialled=col("first_dialled_at").min())
    rows = contacts.complaints.join(earliest, on="complaint_id", how="left", maintain_order="left")
    rows = rows.with_columns(until=col("received_at") + CALL_BACK)
    day = rows.select(_civil_day("until")).to_series().to_numpy()
    limit = counter.grid.calendar.limit(day, min(contacts.days.values()))
    on_time = rows["dialled"] <= rows["until"]
    write("complaint_callback_30min_pct", counter.count(limit, on_time), counter.count(limit))


def _write_of_callbacks(contacts: Contacts, grid: Grid, write) -> None:
    """Call-backs of complaints, by the channel and category of the complaint."""
    about = contacts.complaints.select(
        "channel", "category", "branch_contacted_at", subject_id="complaint_id"
    )
    calls = contacts.callbacks.filter(col("kind") == "complaint").join(
        about, on="subject_id", how="left"
    )
    calls = calls.with_columns(col("channel", "category").fill_null("(missing)"))
    counter = Counter(grid, calls, ("channel", "category"))
    connected, completed = counter.interval("connected_at"), counter.interval("completed_at")
    before = calls["branch_contacted_at"] <= calls["connected_at"]
    numerator = counter.count(connected, before)
    write("complaint_contacted_before_callback_pct", numerator, counter.count(connected), counter)
    rated = counter.count(completed, calls["rating"].is_not_null())
    satisfied = counter.count(completed, calls["rating"] >= 4)
    write("complaint_handling_satisfaction_pct", satisfied, rated, counter)


def write_ratios(
    contacts: Contacts,
    counter: Counter,
    registered: np.ndarray,
    exposure: "Exposure",
    writer: Writer,
) -> None:
    """Write the KPIs that divide complaints by something else, which have no segments.

    Args:
        contacts: the complaints.
        counter: of the complaints.
        registered: claims per branch and period.
        exposure: premium and policies per month.
        writer: of the rows.
    """
    rows, calendar = contacts.complaints, counter.grid.calendar
    branches = counter.grid.branches
    grid = Grid(branches, calendar, ("", ""), (["-"], ["-"]))
    about_claims = rows["claim_id"].is_not_null() | rows["category"].is_in(CLAIMS_CATEGORIES)
    complaints = counter.count(counter.interval("received_at"), about_claims)
    complaints = complaints.reshape(len(branches.codes), -1, complaints.shape[1]).sum(axis=1)

    def write(kpi: Kpi, numerator, denominator) -> None:
        cells = grid.roll_up(numerator)[:, :, :1], grid.roll_up(denominator)[:, :, :1]
        writer.write_segments(kpi, grid, grid.segments[:1], *cells)

    kpi = Kpi("complaint_per_1000_claims", "rate", ONE, (0, 3))
    write(kpi, complaints, registered)
    ratio = rows.filter(col("channel") == RATIO_CHANNEL)
    counted = exposure.count_complaints(ratio, branches)
    premium = exposure.sum_periods("premium")
    write(Kpi("complaint_per_100m_premium", "rate", ONE, (0, 10)), counted, premium)
    policies = exposure.sum_periods("policies_issued")
    write(Kpi("complaint_per_10k_policies", "rate", ONE, (0, 4)), counted, policies)
    cases, sizes = grid.roll_up(counted)[:, :, :1], grid.roll_up(premium)[:, :, :1]
    expected = _expect(cases, sizes, branches.head)
    kpi = Kpi("complaint_index", "index", ONE, (0, 10))
    writer.write_segments(kpi, grid, grid.segments[:1], cases, expected)


def _expect(cases: np.ndarray, sizes: np.ndarray, head: int) -> np.ndarray:
    """Return the cases at the network's rate, in units of 10 ** -10, half a unit rounded up."""
    expected = np.zeros_like(sizes)
    for period in range(len(cases)):
        of_all, size = int(cases[period, head, 0]), int(sizes[period, head, 0])
        if size:
            expected[period, :, 0] = [
                (2 * int(own) * of_all * 10**10 + size) // (2 * size) for own in sizes[period, :, 0]
            ]
    return expected


class Exposure:
    """Premium (in cents) and policies per branch and whole month that a period has exposure of."""

    def __init__(self, files: list[str], branches, calendar: Calendar, as_of: date):
        rows = pl.read_parquet(files, hive_partitioning=False)
        month = (col("month").dt.truncate("1mo") - pl.lit(EPOCH)).dt.total_days()
        rows = rows.with_columns(
            start=month.cast(pl.Int64),
            end=(
                col("month").dt.truncate("1mo").dt.offset_by("1mo") - pl.lit(EPOCH)
            ).dt.total_days(),
            premium=col("premium").to_physical().cast(pl.Int64),
        )
        rows = rows.filter(col("end") <= (as_of - EPOCH).days + 1)
        self.months = rows.select("start", "end").unique().sort("start")
        self.branches, self.calendar = branches, calendar
        self.sums = {
            name: self._sum_months(rows, rows[name].fill_null(0).to_numpy())
            for name in ("premium", "policies_issued")
        }
        self.inside = self._find_inside()
        self.exposed = {
            calendar.periods[position]["period_id"]
            for position in np.flatnonzero(self.inside.any(axis=1))
        }

    def _sum_months(self, rows: pl.DataFrame, weights: np.ndarray) -> np.ndarray:
        """Return sums of shape (branches, months)."""
        branch = _locate(rows["branch_code"], self.branches.codes, self.branches.unknown)
        month = np.searchsorted(self.months["start"].to_numpy(), rows["start"].to_numpy())
        sums = np.zeros((len(self.branches.codes), self.months.height), np.int64)
        np.add.at(sums, (branch, month), weights)
        return sums

    def _find_inside(self) -> np.ndarray:
        """Return which months each period has whole, of shape (periods, months)."""
        since = [(row["period_start"] - EPOCH).days for row in self.calendar.periods]
        until = [(row["period_end"] - EPOCH).days for row in self.calendar.periods]
        starts, ends = self.months["start"].to_numpy(), self.months["end"].to_numpy()
        return (starts >= np.array(since)[:, None]) & (ends <= np.array(until)[:, None])

    def sum_periods(self, name: str) -> np.ndarray:
        """Return sums of shape (branches, periods)."""
        return self.sums[name] @ self.inside.T.astype(np.int64)

    def count_complaints(self, rows: pl.DataFrame, branches) -> np.ndarray:
        """Return complaints received in months with exposure, of shape (branches, periods)."""
        month = (col("received").cast(pl.Date).dt.truncate("1mo")).cast(pl.Int32).cast(pl.Int64)
        rows = rows.with_columns(start=month)
        rows = rows.filter(col("start").is_in(self.months["start"].implode()))
        counts = self._sum_months(rows, np.ones(rows.height, np.int64))
        return counts @ self.inside.T.astype(np.int64)
