"""Cells and lines as they really arrive: nothing is lost, nothing is guessed."""

from decimal import Decimal

import pandas as pd

from tests.faults.conftest import CLAIMS, counts, reasons, table

HEAD = CLAIMS.splitlines()[0]


def test_the_same_claims_in_another_hand_are_the_same_rows(night, landing):
    plain = night("plain")
    (landing / "claims_20120630.csv").write_text(
        "赔案号,机构代码,险种,报案时间,结案时间,支付时间,结案类型,是否人伤,赔款金额（万元）\n"
        "'C1,０１０１,商业车险\u3000,2012年1月5日 10:00,2012/1/9 上午10:00,40918.4166666667,正常结案,×,0.08\n"
        "Ｃ２,0101\t, 商业车险,20120205100000,2012-02-09T10:00:00+08:00,2012.3.10 10:00:00,正常 结案,√,0.9\n"
        'C3,"=""0102""",交强险,2012/3/5 10:00,--,NULL,—,否,N/A\n'
        "C4,0102,交强险,41004.4166666667,2012-04-06 10:00,/,拒赔,无,0\n",
        encoding="utf-8",
    )
    other = night("other")
    assert counts(other) == {
        "read": 4,
        "accepted": 4,
        "quarantined": 0,
        "superseded": 0,
        "skipped": 0,
    }
    assert other.rows() == plain.rows()


def test_lines_that_are_no_records_are_skipped_and_counted(night, landing):
    body = CLAIMS.splitlines()[1:]
    lines = [
        HEAD,
        HEAD,
        body[0],
        ",,,,,,,,",
        " ,\u3000,,,,,,,",
        *body[1:],
        "Total-123,0101,商业车险,2012-05-05 10:00:00,,,,否,",
        "合计,,,,,,,,9800",
        "合计：,0101,,2012-05,,,,,9800",
        ",,小计,,,,,,9800",
        "Grand Total: 5,,,,,,,,9800",
        "共 123 条,,,,,,,,",
        "(123 rows affected),,,,,,,,",
        "制表人：某某,,,,,,,,",
        "打印时间:2012-07-01 08:00",
        "合计",
        ",0101,商业车险,2012-05-05 10:00:00,,,,否,1",
        ",,,,,,,,77",
        HEAD,
    ]
    (landing / "claims_20120630.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    taken = night()
    assert counts(taken) == {
        "read": 20,
        "accepted": 5,
        "quarantined": 2,
        "superseded": 0,
        "skipped": 13,
    }
    assert [row["line"] for row in table(taken, "quality_quarantine")] == [19, 20], (
        "what has a number in it is no blank line"
    )


def test_totals_of_a_month_are_no_branch(night, landing):
    rows = '机构代码,月份,险种,保费(万元),签单件数\n0101,2012-01,车,100,10\n0102,2012年1月,车,"1,000.5",10\n合计,201201,,1100.5,20\n'
    (landing / "exposure_20120630.csv").write_text(rows, encoding="utf-8")
    taken = night()
    assert counts(taken, "exposure") == {
        "read": 3,
        "accepted": 2,
        "quarantined": 0,
        "superseded": 0,
        "skipped": 1,
    }
    assert [row["premium"] for row in taken.rows("exposure")] == [
        Decimal(1_000_000),
        Decimal(10_005_000),
    ]


def test_a_dash_is_no_key(night, landing):
    rows = "".join(
        f"{key},0101,商业车险,2012-05-0{n} 10:00:00,,,,否,\n"
        for n, key in enumerate(["-", "—", "NULL", "无", "#N/A"], start=1)
    )
    (landing / "claims_20120630.csv").write_text(CLAIMS + rows, encoding="utf-8")
    taken = night()
    assert counts(taken) == {
        "read": 9,
        "accepted": 4,
        "quarantined": 5,
        "superseded": 0,
        "skipped": 0,
    }
    assert set(reasons(taken).values()) == {"claim_id_missing", "claim_id_unreadable"}


def test_keys_that_a_spreadsheet_turned_into_numbers_are_named(night, landing):
    (landing / "claims_20120630.csv").write_text(
        CLAIMS.replace("C1,", "1.23457E+17,").replace("C3,", "4E+05,"), encoding="utf-8"
    )
    taken = night()
    rules = {
        row["rule_id"]: row
        for row in table(taken, "quality_rule_result")
        if row["extract"] == "claims"
    }
    damaged = rules["claim_id_damaged"]
    assert (damaged["rows_failed"], damaged["severity"], damaged["examples"]) == (
        2,
        "warning",
        "claims_20120630.csv:2, claims_20120630.csv:4",
    )
    assert counts(taken)["accepted"] == 4


def test_native_types_out_of_range_are_unreadable(night, landing):
    frame = pd.DataFrame(
        {
            "claim_id": ["C1", "C2"],
            "branch_code": ["0101", "0101"],
            "reported_at": pd.to_datetime(["2012-01-05 10:00", "5009-01-05 10:00"]).astype(
                "datetime64[us]"
            ),
            "has_injury": pd.Series([1.0, None]),
            "paid_amount": [float("nan"), 12.5],
        }
    )
    (landing / "claims_20120630.csv").unlink()
    frame.to_parquet(landing / "claims_20120630.parquet")
    taken = night()
    assert counts(taken) == {
        "read": 2,
        "accepted": 1,
        "quarantined": 1,
        "superseded": 0,
        "skipped": 0,
    }
    assert reasons(taken) == {"claims_20120630.parquet:2": "reported_at_unreadable"}
