"""All rules, by what they look at: the one list that the linter runs.

They follow the UK Analysis Function's checklist for accessible spreadsheets, RFC 4180, and the
tabular data standard. A rule is a function and an entry below it, in the module of its subject. Its
id is part of the log of frozen releases: never give it to another rule.
"""

from reports.release.lint import (
    book_rules,
    cell_rules,
    csv_content_rules,
    csv_form_rules,
    marker_rules,
    release_rules,
    sheet_rules,
)

BOOK_RULES = (*book_rules.RULES, *marker_rules.BOOK_RULES)
SHEET_RULES = (
    *sheet_rules.LAYOUT_RULES,
    *sheet_rules.CONTENT_RULES,
    *marker_rules.SHEET_RULES,
    *cell_rules.RULES,
)
CSV_RULES = (*csv_form_rules.RULES, *csv_content_rules.RULES)
RELEASE_RULES = release_rules.RULES


def list_rule_ids() -> list[str]:
    """Return the ids of all rules about single files, in order; T13 and C9 are in two lists."""
    return [rule.id for rule in (*BOOK_RULES, *SHEET_RULES, *CSV_RULES)]
