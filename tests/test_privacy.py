"""No personal data behind the landing folder: planted in every corner of a delivery, then looked
for in every byte of what the run leaves.
"""

import re
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from expectations.parsing import personal_data
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from tests.faults.conftest import CLAIMS, COMPLAINTS

# What must not get out -> how it is written in a sentence of a customer.
PLANTED = {
    "13812345678": "请打13812345678找我",
    "138-1234-5679": "电话138-1234-5679",
    "139 1234 5678": "+86 139 1234 5678 回电",
    "１３７１２３４５６７８": "手机１３７１２３４５６７８",
    "010-87654321": "座机010-87654321转808",
    "(021) 6123 4567": "座机(021) 6123 4567",
    "0755 2345678": "打0755 2345678",
    "65432109": "家里65432109,晚上在",
    "11010119900307123X": "身份证11010119900307123X",
    "110101199003071234": "证件号110101199003071234。",
    "110101 19900307 2345": "110101 19900307 2345",
    "110101900307123": "老证110101900307123",
    "6222021234567890123": "卡6222021234567890123",
    "6222 0212 3456 7890": "卡号 6222 0212 3456 7890 已注销",
    "京A12345": "车牌京A12345被刮",
    "粤B·D1234学": "粤B·D1234学",
    "沪AD12345": "新能源沪AD12345",
    "藏a1b2c3": "藏a1b2c3",
    "zhang.san@example.com": "写信到zhang.san@example.com",
    "张三丰": "联系人:张三丰",
    "欧阳锋": "姓名 欧阳锋",
    "李小龙": "联系人李小龙,不方便",
    "王大锤": "请联系王大锤先生",
    "Smith": "ask for Mr. John Smith please",
    "wxid_abc123": "微信号:wxid_abc123",
    "E12345678": "护照E12345678",
}
KEPT = [
    "2012-09-03 08:05:00 和 2012/9/3 8:05 和 2012年9月3日 和 20120903 和 20120903080500",
    "赔了12345678.00元, 3456789元, 1,234,567.89, 4万元",
    "赔案C2012000000123和K1,机构0101,95500电话",
    "这位先生说车险公司的服务一般,等了30分钟",
    "2012-13-45 25:61:00",
]


@pytest.mark.parametrize("text", PLANTED.values(), ids=PLANTED)
def test_what_tells_of_a_person_is_hidden_in_sql_and_python_alike(text):
    secret = next(secret for secret, told in PLANTED.items() if told == text)
    hidden = personal_data.mask_personal_data(text)
    assert secret not in hidden and "***" in hidden
    assert (
        duckdb.execute(
            f"SELECT {personal_data.masked_sql('t')} FROM (SELECT ? AS t)", [text]
        ).fetchone()[0]
        == hidden
    )


@pytest.mark.parametrize("text", KEPT)
def test_dates_amounts_and_our_own_numbers_stay(text):
    assert personal_data.mask_personal_data(text) == text
    assert (
        duckdb.execute(
            f"SELECT {personal_data.masked_sql('t')} FROM (SELECT ? AS t)", [text]
        ).fetchone()[0]
        == text
    )


def texts(path: Path, content: bytes) -> list[str]:
    """All text in a file, whatever it is packed into."""
    if path.suffix == ".parquet":
        return [
            str(value)
            for column in pq.read_table(BytesIO(content)).to_pydict().values()
            for value in column
        ]
    if content[:2] == b"PK":
        packed = zipfile.ZipFile(BytesIO(content))
        return [text for name in packed.namelist() for text in texts(Path(name), packed.read(name))]
    return [content.decode("utf-8", "replace"), content.decode("utf-16-le", "replace")]


def found_in(folder: Path, secrets) -> list[tuple[str, str]]:
    pattern = re.compile("|".join(map(re.escape, secrets)))
    return [
        (str(path.relative_to(folder)), hit)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for text in (path.name, *texts(path, path.read_bytes()))
        for hit in pattern.findall(text)
    ]


def test_nothing_of_a_person_is_left_behind_the_landing_folder(tmp_path):
    landing, store = tmp_path / "landing", tmp_path / "store"
    landing.mkdir()
    sentences = list(PLANTED.values())
    head, *claims = CLAIMS.splitlines()
    claims = [f"{line},赵六七,13500001111,京C98765" for line in claims]
    claims += [
        # unreadable, a warning: the row counts
        "B1,0101,车,2012-05-01 10:00:00,,,赵六七,13500001111,电话13500001111,x,y,z",
        "B2,0101,车,赵六七,,,,大概赵六七,京C98765,x,y,z",  # unreadable and required: quarantined
        # breaks a rule: quarantined
        "B3,0101,联系人:赵六七,2012-05-01 10:00:00,2012-04-30 10:00:00,,normal,否,-5,x,y,z",
        "B4,0101,13500001111,2012-05-01 10:00:00,,,normal,否,5,x,y,z",  # read as it stands
        "B5,0101,赵六七,13500001111,京C98765",  # malformed
        "B6,0101,车,2012-05-01 10:00:00,,,normal,否,13500001111,x,y,z",
        # repeated, a phone read as an amount
        "B6,0101,车,2012-05-01 10:00:00,,,normal,否,13500001112,x,y,z",
        "制表人：赵六七,,,,,,,,,,,",
    ]
    (landing / "claims_20120630.csv").write_text(
        "\n".join([f"{head},报案人,联系电话,车牌", *claims, ""]), encoding="utf-8"
    )
    calls = [
        "callback_id,branch_code,kind,due_at,first_dialled_at,connected_at,completed_at,rating,reported_issue,comment"
    ]
    at = "2012-03-05 10:00:00"
    calls += [
        f'V{n},0101,现场报案,{at},{at},{at},{at},5,"{text}","{text}"'
        for n, text in enumerate(sentences)
    ]
    calls += [
        f'W{n},0101,现场报案,{at},{at},{at},{at},9,"{text}","{text}"'
        for n, text in enumerate(sentences)
    ]
    (landing / "callbacks_20120630.csv").write_text("\n".join([*calls, ""]), encoding="utf-8")
    (landing / "complaints_20120630.csv").write_text(COMPLAINTS, encoding="utf-8")
    (landing / "branches_20120630.csv").write_text(
        "0101,赵六七,13500001111\n0102,b,c\n", encoding="utf-8"
    )  # no header: its first row is taken for one
    outcome = run_nightly(
        RunOptions(landing=landing, as_of=date(2012, 6, 30), store=store, render=True)
    )
    assert outcome.state == "published", outcome
    secrets = [*PLANTED, "赵六七", "13500001111", "13500001112", "京C98765"]
    left = found_in(store, secrets)
    assert not left, left
    quarantine = pq.read_table(
        Path(outcome.folder) / "tables" / "quality_quarantine.parquet"
    ).to_pylist()
    content = {
        row["line"]: row["content"] for row in quarantine if row["file_name"].startswith("claims")
    }
    assert content[7].count("***") >= 3 and "B2" in content[7], (
        "the row is told, without the person"
    )
    assert '"line": "联系人:***"' in content[8] and "2012-04-30" in content[8]
    assert not any(secret in problem for problem in outcome.problems for secret in secrets)
