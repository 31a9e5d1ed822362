"""What changed since the publication before: tidy CSV for readers, and a correction notice in
words.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from reports.csv.kpi_csv import write_rows
from reports.elements.sentences import join_list
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, known_word, word

NOTED = 500  # figures that a notice tells one by one; the CSV has all


def write_change_notice(publication: Publication, folder: Path) -> None:
    """Beside the tables of the diff in `folder`: `changes.csv` (segment `all`), `notice.csv` and
    `notice.txt`.
    """
    write_rows(
        folder / "changes.csv",
        _without_segment(pq.read_table(folder / "mart_change.parquet")),
        publication,
    )
    notice = pq.read_table(folder / "mart_notice.parquet")
    write_rows(folder / "notice.csv", _without_segment(notice), publication)
    lines = _lines(publication, notice)
    (folder / "notice.txt").write_text(
        "\n".join([line.zh for line in lines] + [""] + [line.en for line in lines]) + "\n",
        encoding="utf-8",
    )


def _without_segment(rows: pa.Table) -> pa.Table:
    return rows.filter(pc.equal(rows["segment_kind"], "all")).drop_columns(
        ["segment_kind", "segment"]
    )


def _lines(publication: Publication, notice: pa.Table) -> list[Both]:
    """The notice: what it is about, a line per figure, and how many more there are."""
    facts, kpis = publication.facts, {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    said = {
        "publication": facts.publication_id,
        "former": facts.compared_with,
        "figures": format.count(len(notice)),
    }
    lines = [
        word("notice.title", **said),
        word("notice.about" if len(notice) else "notice.none", **said),
    ]
    for row in notice.slice(0, NOTED).to_pylist():
        kpi = kpis[row["kpi_id"]]
        lines.append(
            word(
                "notice.figure",
                kpi=publication.title(kpi),
                period=format.period(row["period_kind"], row["period_start"], row["period_end"]),
                branch=publication.name(row["branch_code"]),
                before=format.value(row["value_before"], kpi["unit"]),
                after=format.value(row["value_after"], kpi["unit"]),
                causes=join_list(
                    [known_word("cause", cause) for cause in row["causes"].split("; ")]
                ),
            )
        )
    return lines + [word("notice.more", figures=format.count(len(notice) - NOTED))] * (
        len(notice) > NOTED
    )
