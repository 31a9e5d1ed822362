"""The catalogue: KPIs from their headers, and what a run can compute of them."""

import tomllib
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import pyarrow as pa

from data.config.policy import Policy
from data.config.reference import REFERENCE
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
OPTIONAL = {
    "exposure",  # counted on whole months that have exposure
    "open_cases",  # needs to know the open ones
    "looks_back",  # counts the twelve months to the period's end
    "percentile",  # share of the observations below the value
    "of_all",  # segments whose denominator is that of all cases
    "time_limits",  # needs a rule set
    # The most that a row of its one extract adds to numerator and denominator, where that is all it
    # does (transforms/kpis/quarantine_bounds.py).
    "cases_per_row",
}
KINDS = ("share", "ratio", "rate", "index", "mean", "quantile", "count")


@dataclass(frozen=True)
class ExtractSupply:
    """What a run knows of one kind of extract: its columns, where its history begins, the last day
    that it covers, whether only closed cases are in it.
    """

    columns: frozenset
    history_from: date | None
    as_of: date
    closed_only: bool = False


def adapt_policy(policy: Policy, supplies: dict[str, ExtractSupply]) -> Policy:
    """Return the policy as it can be followed: without a payment date there is only the business
    close (kpi-spec, section 2).
    """
    if "claims" in supplies and "paid_at" not in supplies["claims"].columns:
        return policy.model_copy(update={"closing_point": "business_close"})
    return policy


def load_kpis() -> list[Model]:
    """Return the KPI models by name.

    Raises ValueError where a header lacks a field or has one that nobody reads.
    """
    kpis = [model for model in load_models().values() if model.room == "kpis"]
    for kpi in kpis:
        wrong = FIELDS ^ (set(kpi.header) - OPTIONAL)
        if wrong:
            names = ", ".join(sorted(wrong))
            raise ValueError(f"kpis/{kpi.name}.sql: header fields missing or unknown: {names}")

        kind = kpi.header["kind"]
        if kind not in KINDS:
            kinds = ", ".join(KINDS)
            raise ValueError(f"kpis/{kpi.name}.sql: kind is {kind!r}; use one of {kinds}")

    return kpis


def load_survival_views() -> list[Model]:
    """Return the survival views of mart_survival by name: KPIs that no SELECT of numerators and
    denominators makes.
    """
    views = tomllib.loads((REFERENCE / "survival.toml").read_text(encoding="utf-8"))
    common = views.pop("every")
    return [
        Model(name, "survival", common | views[name], "", frozenset()) for name in sorted(views)
    ]


def load_all_kpis() -> list[Model]:
    """Return every KPI that is published anywhere, by name."""
    return sorted(load_kpis() + load_survival_views(), key=lambda model: model.name)


def find_kpi(kpi_id: str) -> Model:
    """Return one KPI.

    Raises Problem where there is none of that name.
    """
    kpis = {model.name: model for model in load_all_kpis()}
    if kpi_id in kpis:
        return kpis[kpi_id]

    action = "see servicekpi kpi list"
    similar = get_close_matches(kpi_id, kpis, 3, 0.4)
    if similar:
        action += f"; did you mean {' or '.join(similar)}?"

    raise Problem(f"KPI {kpi_id!r} not found", action)


def build_dim_kpi(policy: Policy) -> pa.Table:
    """Return what a reader needs to know of each KPI. One row per KPI; `scale` is what numerator /
    denominator is multiplied with.

    Raises Problem where the policy sets a minimum volume or a target for an unknown KPI.
    """
    kpis = load_all_kpis()
    _check_names(policy, "minimum_volume", {*KINDS, *(kpi.name for kpi in kpis)})
    _check_names(policy, "targets", {kpi.name for kpi in load_kpis()})

    return pa.Table.from_pylist([_describe_kpi(kpi, policy) for kpi in kpis])


def _check_names(policy: Policy, setting: str, names: set[str]) -> None:
    unknown = sorted(set(getattr(policy, setting)) - names)
    if unknown:
        raise Problem(
            f"the policy has {setting} for {', '.join(unknown)}",
            f"use one of {', '.join(sorted(names))}",
        )


def _describe_kpi(kpi: Model, policy: Policy) -> dict:
    """Return the row of dim_kpi."""
    header = kpi.header
    table_name = "mart_survival" if kpi.room == "survival" else "mart_kpi_value"
    identity = {
        "kpi_id": kpi.name,
        "table_name": table_name,
        "title_zh": header["title"]["zh"],
        "title_en": header["title"]["en"],
        "unit": header["unit"],
        "scale": header["scale"][0] / header["scale"][1],
        "kind": header["kind"],
        "direction": header["direction"],
    }
    definition = {
        "numerator_zh": header["numerator"]["zh"],
        "numerator_en": header["numerator"]["en"],
        "denominator_zh": header["denominator"]["zh"],
        "denominator_en": header["denominator"]["en"],
        "excluded_zh": header["excluded"]["zh"],
        "excluded_en": header["excluded"]["en"],
    }
    use = {
        "segment_kinds": ", ".join(header["segments"]),
        "interval_method": header["interval"],
        "minimum_volume": minimum_volume(kpi, policy),
        "source": header["source"],
        "version": header["version"],
    }

    return identity | definition | use


def minimum_volume(kpi: Model, policy: Policy) -> float:
    """Return the volume from which a branch is ranked: the KPI's own setting, else that of its
    kind.
    """
    of_kind = policy.minimum_volume[kpi.header["kind"]]
    return policy.minimum_volume.get(kpi.name, of_kind)


def build_dim_kpi_run(supplies: dict[str, ExtractSupply], policy: Policy, as_of: date) -> pa.Table:
    """Return what this run can compute: per KPI the reason why not (or null), where its history
    begins, the last day that its extracts cover.
    """
    rows = [_describe_run(kpi, supplies, policy, as_of) for kpi in load_all_kpis()]
    types = {
        pa.string(): ("kpi_id", "kind", "unit", "direction", "reason"),
        pa.bool_(): ("divides_by_exposure", "looks_back"),
        pa.int64(): ("scale_up", "scale_down", "minimum_volume"),
        pa.date32(): ("history_from", "extract_as_of"),
    }

    fields = []
    for type_, names in types.items():
        fields += [(name, type_) for name in names]

    # With a schema: of a column that is null in every row Arrow cannot infer a type.
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def _describe_run(
    kpi: Model, supplies: dict[str, ExtractSupply], policy: Policy, as_of: date
) -> dict:
    """Return the row of dim_kpi_run."""
    header = kpi.header
    used = [supplies[extract] for extract in header["extracts"] if extract in supplies]
    begins = [supply.history_from for supply in used if supply.history_from]

    # All extracts of a KPI cover it only from where the last one begins to where the first ends.
    history_from = max(begins).replace(day=1) if begins else date.min
    extract_as_of = min((supply.as_of for supply in used), default=as_of)
    constant = {
        "kpi_id": kpi.name,
        "kind": header["kind"],
        "unit": header["unit"],
        "direction": header["direction"],
        "scale_up": header["scale"][0],
        "scale_down": header["scale"][1],
        "divides_by_exposure": header.get("exposure", False),
        "looks_back": header.get("looks_back", False),
    }
    of_run = {
        "minimum_volume": minimum_volume(kpi, policy),
        "reason": _missing_reason(kpi, supplies, policy),
        "history_from": history_from,
        "extract_as_of": extract_as_of,
    }

    return constant | of_run


def _missing_reason(kpi: Model, supplies: dict[str, ExtractSupply], policy: Policy) -> str | None:
    """Return why a run cannot compute a KPI; None where it can."""
    extracts = kpi.header["extracts"]
    absent = [extract for extract in extracts if extract not in supplies]
    if absent:
        return f"no extract of {' and '.join(absent)} has been delivered"

    # One of `claims.paid_at|claims.closed_at` is enough.
    missing = [
        alternatives.replace("|", " or ")
        for alternatives in kpi.header["columns"]
        if not _has_column(alternatives, supplies)
    ]
    if missing:
        return f"the extract has no column {' and '.join(missing)}"
    if kpi.header.get("time_limits") and policy.jurisdiction == "none":
        return "the policy sets no time limits"
    if kpi.header.get("open_cases") and supplies[extracts[0]].closed_only:
        return f"the extract of {extracts[0]} holds closed cases only"

    return None


def _has_column(alternatives: str, supplies: dict[str, ExtractSupply]) -> bool:
    """Return whether an extract has one of some columns, `extract.column|extract.column`."""
    for name in alternatives.split("|"):
        extract, column = name.split(".")
        if column in supplies[extract].columns:
            return True
    return False
