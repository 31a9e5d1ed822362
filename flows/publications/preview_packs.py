"""The packs of a preview: a branch's figures, its cases, and the form to object on, as CSV."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.safe_names import name_files
from flows.publications.preview_folder import Preview
from reports.csv.kpi_csv import format_lines, write_lines
from reports.facts import ReportFacts
from reports.tables.publication import Publication
from transforms.engine.models import Model
from transforms.kpis import catalogue
from transforms.kpis.periods import DAY

ANSWER_COLUMNS = ("column", "should_be", "reason", "name")  # what a branch fills in
FORM_COLUMNS = ("as_of", "kpi_id", "extract", "key", "branch_code", *ANSWER_COLUMNS)

Packs = dict[str, list[str]]  # the name of each pack, and the branches whose rows are in it


def write_packs(preview: Preview, facts: ReportFacts, branches_below: dict[str, list[str]]) -> int:
    """Write the pack of every branch but the head office that has a case, its own or one of a
    branch below it. Return how many have one.

    `branches_below` are, by code, the branches that count for a branch, itself among them.
    """
    publication = Publication(preview.folder / "tables", facts)
    cases = preview.read("case")
    with_cases = set(pc.unique(cases["branch_code"]).to_pylist())
    names = name_files({*publication.branches, *branches_below})
    packs: Packs = {}
    figure_packs: Packs = {}
    for code, below in branches_below.items():
        if code != publication.head_office and not with_cases.isdisjoint(below):
            name = names[code]
            (preview.folder / "branches" / name).mkdir(parents=True)
            packs[name], figure_packs[name] = below, [code]
    writer = _PackWriter(preview.folder / "branches", publication)
    writer.append("figures.csv", figure_packs, _read_figures(publication, preview))
    # KPI by KPI: the lines of all of them would take memory that a million cases do not have.
    for kpi in catalogue.load_kpis():
        rows = cases.filter(pc.field("kpi_id") == kpi.name)
        rows = rows.sort_by([(name, "ascending") for name in ("branch_code", "extract", "key")])
        writer.append("cases.csv", packs, rows)
        form = _make_form(_select_against(kpi, rows), preview)
        writer.append("challenges.csv", packs, form)
    return len(packs)


def _read_figures(publication: Publication, preview: Preview) -> pa.Table:
    """Return the figures up to the day, of all branches."""
    is_to_day = pc.field("period_end") == preview.as_of + DAY
    figures = publication.read("mart_kpi_value", is_to_day & (pc.field("segment_kind") == "all"))
    figures = figures.drop_columns(["segment_kind", "segment"])
    order = ("branch_code", "kpi_id", "period_kind")
    return figures.sort_by([(name, "ascending") for name in order])


def _select_against(kpi: Model, cases: pa.Table) -> pa.Table:
    """Return the cases of a KPI that weigh against a branch.

    Of a share where up is better, these are the cases that are not in its numerator; of what is
    counted and better down, those that are. Of a mean every case weighs a little: none is put
    forward.
    """
    if kpi.header["kind"] in ("mean", "quantile"):
        return cases.slice(0, 0)
    zero = pa.scalar(Decimal(0), cases["numerator"].type)
    is_outside = pc.equal(cases["numerator"], zero)
    return cases.filter(is_outside if kpi.header["direction"] == "up" else pc.invert(is_outside))


def _make_form(cases: pa.Table, preview: Preview) -> pa.Table:
    """Return the lines of a form on some cases, with nothing filled in."""
    texts = dict.fromkeys(FORM_COLUMNS, "") | {"as_of": str(preview.as_of)}
    columns = {name: pa.repeat(text, cases.num_rows) for name, text in texts.items()}
    form = pa.table(columns)
    for position, name in enumerate(FORM_COLUMNS):
        if name in cases.column_names:
            form = form.set_column(position, name, cases[name])
    return form


@dataclass(frozen=True)
class _PackWriter:
    """Writes the files of packs, each pack in its folder."""

    folder: Path
    publication: Publication

    def append(self, file_name: str, packs: Packs, rows: pa.Table) -> None:
        """Append the rows of its branches to a file of every pack; a new file gets its header.

        Rows of one branch are one behind the other, so that each is formatted once for all packs
        that have it.
        """
        header, lines = format_lines(rows, self.publication)
        spans = _spans_of_branches(rows["branch_code"])
        for pack, codes in packs.items():
            path = self.folder / pack / file_name
            own = [spans[code] for code in codes if code in spans]
            if path.exists() and not own:
                continue
            with path.open("ab") as stream:
                if stream.tell() == 0:
                    stream.write(header)
                for first, count in own:
                    write_lines(stream, lines.slice(first, count))


def _spans_of_branches(branches: pa.ChunkedArray) -> dict[str, tuple[int, int]]:
    """Return where the rows of each branch begin, and how many they are."""
    encoded = branches.combine_chunks().dictionary_encode()
    _, first, count = np.unique(encoded.indices.to_numpy(), return_index=True, return_counts=True)
    spans = list(zip(first.tolist(), count.tolist(), strict=True))
    codes = encoded.dictionary.to_pylist()
    return {str(code): span for code, span in zip(codes, spans, strict=True)}
