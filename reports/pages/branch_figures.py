"""The charts on a KPI's page that compare branches, with their words: a funnel, and a line of
dots; and the table of what the funnel draws.
"""

from reports.elements import kpi_tables, sentences
from reports.elements.cells import branch_cell, value_cell
from reports.elements.table import Head, Table, number_cell, number_heads, text_heads
from reports.figures import canvas, line_and_dot, statistical
from reports.pages.kpi_figures import SPACE, figure_of
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, word

NAME = 40
# With two branches the lines are drawn from each other.
FEWEST_IN_FUNNEL = 3
FUNNEL_LINES = ("watch", "act", "watch_spread", "act_spread")
FUNNEL_COUNTS = ("tested", "watch_outside", "act_outside", "act_spread_outside")
FUNNEL_EXPECTED = ("watch_false_alarms", "act_false_alarms")


def funnel_figure(publication: Publication, kpi: dict) -> dict | None:
    """Return the provincial branches by size, between the lines that chance draws; None where no
    valid lines are known.
    """
    rows = publication.statistics.funnel(kpi["kpi_id"])
    if len(rows) < FEWEST_IN_FUNNEL or kpi["direction"] == "none":
        return None

    league = publication.league(kpi["kpi_id"], "province")
    verdicts = {row["branch_code"]: row["verdict"] for row in league}

    branches = []
    for row in rows:
        code = row["branch_code"]
        names = {"name": publication.name(code), "verdict": verdicts.get(code)}
        branches.append(row | names)

    image = statistical.draw_funnel(branches, kpi["unit"])

    has_spread = _has_lines(rows, "act_spread")

    # The counts of the league are the same in each of its rows.
    first = rows[0]
    counts = {name: str(first[name]) for name in FUNNEL_COUNTS}
    counts |= {name: format.plain(first[name], 1) for name in FUNNEL_EXPECTED}
    title = word("funnel.title_spread" if has_spread else "funnel.title", **counts)
    centre = format.value(first["centre"], kpi["unit"])
    notes = [word("funnel.note", unit=size_words(kpi), centre=centre)]
    if has_spread:
        notes.append(word("funnel.spread", phi=format.plain(first["phi"], 1)))

    notes.append(word("funnel.alarms", **counts))
    named = _name_outliers(branches)
    return {
        "caption": word("funnel.caption", message=title),
        "image": figure_of(image),
        "alt": word("funnel.alt", title=publication.title(kpi), message=title, named=named),
        "note": join_list(notes, SPACE),
    }


def _name_outliers(branches: list[dict]) -> Both:
    names = []
    for position in statistical.outliers(branches):
        name = format.text(branches[position]["name"], canvas.NAME_LIMIT)
        names.append(both_languages(name))

    if not names:
        return word("overview.notable_none")

    return join_list(names)


def size_words(kpi: dict) -> Both:
    """Return what a value rests on: the denominator in words, or the numerator where there is
    none.
    """
    zh = kpi["denominator_zh"] or kpi["numerator_zh"]
    en = kpi["denominator_en"] or kpi["numerator_en"]
    return Both(zh, en)


def funnel_table(publication: Publication, kpi: dict) -> Table:
    """Return the lines of the funnel at each branch."""
    rows, unit = publication.statistics.funnel(kpi["kpi_id"]), kpi["unit"]
    kinds = [kind for kind in FUNNEL_LINES if _has_lines(rows, kind)]

    lines = []
    for row in reversed(rows):
        size = row["n"]

        # Cases are whole, exposure may not be.
        decimals = 0 if size == int(size) else 2
        line = [
            branch_cell(publication, row["branch_code"]),
            number_cell(format.plain(size, decimals), size),
            value_cell(row["value"], unit),
        ]

        for kind in kinds:
            low, high = row[f"{kind}_low"], row[f"{kind}_high"]
            line.append(number_cell(format.interval(low, high, unit), high))

        lines.append(line)

    value = word("column.value_unit", unit=kpi_tables.unit_words(kpi))
    heads = [*text_heads("branch"), *number_heads("n"), Head(value, is_number=True)]
    heads += [Head(word(f"funnel.{kind}"), is_number=True) for kind in kinds]

    return Table("funnel", word("funnel.figures"), heads, lines, can_filter=False)


def _has_lines(rows: list[dict], kind: str) -> bool:
    column = f"{kind}_high"
    return any(row[column] is not None for row in rows)


def dots_figure(publication: Publication, kpi: dict) -> dict | None:
    """Return the provincial branches, best first, against the network; a count has no network to be
    compared with.
    """
    league = publication.league(kpi["kpi_id"], "province")
    rows = [row for row in league if row["value"] is not None]
    year = publication.headline(kpi["kpi_id"])
    if not rows or year is None:
        return None

    if not kpi_tables.is_comparable(kpi):
        rows = sorted(rows, key=lambda row: (-row["value"], row["branch_code"]))

    branches = []
    for row in rows:
        branch = {
            "name": publication.name(row["branch_code"]),
            "value": row["value"],
            "low": row["interval_low"],
            "high": row["interval_high"],
            "verdict": row["verdict"],
        }
        branches.append(branch)

    network = None if kpi["kind"] == "count" else year["value"]
    market = year["benchmark_value"]
    image, is_cut = line_and_dot.draw_dots(branches, kpi["unit"], network, market)
    notes = _dots_notes(publication, kpi, branches, network, market)
    if is_cut:
        notes.append(word("kpi.dots_note_cut", number=str(line_and_dot.CUT)))

    message = sentences.dots_title(publication, kpi)
    return {
        "caption": word("kpi.dots", period=publication.period_words(), message=message),
        "image": figure_of(image),
        "alt": dots_alt(publication, kpi, branches),
        "note": join_list(notes, SPACE),
    }


def _dots_notes(
    publication: Publication,
    kpi: dict,
    branches: list[dict],
    network: float | None,
    market: float | None,
) -> list[Both]:
    """Return what lines and marks of the picture of branches mean."""
    if network is None:
        notes = [word("kpi.dots_note_count")]
    else:
        notes = [word("kpi.dots_note_line", network=format.value(network, kpi["unit"]))]

    if market is not None:
        market_text = format.published(market, kpi["unit"])
        notes.append(word("kpi.dots_note_market", market=market_text))

    if any(branch["low"] is not None for branch in branches):
        notes.append(word("kpi.dots_note_interval", level=kpi_tables.level_text(publication)))
    else:
        notes.append(word("kpi.dots_note_none"))

    verdicts = {branch["verdict"] for branch in branches}
    if verdicts & {"better", "worse", "as_expected"}:
        notes.append(word("kpi.dots_note_marks"))
    if "too_few" in verdicts:
        notes.append(word("kpi.dots_note_few"))

    return notes


def dots_alt(publication: Publication, kpi: dict, branches: list[dict]) -> Both:
    """Return what the picture of branches shows, for those who cannot see it."""
    unit = kpi["unit"]
    texts: dict[str, Both | str] = {
        "title": publication.title(kpi),
        "unit": kpi_tables.unit_words(kpi),
        "number": str(len(branches)),
    }
    values = [branch["value"] for branch in branches]
    if not kpi_tables.is_comparable(kpi):
        # Neither end is the better one: the smallest and the largest, without names.
        texts["low"] = format.value(min(values), unit)
        texts["high"] = format.value(max(values), unit)
        return word("kpi.dots_alt_none", **texts)

    verdicts = [branch["verdict"] for branch in branches]
    texts["first"] = format.text(branches[0]["name"], NAME)
    texts["last"] = format.text(branches[-1]["name"], NAME)

    return word(
        "kpi.dots_alt",
        first_value=format.value(values[0], unit),
        last_value=format.value(values[-1], unit),
        better=str(verdicts.count("better")),
        worse=str(verdicts.count("worse")),
        **texts,
    )
