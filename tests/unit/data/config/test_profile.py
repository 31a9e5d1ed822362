"""A profile says how files map onto contracts: what it says must mean something, and which day a
file is of must be beyond doubt.
"""

from datetime import date
from pathlib import Path

import pytest

import data.config.profile
from data.config.profile import Source, load_profile
from data.extracts.extract_date import read_extract_date
from data.extracts.open_file import open_file
from data.problem import Problem

ARRIVED = date(2020, 1, 1)


@pytest.mark.parametrize(
    "name",
    [
        "claims_20121231.csv",
        "claims_2012-12-31_part2.csv.gz",
        "claims_2012_12_31.csv",
        "理赔2012年12月31日.xlsx",
        "claims_20121231020000.csv",
        "claims_20121231_020000.csv",
        "claims_20121231-0200.csv",
        "claims_20121231_0001.csv",
        "2012-12-31/claims_20121231.csv",
    ],
)
def test_the_extract_date_is_in_the_name(name):
    assert Source("claims", "*").date_of(Path(name), ARRIVED) == date(2012, 12, 31)


@pytest.mark.parametrize(
    "name",
    [
        "claims.csv",
        "claims_991299.csv",
        "claims_123456789.csv",
        "claims_2012.csv",
        "claims_98765432.csv",
    ],
)
def test_a_name_that_tells_no_day_is_of_the_day_of_its_arrival(name):
    assert Source("claims", "*").date_of(Path(name), ARRIVED) == ARRIVED


def test_a_name_in_doubt_is_refused():
    with pytest.raises(Problem, match="20121331 in the file name is not a day"):
        Source("claims", "*").date_of(Path("claims_20121331.csv"), ARRIVED)
    with pytest.raises(Problem, match="the file name tells several days: 2012-12-01, 2012-12-31"):
        Source("claims", "*").date_of(Path("claims_20121201_20121231.csv"), ARRIVED)


def test_the_extract_date_may_stand_in_a_column(tmp_path):
    path, source = (
        tmp_path / "claims.csv",
        Source("claims", "*", extract_date={"column": "提数日期"}),
    )

    def day(*cells: str) -> date:
        path.write_text(
            "赔案号,提数日期\n" + "".join(f"C1,{cell}\n" for cell in cells), encoding="gb18030"
        )
        return read_extract_date(open_file(path, source, tmp_path), "提数日期", path)

    assert day("2012/12/31", "20121231", "2012年12月31日", "2012-12-31 23:00:00", "") == date(
        2012, 12, 31
    )
    with pytest.raises(
        Problem,
        match="holds 2: 2012-12-30, 2012-12-31 - correct extract_date in the profile, or deliver the rows of each day",
    ):
        day("2012-12-31", "2012-12-30")
    with pytest.raises(Problem, match="holds 0: none that can be read"):
        day("昨天", "")
    with pytest.raises(Problem, match="claims.csv has no column '日期'"):
        read_extract_date(open_file(path, source, tmp_path), "日期", path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timezone = ", "is not TOML"),
        ("", "has no time zone that is known: None"),
        ('timezone = "Shanghai"', "has no time zone that is known: 'Shanghai'"),
        ('timezone = "Asia/Shanghai"', "has no source"),
        ('[[source]]\nextract = "claims"', "source 1 lacks extract or files"),
        (
            '[[source]]\nextract = "claim"\nfiles = "*"',
            "names an extract that has no contract: claim",
        ),
        (
            '[[source]]\nextract = "claims"\nfiles = "*"\ndelimeter = ";"',
            "has delimeter, which means nothing",
        ),
        ('[[source]]\nextract = "claims"\nfiles = "*"\ndelivery = "all"', "delivery is 'all'"),
        (
            '[[source]]\nextract = "claims"\nfiles = "*"\n[source.columns]\nclosed = "x"',
            r"\[source.columns\] has closed, which means nothing",
        ),
        (
            '[[source]]\nextract = "claims"\nfiles = "*"\n[source.columns]\nline = { header = "x" }',
            "has line.header, which means nothing",
        ),
    ],
)
def test_a_profile_that_means_nothing_is_refused_by_name(tmp_path, monkeypatch, text, message):
    monkeypatch.setattr(data.config.profile, "PROFILES", tmp_path)
    (tmp_path / "x.toml").write_text(
        ('timezone = "Asia/Shanghai"\n' if text.startswith("[") else "") + text, encoding="utf-8"
    )
    with pytest.raises(Problem, match=f"profile.* {message}"):
        load_profile("x")


def test_an_unknown_profile_names_the_known_ones():
    with pytest.raises(Problem, match="use one of: .*default"):
        load_profile("nobody")
