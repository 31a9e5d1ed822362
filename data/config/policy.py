"""The policy: the owner's choices. `data/reference/policy.toml` ships, a profile's own settings
override it, and the owner's file in the store overrides both.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, Strict

from data.config.composite import Composite, shipped_composites
from data.config.fields import Count, NonNegative, Number
from data.config.policy_sections import (
    AgentPolicy,
    DeliveryLimits,
    IntervalPolicy,
    LeaguePolicy,
    MovementPolicy,
    NoticePolicy,
    OnepagerPolicy,
    RecognitionPolicy,
    ReleasePolicy,
    Section,
    TargetLevel,
)
from data.config.reference import REFERENCE
from data.config.time_limits import list_jurisdictions
from data.config.validation import parse_model, read_toml

REMEDY = "correct the setting; docs/reference/policy.md describes every one"
ComplaintChannel = Literal["regulator", "company", "industry_body", "other", "(missing)"]


def _check_jurisdiction(jurisdiction: str) -> str:
    if jurisdiction not in list_jurisdictions():
        raise ValueError(
            f"is {jurisdiction!r}, for which there are no complaint time limits; use one of "
            f"{', '.join(list_jurisdictions())}, or add a rule set to time_limits.toml"
        )
    return jurisdiction


class Policy(Section):
    """Every choice that a publication follows; `model_dump(mode="json")` is what its manifest holds
    and its id is made of.
    """

    model_config = ConfigDict(title="Policy")

    closing_point: Literal["payment", "business_close"] = Field(
        description="When a claim settles: payment, normal claims when they are paid; "
        "business_close, all claims when they are closed."
    )
    small_limit: NonNegative = Field(
        description='What a "small" claim is, in yuan.', examples=[3000]
    )
    small_limit_included: bool = Field(
        description="Whether an amount of exactly the limit is small."
    )
    survey_minutes: NonNegative = Field(
        description="Minutes from the report, or the agreed time, to the surveyor on the scene.",
        examples=[30],
    )
    complaint_ratio_channels: Annotated[tuple[ComplaintChannel, ...], Strict(False)] = Field(
        description="Channels of the complaints that count per premium and per policy.",
        examples=[["regulator"]],
    )
    complaint_ratio_counts: Literal["all", "valid"] = Field(
        description="Which complaints of these channels count: all, or only the valid ones."
    )
    policy_denominator: Literal["issued", "in_force"] = Field(
        description="Which policies complaints are counted per: issued in the period, or in force "
        "at its end."
    )
    jurisdiction: Annotated[str, AfterValidator(_check_jurisdiction)] = Field(
        description="Rule set of complaint time limits in data/reference/time_limits.toml; none: "
        "there are no limits.",
        examples=["CN"],
    )
    reproduce_days: Count = Field(
        description="For how many days after its as-of day a publication can be built again: the "
        "lake keeps what that needs.",
        examples=[400],
    )
    on_failed_extract: Literal["publish", "hold"] = Field(
        description="publish: the other KPIs are published and those of the failed extract are "
        "stale; hold: readers keep the last publication."
    )
    minimum_volume: dict[str, NonNegative] = Field(
        description="Volume below which a branch is listed and not ranked, by a KPI's kind (share, "
        "ratio, rate, index, mean, quantile, count) or by its id.",
        examples=[{"share": 30, "claim_reopened_pct": 30}],
    )
    targets: dict[str, dict[TargetLevel, Number]] = Field(
        description="What branches aim at, in the KPI's unit, by its id and level of the branch "
        "tree (all: every level).",
        examples=[{"claim_closure_pct": {"all": 90, "head_office": 92}}],
    )
    notice: NoticePolicy = Field(description="Which changes a correction notice names.")
    agents: AgentPolicy = Field(description="From how much on a call-back agent is ranked.")
    recognition: RecognitionPolicy = Field(description="Who is praised by name, and for what.")
    intervals: IntervalPolicy = Field(description="How certain intervals are.")
    league: LeaguePolicy = Field(description="How branches are ranked and judged.")
    movement: MovementPolicy = Field(description="When a branch has moved since last year.")
    onepager: OnepagerPolicy = Field(description="Who gets a page of their own.")
    delivery_limits: DeliveryLimits = Field(description="What stops a delivery.")
    release: ReleasePolicy = Field(description="What leaves the house.")
    composite: dict[str, Composite] = Field(
        description="Composite leagues by id; one with the id of a shipped league replaces it. "
        "Unlike other sections each needs all of its settings."
    )


@cache
def _read_shipped_policy() -> dict[str, Any]:
    return tomllib.loads((REFERENCE / "policy.toml").read_text(encoding="utf-8"))


def shipped_settings() -> dict[str, Any]:
    """Return the settings of `data/reference/`, composites among them, as they are written."""
    return _read_shipped_policy() | {"composite": shipped_composites()}


def load_policy(overrides: dict[str, Any] | None = None, name: str = "the policy") -> Policy:
    """Return the shipped policy with `overrides`, which a message calls `name`.

    Raises Problem where a setting is unknown or its value is not allowed.
    """
    settings = _override(shipped_settings(), overrides or {})
    return parse_model(Policy, settings, name, REMEDY)


def resolve_policy(profile: dict[str, Any], owner: Path) -> Policy:
    """Return the policy that a run follows: the shipped one, overridden by the profile's settings,
    and both by those of the owner's file, where there is one.
    """
    policy = load_policy(profile, "[policy] of the profile")
    overrides = read_owner_policy(owner)
    if not overrides:
        return policy
    return load_policy(_override(profile, overrides), str(owner))


def read_owner_policy(path: Path) -> dict[str, Any]:
    """Return the settings in an owner's file; none where there is no file.

    Raises Problem where it is not valid TOML.
    """
    if not path.is_file():
        return {}
    remedy = "write it like data/reference/policy.toml, with only the settings that differ"
    return read_toml(path, str(path), remedy)


def policy_from_manifest(recorded: dict[str, Any]) -> Policy:
    """Return the policy that a publication was made by, from its manifest.

    A manifest of an older program may lack settings that came later, which then have their shipped
    values, and have some that are gone.
    """
    settings = shipped_settings()
    for name, value in recorded.items():
        if name not in settings:
            continue
        section = Policy.model_fields[name].annotation
        if isinstance(section, type) and issubclass(section, Section):
            known = {key: value[key] for key in value if key in section.model_fields}
            settings[name] = settings[name] | known
        else:
            settings[name] = value
    return parse_model(Policy, settings, "made_of.policy of a manifest", REMEDY)


def describe_overrides(settings: dict[str, Any], above: str = "") -> list[str]:
    """Return a sentence for each setting in an owner's file."""
    sentences = []
    for name, value in settings.items():
        if isinstance(value, dict):
            sentences += describe_overrides(value, f"{above}{name}.")
        else:
            sentences.append(f"the owner's policy.toml sets {above}{name} = {value}")
    return sentences


def _override(settings: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """Return settings with others in their place; a table keeps what the other does not have."""
    result = dict(settings)
    for name, value in overrides.items():
        replaced = result.get(name)
        if isinstance(replaced, dict) and isinstance(value, dict):
            result[name] = replaced | value
        else:
            result[name] = value
    return result
