"""The policy: what an owner may say, and the sentence they get for what they may not."""

from datetime import date

import pytest

from data.config import policy
from data.problem import Problem
from data.store.store import Store
from flows.nightly import steps
from transforms.kpis.catalogue import build_dim_kpi


@pytest.mark.parametrize(
    ("said", "what", "remedy"),
    [
        ({"closing_pont": "payment"}, "the policy has no setting closing_pont", "closing_point"),
        ({"closing_point": "closing"}, "closing_point is 'closing'", "payment, business_close"),
        ({"league": {"peers": "town"}}, "league.peers is 'town'", "none, region, size"),
        (
            {"league": {"strata": ["line", "colour"]}},
            "league.strata is 'colour'",
            "line, claim_group",
        ),
        ({"league": {"act": 99.8}}, "league.act is 99.8", "between 0 and 1"),
        ({"small_limit": "3000"}, "small_limit is '3000'", "like 3000"),
        ({"small_limit": True}, "small_limit is True", "like 3000"),
        ({"small_limit": -1}, "small_limit is -1", "0 or more"),
        ({"small_limit_included": "yes"}, "small_limit_included is 'yes'", "like True"),
        ({"survey_minutes": [30]}, "survey_minutes is [30]", "like 30"),
        (
            {"complaint_ratio_channels": ["regulators"]},
            "complaint_ratio_channels is 'regulators'",
            "regulator, company",
        ),
        (
            {"complaint_ratio_channels": "regulator"},
            "complaint_ratio_channels is 'regulator'",
            "like ['regulator']",
        ),
        ({"complaint_ratio_counts": "some"}, "complaint_ratio_counts is 'some'", "all, valid"),
        ({"policy_denominator": "sold"}, "policy_denominator is 'sold'", "issued, in_force"),
        ({"jurisdiction": "XX"}, "jurisdiction 'XX'", "CN, IN, UK or none"),
        ({"intervals": {"level": 95}}, "intervals.level is 95", "0.95"),
        ({"intervals": {"levle": 0.9}}, "no setting intervals.levle", "level"),
        ({"minimum_volume": {"share": "many"}}, "minimum_volume.share is 'many'", "like 30"),
        ({"targets": {"claim_closure_pct": 90}}, "targets.claim_closure_pct is 90", "{'all': 90}"),
        (
            {"targets": {"claim_closure_pct": {"provinces": 90}}},
            "no setting targets.claim_closure_pct.provinces",
            "province",
        ),
        (
            {"targets": {"claim_closure_pct": {"all": "90"}}},
            "targets.claim_closure_pct.all is '90'",
            "like 90",
        ),
    ],
)
def test_what_an_owner_may_not_say(said, what, remedy):
    with pytest.raises(Problem) as told:
        policy.load_policy(said)
    assert what in str(told.value) and remedy in str(told.value)


def test_a_minimum_volume_is_for_a_kpi_or_a_kind():
    held = policy.load_policy({"minimum_volume": {"claim_closure_pct": 100, "mean": 50}})
    volumes = {row["kpi_id"]: row["minimum_volume"] for row in build_dim_kpi(held).to_pylist()}
    assert (
        volumes["claim_closure_pct"],
        volumes["claim_settlement_days_mean"],
        volumes["claim_zero_pct"],
    ) == (100, 50, 30)
    with pytest.raises(Problem, match="claim_closure_percent"):
        build_dim_kpi(policy.load_policy({"minimum_volume": {"claim_closure_percent": 100}}))


def test_the_owners_file_lies_over_the_profile_and_is_told(tmp_path):
    store = Store(tmp_path)
    store.policy.write_text(
        "small_limit = 5000\n[minimum_volume]\nmean = 50\n[targets]\nclaim_closure_pct = { all = 90 }\n",
        encoding="utf-8",
    )
    held = policy.resolve_policy(
        {"small_limit": 4000, "survey_minutes": 60, "minimum_volume": {"share": 10}}, store.policy
    )
    assert (held["small_limit"], held["survey_minutes"]) == (5000, 60)
    assert (
        held["minimum_volume"]["mean"],
        held["minimum_volume"]["share"],
        held["minimum_volume"]["count"],
    ) == (50, 10, 0)
    run = steps.prepare_run(
        tmp_path, store, date(2012, 6, 30), None, "default", False, 1, "1GB", None, "duckdb", None
    )
    run.engine.close()
    assert run.policy["small_limit"] == 5000 and run.policy["targets"] == {
        "claim_closure_pct": {"all": 90}
    }
    assert "the owner's policy.toml sets targets.claim_closure_pct.all = 90" in run.notes


def test_an_owners_file_that_is_no_toml_is_named(tmp_path):
    (tmp_path / "policy.toml").write_text("small_limit: 5000", encoding="utf-8")
    with pytest.raises(Problem, match=r"policy\.toml cannot be read"):
        policy.resolve_policy({}, tmp_path / "policy.toml")


def test_a_target_is_for_a_kpi():
    with pytest.raises(Problem, match="targets for claim_closure_percent"):
        build_dim_kpi(policy.load_policy({"targets": {"claim_closure_percent": {"all": 90}}}))


def test_time_limits_of_the_day_of_receipt():
    limits = policy.load_time_limits("CN").to_pylist()
    held = [row for row in limits if row["valid_from"] <= date(2020, 3, 1) < row["valid_to"]]
    assert {row["complexity"]: (row["days"], row["extended_days"]) for row in held} == {
        "simple": (15, 30),
        "complex": (30, 60),
        "special": (60, 60),
    }
    assert policy.load_time_limits("none").num_rows == 0
