"""The policy: the owner's choices. `data/reference/policy.toml` ships, a profile's own settings lie
over it, and the owner's file in the store over both.
"""

import tomllib
from datetime import date
from pathlib import Path

import pyarrow as pa

from data.config import composite
from data.problem import Problem

REFERENCE = Path(__file__).parents[1] / "reference"
CHOICES = {
    "closing_point": ("payment", "business_close"),
    "complaint_ratio_channels": ("regulator", "company", "industry_body", "other", "(missing)"),
    "complaint_ratio_counts": ("all", "valid"),
    "policy_denominator": ("issued", "in_force"),
    "on_failed_extract": ("publish", "hold"),
    "league.strata": ("line", "claim_group", "channel", "category", "kind"),
    "league.leads": ("crude", "adjusted"),
    "league.peers": ("none", "region", "size"),
    "recognition.period_kinds": composite.PERIOD_KINDS,
}
LEVELS = ("all", "head_office", "province", "central", "sub", "unknown")
TIME_LIMIT = pa.schema(
    [
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        ("complexity", pa.string()),
        ("days", pa.int64()),
        ("extended_days", pa.int64()),
    ]
)


def resolve_policy(profile: dict, owner: Path) -> dict:
    """The policy that a run follows: the shipped one, the profile's settings over it, over both
    those of the owner's file, where there is one.
    """
    settings = dict(profile)
    for name, value in read_owner_policy(owner).items():
        settings[name] = {**settings.get(name, {}), **value} if isinstance(value, dict) else value
    return load_policy(settings)


def read_owner_policy(path: Path) -> dict:
    """The settings in an owner's file; a missing file has none.

    Raises Problem where it is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(
            f"{path} cannot be read: {error}",
            "write it like data/reference/policy.toml, in UTF-8, with only the settings that differ",
        ) from None


def describe_overrides(settings: dict, above: str = "") -> list[str]:
    """A sentence for each setting that an owner's file makes."""
    said = []
    for name, value in settings.items():
        said += (
            describe_overrides(value, f"{above}{name}.")
            if isinstance(value, dict)
            else [f"the owner's policy.toml sets {above}{name} = {value}"]
        )
    return said


def load_policy(overrides: dict | None = None) -> dict:
    """The policy as a plain dictionary.

    Raises Problem where a setting is unknown, of the wrong type, or its value is none of the
    allowed ones.
    """
    policy = tomllib.loads((REFERENCE / "policy.toml").read_text(encoding="utf-8"))
    overrides = dict(overrides or {})
    composites = composite.load_composites(overrides.pop("composite", None))
    for name, value in overrides.items():
        if name not in policy:
            raise Problem(f"the policy has no setting {name}", f"use one of {', '.join(policy)}")
        _check_type(name, value, policy[name])
        for key, number in value.items() if isinstance(value, dict) else ():
            # Volumes and targets may be set for any KPI by its id; the catalogue knows which there
            # are.
            if key not in policy[name] and name not in ("minimum_volume", "targets"):
                raise Problem(
                    f"the policy has no setting {name}.{key}",
                    f"use one of {', '.join(policy[name])}",
                )
            if name == "targets":
                _check_targets(key, number)
            else:
                _check_type(f"{name}.{key}", number, policy[name].get(key, 0))
        policy[name] = {**policy[name], **value} if isinstance(value, dict) else value
    for name, allowed in CHOICES.items():
        section, _, key = name.rpartition(".")
        held = policy[section][key] if section else policy[name]
        for value in held if isinstance(held, list) else [held]:
            if value not in allowed:
                raise Problem(
                    f"policy setting {name} is {value!r}", f"use one of {', '.join(allowed)}"
                )
    _check_numbers(policy)
    load_time_limits(policy["jurisdiction"])
    return policy | {"composite": composites}


def _check_type(name: str, value, like) -> None:
    """An owner's value is of the type that the shipped one has; a whole number does where a number
    is asked for.
    """
    number = isinstance(like, int | float) and not isinstance(like, bool)
    fits = (
        isinstance(value, int | float) and not isinstance(value, bool)
        if number
        else type(value) is type(like)
    )
    if not fits:
        raise Problem(f"policy setting {name} is {value!r}", f"give it a value like {like!r}")


def _check_targets(kpi: str, targets) -> None:
    """The targets of one KPI: a number per level of the tree."""
    _check_type(f"targets.{kpi}", targets, {"all": 90})
    for level, target in targets.items():
        if level not in LEVELS:
            raise Problem(
                f"the policy has no setting targets.{kpi}.{level}",
                f"use one of {', '.join(LEVELS)}",
            )
        _check_type(f"targets.{kpi}.{level}", target, 90)


def _check_numbers(policy: dict) -> None:
    numbers = {name: policy[name] for name in ("small_limit", "survey_minutes", "reproduce_days")}
    numbers |= {f"minimum_volume.{name}": value for name, value in policy["minimum_volume"].items()}
    numbers |= {f"notice.{name}": policy["notice"][name] for name in ("points", "percent")}
    numbers |= {f"agents.{name}": value for name, value in policy["agents"].items()} | {
        "recognition.places": policy["recognition"]["places"]
    }
    for name, value in numbers.items():
        if value < 0:
            raise Problem(f"policy setting {name} is {value}", "use 0 or more")
    for section, name in (("intervals", "level"), ("league", "watch"), ("league", "act")):
        if not 0 < policy[section][name] < 1:
            raise Problem(
                f"policy setting {section}.{name} is {policy[section][name]}",
                "use a number between 0 and 1, such as 0.95",
            )


def load_time_limits(jurisdiction: str) -> pa.Table:
    """Columns `valid_from, valid_to (exclusive), complexity, days, extended_days` of one
    jurisdiction; `none` has no rows.

    Raises Problem where the jurisdiction has no rule set.
    """
    raw = tomllib.loads((REFERENCE / "time_limits.toml").read_text(encoding="utf-8"))["rule_set"]
    sets = sorted(
        (entry for entry in raw if entry["jurisdiction"] == jurisdiction),
        key=lambda entry: entry["effective_from"],
    )
    if not sets and jurisdiction != "none":
        known = ", ".join(sorted({entry["jurisdiction"] for entry in raw}))
        raise Problem(
            f"there are no complaint time limits for jurisdiction {jurisdiction!r}",
            f"use one of {known} or none, or add a rule set to time_limits.toml",
        )
    ends = [entry["effective_from"] for entry in sets[1:]] + [date.max]
    rows = []
    for entry, end in zip(sets, ends, strict=False):
        for complexity, days in entry["days"].items():
            longer = [other for other in entry["days"].values() if other > days]
            rows.append(
                {
                    "valid_from": entry["effective_from"],
                    "valid_to": end,
                    "complexity": complexity,
                    "days": days,
                    "extended_days": min(longer, default=days),
                }
            )
    return pa.Table.from_pylist(rows, schema=TIME_LIMIT)
