"""All claims KPIs as an analyst would write them by hand in pandas: the twin of `polars_by_hand`."""

from datetime import date

import numpy as np
import pandas as pd

KEYS = ["branch_code", "line", "claim_group"]
ROLLED_UP = ([], ["line"], ["claim_group"])
STAMPS = [
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
DAY = pd.Timedelta(days=1)


def prepared(files: list[str], as_of: date) -> pd.DataFrame:
    """One row per claim: its keys, its dates as known at as_of, its times and amounts."""
    rows = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    at = {name: rows[f"{name}_at"] + pd.Timedelta(hours=8) for name in [*STAMPS, "survey_agreed"]}
    at |= {name: at[name].where(at[name] < pd.Timestamp(as_of) + DAY) for name in STAMPS}
    settled = (
        at["paid"].where(rows["outcome"] == "normal", at["closed"]).fillna(at["previous_settled"])
    )
    is_again = (at["reopened"] > at["previous_settled"]) | (at["reopened"] > settled)
    is_done_again = settled >= at["reopened"]
    limit = at["survey_agreed"].fillna(at["reported"]) + pd.Timedelta(minutes=30)
    first, paid = rows["first_estimate"].astype(float), rows["paid_amount"].astype(float)
    amount, injury = first.where(settled.isna(), paid), rows["has_injury"]
    group = np.select(
        [injury.eq(True).fillna(False), injury.isna() | amount.isna(), amount <= 3000],
        ["injury", "unknown", "small_non_injury"],
        "other_non_injury",
    )

    def seconds(begun: pd.Series, ended: pd.Series) -> pd.Series:
        return (ended - begun).dt.total_seconds()

    columns = {
        "branch_code": rows["branch_code"].astype("category"),
        "line": rows["line"].fillna("(missing)").astype("category"),
        "claim_group": pd.Categorical(group),
        "outcome": rows["outcome"],
        "on_scene": at["surveyed"] <= limit,
        "cycle": seconds(at["reported"], settled),
        "documents": seconds(at["reported"], at["documents_complete"]),
        "approval": seconds(at["documents_complete"], at["approved"]),
        "payment": seconds(at["approved"], at["paid"]),
        "cents": paid * 100,
        "estimate": first * 100,
        "deviation": (first - paid).abs() * 100,
    }
    days = {
        name: at[name] for name in ("reported", "registered", "approved", "paid", "reopened")
    } | {
        "settled": settled,
        "survey_limit": limit,
        "first_settled": at["previous_settled"].where(is_again & is_done_again, settled),
        "begun_again": at["reopened"].where(is_again),
        "ended_again": settled.where(is_again & is_done_again),
        "staged": at["paid"].where(at["documents_complete"].notna() & at["approved"].notna()),
    }
    return pd.DataFrame(columns | {name: stamp.dt.normalize() for name, stamp in days.items()})


def counted(rows: pd.DataFrame, keys: list[str], **measures: pd.Series | int) -> pd.DataFrame:
    """Sums of measures by keys."""
    return rows[keys].assign(**measures).groupby(keys, observed=True, as_index=False).sum()


def counted_by_day(claims: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """What hangs on one date: its column, and counts per key and day."""
    normal, kept = claims["outcome"] == "normal", claims["outcome"] != "cancelled"
    paid, due = claims[normal], claims[kept]
    waits = claims[normal | claims["outcome"].isna()]
    ended = {
        name: (claims["outcome"] == name) for name in ("normal", "zero", "rejected", "cancelled")
    }
    counts = [
        ("settled", counted(claims, [*KEYS, "settled"], **ended)),
        (
            "settled",
            counted(
                paid,
                [*KEYS, "settled"],
                cycle=paid["cycle"],
                deviation=paid["deviation"],
                cents=paid["cents"],
            ),
        ),
        (
            "staged",
            counted(
                paid,
                [*KEYS, "staged"],
                n=1,
                documents=paid["documents"],
                approval=paid["approval"],
                payment=paid["payment"],
            ),
        ),
        ("reopened", counted(claims, [*KEYS, "reopened"], n=1)),
        ("registered", counted(claims, [*KEYS, "registered"], n=1)),
        ("survey_limit", counted(due, [*KEYS, "survey_limit"], n=1, on_scene=due["on_scene"])),
        (
            "approved",
            counted(
                waits,
                [*KEYS, "approved"],
                n=1,
                on_time=(waits["paid"] - waits["approved"]) <= 10 * DAY,
            ),
        ),
    ]
    counts[-1][1]["approved"] += 10 * DAY
    for limit in (5, 10, 30):
        reports = counted(
            due, [*KEYS, "reported"], n=1, done=(due["settled"] - due["reported"]) <= limit * DAY
        )
        counts.append(("reported", reports.assign(reported=reports["reported"] + limit * DAY)))
    return counts


def counted_by_period(
    claims: pd.DataFrame, first: pd.Timestamp, end: pd.Timestamp, year: pd.Timestamp
) -> list[pd.DataFrame]:
    """What hangs on two dates: the stock and its flows, the cohorts of registration and of
    report.
    """
    c = claims[claims["reported"] < end]
    begun, again = c["reported"] < first, c["begun_again"] < first
    lives = ~(c["first_settled"] < first)
    lives_again = (c["begun_again"] < end) & ~(c["ended_again"] < first)
    stock = counted(
        c, KEYS, open=(lives & begun).astype(int) + (lives_again & again), all=lives.astype(int) + lives_again,
        ended=(lives & (c["first_settled"] < end)).astype(int) + (lives_again & (c["ended_again"] < end)), old=lives & begun & (c["first_settled"] < end),
    )  # fmt: skip
    c = claims[(claims["registered"] >= year) & (claims["registered"] < end)]
    counts, inside, done = (
        ~c["outcome"].isin(["zero", "cancelled"]),
        c["registered"] >= first,
        c["settled"] < end,
    )
    cohort = counted(
        c, KEYS, year=counts, year_done=counts & done & (c["settled"] >= year), all=inside, done=inside & done,
        amount=c["cents"].where(inside & done & (c["outcome"] == "normal"), 0), waiting=c["estimate"].where(inside & ~done, 0),
    )  # fmt: skip
    c = claims[
        (claims["reported"] >= first)
        & (claims["reported"] < end)
        & (claims["outcome"] != "cancelled")
    ]
    return [stock, cohort, counted(c, KEYS, all=1, done=c["settled"] < end)]


def roll_up(counts: pd.DataFrame, tree: pd.DataFrame) -> list[pd.DataFrame]:
    """Sums for every branch and all above it: of everything, by line, by claim group."""
    counts = counts.merge(tree, on="branch_code")
    sums = [name for name in counts.columns if name not in (*KEYS, "ancestor_code")]
    return [counts.groupby(["ancestor_code", *by], observed=True)[sums].sum() for by in ROLLED_UP]


def all_kpis(
    files: list[str], as_of: date, periods: list[dict], ancestors: list[dict]
) -> dict[int, tuple[int, int]]:
    """Settlements and their stock of the whole company by period_id, so that the answer can be
    checked; everything else is counted, too.
    """
    claims, tree = prepared(files, as_of), pd.DataFrame(ancestors)
    by_day, answer = counted_by_day(claims), {}
    for period in periods:
        first, end, year = (
            pd.Timestamp(period[name]) for name in ("period_start", "period_end", "year_start")
        )
        for day, counts in by_day:
            roll_up(counts[(counts[day] >= first) & (counts[day] < end)].drop(columns=day), tree)
        stock, cohort, reports = counted_by_period(claims, first, end, year)
        for counts in (stock, cohort, reports):
            roll_up(counts, tree)
        answer[period["period_id"]] = (int(stock["ended"].sum()), int(stock["all"].sum()))
        paid = claims[
            (claims["outcome"] == "normal")
            & (claims["settled"] >= first)
            & (claims["settled"] < end)
        ]
        times = paid[[*KEYS, "cycle"]].merge(tree, on="branch_code")
        for by in ROLLED_UP:
            times.groupby(["ancestor_code", *by], observed=True)["cycle"].quantile([0.5, 0.9])
        left = claims[(claims["reported"] < end) & ~(claims["first_settled"] < end)]
        age = pd.cut((end - DAY - left["reported"]).dt.days, [-1, 30, 60, 90, 180, 365, 99999])
        left[["branch_code"]].assign(age=age).merge(tree, on="branch_code").groupby(
            ["ancestor_code", "age"], observed=True
        ).size()
    return answer
