"""A profile says how files map onto contracts: what it says must mean something, and which day a
file is of must be beyond doubt.
"""

from datetime import date
from pathlib import Path

import pytest

import data.config.profile
from data.config.contract import load_contracts
from data.config.profile import load_profile
from data.config.profile_source import Origin, Source
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
    assert Source(extract="claims", files="*").date_of(Path(name), ARRIVED) == date(2012, 12, 31)


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
    assert Source(extract="claims", files="*").date_of(Path(name), ARRIVED) == ARRIVED


def test_a_name_in_doubt_is_refused():
    with pytest.raises(Problem, match="20121331 in the file name is not a day"):
        Source(extract="claims", files="*").date_of(Path("claims_20121331.csv"), ARRIVED)
    with pytest.raises(Problem, match="the file name has several days: 2012-12-01, 2012-12-31"):
        Source(extract="claims", files="*").date_of(Path("claims_20121201_20121231.csv"), ARRIVED)


def test_the_extract_date_may_stand_in_a_column(tmp_path):
    path, source = (
        tmp_path / "claims.csv",
        Source(extract="claims", files="*", extract_date={"column": "提数日期"}),
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


def write(tmp_path, monkeypatch, text: str) -> None:
    monkeypatch.setattr(data.config.profile, "PROFILES", tmp_path)
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")


CLAIMS = 'timezone = "Asia/Shanghai"\n[[source]]\nextract = "claims"\nfiles = "*"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timezone = ", "is not valid TOML in UTF-8"),
        ("", "timezone is missing; source is missing"),
        ("timezones = 'UTC'", "timezones is not a setting (timezone is the nearest); use one of t"),
        ('timezone = "Shanghai"', "timezone is 'Shanghai', it must be a time zone such as Asia/Sh"),
        ('timezone = "UTC"\nsource = []', "source is [], it must have 1 or more entries"),
        ('timezone = "UTC"\n[[source]]', "source[1].extract is missing; source[1].files is miss"),
        (CLAIMS.replace("claims", "claim"), "source[1].extract is 'claim', it must be the name of"),
        (f"{CLAIMS}[[source]]\ndelivery = 1", "source[2].delivery is 1, it must be 'delta' or 'f"),
        (CLAIMS + "delimit = ';'", "source[1].delimit is not a setting (delimiter is the nearest)"),
        (CLAIMS + "delivery = 'all'", "source[1].delivery is 'all', it must be 'delta' or 'full'"),
        (CLAIMS + "repeats = 'last'", "source[1].repeats is 'last', it must be 'quarantine' or 'k"),
        (CLAIMS + "dates = 'ymd'", "source[1].dates is 'ymd', it must be 'dmy' or 'mdy'"),
        (CLAIMS + "decimal = ';'", "source[1].decimal is ';', it must be '.' or ','"),
        (CLAIMS + "int96 = 'zulu'", "source[1].int96 is 'zulu', it must be 'utc' or 'local'"),
        (CLAIMS + "header_line = 0", "source[1].header_line is 0, it must be 1 or more"),
        (CLAIMS + "nulls = '-'", "source[1].nulls is '-', it must be a list, such as [...]"),
        (CLAIMS + "extract_date = '2012-12-31'", "is '2012-12-31', it must be a day such as 2012"),
        (CLAIMS + "extract_date = 2012-12-31T00:00:00", "source[1].extract_date is datetime.datet"),
        (CLAIMS + "extract_date = { header = 'd' }", "source[1].extract_date is {'header': 'd'}, "),
        (CLAIMS + "extract_date = { column = 1 }", "source[1].extract_date is {'column': 1}, it m"),
        (CLAIMS + "columns.closed = 'x'", "source[1] maps closed (closed_at is the nearest), "),
        (CLAIMS + "columns.line = 5", "source[1].columns.line is 5, it must be a header in quotes"),
        (CLAIMS + "columns.line = ''", "source[1].columns.line.column is '', it must not be empty"),
        (CLAIMS + "columns.line = { header = 'x' }", "source[1].columns.line.header is not a sett"),
        (CLAIMS + "columns.line = { values = ['a'] }", "line.values is ['a'], it must be a table of"),
        (CLAIMS + "columns.line = { constant = [1] }", "line.constant is [1], it must be text in q"),
    ],
)  # fmt: skip
def test_a_message_names_file_and_key(tmp_path, monkeypatch, text, message):
    write(tmp_path, monkeypatch, text)
    with pytest.raises(Problem) as caught:
        load_profile("x")
    assert str(caught.value).startswith("data/profiles/x.toml") and message in str(caught.value)
    assert "docs/reference/profile.md" in str(caught.value)


def test_a_list_with_a_wrong_entry_is_not_called_too_short(tmp_path, monkeypatch):
    write(tmp_path, monkeypatch, CLAIMS + "delivery = 'all'")
    with pytest.raises(Problem) as caught:
        load_profile("x")
    assert "or more entries" not in str(caught.value)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("{}", None),
        ("{ nulls = [999] }", None),
        ("{ column = 'x', unit = '' }", None),
        ("{ constant = 'x' }", None),
        ("{ constant = '' }", None),
        ("{ content = true }", None),
        ("{ column = 'x', constant = 'x' }", "must have one of column, constant and content"),
        ("{ column = 'x', content = true }", "must have one of column, constant and content"),
        ("{ constant = '', content = true }", "must have one of column, constant and content"),
        ("{ constant = 'x', nulls = ['x'] }", "reads no cells; values, nulls and unit are for"),
        ("{ content = true, values = { x = 'y' } }", "reads no cells; values, nulls and unit"),
        ("{ constant = '', unit = '%' }", "reads no cells; values, nulls and unit are for a col"),
    ],
)
def test_a_column_comes_from_one_thing(tmp_path, monkeypatch, mapping, message):
    write(tmp_path, monkeypatch, f"{CLAIMS}columns.line = {mapping}")
    if message is None:
        assert "line" in load_profile("x").sources[0].columns
        return
    with pytest.raises(Problem) as caught:
        load_profile("x")
    assert f"source[1].columns.line {message}" in str(caught.value)


def read_origins(tmp_path, monkeypatch, settings: str, headers: list[str]) -> dict[str, Origin]:
    write(tmp_path, monkeypatch, CLAIMS + settings)
    return load_profile("x").sources[0].resolve(load_contracts()["claims"], headers)


def test_numbers_and_booleans_need_no_quotes_where_a_cell_is_meant(tmp_path, monkeypatch):
    settings = """nulls = [999, -1.5]
columns.has_injury = { constant = true }
columns.line = { constant = 7 }
columns.outcome = { column = "o", values = { a = 1 }, nulls = [0] }"""
    origins = read_origins(tmp_path, monkeypatch, settings, ["o"])
    assert (origins["has_injury"].constant, origins["line"].constant) == ("true", "7")
    assert origins["outcome"].values == {"a": "1"}
    assert origins["outcome"].nulls == ("999", "-1.5", "0")


def test_a_column_is_mapped_or_goes_by_its_name_or_aliases(tmp_path, monkeypatch):
    settings = """decimal = ","
dates = "dmy"
columns.paid_amount = { column = "betrag", unit = "" }
columns.line = "Sparte"
columns.claim_id = { content = true }
columns.branch_code = { nulls = ["?"] }"""
    headers = ["Betrag (万元)", "首次估损金额(万元)", "机构代码", "Outcome", "claim_id", "x"]
    origins = read_origins(tmp_path, monkeypatch, settings, headers)
    shared = {"decimal": ",", "dates": "dmy"}
    assert origins == {
        "claim_id": Origin(content=True),
        "branch_code": Origin("机构代码", nulls=("?",), **shared),
        "outcome": Origin("Outcome", **shared),
        "first_estimate": Origin("首次估损金额(万元)", unit="万元", **shared),
        "paid_amount": Origin("Betrag (万元)", unit="", **shared),
    }


def test_a_header_in_full_comes_before_one_without_its_unit_and_the_first_of_equal_ones(
    tmp_path, monkeypatch
):
    headers = ["paid_amount(元)", "paid_amount", "PAID_AMOUNT"]
    origins = read_origins(tmp_path, monkeypatch, "", headers)
    assert origins["paid_amount"].header == "paid_amount"


def test_the_first_source_that_fits_a_name_counts(tmp_path, monkeypatch):
    more = "[[source]]\nextract = 'complaints'\nfiles = 'A*'"
    write(tmp_path, monkeypatch, CLAIMS.replace('"*"', '"ab*"') + more)
    profile = load_profile("x")
    names = ("ABC.csv", "a.csv", "b.csv")
    sources = [profile.source_of(Path(name)) for name in names]
    assert [source and source.extract for source in sources] == ["claims", "complaints", None]
    assert (profile.name, profile.control, profile.policy) == ("x", "control*", {})


def test_an_unknown_profile_names_the_known_ones():
    with pytest.raises(Problem, match="use one of: .*default"):
        load_profile("nobody")
