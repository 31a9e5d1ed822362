"""The one scan of claims: each row becomes small integers, which are counted and forgotten."""

from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl
from polars import col

from tests.bench.rival.calendar import NO_DAY, Calendar

OFFSET = timedelta(hours=8)  # of civil time; the lake keeps UTC
OUTCOMES = ["normal", "zero", "rejected", "cancelled"]
NORMAL, ZERO, REJECTED, CANCELLED = 1, 2, 3, 4  # 0: none
GROUPS = ["injury", "other_non_injury", "small_non_injury", "unknown"]
SMALL_CENTS = 300_000
SURVEY = timedelta(minutes=30)
STAMPS = (
    *("reported_at", "surveyed_at", "survey_agreed_at", "registered_at", "documents_complete_at"),
    *("approved_at", "closed_at", "paid_at", "previous_settled_at", "reopened_at"),
)
COLUMNS = (
    *("branch_code", "line", *STAMPS, "outcome", "has_injury"),
    *("first_estimate", "outstanding_estimate", "paid_amount"),
)


def read_claims(file: str, codes: list[str], unknown: int, lines: list[str], as_of: date):
    """Return one file's claims as numpy arrays by name: positions, days, seconds, cents."""
    frame = pl.scan_parquet(file, hive_partitioning=False).select(COLUMNS)
    until = datetime.combine(as_of + timedelta(days=1), time()) - OFFSET
    frame = frame.filter(col("reported_at") < until)
    frame = frame.with_columns(
        col("outcome").cast(pl.Enum(OUTCOMES)).to_physical().cast(pl.UInt8) + 1,
        *(
            col(name).to_physical().cast(pl.Int64)
            for name in ("first_estimate", "outstanding_estimate", "paid_amount")
        ),
    )
    frame = _settle(frame, until)
    frame = _find_spells(frame)
    branch = col("branch_code").cast(pl.Enum(codes), strict=False).to_physical().fill_null(unknown)
    line = col("line").fill_null("(missing)").cast(pl.Enum(lines)).to_physical()
    selected = frame.select(
        branch=branch.cast(pl.Int64),
        line=line.cast(pl.Int64),
        group=_claim_group(),
        outcome=pl.when(col("latest").is_not_null()).then("outcome").fill_null(0),
        reported=_day("reported_at"),
        registered=_day("registered_at"),
        reopening=_day("reopened_at"),
        first_settled=_day("first_settled"),
        reopened=_day(pl.when("is_reopened").then("reopened_at")),
        second_settled=_day("second_settled"),
        settled=_day("latest"),
        approved=_day("approved_at"),
        paid=_day("paid_at"),
        survey_limit=_day("survey_limit"),
        has_stages=col("documents_complete_at").is_not_null() & col("approved_at").is_not_null(),
        is_surveyed=(col("surveyed_at") <= col("survey_limit")).fill_null(False),
        seconds=_seconds("latest") - _seconds("reported_at"),
        documents=_seconds("documents_complete_at") - _seconds("reported_at"),
        approval=_seconds("approved_at") - _seconds("documents_complete_at"),
        payment=_seconds("paid_at") - _seconds("approved_at"),
        paid_cents=col("paid_amount").fill_null(0),
        deviation=(col("first_estimate") - col("paid_amount")).abs().fill_null(0),
        estimated=pl.when(col("first_estimate").is_not_null()).then("paid_amount").fill_null(0),
        first_estimate=col("first_estimate").fill_null(0),
        outstanding=pl.coalesce("outstanding_estimate", "first_estimate").fill_null(0),
    )
    rows = selected.collect()
    return {name: rows[name].to_numpy() for name in rows.columns}


def _settle(frame: pl.LazyFrame, until: datetime) -> pl.LazyFrame:
    """Name the outcome that follows from the amount, and the latest settlement as known."""
    known = (
        pl.when(col("closed_at").is_null() & col("paid_at").is_null())
        .then(None)
        .when(col("paid_amount") == 0)
        .then(ZERO)
        .otherwise(NORMAL)
    )
    frame = frame.with_columns(outcome=pl.coalesce("outcome", known.cast(pl.UInt8)))
    settled = pl.when(col("outcome") == NORMAL).then("paid_at").otherwise("closed_at")
    frame = frame.with_columns(settled_at=settled)
    happened = ("surveyed_at", "registered_at", "documents_complete_at", "approved_at", "paid_at")
    happened += ("settled_at", "reopened_at", "previous_settled_at")
    frame = frame.with_columns(
        pl.when(col(name) < until).then(name).alias(name) for name in happened
    )
    previous = pl.when(col("previous_settled_at") >= col("reported_at")).then("previous_settled_at")
    return frame.with_columns(previous=previous).with_columns(
        latest=pl.coalesce("settled_at", "previous"),
        survey_limit=pl.coalesce("survey_agreed_at", "reported_at") + SURVEY,
    )


def _find_spells(frame: pl.LazyFrame) -> pl.LazyFrame:
    """A claim is open from its report to its first settlement, and from a reopening after a
    settlement to the next one.
    """
    settled, previous, reopened = col("settled_at"), col("previous"), col("reopened_at")
    was_settled = (previous < reopened).fill_null(False)
    is_reopened = was_settled | (settled < reopened).fill_null(False)
    is_again = was_settled & (settled.is_null() | (settled >= reopened))
    first = (
        pl.when(~is_reopened).then("latest").when(is_again).then("previous").otherwise("settled_at")
    )
    second = pl.when(is_reopened & (settled >= reopened)).then("settled_at")
    return frame.with_columns(is_reopened=is_reopened, first_settled=first, second_settled=second)


def _claim_group() -> pl.Expr:
    amount = pl.when(col("latest").is_null()).then("first_estimate").otherwise("paid_amount")
    unknown = col("has_injury").is_null() | amount.is_null()
    group = pl.when("has_injury").then(0).when(unknown).then(3).when(amount <= SMALL_CENTS).then(2)
    return group.otherwise(1).cast(pl.Int64)


def _day(stamp) -> pl.Expr:
    """Return the civil day of an instant in days since 1970, NO_DAY where there is none."""
    stamp = col(stamp) if isinstance(stamp, str) else stamp
    return (stamp + OFFSET).cast(pl.Date).cast(pl.Int32).fill_null(NO_DAY)


def _seconds(stamp: str) -> pl.Expr:
    return col(stamp).dt.epoch("s").fill_null(0)


def key_of(rows: dict[str, np.ndarray], lines: int) -> np.ndarray:
    """Return branch, line and group of each claim as one number."""
    return (rows["branch"] * lines + rows["line"]) * len(GROUPS) + rows["group"]


def intervals_of(rows: dict[str, np.ndarray], calendar: Calendar) -> dict[str, np.ndarray]:
    """Return the intervals of the dates that KPIs are counted by."""
    names = ("reported", "registered", "reopening", "reopened", "settled", "paid")
    names += ("first_settled", "second_settled")
    return {name: calendar.interval(rows[name]) for name in names}
