"""Cells as insurers' systems write them, read by the SQL of the flow: text -> value, or nothing
where it cannot be read.
"""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.config.contract import Contract
from data.config.contract_parts import Column, Rule
from data.config.profile_source import ColumnMapping, Source
from data.extracts.opened_file import OpenedFile
from expectations.judging.batch import Batch
from transforms.engine.duckdb_engine import DuckDB

UNREADABLE = "unreadable"


def read_cells(
    folder, column: Column, cells: list, timezone="Asia/Shanghai", header=None, **source
) -> list:
    """Each cell's value, None where it is empty, or `UNREADABLE`."""
    header = header or column.name
    cells = cells if isinstance(cells, pa.Array) else pa.array(cells, pa.string())
    names, kinds = ["id", header, "_line"], [pa.string(), cells.type, pa.int64()]
    table = pa.table(
        [[f"R{n}" for n in range(len(cells))], cells, range(2, len(cells) + 2)],
        schema=pa.schema(list(zip(names, kinds, strict=True))),
    )
    words = {"zh": "编号", "en": "number"}
    key = Column(name="id", type="text", meaning=words, required=True, identifier=True)
    never = Rule(id="never", sql="FALSE", meaning=words)
    contract = Contract.model_construct(
        name="trial", key=("id",), history=(), month="", columns=(key, column), rules=(never,)
    )
    engine = DuckDB(folder / "work", timezone, 1)
    batch = Batch(engine, contract, make_source(**source), date(2012, 12, 31))
    reading = OpenedFile(names[:2], "csv", typed=cells.type != pa.string())
    reading.batches = table.to_reader()
    batch.read([("trial.csv", reading)])
    rows = pq.read_table(batch.parts[0]).sort_by("_line").to_pylist()
    engine.close()
    return [UNREADABLE if row["_unreadable"] else row[column.name] for row in rows]


def make_source(columns=None, **settings) -> Source:
    """Return a source of an extract that has no contract."""
    mappings = {
        name: ColumnMapping.model_validate(mapping) for name, mapping in (columns or {}).items()
    }
    return Source.model_construct(extract="trial", files="*", columns=mappings, **settings)


def check(folder, column: Column, table: dict, **given) -> None:
    """Every cell of a table of examples reads as it says."""
    values = dict(zip(table, read_cells(folder, column, list(table), **given), strict=True))
    assert values == table


def column(kind: str, **given) -> Column:
    return Column(name="x", type=kind, meaning={"zh": "值", "en": "value"}, **given)


def test_amounts(tmp_path):
    check(
        tmp_path,
        column("money"),
        {
            "1234.5": Decimal("1234.50"),
            "1,234,567.89": Decimal("1234567.89"),
            " 1234 ": Decimal(1234),
            "１，２３４．５０": Decimal("1234.50"),
            "\u30001234\u00a0": Decimal(1234),
            "1\u200b234": Decimal(1234),
            "'1234": Decimal(1234),
            '="1234"': Decimal(1234),
            "1.2345万元": Decimal(12345),
            "1.23456789万": Decimal("12345.68"),
            "0.1亿元": Decimal(10_000_000),
            "3千元": Decimal(3000),
            "12元": Decimal(12),
            "¥1,234.00": Decimal(1234),
            "￥ 1,234.00": Decimal(1234),
            "RMB 12.5": Decimal("12.5"),
            "12.5 CNY": Decimal("12.5"),
            "人民币12.5元整": Decimal("12.5"),
            "(1,234.00)": Decimal(-1234),
            "（1,234.00）": Decimal(-1234),
            "-1,234.00": Decimal(-1234),
            "－1,234": Decimal(-1234),
            "1,234.00-": Decimal(-1234),
            "4e+05": Decimal(400000),
            "4.12345E5": Decimal(412345),
            "1.5e-3": UNREADABLE,
            "1.23457E+17": UNREADABLE,
            "1.005": Decimal("1.01"),
            "-1.005": Decimal("-1.01"),
            "1.00499999999999999999": Decimal("1.00"),
            "0.30000000000000004": Decimal("0.30"),
            "9999999999999999.99": Decimal("9999999999999999.99"),
            "95.68%": UNREADABLE,
            "1,23,4": UNREADABLE,
            "1234,567": UNREADABLE,
            "1.234,56": UNREADABLE,
            "1 234": UNREADABLE,
            "1_000": UNREADABLE,
            "0x1F": UNREADABLE,
            "约1000": UNREADABLE,
            "1000-2000": UNREADABLE,
            "(-5)": UNREADABLE,
            "5(万元)": UNREADABLE,
            "--5": UNREADABLE,
            "inf": UNREADABLE,
            "": None,
            "   ": None,
            "\u3000": None,
        },
    )


def test_a_decimal_comma_where_the_profile_declares_it(tmp_path):
    check(
        tmp_path,
        column("money"),
        {
            "1.234,56": Decimal("1234.56"),
            "1 234,56": Decimal("1234.56"),
            "1\u00a0234,56": Decimal("1234.56"),
            "1234,56": Decimal("1234.56"),
            "1.234.567": Decimal(1234567),
            "1234": Decimal(1234),
            "-12,5 RMB": Decimal("-12.5"),
            "1.5": UNREADABLE,
            "1,234.56": UNREADABLE,
        },
        decimal=",",
    )


@pytest.mark.parametrize(
    "given",
    [
        {"header": "x(万元)"},
        {"header": "X（单位：万元）"},
        {"columns": {"x": {"column": "x", "unit": "万元"}}},
    ],
    ids=["header", "wide header", "declared"],
)
def test_a_unit_holds_for_bare_numbers(tmp_path, given):
    cells = {
        "1.2345": Decimal(12345),
        "1,000": Decimal(10_000_000),
        "(2)": Decimal(-20000),
        "5元": Decimal(5),
        "1亿": Decimal(10**8),
        "3万元": Decimal(30000),
    }
    check(tmp_path, column("money"), cells, **given)


def test_per_cent_only_where_the_unit_is_per_cent(tmp_path):
    check(
        tmp_path,
        column("decimal"),
        {"95.68%": Decimal("95.68"), "95.68": Decimal("95.68"), "９５％": Decimal(95)},
        header="x(%)",
    )
    check(tmp_path, column("decimal"), {"95.68%": UNREADABLE, "95.68": Decimal("95.68")})


def test_counts(tmp_path):
    words = {"5": ["非常满意"], "1": ["非常不满意"]}
    check(
        tmp_path,
        column("integer", words=words),
        {
            "3": 3,
            "３": 3,
            "3.00": 3,
            "1,234": 1234,
            "1.2万": 12000,
            "3次": 3,
            "4e2": 400,
            "非常 满意": 5,
            "3.7": UNREADABLE,
            "三": UNREADABLE,
            "很好": UNREADABLE,
        },
    )


def test_instants(tmp_path):
    """Civil time of Shanghai comes out in UTC, eight hours earlier."""
    morning, midnight = datetime(2012, 9, 3, 0, 5), datetime(2012, 9, 2, 16)
    check(
        tmp_path,
        column("instant"),
        {
            "2012-09-03 08:05:00": morning,
            "2012-09-03T08:05:00": morning,
            "2012-09-03 08:05": morning,
            "2012-9-3 8:05": morning,
            "2012/9/3 8:05": morning,
            "2012/09/03 08:05:00": morning,
            "2012.9.3 8:05": morning,
            "2012年9月3日8:05": morning,
            "2012年09月03日 08时05分00秒": morning,
            "2012年9月3日 8点05分": morning,
            "２０１２－０９－０３　０８：０５": morning,
            "20120903080500": morning,
            "20120903 08:05:00": morning,
            "201209030805": morning,
            "20120903T0805": morning,
            "2012-09-03 08:05:00.123": datetime(2012, 9, 3, 0, 5, 0, 123000),
            "2012-09-03 08:05:00.0": morning,
            "2012-09-03 下午3:05": datetime(2012, 9, 3, 7, 5),
            "2012/9/3 3:05:00 PM": datetime(2012, 9, 3, 7, 5),
            "2012/9/3 12:05 AM": datetime(2012, 9, 2, 16, 5),
            "2012/9/3 上午 12:05": datetime(2012, 9, 2, 16, 5),
            "2012/9/3 12:05 pm": datetime(2012, 9, 3, 4, 5),
            "2012/9/3 13:05 AM": UNREADABLE,
            "2012-09-03 08:05:00+08:00": morning,
            "2012-09-03 08:05:00+0800": morning,
            "2012-09-03 08:05:00+08": morning,
            "2012-09-03 02:05:00 +02:00": morning,
            "2012-09-02 19:05:00-05:00": morning,
            "2012-09-02 19:05:00.000-0500": morning,
            "2012-09-03T00:05:00Z": morning,
            "2012-09-03T00:05Z": morning,
            "2012-09-03 00:05:00 UTC": morning,
            "20120903T000500Z": morning,
            "20120903080500+0800": morning,
            "2012-9-2 19:05-05": morning,
            "2012-09-03": midnight,
            "2012/9/3": midnight,
            "20120903": midnight,
            "2012年9月3日": midnight,
            "2012-09-02 24:00": midnight,
            "2012-09-02 24:00:00": midnight,
            "2012-12-31 24:00": datetime(2012, 12, 31, 16),
            "41155": midnight,
            "41155.5": datetime(2012, 9, 3, 4),
            "41155.3368055556": morning,
            "20089": UNREADABLE,
            "73416": UNREADABLE,
            "2012-02-30": UNREADABLE,
            "2012-02-30 08:00:00": UNREADABLE,
            "2012-13-45 25:61:00": UNREADABLE,
            "2012-09-03 24:01": UNREADABLE,
            "03/04/2012": UNREADABLE,
            "25/12/2012": UNREADABLE,
            "0002-11-30 00:00:00": UNREADABLE,
            "5009-01-01": UNREADABLE,
            "9999-12-31": UNREADABLE,
            "1949-12-31": UNREADABLE,
            "infinity": UNREADABLE,
            "epoch": UNREADABLE,
            "2012-09": UNREADABLE,
            "8:05": UNREADABLE,
            "2012-09-03 08:05 Asia/Shanghai": UNREADABLE,
            "昨天": UNREADABLE,
            "-": None,
            "": None,
        },
    )


def test_the_order_of_a_date_is_declared_not_guessed(tmp_path):
    april, march = date(2012, 4, 3), date(2012, 3, 4)
    check(
        tmp_path,
        column("date"),
        {
            "03/04/2012": april,
            "3.4.2012": april,
            "2012-04-03": april,
            "12/25/2012": UNREADABLE,
            "03/04/12": UNREADABLE,
        },
        dates="dmy",
    )
    check(
        tmp_path,
        column("date"),
        {"03/04/2012": march, "3-4-2012": march, "2012/3/4": march, "25/12/2012": UNREADABLE},
        dates="mdy",
    )
    noon = datetime(2012, 4, 3, 7, 5)
    check(
        tmp_path,
        column("instant"),
        {"03/04/2012 15:05": noon, "3/4/2012 3:05 PM": noon, "3/4/2012 07:05Z": noon},
        dates="dmy",
    )


def test_dates(tmp_path):
    day = date(2012, 9, 3)
    cells = [
        "2012-09-03",
        "2012/9/3",
        "20120903",
        "2012年9月3日",
        "2012-09-03 00:00:00",
        "2012-09-03 23:59",
        "41155",
        "41155.9",
        "2012-09-02T20:00:00Z",
        "'2012-09-03",
    ]
    check(tmp_path, column("date"), dict.fromkeys(cells, day))
    check(
        tmp_path,
        column("date"),
        dict.fromkeys(
            ["2012-02-30", "2012-09", "201209", "0002-11-30", "2101-01-01", "2012-09-03 99"],
            UNREADABLE,
        ),
    )
    months = dict.fromkeys(
        ["2012-09", "201209", "2012年9月", "2012/9", "2012-09-01", "2012年9月1日"], date(2012, 9, 1)
    )
    check(tmp_path, column("date", whole_month=True), months)


def test_a_skipped_and_a_repeated_hour_stay_as_they_were(tmp_path):
    cells = {
        "2012-03-25 02:30:00": datetime(2012, 3, 25, 1, 30),
        "2012/10/28 2:30": datetime(2012, 10, 28, 0, 30),
    }
    check(tmp_path, column("instant"), cells, timezone="Europe/Amsterdam")


def test_an_offset_tells_the_repeated_hours_apart(tmp_path):
    cells = {
        "2011-10-01T00:38:44.546+02:00": datetime(2011, 9, 30, 22, 38, 44, 546000),
        "2011-10-30 02:30:00+0100": datetime(2011, 10, 30, 1, 30),
        "2011-10-30 02:30:00+02": datetime(2011, 10, 30, 0, 30),
        "2012-02-29T10:00:00Z": datetime(2012, 2, 29, 10),
        "2012-02-29 10:00:00": datetime(2012, 2, 29, 9),
    }
    check(tmp_path, column("instant"), cells, timezone="Europe/Amsterdam")


def test_native_types(tmp_path):
    moment = datetime(2012, 9, 3, 8, 5)
    assert read_cells(
        tmp_path,
        column("instant"),
        pa.array([moment, datetime(2, 11, 30), datetime(5009, 1, 1), None], pa.timestamp("us")),
    ) == [
        datetime(2012, 9, 3, 0, 5),
        UNREADABLE,
        UNREADABLE,
        None,
    ]
    aware = pa.array([datetime(2012, 9, 2, 20, 5)], pa.timestamp("us", "Asia/Shanghai"))
    assert read_cells(tmp_path, column("instant"), aware) == [datetime(2012, 9, 2, 20, 5)]
    assert read_cells(tmp_path, column("date"), aware) == [date(2012, 9, 3)], (
        "the civil day, not that of UTC"
    )
    assert read_cells(tmp_path, column("date"), pa.array([date(2012, 9, 3), date(2, 11, 30)])) == [
        date(2012, 9, 3),
        UNREADABLE,
    ]
    assert (
        read_cells(tmp_path, column("date"), pa.array([20120903, 41155], pa.int64()))
        == [date(2012, 9, 3)] * 2
    )
    assert read_cells(tmp_path, column("instant"), pa.array([41155.5], pa.float64())) == [
        datetime(2012, 9, 3, 4)
    ]
    assert read_cells(
        tmp_path, column("money"), pa.array([1.5, float("nan"), float("inf"), None])
    ) == [Decimal("1.50"), None, UNREADABLE, None]
    assert read_cells(tmp_path, column("money"), pa.array([1.2345]), header="x(万元)") == [
        Decimal(12345)
    ]
    assert read_cells(tmp_path, column("boolean"), pa.array([1, 0, 5], pa.int32())) == [
        True,
        False,
        UNREADABLE,
    ]
    assert read_cells(tmp_path, column("text", identifier=True), pa.array([101.0, 4e17])) == [
        "101",
        "4e+17",
    ]
    words = pa.array(["2012-09-03", None]).dictionary_encode()
    assert read_cells(tmp_path, column("date"), words) == [date(2012, 9, 3), None]
    assert read_cells(tmp_path, column("money"), pa.array([None, None], pa.null())) == [None, None]


def test_yes_and_no(tmp_path):
    yes = ["是", "有", "Y", "yes", "1", "true", "True", "T", "√", "Ｙ", " 是 "]
    no = ["否", "无", "N", "no", "0", "FALSE", "f", "×", "没有"]
    check(
        tmp_path,
        column("boolean"),
        dict.fromkeys(yes, True)
        | dict.fromkeys(no, False)
        | {"-": None, "不详": None, "大概": UNREADABLE, "2": UNREADABLE},
    )


def test_words_for_nothing(tmp_path):
    everywhere = ["-", "--", "—", "——", "/", "\\N", "NULL", "null", "N/A", "NaN", " － "]
    typed = ["无", "n.v.t.", "unknown", "不详", "空", "NA"]
    for kind in ("money", "integer", "instant", "date"):
        check(
            tmp_path,
            column(kind),
            dict.fromkeys(everywhere + typed, None)
            | {"#VALUE!": UNREADABLE, "999": UNREADABLE if kind in ("instant", "date") else 999},
        )
    check(
        tmp_path,
        column("text", identifier=True),
        dict.fromkeys([*everywhere, "无", "不详", "unknown"], None) | {"NA": "NA", "A-1": "A-1"},
    )
    check(
        tmp_path,
        column("text"),
        dict.fromkeys(everywhere, None) | {"无": "无", "unknown": "unknown", "NA": "NA"},
    )


def test_declared_words_for_nothing(tmp_path):
    cells = {"999": None, " 999 ": None, "99": 99}
    check(tmp_path, column("integer"), cells, nulls=["999"])
    check(tmp_path, column("integer"), cells, columns={"x": {"column": "x", "nulls": [999]}})
    check(
        tmp_path,
        column("integer"),
        {"1": 5, "5": 1, "9": None},
        columns={"x": {"column": "x", "values": {"1": "5", "5": "1", "9": ""}}},
    )
    assert read_cells(tmp_path, column("integer"), pa.array([999, 5]), nulls=["999"]) == [None, 5]


def test_codes(tmp_path):
    values = {"normal": ["正常", "正常结案"], "zero": ["零结案", "Closed without payment"]}
    cells = {
        "normal": "normal",
        "NORMAL": "normal",
        "ｎｏｒｍａｌ": "normal",
        " 正常 结案 ": "normal",
        "正常\u3000": "normal",
        "closed  without PAYMENT": "zero",
        "别的": UNREADABLE,
        "-": None,
    }
    check(tmp_path, column("code", values=values), cells)
    check(
        tmp_path,
        column("code", values=values),
        {"已 赔": "normal", "ＡＢ": "zero", "": None},
        columns={"x": {"column": "x", "values": {"已赔": "normal", "ab": "zero"}}},
    )


def test_keys_meet_across_extracts(tmp_path):
    same = [
        "C0120",
        " C0120",
        "C0120\t",
        "Ｃ０１２０",
        "'C0120",
        '="C0120"',
        "\ufeffC0120",
        "C01\u200b20",
        "C0120\u00a0",
    ]
    check(tmp_path, column("text", identifier=True), dict.fromkeys(same, "C0120"))
    check(
        tmp_path,
        column("text", identifier=True),
        {
            "0101": "0101",
            "1.23457E+17": "1.23457E+17",
            "c0120": "c0120",
            "A 1": "A 1",
            "": None,
            "\u3000": None,
        },
    )


def test_texts_keep_their_words(tmp_path):
    cells = {
        "商业车险": "商业车险",
        " 商业车险\u3000": "商业车险",
        "车险(商业)": "车险(商业)",
        "车险（商业）": "车险（商业）",
        "Motor, third party": "Motor, third party",
        "\u200b": None,
    }
    check(tmp_path, column("text"), cells)
