"""Who has seen what: registers by audience, corrections of a period, who signs, and on which day."""

import csv
import json
import shutil
from dataclasses import replace

import pytest

from data.problem import Problem
from data.store.releases import (
    AUDIENCES,
    Releases,
    parse_layouts,
    read_release_manifest,
)
from data.store.store import Store
from flows.publications import releases
from flows.publications.decisions import hold_publication
from tests.releases.conftest import ID, SIGNED, extracts
from tests.releases.publication import compute, publish
from transforms.returns.attacker import attack_release

CORRECTED = "2012-12-31-bbbbbbbbbbbb"
NEXT_YEAR = "2013-01-31-cccccccccccc"


@pytest.fixture
def copied(store, tmp_path):
    """A store of one's own."""
    return shutil.copytree(store, tmp_path / "store")


@pytest.fixture
def corrected(copied):
    """The same with a publication in which two complaints have come late."""
    rows = extracts()
    late = [row for row in rows["complaints"] if row["branch_code"] == "06"][:2]
    rows["complaints"] += [row | {"complaint_id": f"late {row['complaint_id']}"} for row in late]
    publish(copied, CORRECTED, "2012-12-31", compute("2012-12-31", **rows))
    return copied


def correction(**changes) -> releases.Correction:
    fields = {
        "publication_id": CORRECTED,
        "cause": "two complaints came late",
        "prevention": "the desk is asked before",
        "signers": SIGNED,
        "publish_at": "2013-02-01T09:30+08:00",
    }
    return releases.Correction(**{**fields, **changes})


def states(root, audience: str, name: str) -> dict[str, str]:
    return {entry["version"]: entry["state"] for entry in Releases(root, audience).register(name)}


def test_the_public_reads_nothing_of_what_a_regulator_was_given(copied, request_template):
    """A public release of the name of a regulator's: its changes.csv compares with nothing."""
    seen_by_the_public = Releases(copied, "public").known()
    assert "public-returns 1.0.0" in seen_by_the_public
    request = replace(request_template, name="regulator-returns")
    folder = releases.make_release(copied, request)
    assert folder.name == "1.0.0"
    assert (folder / "changes.csv").read_text(encoding="utf-8").count("\n") == 1, "its header"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["asked"]["before"] is None
    assert manifest["asked"]["earlier"] == seen_by_the_public
    assert not any(release.startswith("regulator") for release in seen_by_the_public)
    assert states(copied, "regulator", "regulator-returns") == {"1.0.0": "published"}


def test_the_same_periods_once_more_supersede(copied, request_template):
    releases.make_release(copied, request_template)
    assert states(copied, "public", "public-returns") == {
        "1.0.0": "superseded",
        "1.0.1": "published",
    }


def test_another_period_supersedes_nothing_and_any_version_in_force_can_be_corrected(
    corrected, request_template
):
    rows = extracts()
    publish(corrected, NEXT_YEAR, "2013-01-31", compute("2013-01-31", **rows))
    regulator = replace(request_template, name="regulator-returns", audience="regulator")
    later = replace(regulator, publication_id=NEXT_YEAR, publish_at="2013-02-15T09:30+08:00")
    releases.make_release(corrected, later)
    name = "regulator-returns"
    assert set(states(corrected, "regulator", name).values()) == {"published"}
    with pytest.raises(Problem, match="correct it from a publication of the same periods"):
        releases.correct_release(corrected, "regulator", name, correction())
    assert len(states(corrected, "regulator", name)) == 2
    folder = releases.correct_release(corrected, "regulator", name, correction(version="1.0.0"))
    assert folder.name == "1.0.2"
    assert states(corrected, "regulator", name) == {
        "1.0.0": "superseded",
        "1.0.1": "published",
        "1.0.2": "published",
    }
    with pytest.raises(Problem, match="1.0.0 is superseded - correct a version that is in force"):
        releases.correct_release(corrected, "regulator", name, correction(version="1.0.0"))


def test_a_correction_that_changes_nothing_is_refused(copied):
    same = correction(publication_id=ID)
    with pytest.raises(Problem, match="nothing that readers of regulator-returns 1.0.0 see"):
        releases.correct_release(copied, "regulator", "regulator-returns", same)


@pytest.mark.parametrize(
    "signed",
    [
        {"checked_by": "LI "},
        {"approved_by": "wang", "checked_by": " Wa ng"},
        {"approved_by": "Ｚhao", "checked_by": "zhao"},
        {"checked_by": "  "},
    ],
)
def test_three_different_people_sign(copied, request_template, signed):
    with pytest.raises(Problem, match="three different people sign a release"):
        releases.make_release(copied, replace(request_template, **signed))


def test_only_those_sign_whom_the_policy_names(copied, request_template, tables):
    names = ["li", "WANG", *SIGNED.values()][-3:]
    for signers, is_allowed in ((names, True), ([*names[:2], "Qian"], False)):
        publication_id = f"2012-12-31-{'d' if is_allowed else 'e'}{'0' * 11}"
        publish(copied, publication_id, "2012-12-31", tables, {"release": {"signers": signers}})
        request = replace(request_template, publication_id=publication_id)
        if is_allowed:
            releases.make_release(copied, request)
        else:
            with pytest.raises(Problem, match="may not sign a release"):
                releases.make_release(copied, request)


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ({"publish_at": "2012-12-30T09:30+08:00"}, "is before 2012-12-31, the last day"),
        ({"publish_at": "2013-02-30T09:30+08:00"}, "is not a date that exists"),
        ({"publish_at": "2013-01-15T09:30"}, "has no offset from UTC"),
        ({"announced_on": "2013-01-16"}, "is after --publish-at"),
        ({"announced_on": "31.12.2012"}, "--announced-on 31.12.2012 is not a date that exists"),
        ({"next_release": "2013-01-15"}, "is not after --publish-at"),
        ({"next_release": "2013-01"}, "is not after --publish-at"),
        ({"next_release": "2013-13"}, "--next-release 2013-13-01 is not a date"),
    ],
)
def test_days_are_read_and_in_order(copied, request_template, dates, message):
    with pytest.raises(Problem, match=message):
        releases.make_release(copied, replace(request_template, **dates))


@pytest.mark.parametrize(
    "dates",
    [
        {"publish_at": "2012-12-31T09:30+08:00", "announced_on": "2012-12-31"},
        {"next_release": "2013-01-16"},
        {"next_release": "2013-02"},
    ],
)
def test_days_that_are_just_in_order(copied, request_template, dates):
    assert releases.make_release(copied, replace(request_template, **dates)).name == "1.0.1"


def test_a_release_of_a_publication_on_hold_is_reproduced(copied, tables):
    publish(copied, "2012-12-30-ffffffffffff", "2012-12-30", tables)
    hold_publication(Store(copied), ID, "a file is missing", "Li")
    assert releases.reproduce_release(copied, "public", "public-returns", "1.0.0") == []


def test_an_unknown_audience_is_named(tmp_path):
    with pytest.raises(Problem, match="the audience press is unknown - use regulator or public"):
        Releases(tmp_path, "press")
    assert AUDIENCES == ("regulator", "public")


def test_ratios_of_a_public_release_have_the_decimals_of_their_layout(public, regulator):
    def longest(folder, column: str) -> int:
        with (folder / "cn-service-evaluation.csv").open(encoding="utf-8", newline="") as stream:
            return max(len(row[column].partition(".")[2]) for row in csv.DictReader(stream))

    assert longest(public, "cycle_days") <= 2 < longest(regulator, "cycle_days")


def test_a_correction_of_a_public_release_is_attacked_with_what_is_known_now(corrected):
    """Counts that the first version published have changed; some of them are hidden now."""
    folder = releases.correct_release(corrected, "public", "public-returns", correction())
    assert folder.name == "1.0.1"
    (protection,) = [row for row in _read(folder, "qa-log.csv") if row["check_id"] == "d3"]
    assert (protection["outcome"], protection["found"]) == ("passed", "")


def test_the_attacker_works_out_a_count_whose_partner_is_published(public, regulator, tmp_path):
    """The gate is no formality: with one hidden cell put back, another one follows."""
    layouts = parse_layouts(read_release_manifest(public))
    sound = attack_release([(public, layouts)], 10)
    assert sound.tried > 0
    assert sound.findings == []
    leaking = shutil.copytree(public, tmp_path / "leaking")
    exact, shown = (_read(folder, "cn-complaint-bulletin.csv") for folder in (regulator, leaking))
    hidden = [number for number, row in enumerate(shown) if row["complaints_count_status"] == "c"]
    for number in hidden[1:]:
        shown[number]["complaints_count"] = exact[number]["complaints_count"]
        shown[number]["complaints_count_status"] = ""
    _write(leaking, "cn-complaint-bulletin.csv", shown)
    attack = attack_release([(leaking, layouts)], 10)
    code, count = (exact[hidden[0]][name] for name in ("branch_code", "complaints_count"))
    assert any(
        f" {code} lies from {count} to {count}" in finding and "complaints_in_ratio " in finding
        for finding in attack.findings
    ), attack.findings


def _read(folder, name: str) -> list[dict]:
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(folder, name: str, rows: list[dict]) -> None:
    path = folder / name
    path.chmod(0o644)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
