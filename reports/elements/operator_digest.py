"""What the operator of a night needs to know: do readers see new data, what arrived, which checks
failed, what that could change, what to do first.
"""

from reports.elements import sentences
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

LINES = 15
CHECKS = 3
PROBLEMS = 2
NAMED = 5
NAME = 40
SENTENCE = 300
ASKED_AFTER = 6  # days after the first failure, so the seventh night: somebody has to decide


def write_digest(publication: Publication) -> list[str]:
    """The night as text, in English: at most 15 lines, the first of which says whether readers see
    new data.
    """
    facts = publication.facts
    rows = publication.read("quality_arrival").to_pylist()
    lines = [sentences.news_sentences(publication).en]
    lines.append(word("operator.checks", id=facts.publication_id, **_counted(publication)).en)
    lines += [arrival(publication, row).en for row in rows]
    lines += [told.en for row in rows if (told := leading_effect(publication, row["extract"]))]
    checks = [failed_text(publication, row).en for row in publication.failed_rules]
    problems = [
        format.text(problem, SENTENCE)
        for problem in facts.problems
        if problem not in facts.hold_reasons
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
        "operator.arrived" if row["extract_date"] >= publication.facts.as_of else "operator.older",
        extract=known_word("extract", row["extract"]),
        day=day,
    )
    told += word("operator.rows", rows=format.count(row["rows_read"]), usual=usual_text(row))
    return (
        told + word("operator.missing", branches=missing_text(publication, row))
        if row["branches_missing"]
        else told
    )


def usual_text(row: dict) -> Both:
    """The range of rows among the deliveries before, or that there is none."""
    if not row["deliveries_before"]:
        return word("operator.first")
    low, high = (format.count(row[f"rows_usual_{side}"]) for side in ("low", "high"))
    return word(
        "operator.usual", low=low, high=high, deliveries=format.count(row["deliveries_before"])
    )


def missing_text(publication: Publication, row: dict) -> Both:
    """The branches that had rows in every delivery before and have none, by name."""
    codes = (row["branches_missing"] or "").split(", ")
    told = join_list(
        [both_languages(format.text(publication.name(code), NAME)) for code in codes[:NAMED]]
    )
    return (
        told + word("operator.more_branches", more=str(len(codes) - NAMED))
        if len(codes) > NAMED
        else told
    )


def failed_text(publication: Publication, row: dict) -> Both:
    """One check that failed: what it means, how often, since when, whose it is, what to do
    first.
    """
    lasting = since_text(row)
    said = {
        "extract": known_word("extract", row["extract"]),
        "meaning": Both(row["meaning_zh"] or row["rule_id"], row["meaning_en"] or row["rule_id"]),
        "rows": format.count(row["rows_failed"]),
        "since": Both("，", ", ") + lasting if lasting.zh else lasting,
        "owner": owner(publication, row),
        "step": first_step(row),
    }
    return word(f"operator.failed_{row['severity']}", **said)


def since_text(row: dict) -> Both:
    """Since when a check fails; from the seventh night on that somebody has to decide."""
    if row["failing_since"] is None or row["failing_since"] == row["extract_date"]:
        return both_languages("")
    lasting = (row["extract_date"] - row["failing_since"]).days >= ASKED_AFTER
    return word(
        "operator.decide" if lasting else "operator.since", day=format.day(row["failing_since"])
    )


def owner(publication: Publication, row: dict) -> Both:
    """Who is told of a rule, else of its extract."""
    owners = publication.facts.owners
    told = owners.get(row["rule_id"]) or owners.get(row["extract"])
    return both_languages(format.text(told, NAME)) if told else word("operator.nobody")


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
        extract=known_word("extract", row["extract"]),
    )


# -- the same as tables
# ------------------------------------------------------------------------------------------------


def arrivals_table(publication: Publication) -> Table:
    rows = [
        [
            Cell(known_word("extract", row["extract"])),
            Cell(format.day(row["extract_date"])),
            number_cell(format.count(row["rows_read"]), row["rows_read"]),
            Cell(usual_text(row)),
            number_cell(format.count(row["branches"]), row["branches"]),
            Cell(missing_text(publication, row) if row["branches_missing"] else "", is_name=True),
        ]
        for row in publication.read("quality_arrival").to_pylist()
    ]
    return Table(
        "arrivals",
        word("operator.arrivals"),
        _heads(
            "extract", "extract_date", "rows_read", "usual_rows", "branches", "branches_missing"
        ),
        rows,
        can_filter=False,
    )


def checks_table(publication: Publication) -> Table:
    rows = [
        [
            Cell(Both(row["meaning_zh"] or row["rule_id"], row["meaning_en"] or row["rule_id"])),
            Cell(known_word("extract", row["extract"])),
            Cell(known_word("severity", row["severity"])),
            number_cell(format.count(row["rows_failed"]), row["rows_failed"]),
            Cell(since_text(row)),
            name_cell(owner(publication, row)),
            name_cell(first_step(row)),
        ]
        for row in publication.failed_rules
    ]
    return Table(
        "checks",
        word("operator.failed"),
        _heads(
            "meaning", "extract", "severity", "rows_failed", "failing_since", "owner", "first_step"
        ),
        rows,
    )


def effects_table(publication: Publication) -> Table:
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    rows = [
        [
            Cell(publication.title(kpis[row["kpi_id"]])),
            Cell(known_word("extract", row["extract"])),
            *(
                number_cell(format.value(row[part], kpis[row["kpi_id"]]["unit"]), row[part])
                for part in ("value", "value_low", "value_high")
            ),
            *(
                number_cell(format.count(row[part]), row[part])
                for part in ("cases_new", "cases_changed")
            ),
        ]
        for row in publication.read("quality_effect").to_pylist()
    ]
    columns = ("kpi", "extract", "value", "value_low", "value_high", "cases_new", "cases_changed")
    return Table(
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
