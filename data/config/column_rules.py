"""The rules that columns bring along by their type: missing, unreadable, negative, digits that a
number could not hold.
"""

from data.config.contract_parts import Column, ColumnType, Rule, Severity

# What is wrong with a cell of each type that could not be read; free text always can.
UNREADABLE: dict[ColumnType, str] = {
    "text": "is an error of a spreadsheet (#N/A, #REF!), or a formula that was saved without a"
    " value",
    "code": "is not one of the known values",
    "date": "is not a valid date",
    "instant": "is not a valid date and time",
    "integer": "is not a whole number",
    "decimal": "is not a number",
    "money": "is not a valid amount",
    "boolean": "is neither yes nor no",
}
# A whole number as spreadsheets and doubles write it when they cannot hold its digits.
DAMAGED_NUMBER = (
    "-?[0-9]{1,3}([.,][0-9]+)?[Ee][+][0-9]+|-?[0-9]{1,3}[.,][0-9]+[Ee][0-9]+"
    "|-?[0-9][Ee][0-9]+|-?[0-9]{16,}[.]00?"
)


def derive_column_rules(columns: tuple[Column, ...]) -> list[Rule]:
    """Return the rules that follow from the types of a contract's columns, column by column."""
    rules = []
    for position, column in enumerate(columns):
        is_unreadable = f"(_unreadable & {1 << position}) <> 0"
        if column.required:
            rules.append(_missing_rule(column, is_unreadable))
        if not column.free_text:
            rules.append(_unreadable_rule(column, is_unreadable))
        if column.type == "money":
            rules.append(_negative_rule(column))
        if column.type == "text" and not column.free_text:
            rules.append(_damaged_rule(column))
    return rules


def _missing_rule(column: Column, is_unreadable: str) -> Rule:
    return _column_rule(
        column,
        "missing",
        f"{column.name} IS NULL AND NOT ({is_unreadable})",
        {"zh": f"缺少{column.meaning['zh']}", "en": f"{column.name} is required and missing"},
        "critical",
    )


def _unreadable_rule(column: Column, is_unreadable: str) -> Rule:
    zh = f"{column.meaning['zh']}无法识别"
    en = f"{column.name} {UNREADABLE[column.type]}"
    if column.whole_month:
        zh += "（2012.1 可能是一月，也可能是十月，请写作 2012-01）"
        en += " (2012.1 may be January or October: write 2012-01 or 2012-10)"
    severity: Severity = "critical" if column.required else "warning"
    return _column_rule(column, "unreadable", is_unreadable, {"zh": zh, "en": en}, severity)


def _negative_rule(column: Column) -> Rule:
    meaning = {"zh": f"{column.meaning['zh']}为负", "en": f"{column.name} is negative"}
    return _column_rule(column, "negative", f"{column.name} < 0", meaning, "critical")


def _damaged_rule(column: Column) -> Rule:
    """Return the rule of a key or a code whose digits a number could not hold."""
    name = column.name
    meaning = {
        "zh": f"{column.meaning['zh']}成了科学计数法或超过十五位的数字，原有数字已丢失",
        "en": f"{name} has lost digits as a number (like 1.23457E+17 or 1234567890123456.0):"
        " a spreadsheet holds fifteen; deliver it as text",
    }
    may_be_damaged = " OR ".join(f"contains({name}, '{letter}')" for letter in "eE.")
    sql = f"({may_be_damaged}) AND regexp_full_match({name}, '{DAMAGED_NUMBER}')"
    return _column_rule(column, "damaged", sql, meaning, "warning")


def _column_rule(
    column: Column, fault: str, sql: str, meaning: dict[str, str], severity: Severity
) -> Rule:
    return Rule(
        id=f"{column.name}_{fault}",
        sql=sql,
        meaning=meaning,
        severity=severity,
        column=column.name,
    )
