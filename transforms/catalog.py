"""The catalogue: KPIs from their headers, what a run can compute of them, and their roll-up over segments and the tree."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from transforms.model import Model, load_all

FIELDS = {
    "title",
    "unit",
    "scale",
    "kind",
    "direction",
    "segments",
    "extracts",
    "columns",
    "numerator",
    "denominator",
    "excluded",
    "interval",
    "source",
    "version",
}
OPTIONAL = {"exposure", "open_cases"}
NUMBER = "DECIMAL(38, 10)"


@dataclass(frozen=True)
class Supply:
    """What a run knows of one kind of extract: its columns, where its history begins, up to which day it tells, whether open cases are in it."""

    columns: frozenset
    history_from: date | None
    as_of: date
    closed_only: bool = False


def effective_policy(policy: dict, supplies: dict[str, Supply]) -> dict:
    """The policy as it can be followed: without a payment date there is only the business close (kpi-spec, section 2)."""
    if "claims" in supplies and "paid_at" not in supplies["claims"].columns:
        return {**policy, "closing_point": "business_close"}
    return policy


def kpis() -> list[Model]:
    """The KPI models by name.

    Raises ValueError where a header lacks a field or has one that nobody reads.
    """
    found = [model for model in load_all().values() if model.room == "kpis"]
    for model in found:
        wrong = FIELDS ^ (set(model.header) - OPTIONAL)
        if wrong:
            raise ValueError(f"kpis/{model.name}.sql: header fields missing or unknown: {', '.join(sorted(wrong))}")
    return found


def dim_kpi(policy: dict) -> pa.Table:
    """What a reader needs to know of each KPI. One row per KPI; `scale` = what numerator / denominator is multiplied with."""
    rows = [
        {
            "kpi_id": model.name,
            "title_zh": model.header["title"]["zh"],
            "title_en": model.header["title"]["en"],
            "unit": model.header["unit"],
            "scale": model.header["scale"][0] / model.header["scale"][1],
            "kind": model.header["kind"],
            "direction": model.header["direction"],
            "numerator_zh": model.header["numerator"]["zh"],
            "numerator_en": model.header["numerator"]["en"],
            "denominator_zh": model.header["denominator"]["zh"],
            "denominator_en": model.header["denominator"]["en"],
            "excluded_zh": model.header["excluded"]["zh"],
            "excluded_en": model.header["excluded"]["en"],
            "segment_kinds": ", ".join(model.header["segments"]),
            "interval_method": model.header["interval"],
            "minimum_volume": minimum_volume(model, policy),
            "source": model.header["source"],
            "version": model.header["version"],
        }
        for model in kpis()
    ]
    return pa.Table.from_pylist(rows)


def minimum_volume(model: Model, policy: dict) -> int:
    """The volume from which a branch is ranked: the KPI's own setting, else that of its kind."""
    return policy["minimum_volume"].get(model.name, policy["minimum_volume"][model.header["kind"]])


def dim_kpi_run(supplies: dict[str, Supply], policy: dict, as_of: date) -> pa.Table:
    """What this run can compute: per KPI the reason why not (or null), where its history begins, up to which day it tells."""
    rows = []
    for model in kpis():
        needed = model.header["extracts"]
        held = [supplies[extract] for extract in needed if extract in supplies]
        begins = [supply.history_from for supply in held if supply.history_from]
        rows.append(
            {
                "kpi_id": model.name,
                "is_count": model.header["kind"] == "count",
                "unit": model.header["unit"],
                "direction": model.header["direction"],
                "scale_up": model.header["scale"][0],
                "scale_down": model.header["scale"][1],
                "divides_by_exposure": model.header.get("exposure", False),
                "minimum_volume": minimum_volume(model, policy),
                "reason": _missing(model, supplies),
                "history_from": max(begins).replace(day=1) if begins else date.min,
                "extract_as_of": min((supply.as_of for supply in held), default=as_of),
            }
        )
    schema = pa.schema(
        [(name, pa.string()) for name in ("kpi_id", "unit", "direction", "reason")]
        + [(name, pa.bool_()) for name in ("is_count", "divides_by_exposure")]
        + [(name, pa.int64()) for name in ("scale_up", "scale_down", "minimum_volume")]
        + [(name, pa.date32()) for name in ("history_from", "extract_as_of")]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _missing(model: Model, supplies: dict[str, Supply]) -> str | None:
    absent = [extract for extract in model.header["extracts"] if extract not in supplies]
    if absent:
        return f"there is no extract of {' and '.join(absent)}"
    lacking = [
        column.replace("|", " or ")
        for column in model.header["columns"]
        if not any(name.split(".")[1] in supplies[name.split(".")[0]].columns for name in column.split("|"))
    ]
    if lacking:
        return f"the extract has no column {' and '.join(lacking)}"
    if model.header.get("open_cases") and supplies[model.header["extracts"][0]].closed_only:
        return f"the extract of {model.header['extracts'][0]} holds closed cases only"
    return None


def roll_up(engine) -> None:
    """Table `kpi_rollup`: numerator and denominator of each KPI per period, branch (its own rows and its children's) and segment."""
    engine.execute(
        "CREATE OR REPLACE TABLE kpi_rollup (kpi_id VARCHAR, period_id BIGINT, branch_code VARCHAR, segment_kind VARCHAR, segment VARCHAR,"
        f" numerator {NUMBER}, denominator {NUMBER})"
    )
    with ThreadPoolExecutor(engine.threads) as pool:
        list(pool.map(lambda model: engine.beside().execute(f"INSERT INTO kpi_rollup {rollup_sql(model)}"), kpis()))


def rollup_sql(model: Model) -> str:
    """The roll-up of one KPI: `all`, and each of its segments alone."""
    parts = [("'all'", "'all'", "")] + [(f"'{segment}'", segment, f", {segment}") for segment in model.header["segments"]]
    selects = [
        f"SELECT '{model.name}' AS kpi_id, period_id, ancestor_code, {kind} AS segment_kind, {segment} AS segment,"
        f" SUM(CAST(numerator AS {NUMBER})), SUM(CAST(denominator AS {NUMBER}))"
        f" FROM counted GROUP BY period_id, ancestor_code{grouping}"
        for kind, segment, grouping in parts
    ]
    # A branch code that is nowhere in the tree counts for the pseudo-branch (unknown), and so for the head office.
    return f"""
        WITH kpi AS ({model.sql}),
        placed AS (
            SELECT k.*, t.tree_id, CASE WHEN b.branch_code IS NULL THEN '(unknown)' ELSE k.branch_code END AS placed_code
            FROM kpi AS k
            JOIN dim_period_tree AS t ON t.period_id = k.period_id
            LEFT JOIN dim_branch_tree AS b ON b.tree_id = t.tree_id AND b.branch_code = k.branch_code
        ),
        counted AS (
            SELECT p.*, a.ancestor_code
            FROM placed AS p
            JOIN dim_branch_ancestor AS a ON a.tree_id = p.tree_id AND a.branch_code = p.placed_code
        )
        {" UNION ALL ".join(selects)}"""
