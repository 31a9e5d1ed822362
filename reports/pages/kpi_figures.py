"""The months on a KPI's page: their chart with its words, and the table of what it draws."""

import base64

from reports.elements import kpi_tables, sentences
from reports.elements.table import Cell, Table, number_cell, number_heads, text_heads
from reports.figures import line_and_dot, statistical
from reports.pages.cards import extremes, months_of
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

SPACE = Both("", " ")


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
    alt = word(
        "kpi.trend_alt",
        title=publication.title(kpi),
        unit=kpi_tables.unit_words(kpi),
        **texts,
    )
    scale_note = sentences.scale_note(publication, kpi)
    notes = [scale_note] if scale_note else []
    chart = publication.statistics.chart(kpi["kpi_id"])
    if chart:
        charted = [month | _limits(chart.get(month["start"], {})) for month in months]
        last = _last_charted(chart)
        notes += _control_notes(last)
        caption = caption + word("site.semicolon") + variation(last)
        alt = alt + SPACE + _control_alt(charted, last, kpi)
        image = statistical.draw_control_chart(charted, kpi["unit"])
    else:
        if any(month["low"] is not None for month in months):
            notes.append(word("kpi.band_note", level=kpi_tables.level_text(publication)))
        # For a share or a mean, zero is not a usual value: the line would be flat at the top.
        is_zero_based = kpi["kind"] in ("count", "rate")
        image = line_and_dot.draw_trend(months, kpi["unit"], zero_based=is_zero_based)

    notes.append(word("kpi.trend_note"))
    return {
        "caption": caption,
        "image": figure_of(image),
        "alt": alt,
        "note": join_list(notes, SPACE),
    }


def _last_charted(chart: dict) -> dict:
    latest_first = reversed(list(chart.values()))
    return next(month for month in latest_first if month["is_charted"])


def _control_notes(last: dict) -> list[Both]:
    """Return how a control chart is read, and that its limits are on trial as long as they are."""
    notes = [word("control.note")]
    if last["is_trial"]:
        notes.append(word("control.trial", points=str(last["chart_points"])))
    return notes


def _limits(point: dict) -> dict:
    """Return what the control chart draws of a month; None where the month is not in the chart."""
    return {name: point.get(name) for name in statistical.CHARTED}


def _control_alt(charted: list[dict], last: dict, kpi: dict) -> Both:
    limits = format.interval(last["limit_low"], last["limit_high"], kpi["unit"])
    signals = sum(month["variation"] in statistical.POINTS for month in charted)
    return word(
        "control.alt",
        limits=limits,
        signals=str(signals),
        reading=variation(last),
    )


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

        _, start, end = period
        label = both_languages(format.month(start))
        if not format.is_whole(*period):
            last = format.day(end - format.DAY)
            label = label + word("period.partial", last=last)

        line = [Cell(label), *kpi_tables.value_cells(row, kpi)]
        if chart:
            line += _chart_cells(chart.get(start), kpi)

        line.append(Cell(kpi_tables.states(row)))
        lines.append(line)

    heads = [*text_heads("month"), *kpi_tables.value_heads(publication, kpi)]
    if chart:
        heads += [*number_heads("usual"), *text_heads("variation")]

    heads += text_heads("state")
    return Table("months", word("kpi.months"), heads, lines, can_filter=False)


def _chart_cells(point: dict | None, kpi: dict) -> list[Cell]:
    """Return a month's limits and what the control chart says of it."""
    if point is None or not point["is_charted"]:
        nothing = both_languages("")
        return [number_cell(nothing, None), Cell(nothing)]
    limits = format.interval(point["limit_low"], point["limit_high"], kpi["unit"])
    return [number_cell(limits, None), Cell(variation(point))]
