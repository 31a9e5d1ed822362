"""Made-up leagues: counts of branches in, what mart_kpi_value would have of them out."""

from datetime import date

import numpy as np
import pyarrow as pa

from data.config.policy import load_policy
from transforms.kpis.arrow_columns import dictionary_column, number_column
from transforms.kpis.league_inputs import LeagueInputs
from transforms.kpis.periods import start_of_month
from transforms.leagues.mart_league import adjust_funnels, build_mart_league
from transforms.leagues.movements import judge_movements
from transforms.statistics.intervals import Counts

METHODS = {"share": "wilson", "rate": "poisson", "mean": "t", "count": "poisson", "ratio": "none"}
POLICY = load_policy()


def kpi(kind: str = "share", name: str = "kpi", **settings) -> dict:
    """A row of dim_kpi, as far as leagues read it."""
    return {
        "kpi_id": name,
        "kind": kind,
        "unit": "%" if kind == "share" else "days",
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
) -> tuple[pa.Table, LeagueInputs]:
    """The values of one KPI and what its leagues need. Counts have the shape months x branches; the
    head office is all of them.

    `before` are cases, size and squares a year earlier; `mix` expected numerators, adjusted values
    and coverages.
    """
    squares = np.zeros(np.shape(cases)) if squares is None else squares
    now = with_head_office(cases, size, squares)
    then = with_head_office(*(before or (cases * 0, size * 0, squares)))
    months, branches = np.shape(cases)[0], np.shape(cases)[1] + 1
    is_head_office = np.tile(np.arange(branches) == 0, months)
    level = np.where(is_head_office, "head_office", "province")
    unknown = np.full(months * branches, np.nan)
    value = now.cases if of["kind"] == "count" else now.ratio * of["scale"]
    figures = {
        "numerator": number_column(now.cases),
        "denominator": number_column(unknown if of["kind"] == "count" else now.size),
        "value": number_column(value),
        "interval_low": number_column(unknown),
        "interval_high": number_column(unknown),
        "state": dictionary_column(np.where(now.size > 0, "ok", "no_cases"), slice(None)),
    }
    table = pa.table(keys(of, months, branches, level) | figures)
    expected = adjusted = coverage = unknown
    if mix is not None:
        no_head_office = np.zeros((months, 1))
        expected, adjusted, coverage = (
            np.concatenate([no_head_office, values], axis=1).reshape(-1) for values in mix
        )
    before_value = then.ratio * of["scale"]
    return table, LeagueInputs(
        squares=now.squares if now.squares is not None else unknown,
        before=then,
        value_before=before_value,
        level_before=level,
        expected=expected,
        adjusted=adjusted,
        coverage=coverage,
    )


def keys(of: dict, months: int, branches: int, level: np.ndarray) -> dict[str, pa.Array]:
    """The key of each month and branch; B00000 is the head office."""
    last = date(2012, 12, 1)
    starts = [start_of_month(last, back) for back in reversed(range(months))]
    start = np.array(starts, "datetime64[D]")[np.repeat(np.arange(months), branches)]
    codes = np.array([f"B{number:05d}" for number in range(branches)])
    first = np.zeros(months * branches, np.int64)
    return {
        "kpi_id": dictionary_column(np.array([of["kpi_id"]]), first),
        "period_kind": dictionary_column(np.array(["month"]), first),
        "period_start": pa.array(start),
        "period_end": pa.array(start + 28),
        "branch_code": dictionary_column(codes, np.tile(np.arange(branches), months)),
        "branch_level": dictionary_column(level, slice(None)),
        "segment_kind": dictionary_column(np.array(["all"]), first),
    }


def with_head_office(cases, size, squares) -> Counts:
    """Counts of the head office, the sum of all branches, and of the branches, flat."""

    def flatten(counts) -> np.ndarray:
        counts = np.zeros(np.shape(cases)) if counts is None else np.asarray(counts, float)
        total = counts.sum(axis=1, keepdims=True)
        return np.concatenate([total, counts], axis=1).reshape(-1)

    return Counts(flatten(cases), flatten(size), flatten(squares))


def league(
    of: dict,
    cases,
    size,
    squares=None,
    policy: dict | None = None,
    regions: dict | None = None,
    before: tuple | None = None,
    mix: tuple | None = None,
    movement: dict | None = None,
) -> tuple[dict, dict]:
    """Columns of mart_league and mart_funnel as arrays of the shape months x branches (of a funnel:
    flat).
    """
    cases, size = np.asarray(cases, float), np.asarray(size, float)
    squares = None if squares is None else np.asarray(squares, float)
    table, inputs = published(of, cases, size, squares, before, mix)
    followed = load_policy({"league": policy or {}, "movement": movement or {}})
    ranked, funnel = build_mart_league([table], [inputs], [of], followed, regions or {})
    funnel = adjust_funnels(funnel)
    ranked = judge_movements(ranked, {of["kpi_id"]: of}, followed)
    return (
        {
            name: ranked[name].to_pandas().to_numpy().reshape(cases.shape)
            for name in ranked.schema.names
        },
        {name: funnel[name].to_pandas().to_numpy() for name in funnel.column_names},
    )
