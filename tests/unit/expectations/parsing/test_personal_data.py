"""What identifies a person is masked, in SQL and in Python alike; nothing else is."""

import duckdb
import pytest

from expectations.parsing import personal_data

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
def test_what_identifies_a_person_is_hidden_in_sql_and_python_alike(text):
    secret = next(secret for secret, sentence in PLANTED.items() if sentence == text)
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


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        # Without an area code: seven and eight digits that can begin a number in a city.
        ("家里6543210号", "家里***号"),
        ("家里65432109号", "家里***号"),
        ("家里654321号", "家里654321号"),
        ("家里654321098号", "家里654321098号"),
        ("家里2143210号", "家里***号"),
        ("家里2043210号", "家里2043210号"),
        ("家里1654321号", "家里1654321号"),
        ("家里3654321号", "家里***号"),
        ("家里8654321号", "家里***号"),
        ("家里9654321号", "家里9654321号"),
        ("654-3210", "***"),
        ("6543-2109", "***"),
        ("65-4321", "65-4321"),
        ("65432-1098", "65432-1098"),
        # With one: two or three digits behind the zero, then seven or eight.
        ("010-6543210", "***"),
        ("0755-65432109", "***"),
        ("07551-654321", "07551-654321"),
        ("0-65432", "0-65432"),
        # The extension goes along: up to five digits.
        ("010-87654321转8", "***"),
        ("010-87654321-80812", "***"),
        # Amounts are no numbers to call.
        ("6543210元", "6543210元"),
        ("6543210.50", "6543210.50"),
        ("6543210", "***"),
    ],
)
def test_landlines_have_the_digits_of_a_landline(text, hidden):
    assert personal_data.mask_personal_data(text) == hidden
    in_sql = f"SELECT {personal_data.masked_sql('t')} FROM (SELECT ? AS t)"
    assert duckdb.execute(in_sql, [text]).fetchone()[0] == hidden


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("11010190030712", "11010190030712"),  # 14 digits: a moment
        ("110101900307123", "***"),
        ("1101019003071231234", "***"),
        ("11010190030712312345", "11010190030712312345"),
        ("E1234567", "E1234567"),
        ("G12345678", "***"),
        ("G123456789", "G123456789"),
        ("13812345678", "***"),
        ("12812345678", "12812345678"),
        ("8613812345678", "***"),
        ("wechat: abcde", "wechat: ***"),
        ("wechat: abcd", "wechat: abcd"),
    ],
)
def test_other_numbers_have_the_digits_of_their_kind(text, hidden):
    assert personal_data.mask_personal_data(text) == hidden


def test_what_looks_like_a_name_leaves_a_cell_that_should_be_a_number():
    in_sql = f"SELECT {personal_data.without_names_sql('t')} FROM (SELECT ? AS t)"
    for text, hidden in {"王小明": "***", "12 John Smith": "12 ***", "john": "john"}.items():
        assert duckdb.execute(in_sql, [text]).fetchone()[0] == hidden
