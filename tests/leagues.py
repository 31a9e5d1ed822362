"""Made-up leagues: counts of branches in, what mart_kpi_value would hold of them out."""

from datetime import date

import numpy as np
import pyarrow as pa

from data.config import policy as policies
from transforms.kpis.arrow_columns import dictionary_column, number_column
from transforms.kpis.league_inputs import LeagueInputs
from transforms.kpis.periods import start_of_month
from transforms.leagues.mart_league import build_mart_league
from transforms.statistics.intervals import Counts

METHODS = {"share": "wilson", "rate": "poisson", "mean": "t", "count": "poisson", "ratio": "none"}
POLICY = {**policies.load_policy()["league"], "level": 0.95}


def kpi(kind: str = "share", name: str = "kpi", **settings) -> dict:
    """A row of dim_kpi, as far as leagues read it."""
    return {
        "kpi_id": name,
        "kind": kind,
        "interval_method": METHODS[kind],
        "direction": "up",
        "scale": 1,
        "minimum_volume": 1,
    } | settings


def published(
    of: dict,
    cases: np.ndarray,
    size: np.ndarray,
    squares: np.ndarray | None = None,
    before: tuple | None = None,
    mix: tuple | None = None,
):
    """The values of one KPI and what its leagues need. Counts have the shape months x branches; the
    head office is all of them.

    `before` are cases, size and squares a year earlier; `mix` expected numerators, adjusted values
    and coverages.
    """
    now, then = (
        _with_head(counts)
        for counts in ((cases, size, squares), before or (cases * 0, size * 0, squares))
    )
    months, branches = np.shape(cases)[0], np.shape(cases)[1] + 1
    starts = np.array(
        [start_of_month(date(2012, 12, 1), back) for back in range(months)][::-1], "datetime64[D]"
    )
    month, everything = (
        np.repeat(np.arange(months), branches),
        np.zeros(months * branches, np.int64),
    )
    is_head = np.tile(np.arange(branches) == 0, months)
    nothing = np.full(len(month), np.nan)
    level = np.where(is_head, "head_office", "province")
    table = pa.table(
        {
            "kpi_id": dictionary_column(np.array([of["kpi_id"]]), everything),
            "period_kind": dictionary_column(np.array(["month"]), everything),
            "period_start": pa.array(starts[month]),
            "period_end": pa.array((starts + 28)[month]),
            "branch_code": dictionary_column(
                np.array([f"B{place:05d}" for place in range(branches)]),
                np.tile(np.arange(branches), months),
            ),
            "branch_level": dictionary_column(level, slice(None)),
            "segment_kind": dictionary_column(np.array(["all"]), everything),
            "numerator": number_column(now.cases),
            "denominator": number_column(nothing if of["kind"] == "count" else now.size),
            "value": number_column(now.cases if of["kind"] == "count" else now.ratio * of["scale"]),
            "interval_low": number_column(nothing),
            "interval_high": number_column(nothing),
            "state": dictionary_column(np.where(now.size > 0, "ok", "no_cases"), slice(None)),
        }
    )
    if mix is not None:
        mix = tuple(
            np.concatenate([np.zeros((months, 1)), held], axis=1).reshape(-1) for held in mix
        )
    return table, LeagueInputs(
        now.squares, then, then.ratio * of["scale"], level, *(mix or [nothing] * 3)
    )


def _with_head(counts: tuple) -> Counts:
    filled = [
        np.zeros(np.shape(counts[0])) if held is None else np.asarray(held, float)
        for held in counts
    ]
    return Counts(
        *(
            np.concatenate([held.sum(axis=1, keepdims=True), held], axis=1).reshape(-1)
            for held in filled
        )
    )


def league(
    of: dict, *counts, policy: dict | None = None, regions: dict | None = None, **more
) -> tuple[dict, dict]:
    """Columns of mart_league and mart_funnel as arrays of the shape months x branches (of a funnel:
    flat).
    """
    table, grounds = published(of, *(np.asarray(held, float) for held in counts), **more)
    made, funnel = build_mart_league(
        [table], [grounds], [of], POLICY | (policy or {}), regions or {}
    )
    shape = np.shape(counts[0])
    return (
        {name: made[name].to_pandas().to_numpy().reshape(shape) for name in made.column_names},
        {name: funnel[name].to_pandas().to_numpy() for name in funnel.column_names},
    )
