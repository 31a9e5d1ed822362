"""The charts of a KPI's page with their words, and the tables of what they draw."""

import base64

from reports.elements import kpi_tables, sentences
from reports.elements.links import branch_link
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.figures import canvas, line_and_dot, statistical
from reports.pages.cards import extremes, months_of
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

SPACE = Both("", " ")
NAME = 40
# With two branches the lines are drawn from each other.
FEWEST_IN_FUNNEL = 3
FUNNEL_LINES = ("watch", "act", "watch_spread", "act_spread")
FUNNEL_COUNTS = ("tested", "watch_outside", "act_outside", "act_spread_outside")
FUNNEL_EXPECTED = ("watch_false_alarms", "act_false_alarms")


def figure_of(svg: bytes) -> str:
    """Return a drawing as the address of an image."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")


def trend_figure(publication: Publication, kpi: dict) -> dict | None:
    """Return the monthly line of the head office with its text: a control chart where there are
    limits.
    """
    months = months_of(publication, kpi)
    texts = extremes(months, kpi["unit"])
    if not texts:
        return None
    caption = word("kpi.trend", message=sentences.trend_title(publication, kpi))
    unit = kpi_tables.unit_words(kpi)
    alt = word("kpi.trend_alt", title=publication.title(kpi), unit=unit, **texts)
    scale_note = sentences.scale_note(publication, kpi)
    notes = [scale_note] if scale_note else []
    chart = publication.statistics.chart(kpi["kpi_id"])
    if chart:
        charted = [month | _limits(chart.get(month["start"], {})) for month in months]
        last = next(row for row in reversed(list(chart.values())) if row["is_charted"])
        notes.append(word("control.note"))
        if last["is_trial"]:
            notes.append(word("control.trial", points=str(last["chart_points"])))
        caption = caption + word("site.semicolon") + variation(last)
        alt = alt + SPACE + _control_alt(charted, last, kpi)
        image = statistical.draw_control_chart(charted, kpi["unit"])
    else:
        if any(month["low"] is not None for month in months):
            notes.append(word("kpi.band_note", level=kpi_tables.level_text(publication)))
        is_zero_based = kpi["kind"] in ("count", "rate")
        image = line_and_dot.draw_trend(months, kpi["unit"], zero_based=is_zero_based)
    note = join_list([*notes, word("kpi.trend_note")], SPACE)
    return {"caption": caption, "image": figure_of(image), "alt": alt, "note": note}


def _limits(point: dict) -> dict:
    """Return what the control chart draws of a month; None where the month is not in the chart."""
    return {name: point.get(name) for name in statistical.CHARTED}


def _control_alt(charted: list[dict], last: dict, kpi: dict) -> Both:
    limits = format.interval(last["limit_low"], last["limit_high"], kpi["unit"])
    signals = sum(month["variation"] in statistical.POINTS for month in charted)
    reading = variation(last)
    return word("control.alt", limits=limits, signals=str(signals), reading=reading)


def variation(row: dict) -> Both:
    """Return what the control chart says of a month: `improving (seven points on one side)`."""
    words = known_word("variation", row["variation"] or "usual")
    if not row["rule"]:
        return words
    return words + Both("（", " (") + known_word("rule", row["rule"]) + Both("）", ")")


def months_table(publication: Publication, kpi: dict) -> Table:
    """Return the figures behind the monthly line, newest first, with the limits of usual variation
    where there are any.
    """
    values = publication.head_values(kpi["kpi_id"])
    chart = publication.statistics.chart(kpi["kpi_id"])
    lines = []
    for period in reversed(publication.months()):
        row = values.get(period)
        if not row:
            continue
        label = both_languages(format.month(period[1]))
        if not format.is_whole(*period):
            label = label + word("period.partial", last=format.day(period[2] - format.DAY))
        line = [Cell(label), *kpi_tables.value_cells(row, kpi)]
        if chart:
            line += _chart_cells(chart.get(period[1]), kpi)
        line.append(Cell(kpi_tables.states(row)))
        lines.append(line)
    heads = [Head(word("column.month")), *kpi_tables.value_heads(publication, kpi)]
    if chart:
        heads += [Head(word("column.usual"), is_number=True), Head(word("column.variation"))]
    heads.append(Head(word("column.state")))
    return Table("months", word("kpi.months"), heads, lines, can_filter=False)


def _chart_cells(point: dict | None, kpi: dict) -> list[Cell]:
    """Return a month's limits and what the control chart says of it."""
    if point is None or not point["is_charted"]:
        return [number_cell(both_languages(""), None), Cell(both_languages(""))]
    limits = format.interval(point["limit_low"], point["limit_high"], kpi["unit"])
    return [number_cell(limits, None), Cell(variation(point))]


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
    # The counts of the league are the same in each of its rows.
    first = rows[0]
    has_spread = any(row["act_spread_high"] is not None for row in rows)
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
        "image": figure_of(statistical.draw_funnel(branches, kpi["unit"])),
        "alt": word("funnel.alt", title=publication.title(kpi), message=title, named=named),
        "note": join_list(notes, SPACE),
    }


def _name_outliers(branches: list[dict]) -> Both:
    positions = statistical.outliers(branches)
    names = [format.text(branches[at]["name"], canvas.NAME_LIMIT) for at in positions]
    if not names:
        return word("overview.notable_none")
    return join_list([both_languages(name) for name in names])


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
        code, size = row["branch_code"], row["n"]
        is_count = size == int(size)
        line = [
            name_cell(publication.name(code), branch_link(publication, code)),
            number_cell(format.plain(size, 0 if is_count else 2), size),
            number_cell(format.value(row["value"], unit), row["value"]),
        ]
        for kind in kinds:
            low, high = row[f"{kind}_low"], row[f"{kind}_high"]
            line.append(number_cell(format.interval(low, high, unit), high))
        lines.append(line)
    heads = [
        Head(word("column.branch")),
        Head(word("column.n"), is_number=True),
        Head(word("column.value_unit", unit=kpi_tables.unit_words(kpi)), is_number=True),
    ]
    heads += [Head(word(f"funnel.{kind}"), is_number=True) for kind in kinds]
    return Table("funnel", word("funnel.figures"), heads, lines, can_filter=False)


def _has_lines(rows: list[dict], kind: str) -> bool:
    return any(row[f"{kind}_high"] is not None for row in rows)


def dots_figure(publication: Publication, kpi: dict) -> dict | None:
    """Return the provincial branches, best first, against the network; a count has no network to be
    compared with.
    """
    league = publication.league(kpi["kpi_id"], "province")
    rows = [row for row in league if row["value"] is not None]
    year = publication.headline(kpi["kpi_id"])
    if not rows or year is None:
        return None
    if kpi["direction"] == "none":
        rows = sorted(rows, key=lambda row: (-row["value"], row["branch_code"]))
    branches = [
        {
            "name": publication.name(row["branch_code"]),
            "value": row["value"],
            "low": row["interval_low"],
            "high": row["interval_high"],
            "verdict": row["verdict"],
        }
        for row in rows
    ]
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
    texts: dict[str, Both | str] = {
        "title": publication.title(kpi),
        "unit": kpi_tables.unit_words(kpi),
        "number": str(len(branches)),
    }
    values = [branch["value"] for branch in branches]
    if kpi["direction"] == "none":
        low, high = format.value(min(values), kpi["unit"]), format.value(max(values), kpi["unit"])
        return word("kpi.dots_alt_none", low=low, high=high, **texts)
    verdicts = [branch["verdict"] for branch in branches]
    texts["first"] = format.text(branches[0]["name"], NAME)
    texts["last"] = format.text(branches[-1]["name"], NAME)
    return word(
        "kpi.dots_alt",
        first_value=format.value(values[0], kpi["unit"]),
        last_value=format.value(values[-1], kpi["unit"]),
        better=str(verdicts.count("better")),
        worse=str(verdicts.count("worse")),
        **texts,
    )
