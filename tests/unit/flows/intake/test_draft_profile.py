"""What `servicekpi profile` says about a file that nobody has described."""

import tomllib

import pytest

from data.config.contract import load_contracts
from data.config.profile_source import Source
from flows.intake import draft_profile as drafting
from flows.intake.check_file import check_file

HEADER = "File No,Company,Date Opened,Date Closed,Reason,Contact Phone\n"


def drafted(tmp_path, text: str, name: str = "letters.csv") -> str:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return drafting.draft_profile(tmp_path / name, tmp_path / "work")


@pytest.fixture(autouse=True)
def work(tmp_path):
    (tmp_path / "work").mkdir()


def rows(count: int, line: str) -> str:
    return "".join(
        line.format(n=n, day=n % 28 + 1, month=n % 12 + 1) + "\n" for n in range(1, count + 1)
    )


def test_key_branch_and_dates_are_recognised_and_the_draft_can_be_used(tmp_path, monkeypatch):
    text = drafted(
        tmp_path,
        HEADER + rows(150, "F{n},Acme,2012-{month:02d}-{day:02d},,claims,1380000{n:04d}"),
        "complaints_x.csv",
    )
    (source,) = tomllib.loads(text)["source"]
    assert source["extract"] == "complaints"
    assert source["columns"] == {
        "complaint_id": "File No",
        "branch_code": "Company",
        "received_at": "Date Opened",
        "category": "Reason",
    }
    assert (
        "1380000" not in text
        and "Contact Phone: integer, 150 different; looks like personal data: not read" in text
    )
    monkeypatch.setattr(drafting, "PROFILES", tmp_path)
    monkeypatch.setattr("data.config.profile.PROFILES", tmp_path)
    drafting.keep_draft(text, "x")
    assert check_file(tmp_path / "complaints_x.csv", "x", None, None, 5, tmp_path / "work")


@pytest.mark.parametrize(
    ("line", "warning"),
    [
        ("{n}e+05,Acme,2012-03-04,,x,", "identifiers that a spreadsheet has damaged"),
        (
            "F{n},Acme,0{month}/04/2012,,x,".replace("0{month}", "03"),
            "dates of which the day or the month may come first",
        ),
        (
            "F{n},Acme,25/03/2012,,x,",
            'Date Opened: dates with the day first: declare dates = "dmy"',
        ),
        (
            "F{n},Acme,03/25/2012,,x,",
            'Date Opened: dates with the month first: declare dates = "mdy"',
        ),
        ("F1,Acme,2012-03-04,,x,", "File No repeats: 120 rows, 1 different keys"),
        ("F{n},Acme,2012-03-04,2012-03-05,x,", "the file seems to hold closed cases only"),
    ],
)
def test_what_is_odd_is_a_warning(tmp_path, line, warning):
    assert warning in drafted(tmp_path, HEADER + rows(120, line), "complaints.csv")


def test_null_words_are_listed_and_declared(tmp_path):
    text = drafted(
        tmp_path,
        HEADER
        + rows(50, "F{n},Acme,2012-03-04,n.v.t.,999,")
        + rows(50, "G{n},Acme,2012-03-04,-,7,")
        + "H1,Acme,2012-03-04,,-,\n",
        "complaints.csv",
    )
    assert "null words n.v.t. (50), - (50)" in text and "999 (50)" in text
    (source,) = tomllib.loads(text)["source"]
    assert source["nulls"] == ["-"], "999 is a number in other columns"
    assert source["columns"]["category"] == {"column": "Reason", "nulls": ["999"]}


def test_what_is_missing_is_assumed_so_that_the_draft_can_be_tried(tmp_path, monkeypatch):
    """Titles above the header, a day in the name, headers in another hand, an amount that is no
    date, words that nobody knows.
    """
    rows = "".join(
        f"2012-03-0{n},{2011.25 + n},{word}\n"
        for n, word in enumerate(["Denied", "Paid", "Open"], start=1)
    )
    text = drafted(
        tmp_path, "Date Reported,Claim Amount Paid,Status\n" + rows, "claims_20121231.csv"
    )
    source = tomllib.loads(text)["source"][0]
    assert source["files"] == "claims_*.csv"
    assert source["columns"] == {
        "claim_id": {"content": True},
        "branch_code": {"constant": "ALL"},
        "reported_at": "Date Reported",
        "outcome": "Status",
        "paid_amount": "Claim Amount Paid",
    }
    assert (
        "WARNING Status: 3 words that outcome does not know" in text
        and '"Denied" = "", "Open" = "", "Paid" = ""' in text
    )
    monkeypatch.setattr(drafting, "PROFILES", tmp_path)
    monkeypatch.setattr("data.config.profile.PROFILES", tmp_path)
    drafting.keep_draft(text, "x")
    assert check_file(tmp_path / "claims_20121231.csv", "x", None, None, 5, tmp_path / "work")
    text = drafted(
        tmp_path,
        "投诉清单,,\n\n投诉号码,被投诉机构,受理日期\nK1,0101,2012-03-04\nK2,0101,2012-03-04\n",
        "投诉.csv",
    )
    assert tomllib.loads(text)["source"][0]["columns"] == {
        "complaint_id": "投诉号码",
        "branch_code": "被投诉机构",
        "received_at": "受理日期",
    }


def test_a_file_cut_off_at_a_spreadsheets_limit(tmp_path):
    text = drafted(tmp_path, HEADER + "F,Acme,2012-03-04,,x,\n" * 65_535, "complaints.csv")
    assert "65,535 rows: it seems to have been cut off at a spreadsheet's limit" in text


def test_hostile_headers_stay_in_their_comment(tmp_path):
    text = drafted(tmp_path, '"a\n[[source]]",Company\nx,y\nz,w\n')
    assert len(tomllib.loads(text)["source"]) == 1


def test_every_contract_draws_its_own_headers(tmp_path):
    for name, contract in load_contracts().items():
        names = [column.name for column in contract.columns]
        filled = {
            "instant": "2012-03-04 10:00:00",
            "date": "2012-03-04",
            "boolean": "是",
            "code": "x",
            "text": "A{n}",
        }
        cells = [
            "A{n}" if column.name == contract.key[0] else filled.get(column.type, "3")
            for column in contract.columns
        ]
        text = drafted(tmp_path, ",".join(names) + "\n" + rows(30, ",".join(cells)), f"{name}.csv")
        (source,) = tomllib.loads(text)["source"]
        assert (source["extract"], source["columns"]) == (
            name,
            {column: column for column in names},
        )
        assert Source.model_validate(source, by_alias=True, by_name=False)
