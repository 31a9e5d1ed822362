"""The layout of a return, and the sentence for what it may not be."""

import pytest

from data.config.return_layout import Layout, parse_layout, read_layout_text
from data.problem import Problem

WORDS = '{ zh = "甲", en = "A" }'
HEAD = f"""
title = {WORDS}
regulator = {WORDS}
period = {WORDS}
source = "a"
version = 1
order = ["line"]
filters = ["line"]
"""
COLUMNS = f"""
[[column]]
name = "line"
title = {WORDS}
type = "text"
role = "label"
[[column]]
name = "cases"
title = {WORDS}
type = "integer"
role = "count"
"""


def parse(head: str = HEAD, columns: str = COLUMNS, rest: str = "") -> Layout:
    return parse_layout("reg_a", head + columns + rest)


def add_column(
    name: str = "more", kind: str = "number", role: str = "amount", rest: str = ""
) -> str:
    head = f'[[column]]\nname = "{name}"\ntitle = {WORDS}\n'
    return f'{COLUMNS}{head}type = "{kind}"\nrole = "{role}"\n{rest}\n'


def test_a_layout_has_the_columns_of_its_rows_and_its_own():
    layout = parse()
    names = ("time_period", "time_identifier", "geographic_level", "branch_code", "branch_name")
    assert tuple(column.name for column in layout.columns) == (*names, "line", "cases")
    assert layout.id == "reg_a"
    assert layout.key == ("time_period", "geographic_level", "branch_code", "line")
    assert layout.schema.field("cases").type == "int64"
    assert [column.name for column in layout.columns if column.is_number] == ["cases"]
    assert (layout.total, layout.controls, layout.notes, layout.rank_rule) == (None, (), (), {})


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        ({"head": HEAD + "columns = 1"}, "columns is not a setting (column is the nearest); use one"),
        ({"head": HEAD.replace('source = "a"', "")}, "source is missing"),
        ({"head": HEAD.replace("version = 1", 'version = "1"')}, "version is '1', it must be a wh"),
        ({"head": HEAD.replace("version = 1", "version = 0")}, "version is 0, it must be 1 or more"),
        ({"head": HEAD.replace(WORDS, '{ zh = "甲" }')}, "title must have both languages: {"),
        ({"head": HEAD + "total = ['line']"}, "total[2] is missing"),
        ({"head": HEAD + "total = ['lines', 'Total']"}, "it does not have, or one twice: lines"),
        ({"head": HEAD.replace('filters = ["line"]', 'filters = ["l"]')}, "or one twice: l -"),
        ({"head": HEAD.replace('order = ["line"]', 'order = ["l"]')}, "or one twice: l -"),
        ({"columns": ""}, "column is missing"),
        ({"columns": add_column("cases")}, "names columns that it does not have, or one twice: cas"),
        ({"columns": add_column("branch_code")}, "it does not have, or one twice: branch_code"),
        ({"columns": add_column(kind="double")}, "column[3].type is 'double', it must be 'text', "),
        ({"columns": add_column(role="share")}, "column[3].role is 'share', it must be 'label', "),
        ({"columns": add_column(rest="decimals = -1")}, "column[3].decimals is -1, it must be 0 o"),
        ({"columns": add_column(rest="scale = 0")}, "column[3].scale is 0, it must be more than 0"),
        ({"columns": add_column(rest="units = 1")}, "column[3].units is not a setting (unit is th"),
        ({"columns": add_column(rest='unit = { zh = "" }')}, "column[3].unit must have both langu"),
        ({"columns": add_column(rest='numerator = "c"')}, "it does not have, or one twice: c -"),
        ({"columns": add_column(rest='denominator = "c"')}, "it does not have, or one twice: c -"),
        ({"columns": add_column(rest='follows = ["c"]')}, "it does not have, or one twice: c -"),
        ({"columns": add_column(role="rank", rest='of = "c"')}, "not have, or one twice: c -"),
        ({"columns": add_column(role="rank")}, 'column[3] is a rank; name the column that it ranks'),
        ({"columns": add_column(role="ratio")}, "more: column[3] is a ratio; name the column that"),
        ({"columns": add_column(role="count")}, "column[3] is a count of type number; a count is"),
        ({"rest": '[[control]]\nid = "a"\ncolumn = "c"'}, "it does not have, or one twice: c -"),
        ({"rest": '[[control]]\nid = "a"'}, "control[1] must have left and right columns, or one"),
        ({"rest": '[[note]]\nzh = "a"'}, "note[1].en is missing"),
        ({"rest": '[[note]]\nzh = "a"\nen = "a"\ncolumns = ["c"]'}, "not have, or one twice: c -"),
        ({"rest": '[[note]]\nzh = "a"\nen = "a"\nrows = ["c", "x"]'}, "not have, or one twice: c -"),
        ({"rest": "[[column"}, "is not valid TOML in UTF-8"),
    ],
)  # fmt: skip
def test_a_message_names_file_and_key(layout, message):
    with pytest.raises(Problem) as caught:
        parse(**layout)
    assert str(caught.value).startswith("reg_a.toml") and message in str(caught.value)


@pytest.mark.parametrize(
    ("sides", "is_allowed"),
    [
        ('left = ["cases"]\nright = ["cases"]', True),
        ('column = "cases"', True),
        ('column = "cases"\nsum = 100', True),
        ("sum = 100", False),
        ('left = ["cases"]', False),
        ('right = ["cases"]', False),
        ('left = ["cases"]\nright = ["cases"]\nsum = 100', False),
        ('left = ["cases"]\nright = ["cases"]\ncolumn = "cases"', False),
        ('left = ["cases"]\ncolumn = "cases"', False),
    ],
)
def test_a_control_compares_columns_or_adds_up_one(sides, is_allowed):
    rest = f'[[control]]\nid = "a"\n{sides}\n'
    if is_allowed:
        assert parse(rest=rest).controls[0].id == "a"
    else:
        with pytest.raises(Problem, match=r"control\[1\] must have left and right columns, or"):
            parse(rest=rest)


@pytest.mark.parametrize(
    ("total", "group", "other", "is_one_group"),
    [
        ("['line', 'Total']", {"line": "auto"}, {"line": "Total"}, True),
        ("['line', 'Total']", {"branch_code": "14"}, {"branch_code": "15"}, False),
        ("['geographic_level', 'company']", {"branch_code": "14"}, {"branch_code": "15"}, True),
        ("['geographic_level', 'company']", {"line": "auto"}, {"line": "home"}, False),
    ],
)
def test_rows_that_add_up_to_one_total_are_a_group(total, group, other, is_one_group):
    layout = parse(head=f"{HEAD}total = {total}")
    row = dict.fromkeys(layout.schema.names, "a")
    assert (layout.group(row | group) == layout.group(row | other)) is is_one_group


def test_without_a_total_every_row_is_a_group_of_its_own():
    layout = parse()
    row = dict.fromkeys(layout.schema.names, "a")
    assert layout.group(row) == ("a", "a", "a", "a")
    assert not layout.is_total(row | {"line": "Total"})


def test_publications_hold_a_layout_without_the_line_for_editors(tmp_path):
    path = tmp_path / "reg_a.toml"
    path.write_text(f"#:schema schema.json\n{HEAD}{COLUMNS}", encoding="utf-8")
    assert read_layout_text(path) == HEAD + COLUMNS
    path.write_text(HEAD + COLUMNS, encoding="utf-8")
    assert read_layout_text(path) == HEAD + COLUMNS
