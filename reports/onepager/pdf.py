"""The page of a branch's manager: one sheet of A4 per branch, Chinese in front and English behind,
the same order every month.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from decimal import ROUND_UP, Decimal
from functools import partial
from pathlib import Path
from urllib.parse import quote

import matplotlib
import pyarrow.compute as pc
import pylopdf_fonts_zh_cn
import typst

from reports.tables.grouping import latest_extracts
from reports.tables.periods import within
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import ASSETS, Both, both_languages, known_word, level_words, word

JUDGED = ("share", "mean", "rate", "index")
ROWS = 18
LISTED = 3
NAME = 60
WORKERS = 2
SIGNS = {"better": "▲ ", "worse": "▼ ", "as_expected": "= ", "too_few": "– "}


def write_onepagers(
    publication: Publication, folder: Path, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Write `<branch code>.pdf` for every branch of the policy's `[onepager] levels` that is in a
    league of the year to date.

    A code that is no file name is percent-encoded. The same figures give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        code: page
        for level in publication.facts.policy.onepager.levels
        for code, page in page_facts(publication, level).items()
    }
    when = datetime.combine(publication.facts.as_of, time(), UTC)
    # Signs and letters that the Chinese font lacks come from matplotlib's; none from the machine.
    paths = [
        Path(pylopdf_fonts_zh_cn.sans_path()).parent,
        Path(matplotlib.get_data_path()) / "fonts" / "ttf",
    ]
    fonts = typst.Fonts(include_system_fonts=False, font_paths=paths)
    progress(f"{len(pages)} one-pagers")
    with ThreadPoolExecutor(WORKERS) as pool:
        for code, pdf in zip(
            pages, pool.map(partial(_printed, when=when, fonts=fonts), pages.values()), strict=True
        ):
            (folder / f"{quote(code, safe='')}.pdf").write_bytes(pdf)


def _printed(page: dict, when: datetime, fonts: typst.Fonts) -> bytes:
    return typst.compile(
        ASSETS / "onepager.typ",
        font_paths=fonts,
        sys_inputs={"data": json.dumps(page, ensure_ascii=False)},
        timestamp=int(when.timestamp()),
    )


def page_facts(publication: Publication, level: str) -> dict[str, dict]:
    """What the pages of a level say, by branch code: `{title, sides: [Chinese, English]}`, all of
    it text.
    """
    judged = [
        kpi for kpi in publication.kpis if kpi["direction"] != "none" and kpi["kind"] in JUDGED
    ]
    kpis = [kpi for kpi in judged if publication.league(kpi["kpi_id"], level)][:ROWS]
    rows: dict[str, list[tuple[dict, dict]]] = {}
    centres, worsening = _centres(publication, level), _worsening(publication, level)
    for kpi in kpis:
        for row in publication.league(kpi["kpi_id"], level):
            key = (kpi["kpi_id"], row["branch_code"])
            more = (
                {"centre": None, "p_value": None}
                | centres.get(key, {})
                | {"is_worsening": key in worsening}
            )
            rows.setdefault(row["branch_code"], []).append((kpi, row | more))
    common = (
        [
            word(
                "onepager.about",
                level=level_words(level),
                period=format.period(*publication.year_to_date),
            )
        ]
        if rows
        else []
    )
    return {
        code: _page(publication, code, level, found, common[0])
        for code, found in sorted(rows.items())
    }


def _centres(publication: Publication, level: str) -> dict[tuple, dict]:
    """What each branch is held against, by KPI and branch."""
    if not publication.year_to_date:
        return {}
    columns = ["kpi_id", "branch_code", "centre", "p_value"]
    where = within(publication.year_to_date) & (pc.field("branch_level") == level)
    rows = publication.read("mart_funnel", where, columns).to_pylist()
    return {(row.pop("kpi_id"), row.pop("branch_code")): row for row in rows}


def _worsening(publication: Publication, level: str) -> set[tuple]:
    """KPIs and branches whose latest charted month is a concern by the rules of the control
    chart.
    """
    columns = ["kpi_id", "branch_code", "period_start", "variation"]
    months = publication.read(
        "mart_trend", (pc.field("branch_level") == level) & pc.field("is_charted"), columns
    ).to_pylist()
    latest = {
        (row["kpi_id"], row["branch_code"]): row["variation"]
        for row in sorted(months, key=lambda row: row["period_start"])
    }
    return {key for key, variation in latest.items() if variation == "concern"}


def _page(
    publication: Publication, code: str, level: str, rows: list[tuple[dict, dict]], about: Both
) -> dict:
    facts = publication.facts
    leads = facts.policy.league.leads
    name = format.text(publication.name(code), NAME)
    lists = {
        side: sorted(
            (found for found in rows if found[1]["verdict"] == side),
            key=lambda found: (not found[1]["act"], _or_one(found[1]["p_value"])),
        )
        for side in ("better", "worse")
    }
    lists["worsening"] = [found for found in lists["worse"] if found[1]["is_worsening"]]
    parts = {
        "about": about,
        "name": both_languages(name + f" ({format.text(code, NAME)})" * (name != code)),
        "sentence": sentence(publication, *rows[0]),
        "lists": [
            {
                "title": word(f"onepager.{side}"),
                "empty": word("onepager.none"),
                "items": [_item(publication, kpi, row, leads) for kpi, row in found[:LISTED]],
            }
            for side, found in lists.items()
        ],
        "heads": [
            word(f"onepager.head_{part}")
            for part in ("kpi", "value", "n", "centre", "verdict", "distance", "rank")
        ],
        "rows": [_row(publication, kpi, row, leads) for kpi, row in rows],
        "table_note": word("onepager.table_note"),
        "fair_title": word("onepager.fair"),
        "fair": fairness(publication, level, *rows[0]),
        "foot": word(
            "onepager.foot",
            day=format.day(facts.as_of),
            id=facts.publication_id,
            status=publication.status_words,
        ),
    }
    return {
        "title": name,
        "sides": [{"language": language, **_in(parts, language)} for language in ("zh", "en")],
    }


def _in(part, language: str):
    """Texts in both languages -> texts in one, in whatever they stand."""
    if isinstance(part, Both):
        return getattr(part, language)
    if isinstance(part, dict):
        return {name: _in(inner, language) for name, inner in part.items()}
    return [_in(inner, language) for inner in part] if isinstance(part, list) else part


def _or_one(p_value: float | None) -> float:
    return 1.0 if p_value is None else p_value


def _counted(row: dict, kpi: dict) -> Both:
    if kpi["kind"] == "share":
        return word(
            "onepager.of",
            numerator=format.part(row["numerator"], kpi, "numerator"),
            denominator=format.part(row["denominator"], kpi, "denominator"),
        )
    return (
        word("onepager.n", n=format.plain(row["n"], 0))
        if row["n"] is not None
        else both_languages("")
    )


def _value(number: float | None, kpi: dict) -> Both:
    """A value with its unit."""
    told = format.value(number, kpi["unit"])
    return (
        told
        if kpi["unit"] == "%" or number is None
        else told + both_languages(" ") + known_word("unit", kpi["unit"])
    )


def sentence(publication: Publication, kpi: dict, row: dict) -> Both:
    """The page in one breath: value, cases, comparison, rank with its range, and whether it has
    really changed.

    `row` is a row of `Publication.league` with `centre` of mart_funnel.
    """
    title = publication.title(kpi)
    if row["value"] is None:
        return word("onepager.no_value", kpi=title)
    first = word(
        "onepager.value", kpi=title, value=_value(row["value"], kpi), counted=_counted(row, kpi)
    )
    first += word(f"onepager.is_{row['verdict'] or 'untested'}", centre=_value(row["centre"], kpi))
    if row["rank"] is None:
        second = word("onepager.unranked", minimum=format.count(kpi["minimum_volume"]))
    else:
        second = word("onepager.ranked", rank=str(row["rank"]), of=str(row["ranked_of"]))
        if row["rank_low"] is not None:
            second += word("onepager.range", low=str(row["rank_low"]), high=str(row["rank_high"]))
    third = word(
        f"onepager.moved_{row['movement'] or 'unknown'}",
        change=format.change(row["change_prior_year"], kpi["unit"]),
    )
    return first + second + third


def distance(row: dict, kpi: dict, leads: str) -> Decimal | None:
    """How many cases more (of a mean: units in all) the branch has than it would at the level it is
    held against; None where that is not known.

    Cases are whole, counted away from zero: so many have to change for the branch to be level.
    """
    held = (
        row["expected_mix"]
        if leads == "adjusted" and row["expected_mix"] is not None
        else row["expected"]
    )
    if held is None or row["numerator"] is None:
        return None
    apart = (row["numerator"] - Decimal(repr(held))).quantize(Decimal("0.000001"))
    return (
        apart * Decimal(repr(kpi["scale"]))
        if kpi["kind"] == "mean"
        else apart.quantize(Decimal(1), ROUND_UP)
    )


def _item(publication: Publication, kpi: dict, row: dict, leads: str) -> dict:
    against = word(
        "onepager.against", value=_value(row["value"], kpi), centre=_value(row["centre"], kpi)
    )
    return {
        "title": publication.title(kpi),
        "value": against,
        "distance": distance_words(row, kpi, leads),
    }


def distance_words(row: dict, kpi: dict, leads: str) -> Both:
    """The distance as what would put the branch level, or as how far it is ahead. Empty where it is
    not known.
    """
    apart = distance(row, kpi, leads)
    if apart is None:
        return both_languages("")
    if kpi["kind"] == "mean":
        amount = word(
            "onepager.in_all",
            amount=format.plain(abs(apart), 1),
            unit=known_word("unit", kpi["unit"]),
            n=format.plain(row["n"], 0),
        )
        return word(f"onepager.{row['verdict']}_mean", amount=amount)
    return word(
        f"onepager.{row['verdict']}_{'more' if kpi['direction'] == 'up' else 'fewer'}",
        cases=format.plain(abs(apart), 0),
    )


def _row(publication: Publication, kpi: dict, row: dict, leads: str) -> list:
    apart = None if row["centre"] is None else distance(row, kpi, leads)
    decimals = 1 if kpi["kind"] == "mean" else 0
    shown = both_languages("") if apart is None else both_languages(format.signed(apart, decimals))
    if kpi["kind"] == "mean" and apart is not None:
        shown = shown + both_languages(" ") + known_word("unit", kpi["unit"])
    ranged = both_languages(format.rank(row["rank"], row["rank_tied"]))
    if row["rank"] is not None:
        ranged = word(
            "onepager.rank_cell",
            rank=ranged,
            low=format.count(row["rank_low"]),
            high=format.count(row["rank_high"]),
            of=format.count(row["ranked_of"]),
        )
    verdict = both_languages(SIGNS.get(row["verdict"], "")) + known_word(
        "onepager_verdict", row["verdict"]
    )
    n = "" if row["n"] is None else format.plain(row["n"], 0)
    return [
        publication.title(kpi),
        _value(row["value"], kpi),
        both_languages(n),
        _value(row["centre"], kpi),
        verdict,
        shown,
        ranged,
    ]


def fairness(publication: Publication, level: str, kpi: dict, row: dict) -> list[Both]:
    """Who is compared with whom, what the mix of cases makes of it, what is not counted, what a
    range is.
    """
    league = publication.facts.policy.league
    lines = [
        word(
            f"onepager.peers_{league.peers}",
            level=level_words(level),
            group=known_word("peer_group", row["peer_group"]),
        )
    ]
    lines.append(word(f"onepager.leads_{league.leads}"))
    if row["expected_mix"] is not None and row["denominator"]:
        mixed = row["expected_mix"] / float(row["denominator"]) * kpi["scale"]
        told = {
            "kpi": publication.title(kpi),
            "mixed": _value(mixed, kpi),
            "centre": _value(row["centre"], kpi),
        }
        lines.append(word("onepager.mix", **told))
    lines.append(
        word(
            "onepager.excluded",
            kpi=publication.title(kpi),
            excluded=Both(kpi["excluded_zh"], kpi["excluded_en"]),
        )
    )
    lines.append(word("onepager.quarantined", rows=format.count(_quarantined(publication))))
    return [*lines, word("onepager.ranges")]


def _quarantined(publication: Publication) -> int:
    return sum(row["rows_quarantined"] or 0 for row in latest_extracts(publication.input_files))
