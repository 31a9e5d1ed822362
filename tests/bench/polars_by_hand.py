"""All claims KPIs as an analyst would write them by hand in Polars: what `make bench` holds the
pipeline against.

Same rows, periods, branches, lines and claim groups; numerators and denominators only: no
intervals, states or leagues. What hangs on one date is counted once per day and added up over the
periods; what hangs on two is counted anew for every period.
"""

from datetime import date, datetime, timedelta

import polars as pl
from polars import col

KEYS = ["branch_code", "line", "claim_group"]
ROLLED_UP = ([], ["line"], ["claim_group"])
OFFSET = timedelta(hours=8)  # the lake keeps UTC


def prepared(files: list[str], as_of: date) -> pl.DataFrame:
    """One row per claim: its keys, its dates as known at as_of, its times and amounts as whole
    numbers.
    """
    until = datetime.combine(as_of + timedelta(days=1), datetime.min.time())
    stamps = [
        "reported",
        "surveyed",
        "registered",
        "documents_complete",
        "approved",
        "closed",
        "paid",
        "previous_settled",
        "reopened",
    ]
    rows = pl.scan_parquet(files).with_columns(
        (col(f"{name}_at") + OFFSET).alias(name) for name in [*stamps, "survey_agreed"]
    )
    rows = rows.with_columns(pl.when(col(name) < until).then(col(name)) for name in stamps)
    latest = pl.coalesce(
        pl.when(col("outcome") == "normal").then("paid").otherwise("closed"), "previous_settled"
    )
    is_again = ((col("reopened") > col("previous_settled")).fill_null(False)) | (
        col("reopened") > latest
    ).fill_null(False)
    rows = rows.with_columns(settled=latest, is_again=is_again)
    # A reopened claim whose latest settlement is the one before the reopening is open.
    is_done_again = (col("settled") >= col("reopened")).fill_null(False)
    limit = pl.coalesce("survey_agreed", "reported") + timedelta(minutes=30)
    amount = pl.when(col("settled").is_null()).then("first_estimate").otherwise("paid_amount")
    group = (
        pl.when(col("has_injury"))
        .then(pl.lit("injury"))
        .when(col("has_injury").is_null() | amount.is_null())
        .then(pl.lit("unknown"))
    )
    group = (
        group.when(amount <= 3000)
        .then(pl.lit("small_non_injury"))
        .otherwise(pl.lit("other_non_injury"))
    )
    rows = rows.with_columns(
        claim_group=group,
        line=col("line").fill_null("(missing)"),
        survey_limit=limit,
        on_scene=(col("surveyed") <= limit).fill_null(False),
        first_settled=pl.when(col("is_again") & is_done_again)
        .then("previous_settled")
        .otherwise("settled"),
        begun_again=pl.when("is_again").then("reopened"),
        ended_again=pl.when(col("is_again") & is_done_again).then("settled"),
        staged=pl.when(
            col("documents_complete").is_not_null() & col("approved").is_not_null()
        ).then("paid"),
        cycle=(col("settled") - col("reported")).dt.total_seconds(),
        documents=(col("documents_complete") - col("reported")).dt.total_seconds(),
        approval=(col("approved") - col("documents_complete")).dt.total_seconds(),
        payment=(col("paid") - col("approved")).dt.total_seconds(),
        cents=(col("paid_amount") * 100).cast(pl.Int64),
        estimate=(col("first_estimate") * 100).cast(pl.Int64),
    )
    dates = [
        "reported",
        "registered",
        "approved",
        "paid",
        "settled",
        "reopened",
        "survey_limit",
        "first_settled",
        "begun_again",
        "ended_again",
        "staged",
    ]
    rows = rows.select(
        *KEYS,
        "outcome",
        *(col(name).cast(pl.Date) for name in dates),
        "on_scene",
        "cycle",
        "documents",
        "approval",
        "payment",
        "cents",
        "estimate",
    )
    return rows.with_columns(col(*KEYS, "outcome").cast(pl.Categorical)).collect()


def counted_by_day(claims: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """What hangs on one date: its column, and counts per key and day."""
    normal, kept = col("outcome") == "normal", (col("outcome") != "cancelled").fill_null(True)
    took, paying = (
        (col("settled") - col("reported")).dt.total_days(),
        (col("paid") - col("approved")).dt.total_days(),
    )

    def counts(
        rows: pl.DataFrame, day: str, later: int = 0, **measures
    ) -> tuple[str, pl.DataFrame]:
        return day, rows.group_by(*KEYS, day).agg(**measures).with_columns(
            col(day) + timedelta(days=later)
        )

    paid = claims.filter(normal)
    ended = {
        outcome: (col("outcome") == outcome).sum()
        for outcome in ("normal", "zero", "rejected", "cancelled")
    }
    deviation = (col("estimate") - col("cents")).abs().sum()
    return [
        counts(claims, "settled", **ended),
        counts(
            paid,
            "settled",
            cycle=col("cycle").sum(),
            deviation=deviation,
            paid_cents=col("cents").sum(),
        ),
        counts(
            paid,
            "staged",
            stages=pl.len(),
            documents=col("documents").sum(),
            approval=col("approval").sum(),
            payment=col("payment").sum(),
        ),
        counts(claims, "reopened", reopenings=pl.len()),
        counts(claims, "registered", registrations=pl.len()),
        counts(
            claims.filter(kept), "survey_limit", to_survey=pl.len(), surveyed=col("on_scene").sum()
        ),
        counts(
            claims.filter(normal | col("outcome").is_null()),
            "approved",
            10,
            to_pay=pl.len(),
            paid=(paying <= 10).sum(),
        ),
        *(
            counts(claims.filter(kept), "reported", days, due=pl.len(), done=(took <= days).sum())
            for days in (5, 10, 30)
        ),
    ]


def counted_by_period(
    claims: pl.DataFrame, first: date, end: date, year: date
) -> list[pl.DataFrame]:
    """What hangs on two dates: the stock and its flows, the cohorts of registration and of report,
    the times in order.
    """
    normal, kept = col("outcome") == "normal", (col("outcome") != "cancelled").fill_null(True)
    counts = (col("outcome").is_null()) | ~col("outcome").is_in(["zero", "cancelled"])
    lives = (col("reported") < end) & (
        col("first_settled").is_null() | (col("first_settled") >= first)
    )
    again = (col("begun_again") < end) & (
        col("ended_again").is_null() | (col("ended_again") >= first)
    )
    inside, done = (col("registered") >= first) & (col("registered") < end), col("settled") < end
    stock = (
        claims.filter(lives | again)
        .group_by(KEYS)
        .agg(
            open=(lives & (col("reported") < first)).sum()
            + (again & (col("begun_again") < first)).sum(),
            all=lives.sum() + again.sum(),
            ended=(lives & (col("first_settled") < end)).sum()
            + (again & (col("ended_again") < end)).sum(),
            old_ended=(lives & (col("reported") < first) & (col("first_settled") < end)).sum(),
        )
    )
    cohort = (
        claims.filter((col("registered") >= year) & (col("registered") < end))
        .group_by(KEYS)
        .agg(
            year=counts.sum(),
            year_done=(counts & done & (col("settled") >= year)).sum(),
            cohort=inside.sum(),
            cohort_done=(inside & done).sum(),
            amount=col("cents").filter(inside & normal & done).sum(),
            waiting=col("estimate").filter(inside & (col("settled").is_null() | ~done)).sum(),
        )
    )
    reports = (
        claims.filter(kept & (col("reported") >= first) & (col("reported") < end))
        .group_by(KEYS)
        .agg(all=pl.len(), done=done.sum())
    )
    return [stock, cohort, reports]


def roll_up(counts: pl.DataFrame, tree: pl.DataFrame) -> list[pl.DataFrame]:
    """Sums for every branch and all above it: of everything, by line, by claim group."""
    counts = counts.join(tree, on="branch_code")
    sums = [name for name in counts.columns if name not in (*KEYS, "ancestor_code")]
    return [counts.group_by("ancestor_code", *by).agg(col(*sums).sum()) for by in ROLLED_UP]


def all_kpis(
    files: list[str], as_of: date, periods: list[dict], ancestors: list[dict]
) -> dict[int, tuple[int, int]]:
    """Settlements and their stock of the whole company by period_id, so that the answer can be
    checked; everything else is counted, too.
    """
    claims = prepared(files, as_of)
    tree = pl.DataFrame(ancestors).with_columns(col("branch_code").cast(pl.Categorical))
    by_day = counted_by_day(claims)
    answer = {}
    for period in periods:
        first, end = period["period_start"], period["period_end"]
        for day, counts in by_day:
            roll_up(counts.filter((col(day) >= first) & (col(day) < end)).drop(day), tree)
        stock, cohort, reports = counted_by_period(claims, first, end, period["year_start"])
        roll_up(cohort, tree), roll_up(reports, tree)
        answer[period["period_id"]] = (stock["ended"].sum(), stock["all"].sum())
        roll_up(stock, tree)
        times = claims.filter(
            (col("outcome") == "normal") & (col("settled") >= first) & (col("settled") < end)
        ).join(tree, on="branch_code")
        for by in ROLLED_UP:
            times.group_by("ancestor_code", *by).agg(
                p50=col("cycle").quantile(0.5, "linear"), p90=col("cycle").quantile(0.9, "linear")
            )
        # Open claims by age.
        left = claims.filter(
            (col("reported") < end)
            & (col("first_settled").is_null() | (col("first_settled") >= end))
        )
        age = (
            (pl.lit(end - timedelta(days=1)) - col("reported"))
            .dt.total_days()
            .cut([30, 60, 90, 180, 365])
            .alias("age")
        )
        left.with_columns(age).join(tree, on="branch_code").group_by("ancestor_code", "age").len()
    return answer
