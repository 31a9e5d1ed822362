"""What the operator of a night needs to know: do readers see new data, what arrived, which checks
failed, what that could change, what to do first.
"""

from reports.elements import sentences
from reports.elements.table import Cell, Grid, Head, name, number
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both, known, word

LINES = 15
CHECKS = 3
PROBLEMS = 2
NAMED = 5
NAME = 40
SENTENCE = 300
ASKED_AFTER = 6  # days after the first failure, so the seventh night: somebody has to decide


def digest(publication: Publication) -> list[str]:
    """The night as text, in English: at most 15 lines, the first of which says whether readers see
    new data.
    """
    facts = publication.facts
    rows = publication.read("quality_arrival").to_pylist()
    lines = [sentences.news(publication).en]
    lines.append(word("operator.checks", id=facts["publication_id"], **_counted(publication)).en)
    lines += [arrival(publication, row).en for row in rows]
    lines += [told.en for row in rows if (told := leading_effect(publication, row["extract"]))]
    checks = [failed(publication, row).en for row in publication.failed_rules]
    problems = [
        format.text(problem, SENTENCE)
        for problem in facts["problems"]
        if problem not in facts["held_because"]
    ]
    return _at_most(lines, checks[:CHECKS] + problems[:PROBLEMS], len(checks) + len(problems))


def _at_most(lines: list[str], more: list[str], all_of_them: int) -> list[str]:
    """Lines, and as many more as there is room for; where some are left out, the last line says how
    many.
    """
    room = LINES - len(lines)
    if len(more) > room or len(more) < all_of_them:
        more = more[: room - 1]
        more.append(word("operator.more", more=str(all_of_them - len(more))).en)
    return lines + more


def _counted(publication: Publication) -> dict[str, str]:
    rules = publication.failed_rules
    counted = {
        "failed": len(rules),
        "critical": sum(row["severity"] == "critical" for row in rules),
        "missing": len(publication.missing()),
    }
    return {name: format.count(amount) for name, amount in counted.items()}


def arrival(publication: Publication, row: dict) -> Both:
    """One extract: of which day, how many rows, beside what is usual, which branches are
    missing.
    """
    day = format.day(row["extract_date"])
    told = word(
        "operator.arrived"
        if row["extract_date"] >= publication.facts["as_of"]
        else "operator.older",
        extract=known("extract", row["extract"]),
        day=day,
    )
    told += word("operator.rows", rows=format.count(row["rows_read"]), usual=usual(row))
    return (
        told + word("operator.missing", branches=missing(publication, row))
        if row["branches_missing"]
        else told
    )


def usual(row: dict) -> Both:
    """The range of rows among the deliveries before, or that there is none."""
    if not row["deliveries_before"]:
        return word("operator.first")
    low, high = (format.count(row[f"rows_usual_{side}"]) for side in ("low", "high"))
    return word(
        "operator.usual", low=low, high=high, deliveries=format.count(row["deliveries_before"])
    )


def missing(publication: Publication, row: dict) -> Both:
    """The branches that had rows in every delivery before and have none, by name."""
    codes = (row["branches_missing"] or "").split(", ")
    told = sentences.listed(
        [both(format.text(publication.name(code), NAME)) for code in codes[:NAMED]]
    )
    return (
        told + word("operator.more_branches", more=str(len(codes) - NAMED))
        if len(codes) > NAMED
        else told
    )


def failed(publication: Publication, row: dict) -> Both:
    """One check that failed: what it means, how often, since when, whose it is, what to do
    first.
    """
    lasting = since(row)
    said = {
        "extract": known("extract", row["extract"]),
        "meaning": Both(row["meaning_zh"] or row["rule_id"], row["meaning_en"] or row["rule_id"]),
        "rows": format.count(row["rows_failed"]),
        "since": Both("，", ", ") + lasting if lasting.zh else lasting,
        "owner": owner(publication, row),
        "step": first_step(row),
    }
    return word(f"operator.failed_{row['severity']}", **said)


def since(row: dict) -> Both:
    """Since when a check fails; from the seventh night on that somebody has to decide."""
    if row["failing_since"] is None or row["failing_since"] == row["extract_date"]:
        return both("")
    lasting = (row["extract_date"] - row["failing_since"]).days >= ASKED_AFTER
    return word(
        "operator.decide" if lasting else "operator.since", day=format.day(row["failing_since"])
    )


def owner(publication: Publication, row: dict) -> Both:
    """Who is told of a rule, else of its extract."""
    owners = publication.facts["owners"]
    told = owners.get(row["rule_id"]) or owners.get(row["extract"])
    return both(format.text(told, NAME)) if told else word("operator.nobody")


def first_step(row: dict) -> str:
    """The command that shows what broke a rule; rows that count all the same are in no
    quarantine.
    """
    if row["severity"] == "critical":
        return f"servicekpi quarantine show {row['rule_id']}"
    return format.text(row["examples"] or "", SENTENCE)


def leading_effect(publication: Publication, extract: str) -> Both | None:
    """What the rows of an extract that are set aside could make of its first KPI; None where none
    are, or nothing can be said.
    """
    rows = [
        row for row in publication.read("quality_effect").to_pylist() if row["extract"] == extract
    ]
    order = {kpi["kpi_id"]: place for place, kpi in enumerate(publication.kpis)}
    return effect(publication, min(rows, key=lambda row: order[row["kpi_id"]])) if rows else None


def effect(publication: Publication, row: dict) -> Both:
    (kpi,) = [kpi for kpi in publication.kpis if kpi["kpi_id"] == row["kpi_id"]]
    low, value, high = (
        format.value(row[part], kpi["unit"]) for part in ("value_low", "value", "value_high")
    )
    cases = format.count(row["cases_new"] + row["cases_changed"])
    return word(
        "operator.effect",
        kpi=publication.title(kpi),
        value=value,
        low=low,
        high=high,
        cases=cases,
        extract=known("extract", row["extract"]),
    )


# -- the same as tables
# ------------------------------------------------------------------------------------------------


def arrivals(publication: Publication) -> Grid:
    rows = [
        [
            Cell(known("extract", row["extract"])),
            Cell(format.day(row["extract_date"])),
            number(format.count(row["rows_read"]), row["rows_read"]),
            Cell(usual(row)),
            number(format.count(row["branches"]), row["branches"]),
            Cell(missing(publication, row) if row["branches_missing"] else "", is_name=True),
        ]
        for row in publication.read("quality_arrival").to_pylist()
    ]
    return Grid(
        "arrivals",
        word("operator.arrivals"),
        _heads(
            "extract", "extract_date", "rows_read", "usual_rows", "branches", "branches_missing"
        ),
        rows,
        can_filter=False,
    )


def checks(publication: Publication) -> Grid:
    rows = [
        [
            Cell(Both(row["meaning_zh"] or row["rule_id"], row["meaning_en"] or row["rule_id"])),
            Cell(known("extract", row["extract"])),
            Cell(known("severity", row["severity"])),
            number(format.count(row["rows_failed"]), row["rows_failed"]),
            Cell(since(row)),
            name(owner(publication, row)),
            name(first_step(row)),
        ]
        for row in publication.failed_rules
    ]
    return Grid(
        "checks",
        word("operator.failed"),
        _heads(
            "meaning", "extract", "severity", "rows_failed", "failing_since", "owner", "first_step"
        ),
        rows,
    )


def effects(publication: Publication) -> Grid:
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    rows = [
        [
            Cell(publication.title(kpis[row["kpi_id"]])),
            Cell(known("extract", row["extract"])),
            *(
                number(format.value(row[part], kpis[row["kpi_id"]]["unit"]), row[part])
                for part in ("value", "value_low", "value_high")
            ),
            *(
                number(format.count(row[part]), row[part])
                for part in ("cases_new", "cases_changed")
            ),
        ]
        for row in publication.read("quality_effect").to_pylist()
    ]
    columns = ("kpi", "extract", "value", "value_low", "value_high", "cases_new", "cases_changed")
    return Grid(
        "effects",
        word("operator.effects"),
        _heads(*columns),
        rows,
        note=word("operator.effects_note"),
        can_filter=False,
    )


def _heads(*columns: str) -> list[Head]:
    numbers = (
        "rows_read",
        "branches",
        "rows_failed",
        "value",
        "value_low",
        "value_high",
        "cases_new",
        "cases_changed",
    )
    return [Head(word(f"column.{column}"), column in numbers) for column in columns]
