"""The content of each branch's one-pager: everything that the template prints, as text."""

import pyarrow.compute as pc

from reports.onepager.wording import (
    distance,
    distance_words,
    fairness_lines,
    lead_sentence,
    value_with_unit,
)
from reports.tables.periods import within
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, known_word, level_words, word

JUDGED_KINDS = ("share", "mean", "rate", "index")
KPI_LIMIT = 18  # more rows do not fit on one side of A4
LISTED = 3
NAME_LIMIT = 60
SIGNS = {"better": "▲ ", "worse": "▼ ", "as_expected": "= ", "too_few": "– "}
COLUMNS = ("kpi", "value", "n", "centre", "verdict", "distance", "rank")

# A KPI, and a branch's row of it as `reports.onepager.wording` describes it.
KpiRow = tuple[dict, dict]


def describe_pages(publication: Publication, level: str) -> dict[str, dict]:
    """Return the pages of a level by branch code: `{title, sides: [Chinese, English]}`, all of it
    text. Every page has the same KPIs in the same order.
    """
    rows_by_branch = _rows_by_branch(publication, level)
    pages = {}
    for code, rows in sorted(rows_by_branch.items()):
        pages[code] = _describe_page(publication, code, level, rows)

    return pages


def _rows_by_branch(publication: Publication, level: str) -> dict[str, list[KpiRow]]:
    centres = _read_centres(publication, level)
    worsening = _find_worsening(publication, level)
    uncompared = {"centre": None, "p_value": None}

    rows_by_branch: dict[str, list[KpiRow]] = {}
    for kpi in _select_kpis(publication, level):
        for row in publication.league(kpi["kpi_id"], level):
            code = row["branch_code"]
            key = (kpi["kpi_id"], code)
            compared = uncompared | centres.get(key, {})
            compared_row = row | compared | {"is_worsening": key in worsening}
            rows_by_branch.setdefault(code, []).append((kpi, compared_row))

    return rows_by_branch


def _select_kpis(publication: Publication, level: str) -> list[dict]:
    """Return the KPIs that are judged and have a league at the level, as many as fit."""
    kpis = []
    for kpi in publication.kpis:
        is_judged = kpi["direction"] != "none" and kpi["kind"] in JUDGED_KINDS
        if is_judged and publication.league(kpi["kpi_id"], level):
            kpis.append(kpi)

    return kpis[:KPI_LIMIT]


def _read_centres(publication: Publication, level: str) -> dict[tuple[str, str], dict]:
    """Return what each branch is compared with, and how surely it differs, by KPI and branch."""
    if not publication.year_to_date:
        return {}

    columns = ["kpi_id", "branch_code", "centre", "p_value"]
    is_of_level = pc.field("branch_level") == level
    where = within(publication.year_to_date) & is_of_level

    centres = {}
    for row in publication.read("mart_funnel", where, columns).to_pylist():
        key = row.pop("kpi_id"), row.pop("branch_code")
        centres[key] = row

    return centres


def _find_worsening(publication: Publication, level: str) -> set[tuple[str, str]]:
    """Return the KPIs and branches whose latest charted month is a concern by the rules of the
    control chart.
    """
    columns = ["kpi_id", "branch_code", "period_start", "variation"]
    is_of_level = pc.field("branch_level") == level
    where = is_of_level & pc.field("is_charted")
    months = publication.read("mart_trend", where, columns).to_pylist()

    latest: dict[tuple[str, str], str | None] = {}

    # Oldest first: the latest month of each is what stays.
    for month in sorted(months, key=lambda row: row["period_start"]):
        latest[month["kpi_id"], month["branch_code"]] = month["variation"]

    return {key for key, variation in latest.items() if variation == "concern"}


def _describe_page(publication: Publication, code: str, level: str, rows: list[KpiRow]) -> dict:
    leads = publication.facts.policy.league.leads
    name = format.text(publication.name(code), NAME_LIMIT)
    heading = name
    if name != code:
        heading += f" ({format.text(code, NAME_LIMIT)})"

    # The first KPI leads: the most important one of the house that has a league here.
    leading_kpi, leading_row = rows[0]
    parts = {
        "about": _about(publication, level),
        "name": both_languages(heading),
        "sentence": lead_sentence(leading_kpi, leading_row),
        "lists": _describe_lists(rows, leads),
        "heads": _column_heads(),
        "rows": [_table_row(kpi, row, leads) for kpi, row in rows],
        "table_note": word("onepager.table_note"),
        "fair_title": word("onepager.fair"),
        "fair": fairness_lines(publication, level, leading_kpi, leading_row),
        "foot": _foot(publication),
    }
    sides = [_in_language(parts, language) | {"language": language} for language in ("zh", "en")]

    return {"title": name, "sides": sides}


def _about(publication: Publication, level: str) -> Both:
    period = publication.period_words()
    return word("onepager.about", level=level_words(level), period=period)


def _foot(publication: Publication) -> Both:
    facts = publication.facts
    return word(
        "onepager.foot",
        day=format.day(facts.as_of),
        id=facts.publication_id,
        status=publication.status_words,
    )


def _in_language(part, language: str):
    """Return a structure of texts in both languages as the same structure in one."""
    if isinstance(part, Both):
        return getattr(part, language)
    if isinstance(part, dict):
        return {name: _in_language(inner, language) for name, inner in part.items()}
    if isinstance(part, list):
        return [_in_language(inner, language) for inner in part]

    return part


def _describe_lists(rows: list[KpiRow], leads: str) -> list[dict]:
    """Return the three lists of a page: where the branch is better, worse, and worse and falling
    behind further.
    """
    better = _select_verdict(rows, "better")
    worse = _select_verdict(rows, "worse")
    worsening = [(kpi, row) for kpi, row in worse if row["is_worsening"]]

    return [
        _describe_list("better", better, leads),
        _describe_list("worse", worse, leads),
        _describe_list("worsening", worsening, leads),
    ]


def _select_verdict(rows: list[KpiRow], verdict: str) -> list[KpiRow]:
    """Return the rows with a verdict: those to act on first, then the surest."""

    def most_urgent_first(kpi_row: KpiRow) -> tuple[bool, float]:
        _, row = kpi_row
        p_value = 1.0 if row["p_value"] is None else row["p_value"]
        return not row["act"], p_value

    selected = [(kpi, row) for kpi, row in rows if row["verdict"] == verdict]
    return sorted(selected, key=most_urgent_first)


def _describe_list(name: str, rows: list[KpiRow], leads: str) -> dict:
    items = [_describe_item(kpi, row, leads) for kpi, row in rows[:LISTED]]
    return {
        "title": word(f"onepager.{name}"),
        "empty": word("onepager.none"),
        "items": items,
    }


def _describe_item(kpi: dict, row: dict, leads: str) -> dict:
    value, centre = value_with_unit(row["value"], kpi), value_with_unit(row["centre"], kpi)
    return {
        "title": Publication.title(kpi),
        "value": word("onepager.against", value=value, centre=centre),
        "distance": distance_words(row, kpi, leads),
    }


def _column_heads() -> list[Both]:
    return [word(f"onepager.head_{column}") for column in COLUMNS]


def _table_row(kpi: dict, row: dict, leads: str) -> list[Both]:
    """Return the cells of `COLUMNS`."""
    verdict = known_word("onepager_verdict", row["verdict"])
    n = "" if row["n"] is None else format.plain(row["n"], 0)
    return [
        Publication.title(kpi),
        value_with_unit(row["value"], kpi),
        both_languages(n),
        value_with_unit(row["centre"], kpi),
        both_languages(SIGNS.get(row["verdict"], "")) + verdict,
        _distance_cell(kpi, row, leads),
        _rank_cell(row),
    ]


def _distance_cell(kpi: dict, row: dict, leads: str) -> Both:
    difference = distance(row, kpi, leads)
    if row["centre"] is None or difference is None:
        return both_languages("")
    if kpi["kind"] != "mean":
        # Cases more or fewer than expected, which are whole.
        return both_languages(format.signed(difference, 0))

    amount = both_languages(format.signed(difference, 1))
    return amount + " " + known_word("unit", kpi["unit"])


def _rank_cell(row: dict) -> Both:
    rank = both_languages(format.rank(row["rank"], row["rank_tied"]))
    if row["rank"] is None:
        return rank

    return word(
        "onepager.rank_cell",
        rank=rank,
        low=format.count(row["rank_low"]),
        high=format.count(row["rank_high"]),
        of=format.count(row["ranked_of"]),
    )
