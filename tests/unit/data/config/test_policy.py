"""The policy: what an owner may say, and the sentence they get for what they may not."""

import json
from datetime import date

import pytest

from data.config import policy
from data.config.time_limits import load_time_limits
from data.problem import Problem
from data.store.store import Store
from flows.nightly.run_context import prepare_run
from flows.nightly.run_options import RunOptions
from transforms.kpis.catalogue import build_dim_kpi


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"closing_pont": "payment"},
            "closing_pont is not a setting (closing_point is the nearest); use",
        ),
        ({"closing_point": "closing"}, "closing_point is 'closing', it must be 'payment' or 'busi"),
        ({"league": {"peers": "town"}}, "league.peers is 'town', it must be 'none', 'region' or"),
        ({"league": {"strata": ["line", "x"]}}, "league.strata[2] is 'x', it must be 'line', 'cl"),
        ({"league": 3}, "league is 3, it must be a table of names and values"),
        ({"small_limit": "3000"}, "small_limit is '3000', it must be a number"),
        ({"small_limit": True}, "small_limit is True, it must be a number"),
        ({"small_limit": float("inf")}, "small_limit is inf, it must be a finite number"),
        ({"small_limit_included": "yes"}, "small_limit_included is 'yes', it must be true or fal"),
        ({"survey_minutes": [30]}, "survey_minutes is [30], it must be a number"),
        ({"reproduce_days": 1.5}, "reproduce_days is 1.5, it must be a whole number"),
        (
            {"complaint_ratio_channels": ["regulators"]},
            "complaint_ratio_channels[1] is 'regulators', it must be 'regulator', 'company'",
        ),
        (
            {"complaint_ratio_channels": "regulator"},
            "complaint_ratio_channels is 'regulator', it must be a list",
        ),
        ({"complaint_ratio_counts": "some"}, "is 'some', it must be 'all' or 'valid'"),
        ({"policy_denominator": "sold"}, "is 'sold', it must be 'issued' or 'in_force'"),
        ({"jurisdiction": "XX"}, "jurisdiction is 'XX', for which there are no complaint time"),
        ({"jurisdiction": "XX"}, "use one of AU, CN, IN, UK, none"),
        (
            {"intervals": {"levle": 0.9}},
            "intervals.levle is not a setting (level is the nearest); use one",
        ),
        ({"minimum_volume": {"share": "many"}}, "minimum_volume.share is 'many', it must be a nu"),
        ({"targets": {"claim_closure_pct": 90}}, "targets.claim_closure_pct is 90, it must be a t"),
        (
            {"targets": {"claim_closure_pct": {"provinces": 90}}},
            "targets.claim_closure_pct.provinces is 'provinces', it must be 'all', 'head_office'",
        ),
        (
            {"targets": {"claim_closure_pct": {"all": "90"}}},
            "targets.claim_closure_pct.all is '90', it must be a number",
        ),
    ],
)
def test_what_an_owner_may_not_write(settings, message):
    with pytest.raises(Problem) as caught:
        policy.load_policy(settings)
    assert message in str(caught.value) and "docs/reference/policy.md" in str(caught.value)


NOT_NEGATIVE = (
    *("small_limit", "survey_minutes", "reproduce_days", "minimum_volume.share"),
    *("minimum_volume.claim_closure_pct", "notice.points", "notice.percent", "agents.days"),
    *("agents.cases", "recognition.places", "delivery_limits.fewest_share"),
    *("delivery_limits.vanished_rows", "delivery_limits.quarantined_rows"),
    *("delivery_limits.newest_days", "release.public_floor", "release.regulator_floor"),
    "release.few",
)
SHARES = ("delivery_limits.quarantined_share", "delivery_limits.empty_share")
INNER_SHARES = ("intervals.level", "league.watch", "league.act")


def is_allowed(setting: str, value: float) -> bool:
    """Return whether the policy takes a value; a refusal must name the setting and the value."""
    section, _, name = setting.rpartition(".")
    settings = {section: {name: value}} if section else {name: value}
    try:
        followed = policy.load_policy(settings).model_dump(mode="json")
    except Problem as problem:
        assert f"{setting} is {value}, it must be" in str(problem)
        return False
    assert (followed[section] if section else followed)[name] == value
    return True


@pytest.mark.parametrize("setting", NOT_NEGATIVE)
def test_a_number_of_the_policy_is_zero_or_more(setting):
    assert [is_allowed(setting, value) for value in (-1, 0, 1)] == [False, True, True]


@pytest.mark.parametrize("setting", SHARES)
def test_a_share_of_the_policy_is_from_none_to_all(setting):
    values = (-0.01, 0, 0.5, 1, 1.01)
    assert [is_allowed(setting, value) for value in values] == [False, True, True, True, False]


@pytest.mark.parametrize("setting", INNER_SHARES)
def test_a_level_of_the_policy_is_between_none_and_all(setting):
    values = (-0.5, 0, 0.001, 0.999, 1, 95)
    expected = [False, False, True, True, False, False]
    assert [is_allowed(setting, value) for value in values] == expected


def test_a_usual_volume_needs_a_delivery_to_compare_with():
    values = (-1, 0, 1)
    assert [is_allowed("delivery_limits.deliveries", value) for value in values] == [
        False,
        False,
        True,
    ]
    values = (0, 0.01)
    assert [is_allowed("delivery_limits.most_share", value) for value in values] == [False, True]


def test_everything_that_is_wrong_is_listed():
    with pytest.raises(Problem) as caught:
        policy.load_policy({"league": {"act": 99.8, "peers": "town"}, "small_limit": -1}, "x.toml")
    assert caught.value.what == (
        "x.toml: small_limit is -1, it must be 0 or more; "
        "league.act is 99.8, it must be less than 1; "
        "league.peers is 'town', it must be 'none', 'region' or 'size'"
    )


def test_a_policy_survives_its_manifest():
    """Numbers stay as they are written: 30 is not 30.0, in an id the two differ."""
    overrides = {
        "small_limit": 10.5,
        "minimum_volume": {"share": 5, "claim_closure_pct": 7.0},
        "targets": {"claim_closure_pct": {"all": 90, "province": 91.5}},
        "delivery_limits": {"most_share": 3},
    }
    followed = policy.load_policy(overrides)
    recorded = json.dumps(followed.model_dump(mode="json"))
    assert '"claim_closure_pct": 7.0' in recorded and '"small_limit": 10.5' in recorded
    assert '"most_share": 3,' in recorded and '{"all": 90, "province": 91.5}' in recorded
    read = policy.policy_from_manifest(json.loads(recorded))
    assert read == followed and json.dumps(read.model_dump(mode="json")) == recorded


def test_the_shipped_policy_is_recorded_as_it_is_written():
    written = policy.shipped_settings()
    recorded = policy.load_policy().model_dump(mode="json")
    assert json.dumps(recorded) == json.dumps(written)


def test_a_manifest_of_an_older_program_is_read():
    """It lacks settings that came later, and has some that are gone."""
    recorded = policy.load_policy({"small_limit": 1}).model_dump(mode="json")
    del recorded["release"], recorded["league"]["peers"]
    recorded |= {"colour": "red"}
    recorded["league"]["colour"] = "red"
    assert policy.policy_from_manifest(recorded) == policy.load_policy({"small_limit": 1})


def test_a_minimum_volume_is_for_a_kpi_or_a_kind():
    followed = policy.load_policy({"minimum_volume": {"claim_closure_pct": 100, "mean": 50}})
    volumes = {row["kpi_id"]: row["minimum_volume"] for row in build_dim_kpi(followed).to_pylist()}
    assert volumes["claim_closure_pct"] == 100
    assert volumes["claim_settlement_days_mean"] == 50
    assert volumes["claim_zero_pct"] == 30
    with pytest.raises(Problem, match="claim_closure_percent"):
        build_dim_kpi(policy.load_policy({"minimum_volume": {"claim_closure_percent": 100}}))


def test_the_owners_file_overrides_the_profile_and_is_noted(tmp_path):
    store = Store(tmp_path)
    store.policy.write_text(
        "small_limit = 5000\n[minimum_volume]\nmean = 50\n[targets]\nclaim_closure_pct = { all = 90 }\n",
        encoding="utf-8",
    )
    profile = {"small_limit": 4000, "survey_minutes": 60, "minimum_volume": {"share": 10}}
    followed = policy.resolve_policy(profile, store.policy)
    assert (followed.small_limit, followed.survey_minutes) == (5000, 60)
    volumes = followed.minimum_volume
    assert (volumes["mean"], volumes["share"], volumes["count"]) == (50, 10, 0)
    options = RunOptions(
        landing=tmp_path, as_of=date(2012, 6, 30), render=False, threads=1, memory="1GB"
    )
    run = prepare_run(options, store)
    run.engine.close()
    assert run.policy.small_limit == 5000
    assert run.policy.targets == {"claim_closure_pct": {"all": 90}}
    assert "the owner's policy.toml sets targets.claim_closure_pct.all = 90" in run.notes


def test_a_wrong_setting_is_looked_for_where_it_is_written(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text("small_limit = -2\n", encoding="utf-8")
    with pytest.raises(Problem, match=r"policy\.toml: small_limit is -2"):
        policy.resolve_policy({}, path)
    with pytest.raises(Problem, match=r"\[policy\] of the profile: survey_minutes is -1"):
        policy.resolve_policy({"survey_minutes": -1}, path)


def test_an_owners_file_that_is_not_toml_is_named(tmp_path):
    (tmp_path / "policy.toml").write_text("small_limit: 5000", encoding="utf-8")
    with pytest.raises(Problem, match=r"policy\.toml is not valid TOML"):
        policy.resolve_policy({}, tmp_path / "policy.toml")


def test_a_target_is_for_a_kpi():
    with pytest.raises(Problem, match="targets for claim_closure_percent"):
        build_dim_kpi(policy.load_policy({"targets": {"claim_closure_percent": {"all": 90}}}))


def test_time_limits_of_the_day_of_receipt():
    limits = load_time_limits("CN").to_pylist()
    limits_in_force = [
        row for row in limits if row["valid_from"] <= date(2020, 3, 1) < row["valid_to"]
    ]
    assert {row["complexity"]: (row["days"], row["extended_days"]) for row in limits_in_force} == {
        "simple": (15, 30),
        "complex": (30, 60),
        "special": (60, 60),
    }
    assert load_time_limits("none").num_rows == 0
