"""The charts of a KPI's page with their words, and the tables of what they draw."""

import base64

from reports.elements import kpi_tables, sentences
from reports.elements.links import branch_link
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.figures import line_and_dot, statistical
from reports.pages.cards import extremes, months_of
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

SPACE = Both("", " ")


def figure_of(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")


def trend_figure(publication: Publication, kpi: dict) -> dict | None:
    """The monthly line of the head office with its alt text: a control chart where there are
    limits.
    """
    months = months_of(publication, kpi)
    said = extremes(months, kpi["unit"])
    if not said:
        return None
    alt = word(
        "kpi.trend_alt", title=publication.title(kpi), unit=kpi_tables.unit_words(kpi), **said
    )
    caption = word("kpi.trend", message=sentences.trend_title(publication, kpi))
    notes = [told] if (told := sentences.scale_note(publication, kpi)) else []
    if chart := publication.statistics.chart(kpi["kpi_id"]):
        charted = [
            month | {name: chart.get(month["start"], {}).get(name) for name in statistical.CHARTED}
            for month in months
        ]
        last = next(row for row in reversed(list(chart.values())) if row["is_charted"])
        notes += [word("control.note")] + (
            [word("control.trial", points=str(last["chart_points"]))] if last["is_trial"] else []
        )
        signals = sum(month["variation"] in statistical.POINTS for month in charted)
        ends = format.interval(last["limit_low"], last["limit_high"], kpi["unit"])
        caption = caption + word("site.semicolon") + variation(last)
        alt = (
            alt
            + SPACE
            + word("control.alt", limits=ends, signals=str(signals), reading=variation(last))
        )
        image = statistical.draw_control_chart(charted, kpi["unit"])
    else:
        if any(month["low"] is not None for month in months):
            notes.append(word("kpi.band_note", level=kpi_tables.level_text(publication)))
        image = line_and_dot.draw_trend(
            months, kpi["unit"], zero_based=kpi["kind"] in ("count", "rate")
        )
    note = join_list(notes + [word("kpi.trend_note")], SPACE)
    return {"caption": caption, "image": figure_of(image), "alt": alt, "note": note}


def variation(row: dict) -> Both:
    """What the control chart says of a month: `improving (seven on one side)`."""
    told = known_word("variation", row["variation"] or "usual")
    return (
        told + Both("（", " (") + known_word("rule", row["rule"]) + Both("）", ")")
        if row["rule"]
        else told
    )


def months(publication: Publication, kpi: dict) -> Table:
    """The figures behind the monthly line, newest first, with the limits of usual variation where
    there are any.
    """
    values, chart = (
        publication.head_values(kpi["kpi_id"]),
        publication.statistics.chart(kpi["kpi_id"]),
    )
    cells = []
    for period in reversed(publication.months()):
        row = values.get(period)
        if not row:
            continue
        label = both_languages(format.month(period[1]))
        if not format.is_whole(*period):
            label = label + word("period.partial", last=format.day(period[2] - format.DAY))
        line = [Cell(label)] + kpi_tables.value_cells(row, kpi)
        if chart:
            point = chart.get(period[1])
            shown = point is not None and point["is_charted"]
            line.append(
                number_cell(
                    format.interval(point["limit_low"], point["limit_high"], kpi["unit"])
                    if shown
                    else both_languages(""),
                    None,
                )
            )
            line.append(Cell(variation(point) if shown else both_languages("")))
        cells.append(line + [Cell(kpi_tables.states(row))])
    heads = [Head(word("column.month"))] + kpi_tables.value_heads(publication, kpi)
    heads += [Head(word("column.usual"), True), Head(word("column.variation"))] if chart else []
    return Table(
        "months", word("kpi.months"), heads + [Head(word("column.state"))], cells, can_filter=False
    )


def funnel_figure(publication: Publication, kpi: dict) -> dict | None:
    """The provincial branches by size, between the lines that chance draws; None where no honest
    lines are known.
    """
    rows = publication.statistics.funnel(kpi["kpi_id"])
    if len(rows) < 3 or kpi["direction"] == "none":
        return None
    verdicts = {
        row["branch_code"]: row["verdict"] for row in publication.league(kpi["kpi_id"], "province")
    }
    shown = [
        row
        | {
            "name": publication.name(row["branch_code"]),
            "verdict": verdicts.get(row["branch_code"]),
        }
        for row in rows
    ]
    first = rows[0]
    has_spread = any(row["act_spread_high"] is not None for row in rows)
    outliers = [
        format.text(shown[place]["name"], line_and_dot.NAME_LIMIT)
        for place in statistical.outliers(shown)
    ]
    said = {
        name: str(first[name])
        for name in ("tested", "watch_outside", "act_outside", "act_spread_outside")
    }
    said |= {
        name: format.plain(first[name], 1) for name in ("watch_false_alarms", "act_false_alarms")
    }
    title = word("funnel.title_spread" if has_spread else "funnel.title", **said)
    notes = [
        word("funnel.note", unit=of_what(kpi), centre=format.value(first["centre"], kpi["unit"]))
    ]
    notes += [word("funnel.spread", phi=format.plain(first["phi"], 1))] if has_spread else []
    notes += [word("funnel.alarms", **said)]
    named = (
        join_list([both_languages(name) for name in outliers])
        if outliers
        else word("overview.notable_none")
    )
    return {
        "caption": word("funnel.caption", message=title),
        "image": figure_of(statistical.draw_funnel(shown, kpi["unit"])),
        "alt": word("funnel.alt", title=publication.title(kpi), message=title, named=named),
        "note": join_list(notes, SPACE),
    }


def of_what(kpi: dict) -> Both:
    """What a value rests on: the denominator in words; of what has none, its own words."""
    return Both(
        kpi["denominator_zh"] or kpi["numerator_zh"], kpi["denominator_en"] or kpi["numerator_en"]
    )


def funnel_grid(publication: Publication, kpi: dict) -> Table | None:
    """The lines of the funnel at each branch."""
    rows, unit = publication.statistics.funnel(kpi["kpi_id"]), kpi["unit"]
    kinds = [
        kind
        for kind in ("watch", "act", "watch_spread", "act_spread")
        if any(row[f"{kind}_high"] is not None for row in rows)
    ]
    cells = []
    for row in reversed(rows):
        line = [
            name_cell(
                publication.name(row["branch_code"]), branch_link(publication, row["branch_code"])
            )
        ]
        line += [
            number_cell(format.plain(row["n"], 0 if row["n"] == int(row["n"]) else 2), row["n"])
        ]
        line += [number_cell(format.value(row["value"], unit), row["value"])]
        cells.append(
            line
            + [
                number_cell(
                    format.interval(row[f"{kind}_low"], row[f"{kind}_high"], unit),
                    row[f"{kind}_high"],
                )
                for kind in kinds
            ]
        )
    heads = [
        Head(word("column.branch")),
        Head(word("column.n"), True),
        Head(word("column.value_unit", unit=kpi_tables.unit_words(kpi)), True),
    ]
    heads += [Head(word(f"funnel.{kind}"), True) for kind in kinds]
    return Table("funnel", word("funnel.figures"), heads, cells, can_filter=False)


def dots_figure(publication: Publication, kpi: dict) -> dict | None:
    """The provincial branches, best first, against the network; a count has no network to be held
    against.
    """
    rows = [
        row for row in publication.league(kpi["kpi_id"], "province") if row["value"] is not None
    ]
    if not rows:
        return None
    if kpi["direction"] == "none":
        rows = sorted(rows, key=lambda row: (-row["value"], row["branch_code"]))
    year = publication.headline(kpi["kpi_id"])
    network, market = None if kpi["kind"] == "count" else year["value"], year["benchmark_value"]
    shown = [
        {
            "name": publication.name(row["branch_code"]),
            "value": row["value"],
            "low": row["interval_low"],
            "high": row["interval_high"],
            "verdict": row["verdict"],
        }
        for row in rows
    ]
    image, is_cut = line_and_dot.draw_dots(shown, kpi["unit"], network, market)
    notes = [
        word("kpi.dots_note_count")
        if network is None
        else word("kpi.dots_note_line", network=format.value(network, kpi["unit"]))
    ]
    notes += (
        []
        if market is None
        else [word("kpi.dots_note_market", market=format.published(market, kpi["unit"]))]
    )
    has_interval = any(row["low"] is not None for row in shown)
    notes.append(
        word("kpi.dots_note_interval", level=kpi_tables.level_text(publication))
        if has_interval
        else word("kpi.dots_note_none")
    )
    verdicts = {row["verdict"] for row in shown}
    notes += [word("kpi.dots_note_marks")] if verdicts & {"better", "worse", "as_expected"} else []
    notes += [word("kpi.dots_note_few")] if "too_few" in verdicts else []
    if is_cut:
        notes.append(word("kpi.dots_note_cut", number=str(line_and_dot.CUT)))
    return {
        "caption": word(
            "kpi.dots",
            period=format.period(*publication.year_to_date),
            message=sentences.dots_title(publication, kpi),
        ),
        "image": figure_of(image),
        "alt": dots_alt(publication, kpi, shown),
        "note": join_list(notes, SPACE),
    }


def dots_alt(publication: Publication, kpi: dict, shown: list[dict]) -> Both:
    said = {
        "title": publication.title(kpi),
        "unit": kpi_tables.unit_words(kpi),
        "number": str(len(shown)),
    }
    if kpi["direction"] == "none":
        ends = [
            format.value(pick(row["value"] for row in shown), kpi["unit"]) for pick in (min, max)
        ]
        return word("kpi.dots_alt_none", low=ends[0], high=ends[1], **said)
    for place, row in (("first", shown[0]), ("last", shown[-1])):
        said |= {
            place: format.text(row["name"], 40),
            f"{place}_value": format.value(row["value"], kpi["unit"]),
        }
    counted = {
        side: str(sum(row["verdict"] == side for row in shown)) for side in ("better", "worse")
    }
    return word("kpi.dots_alt", **said, **counted)
