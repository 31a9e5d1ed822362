"""The day in a file's name is read, or said to be ambiguous: never passed over."""

import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data.config.profile_source import Source
from data.problem import Problem
from flows.intake.landed_file import file_date

ARRIVED = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("claims_20121231.csv", date(2012, 12, 31)),
        ("claims_31122012.csv", date(2012, 12, 31)),
        ("claims_12-31-2012.csv", date(2012, 12, 31)),
        ("claims_11112012.csv", date(2012, 11, 11)),
        ("claims_121231.csv", date(2012, 12, 31)),
        ("claims_000123.csv", ARRIVED),
        ("claims_part2012.csv", ARRIVED),
        ("claims_12345678.csv", ARRIVED),
    ],
)
def test_a_day_in_a_name(name, day):
    assert Source(extract="claims", files="*").date_of(Path(name), ARRIVED) == day


@pytest.mark.parametrize("part", ["03042012", "101112", "201212", "2012-12", "2012年12月"])
def test_a_day_that_is_ambiguous(part):
    with pytest.raises(Problem, match="the day in the file name is ambiguous: .* - name the file"):
        Source(extract="claims", files="*").date_of(Path(f"claims_{part}.csv"), ARRIVED)


@pytest.mark.parametrize(
    ("timezone", "day"), [("Asia/Shanghai", 31), ("UTC", 30), ("America/New_York", 30)]
)
def test_the_day_of_arrival_is_in_the_time_zone_of_the_profile(tmp_path, timezone, day):
    path = tmp_path / "claims.csv"
    path.write_text("x")
    arrived = datetime(2012, 12, 31, 7, 30, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    os.utime(path, (arrived, arrived))
    assert file_date(path, Source(extract="claims", files="*"), timezone) == date(2012, 12, day)
