"""What changed since the publication before: tidy CSV, and a correction notice in words."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from data.store.table_files import read_parquet
from reports.csv.kpi_csv import write_rows
from reports.elements.sentences import join_list
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, known_word, word

FIGURE_LIMIT = 500  # of those that a notice lists one by one; the CSV has all


def write_change_notice(publication: Publication, folder: Path) -> None:
    """Write, next to the tables of the diff in `folder`, `changes.csv` (segment `all`),
    `notice.csv` and `notice.txt`.
    """
    changes = read_parquet([folder / "mart_change.parquet"])
    notice = read_parquet([folder / "mart_notice.parquet"])
    write_rows(folder / "changes.csv", _without_segments(changes), publication)
    write_rows(folder / "notice.csv", _without_segments(notice), publication)

    lines = notice_lines(publication, notice)
    chinese = [line.zh for line in lines]
    english = [line.en for line in lines]
    text = "\n".join([*chinese, "", *english]) + "\n"
    (folder / "notice.txt").write_text(text, encoding="utf-8")


def _without_segments(rows: pa.Table) -> pa.Table:
    """Return the rows about whole branches, without the columns that are the same in all."""
    whole = rows.filter(pc.field("segment_kind") == "all")
    return whole.drop_columns(["segment_kind", "segment"])


def notice_lines(publication: Publication, notice: pa.Table) -> list[Both]:
    """Return the notice: what it is about, a line per figure, and how many more there are."""
    facts = publication.facts
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    values = {
        "publication": facts.publication_id,
        "former": facts.compared_with,
        "figures": format.count(len(notice)),
    }
    about = "notice.about" if len(notice) else "notice.none"
    lines = [word("notice.title", **values), word(about, **values)]
    figures = notice.slice(0, FIGURE_LIMIT).to_pylist()
    lines += [_describe_figure(publication, kpis[row["kpi_id"]], row) for row in figures]
    if len(notice) > FIGURE_LIMIT:
        lines.append(word("notice.more", figures=format.count(len(notice) - FIGURE_LIMIT)))

    return lines


def _describe_figure(publication: Publication, kpi: dict, row: dict) -> Both:
    causes = [known_word("cause", cause) for cause in row["causes"].split("; ")]
    return word(
        "notice.figure",
        kpi=publication.title(kpi),
        period=format.period(row["period_kind"], row["period_start"], row["period_end"]),
        branch=publication.name(row["branch_code"]),
        before=format.value(row["value_before"], kpi["unit"]),
        after=format.value(row["value_after"], kpi["unit"]),
        causes=join_list(causes),
    )
