"""What of the landing folder a run takes in."""

from datetime import UTC, date, datetime, timedelta

import pytest

from data.config import profile
from data.config.profile_source import Source
from data.problem import Problem
from data.store.lake import Lake
from flows.intake.landed_file import LandedFile, file_date, is_companion
from flows.intake.landing import look_at_landing, remove_old_files
from tests.faults.conftest import CLAIMS, COMPLAINTS
from tests.unit.flows.conftest import NIGHT
from tests.unit.flows.intake.test_wait_for_files import delivered


def test_a_file_that_is_not_complete_is_left_out_and_reported(tmp_path):
    why = "claims_20120630.csv is still being written"
    for name, content in {
        "claims_20120630.csv": CLAIMS,
        "complaints_20120630.csv": COMPLAINTS,
    }.items():
        delivered(tmp_path, NIGHT, name, content)
    landed = look_at_landing(
        tmp_path,
        Lake(tmp_path),
        profile.load_profile("default"),
        [],
        unread={"claims_20120630.csv": why},
    )
    assert [delivery.extract for delivery in landed.deliveries] == ["complaints"]
    assert [str(problem) for problem in landed.problems] == [
        f"{why} - a later run takes it in, once it is complete (docs/runbook/late-extract.md)"
    ]


def look(landing):
    return look_at_landing(landing, Lake(landing), profile.load_profile("default"), [])


@pytest.mark.parametrize(
    ("day", "is_removed"),
    [(date(2012, 6, 29), True), (date(2012, 6, 30), False), (date(2012, 7, 1), False)],
)
def test_a_file_is_removed_only_if_its_day_is_before_the_one_given(tmp_path, day, is_removed):
    path = tmp_path / "claims.csv"
    path.write_text(CLAIMS)
    file = LandedFile(path, Source(extract="claims", files="*"), day, "x", 1)
    assert remove_old_files([file], date(2012, 6, 30)) == (int(is_removed), [])
    assert path.exists() != is_removed


def test_a_file_that_cannot_be_removed_is_a_problem_and_the_others_go(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text(CLAIMS)
    files = [
        LandedFile(path, Source(extract="claims", files="*"), date(2012, 6, 1), "x", 1)
        for path in (tmp_path / "gone.csv", path)
    ]
    removed, [problem] = remove_old_files(files, date(2012, 6, 30))
    assert removed == 1 and not path.exists()
    assert "gone.csv cannot be removed from landing: No such file" in str(problem)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("claims_20120630.csv", date(2012, 6, 30)),
        ("claims_120630.csv", date(2012, 6, 30)),  # no other day of the last years
        ("claims_19000101.csv", date(1900, 1, 1)),
        ("claims_18991231.csv", date(2026, 11, 25)),  # a number, not a day of a system's life
        ("claims_20991231.csv", date(2099, 12, 31)),
        ("claims_21000101.csv", date(2026, 11, 25)),
    ],
)
def test_the_day_of_a_file_is_in_its_name_or_that_of_its_arrival(tmp_path, name, day):
    delivered(tmp_path, NIGHT, name, CLAIMS)
    assert file_date(tmp_path / name, Source(extract="claims", files="*"), "UTC") == day


def test_a_file_that_arrives_at_midnight_is_of_the_day_that_begins_in_utc(tmp_path):
    midnight = datetime(2026, 11, 26, tzinfo=UTC)
    for moment, day in ((midnight, 26), (midnight - timedelta(seconds=1), 25)):
        delivered(tmp_path, moment, "claims.csv", CLAIMS)
        source = Source(extract="claims", files="*")
        assert file_date(tmp_path / "claims.csv", source, "UTC") == date(2026, 11, day)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("claims.csv.ok", True),
        ("claims.csv.sha256", True),
        ("claims.CSV.ok", False),  # there is no claims.CSV
        ("complaints.csv.ok", False),
        ("claims.ok", False),
        ("claims.csv", False),
        ("claims.csv.gz", False),  # the same extract, packed
    ],
)
def test_a_companion_is_next_to_the_file_it_is_about(tmp_path, name, is_one):
    for file in ("claims.csv", name):
        (tmp_path / file).write_text("x")
    assert is_companion(tmp_path / name) == is_one


def test_content_that_comes_twice_is_known_and_its_order_is_that_of_judging(tmp_path):
    for name, content in {
        "complaints_20120630.csv": COMPLAINTS,
        "claims_20120630.csv": CLAIMS,
        "claims_20120630_copy.csv": CLAIMS,
        "complaints_20120629.csv": COMPLAINTS,
        "notes.txt": "x",
        ".notes.txt": "x",
        "challenges_2012.csv": "x",
    }.items():
        delivered(tmp_path, NIGHT, name, content)
    for folder in ("old", ".hidden"):
        (tmp_path / folder).mkdir()
    landed = look(tmp_path)
    deliveries = [(one.extract, one.extract_date.day, one.file_names) for one in landed.deliveries]
    assert deliveries == [
        ("complaints", 29, "complaints_20120629.csv"),
        ("claims", 30, "claims_20120630.csv"),
        ("complaints", 30, "complaints_20120630.csv"),
    ]
    assert [file.path.name for file in landed.known] == ["claims_20120630_copy.csv"]
    assert landed.ignored == ["notes.txt", "old/"] and landed.problems == []


def test_where_nothing_landed_there_is_nothing_to_compute_from(tmp_path):
    with pytest.raises(Problem, match=f"the landing folder {tmp_path} is empty"):
        look(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(Problem, match=r"holds only files of no known extract: notes\.txt"):
        look(tmp_path)
    (tmp_path / "claims_20121331.csv").write_text("x")
    assert len(look(tmp_path).problems) == 1, "what is wrong with the only file is said"
    with pytest.raises(Problem, match="the landing folder .*nowhere does not exist"):
        look(tmp_path / "nowhere")
