"""What the operator of a run needs to know: whether readers see new data, what arrived, which
checks failed, what that could change, what to do first.
"""

from reports.elements import sentences
from reports.elements.cells import count_cell, value_cell
from reports.elements.quality_tables import rule_meaning
from reports.elements.table import Cell, Head, Table, name_cell
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

LINES = 15
CHECKS = 3
PROBLEMS = 2
NAMED = 5
NAME = 40
SENTENCE = 300
DECIDE_AFTER_DAYS = 6  # after the first failure: from the seventh day on somebody has to decide
NUMBERS = (
    *("rows_read", "branches", "rows_failed", "cases_new", "cases_changed"),
    *("value", "value_low", "value_high"),
)


def write_digest(publication: Publication) -> list[str]:
    """Return the run as text, in English: at most 15 lines, the first of which says whether readers
    see new data.
    """
    facts = publication.facts
    news = sentences.news_sentences(publication)
    checked = word("operator.checks", id=facts.publication_id, **_counts(publication))
    arrivals = publication.read("quality_arrival").to_pylist()
    lines = [news.en, checked.en]
    lines += [arrival(publication, row).en for row in arrivals]

    for row in arrivals:
        effect = leading_effect(publication, row["extract"])
        if effect:
            lines.append(effect.en)

    checks = [describe_failure(publication, row).en for row in publication.failed_rules]

    # Why a build is held is in the first line already.
    others = [problem for problem in facts.problems if problem not in facts.hold_reasons]
    problems = [format.text(problem, SENTENCE) for problem in others]
    more = checks[:CHECKS] + problems[:PROBLEMS]

    return _at_most(lines, more, total=len(checks) + len(problems))


def _at_most(lines: list[str], more: list[str], total: int) -> list[str]:
    """Return the lines, and as many more as there is room for; where some of the `total` are left
    out, the last line says how many.
    """
    room = LINES - len(lines)
    if len(more) > room or len(more) < total:
        more = more[: room - 1]
        left_out = word("operator.more", more=str(total - len(more)))
        more.append(left_out.en)

    return lines + more


def _counts(publication: Publication) -> dict[str, str]:
    rules = publication.failed_rules
    critical = sum(row["severity"] == "critical" for row in rules)
    return {
        "failed": format.count(len(rules)),
        "critical": format.count(critical),
        "missing": format.count(len(publication.missing())),
    }


def arrival(publication: Publication, row: dict) -> Both:
    """Return what arrived of one extract: of which day, how many rows, how many are usual, which
    branches are missing.
    """
    is_new = row["extract_date"] >= publication.facts.as_of
    sentence = word(
        "operator.arrived" if is_new else "operator.older",
        extract=known_word("extract", row["extract"]),
        day=format.day(row["extract_date"]),
    )
    sentence += word("operator.rows", rows=format.count(row["rows_read"]), usual=usual_text(row))
    if not row["branches_missing"]:
        return sentence

    return sentence + word("operator.missing", branches=missing_text(publication, row))


def usual_text(row: dict) -> Both:
    """Return the range of rows among the deliveries before, or that there is none."""
    if not row["deliveries_before"]:
        return word("operator.first")

    return word(
        "operator.usual",
        low=format.count(row["rows_usual_low"]),
        high=format.count(row["rows_usual_high"]),
        deliveries=format.count(row["deliveries_before"]),
    )


def missing_text(publication: Publication, row: dict) -> Both:
    """Return the branches that had rows in every delivery before and have none, by name."""
    codes = (row["branches_missing"] or "").split(", ")
    names = []
    for code in codes[:NAMED]:
        name = format.text(publication.name(code), NAME)
        names.append(both_languages(name))

    listed = join_list(names)
    others = len(codes) - NAMED
    if others <= 0:
        return listed

    return listed + word("operator.more_branches", more=str(others))


def describe_failure(publication: Publication, row: dict) -> Both:
    """Return one check that failed: what it means, how often, since when, whose it is, what to do
    first.
    """
    since = since_text(row)
    if since.zh:
        since = Both("，", ", ") + since

    return word(
        f"operator.failed_{row['severity']}",
        extract=known_word("extract", row["extract"]),
        meaning=rule_meaning(row),
        rows=format.count(row["rows_failed"]),
        since=since,
        owner=owner(publication, row),
        step=first_step(row),
    )


def since_text(row: dict) -> Both:
    """Return since when a check fails; from the seventh day on that somebody has to decide."""
    since, day = row["failing_since"], row["extract_date"]
    if since is None or since == day:
        return both_languages("")
    is_lasting = (day - since).days >= DECIDE_AFTER_DAYS
    return word("operator.decide" if is_lasting else "operator.since", day=format.day(since))


def owner(publication: Publication, row: dict) -> Both:
    """Return who is notified of a rule, else of its extract."""
    owners = publication.facts.owners
    name = owners.get(row["rule_id"]) or owners.get(row["extract"])
    if not name:
        return word("operator.nobody")
    return both_languages(format.text(name, NAME))


def first_step(row: dict) -> str:
    """Return the command that shows what broke a rule; rows that count all the same are in no
    quarantine, so a warning has examples.
    """
    if row["severity"] == "critical":
        return f"servicekpi quarantine show {row['rule_id']}"
    return format.text(row["examples"] or "", SENTENCE)


def leading_effect(publication: Publication, extract: str) -> Both | None:
    """Return what the quarantined rows of an extract could make of its first KPI; None where there
    are none, or no bounds are known.
    """
    rows = publication.read("quality_effect").to_pylist()
    by_kpi = {row["kpi_id"]: row for row in rows if row["extract"] == extract}
    for kpi in publication.kpis:
        if kpi["kpi_id"] in by_kpi:
            return describe_effect(publication, kpi, by_kpi[kpi["kpi_id"]])

    return None


def describe_effect(publication: Publication, kpi: dict, row: dict) -> Both:
    """Return a KPI with the bounds that quarantined rows leave it."""
    return word(
        "operator.effect",
        kpi=publication.title(kpi),
        value=format.value(row["value"], kpi["unit"]),
        low=format.value(row["value_low"], kpi["unit"]),
        high=format.value(row["value_high"], kpi["unit"]),
        cases=format.count(row["cases_new"] + row["cases_changed"]),
        extract=known_word("extract", row["extract"]),
    )


# -- the same as tables


def arrivals_table(publication: Publication) -> Table:
    """Return what arrived, an extract a line."""
    lines = []
    for row in publication.read("quality_arrival").to_pylist():
        missing = missing_text(publication, row) if row["branches_missing"] else ""
        lines.append(
            [
                Cell(known_word("extract", row["extract"])),
                Cell(format.day(row["extract_date"])),
                count_cell(row["rows_read"]),
                Cell(usual_text(row)),
                count_cell(row["branches"]),
                Cell(missing, is_name=True),
            ]
        )

    columns = ("extract", "extract_date", "rows_read", "usual_rows", "branches", "branches_missing")
    caption = word("operator.arrivals")
    return Table("arrivals", caption, _heads(*columns), lines, can_filter=False)


def checks_table(publication: Publication) -> Table:
    """Return the rules that failed, each with its owner and what to do first."""
    lines = [
        [
            Cell(rule_meaning(row)),
            Cell(known_word("extract", row["extract"])),
            Cell(known_word("severity", row["severity"])),
            count_cell(row["rows_failed"]),
            Cell(since_text(row)),
            Cell(owner(publication, row), is_name=True),
            name_cell(first_step(row)),
        ]
        for row in publication.failed_rules
    ]
    columns = ("meaning", "extract", "severity", "rows_failed", "failing_since", "owner")
    heads = _heads(*columns, "first_step")

    return Table("checks", word("operator.failed"), heads, lines)


def effects_table(publication: Publication) -> Table:
    """Return what quarantined rows could make of the company's KPIs."""
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    values = ("value", "value_low", "value_high")
    counts = ("cases_new", "cases_changed")

    lines = []
    for row in publication.read("quality_effect").to_pylist():
        kpi = kpis[row["kpi_id"]]
        line = [
            Cell(publication.title(kpi)),
            Cell(known_word("extract", row["extract"])),
            *(value_cell(row[name], kpi["unit"]) for name in values),
            *(count_cell(row[name]) for name in counts),
        ]
        lines.append(line)

    return Table(
        "effects",
        word("operator.effects"),
        _heads("kpi", "extract", *values, *counts),
        lines,
        note=word("operator.effects_note"),
        can_filter=False,
    )


def _heads(*columns: str) -> list[Head]:
    """Return the heads of columns about the data, those of numbers as such."""
    return [Head(word(f"column.{column}"), column in NUMBERS) for column in columns]
