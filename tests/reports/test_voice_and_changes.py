"""The pages about customers, agents and the composite, and the one about what changed since the
publication before.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from data.config.published_tables import load_published_tables as dictionary
from data.store.table_files import write_parquet
from reports.elements.branch_profile import BranchProfiles
from reports.pages import movements
from reports.pages.agents import agents
from reports.pages.changes import changes
from reports.pages.composites import composites
from reports.pages.voice import voice
from reports.tables.publication import Publication
from tests.reports.reading import Page, printed
from tests.reports.test_html import year_to_date

MONTH = {"period_kind": "month", "period_start": date(2012, 10, 1), "period_end": date(2012, 11, 1)}
CLOSURE = {
    "kpi_id": "claim_closure_pct",
    "branch_code": "00",
    "branch_level": "head_office",
    "segment_kind": "all",
    "segment": "all",
} | MONTH


def test_customers_issues_have_their_counts(rendered):
    page = Page(rendered.page("voice.html"), "en")
    now = {"kpi_id": "callback_issue_pct", "segment_kind": "issue", **year_to_date(rendered)}
    rows = rendered.rows("mart_kpi_value", branch_code="00", **now)
    actual = {cells[0]: cells for cells in page.tables["issues"][1:]}
    (result,) = [row for row in rows if row["numerator"]]
    cells = actual[result["segment"]]
    assert cells[1] == printed(result["value"], "%") and cells[3:5] == [
        f"{result['numerator']:,.0f}",
        f"{result['denominator']:,.0f}",
    ]
    assert page.tables["handling"][1:], "the KPIs of call-backs and complaints"


def test_agents_are_listed_by_number_with_the_published_values(rendered):
    page = Page(rendered.page("agents.html"), "en")
    rows = rendered.rows(
        "mart_agent_league", measure_id="agent_completion_pct", **year_to_date(rendered)
    )
    league = {cells[1]: cells for cells in page.tables["agent_completion_pct"][1:]}
    assert len(rows) == len(league) == 4
    for row in rows:
        assert league[row["agent_id"]][2] == printed(row["value"], "%")
        assert league[row["agent_id"]][4:6] == [
            f"{row['numerator']:,.0f}",
            f"{row['denominator']:,.0f}",
        ]
    assert {cells[0] for cells in page.tables["agents"][1:]} == {"A0", "A1", "A2", "A3"}


def test_the_composite_is_shown_with_its_parts(rendered):
    page = Page(rendered.page("composite.html"), "en")
    names = {row["branch_code"]: row["name"] for row in rendered.tables["dim_branch"].to_pylist()}
    rows = rendered.rows("mart_composite", branch_level="province", **year_to_date(rendered))
    parts = rendered.rows("mart_composite_part", branch_level="province", **year_to_date(rendered))
    heads, *lines = page.tables["league-province"]
    assert len(lines) == len(rows) == 8 and len(heads) == 6 + len(
        {part["kpi_id"] for part in parts}
    )
    for row in rows:
        cells = next(cells for cells in lines if cells[1] == names[row["branch_code"]])
        assert cells[2].startswith("n/a" if row["score"] is None else f"{row['score']:.1f}"[:4])
        assert cells[3].startswith(row["grade"] or "–")


@pytest.fixture
def compared(rendered, tmp_path) -> Publication:
    """Two steps of one figure, a revision of it and a notice."""

    def counts(numerator: int, denominator: int, when: str) -> dict:
        exact = {
            "numerator": Decimal(numerator),
            "denominator": Decimal(denominator),
            "value": 100 * numerator / denominator,
        }
        return {f"{name}_{when}": value for name, value in exact.items()}

    steps = [
        {"step": 1, "cause": "late_rows"} | counts(40, 100, "before") | counts(44, 110, "after"),
        {"step": 2, "cause": "reopened"} | counts(44, 110, "before") | counts(42, 110, "after"),
    ]
    part = CLOSURE | {"segment_kind": "line", "segment": "auto"}
    revised = {
        "cause": "late_rows",
        "first_value": 38.0,
        "value": 100 * 42 / 110,
        "revisions": 2,
        "revised_in": "2012-12-20-0123456789ab",
    }
    noted = {
        "value_before": 40.0,
        "value_after": 100 * 42 / 110,
        "change": 100 * 42 / 110 - 40,
        "causes": "late_rows; reopened",
    }
    rows_by_table = {
        "mart_change": [CLOSURE | step for step in steps] + [part | steps[0]],
        "mart_revision": [CLOSURE | revised],
        "mart_notice": [CLOSURE | noted],
    }
    for name, rows in rows_by_table.items():
        write_parquet(
            pa.Table.from_pylist(rows, schema=dictionary()[name].schema),
            tmp_path / f"{name}.parquet",
        )
    return Publication(
        rendered.folder / "tables",
        replace(rendered.facts, compared_with="2012-12-19-ba9876543210"),
        tmp_path,
    )


def test_what_changed_is_shown_from_first_to_last_with_its_causes(compared):
    result = changes(compared)
    assert result["sentences"][0].en.startswith(
        "Since 2012-12-19-ba9876543210, 1 published figures of 1 KPIs have changed"
    )
    grids = {grid.id: grid for grid in result["grids"]}
    ((kpi, month, before, after, difference, cause, first, revisions),) = grids["company"].rows
    assert kpi.link == "kpi-claim_closure_pct.html" and month.text == "2012-10"
    assert (before.text.en, before.under, after.text.en, after.under) == (
        "40.00%",
        "40 / 100",
        "38.18%",
        "42 / 110",
    )
    assert difference.text.en == "−1.82 points" and cause.text.en == "late rows, reopened claims"
    assert (first.text.en, revisions.text) == ("38.00%", "2")
    assert [[cell.text for cell in row][1:] for row in grids["causes"].rows] == [
        ["1", "1"],
        ["1", "1"],
    ], "segments are not counted"
    assert [row[5].text.en for row in grids["notices"].rows] == ["−1.82 points"]


def test_a_first_publication_has_nothing_to_be_compared_with(rendered):
    page = Page(rendered.page("changes.html"), "en")
    assert "There is nothing to compare with" in page.text and not page.tables


def test_pages_of_a_publication_without_a_year_to_date_say_so(rendered):
    publication = Publication(rendered.folder / "tables", rendered.facts)
    publication.year_to_date = None
    result = [
        voice(BranchProfiles(publication)),
        agents(publication),
        composites(BranchProfiles(publication)),
    ]
    assert all(page["sentences"] and not page["grids"] for page in result)
    assert movements.alarms(publication) is None
