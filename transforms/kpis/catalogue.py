"""The catalogue: KPIs from their headers, and what a run can compute of them."""

import tomllib
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import pyarrow as pa

from data.config.policy import REFERENCE
from data.problem import Problem
from transforms.engine.models import Model, load_models

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
# exposure: counted on whole months that have exposure; open_cases: needs to know the open ones;
# looks_back: counts the twelve months to the period's end; percentile: share of the observations
# below the value; of_all: segments whose denominator is that of all cases; time_limits: needs a
# rule set; cases_per_row: the most that a row of its one extract adds to numerator and denominator,
# where that is all it does (transforms/kpis/quarantine_bounds.py).
OPTIONAL = {
    "exposure",
    "open_cases",
    "looks_back",
    "percentile",
    "of_all",
    "time_limits",
    "cases_per_row",
}
KINDS = ("share", "ratio", "rate", "index", "mean", "quantile", "count")


@dataclass(frozen=True)
class ExtractSupply:
    """What a run knows of one kind of extract: its columns, where its history begins, up to which
    day it tells, whether open cases are in it.
    """

    columns: frozenset
    history_from: date | None
    as_of: date
    closed_only: bool = False


def adapt_policy(policy: dict, supplies: dict[str, ExtractSupply]) -> dict:
    """The policy as it can be followed: without a payment date there is only the business close
    (kpi-spec, section 2).
    """
    if "claims" in supplies and "paid_at" not in supplies["claims"].columns:
        return {**policy, "closing_point": "business_close"}
    return policy


def load_kpis() -> list[Model]:
    """The KPI models by name.

    Raises ValueError where a header lacks a field or has one that nobody reads.
    """
    found = [model for model in load_models().values() if model.room == "kpis"]
    for model in found:
        wrong = FIELDS ^ (set(model.header) - OPTIONAL)
        if wrong:
            raise ValueError(
                f"kpis/{model.name}.sql: header fields missing or unknown: {', '.join(sorted(wrong))}"
            )
        if model.header["kind"] not in KINDS:
            raise ValueError(
                f"kpis/{model.name}.sql: kind is {model.header['kind']!r}; use one of {', '.join(KINDS)}"
            )
    return found


def load_survival_views() -> list[Model]:
    """The survival views of mart_survival by name: KPIs that no SELECT of numerators and
    denominators makes.
    """
    raw = tomllib.loads((REFERENCE / "survival.toml").read_text(encoding="utf-8"))
    return [
        Model(name, "survival", raw["every"] | raw[name], "", frozenset())
        for name in sorted(set(raw) - {"every"})
    ]


def load_all_kpis() -> list[Model]:
    """Every KPI that is published anywhere, by name."""
    return sorted(load_kpis() + load_survival_views(), key=lambda model: model.name)


def find_kpi(kpi_id: str) -> Model:
    """One KPI.

    Raises Problem where there is none of that name.
    """
    found = {model.name: model for model in load_all_kpis()}
    if kpi_id not in found:
        near = get_close_matches(kpi_id, found, 3, 0.4)
        raise Problem(
            f"there is no KPI {kpi_id!r}",
            f"see servicekpi kpi list{'; did you mean ' + ' or '.join(near) + '?' if near else ''}",
        )
    return found[kpi_id]


def build_dim_kpi(policy: dict) -> pa.Table:
    """What a reader needs to know of each KPI. One row per KPI; `scale` = what numerator /
    denominator is multiplied with.

    Raises Problem where the policy sets a minimum volume or a target for what is no KPI.
    """
    known = {
        "minimum_volume": {*KINDS, *(model.name for model in load_all_kpis())},
        "targets": {model.name for model in load_kpis()},
    }
    for setting, names in known.items():
        if unknown := sorted(set(policy[setting]) - names):
            raise Problem(
                f"the policy has {setting} for {', '.join(unknown)}",
                f"use one of {', '.join(sorted(names))}",
            )
    rows = [
        {
            "kpi_id": model.name,
            "table_name": "mart_survival" if model.room == "survival" else "mart_kpi_value",
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
        for model in load_all_kpis()
    ]
    return pa.Table.from_pylist(rows)


def minimum_volume(model: Model, policy: dict) -> int:
    """The volume from which a branch is ranked: the KPI's own setting, else that of its kind."""
    return policy["minimum_volume"].get(model.name, policy["minimum_volume"][model.header["kind"]])


def build_dim_kpi_run(supplies: dict[str, ExtractSupply], policy: dict, as_of: date) -> pa.Table:
    """What this run can compute: per KPI the reason why not (or null), where its history begins, up
    to which day it tells.
    """
    rows = []
    for model in load_all_kpis():
        needed = model.header["extracts"]
        held = [supplies[extract] for extract in needed if extract in supplies]
        begins = [supply.history_from for supply in held if supply.history_from]
        rows.append(
            {
                "kpi_id": model.name,
                "kind": model.header["kind"],
                "unit": model.header["unit"],
                "direction": model.header["direction"],
                "scale_up": model.header["scale"][0],
                "scale_down": model.header["scale"][1],
                "divides_by_exposure": model.header.get("exposure", False),
                "looks_back": model.header.get("looks_back", False),
                "minimum_volume": minimum_volume(model, policy),
                "reason": _missing(model, supplies, policy),
                "history_from": max(begins).replace(day=1) if begins else date.min,
                "extract_as_of": min((supply.as_of for supply in held), default=as_of),
            }
        )
    schema = pa.schema(
        [(name, pa.string()) for name in ("kpi_id", "kind", "unit", "direction", "reason")]
        + [(name, pa.bool_()) for name in ("divides_by_exposure", "looks_back")]
        + [(name, pa.int64()) for name in ("scale_up", "scale_down", "minimum_volume")]
        + [(name, pa.date32()) for name in ("history_from", "extract_as_of")]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _missing(model: Model, supplies: dict[str, ExtractSupply], policy: dict) -> str | None:
    absent = [extract for extract in model.header["extracts"] if extract not in supplies]
    if absent:
        return f"there is no extract of {' and '.join(absent)}"
    lacking = [
        column.replace("|", " or ")
        for column in model.header["columns"]
        if not any(
            name.split(".")[1] in supplies[name.split(".")[0]].columns for name in column.split("|")
        )
    ]
    if lacking:
        return f"the extract has no column {' and '.join(lacking)}"
    if model.header.get("time_limits") and policy["jurisdiction"] == "none":
        return "the policy sets no time limits"
    if model.header.get("open_cases") and supplies[model.header["extracts"][0]].closed_only:
        return f"the extract of {model.header['extracts'][0]} holds closed cases only"
    return None
