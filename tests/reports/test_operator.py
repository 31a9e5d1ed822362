"""What the operator reads: whether readers see new data, first of all; and what the failed checks
can do to a figure, exactly.
"""

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest

from data.config.contract import load_contracts
from reports.elements import operator_digest
from reports.tables.publication import Publication
from tests.reports.reading import Page
from transforms.current_rows.versions import stored_schema
from transforms.engine.duckdb_engine import DuckDB
from transforms.kpis.quarantine_bounds import bound_value, count_quarantined_cases


@pytest.fixture(scope="module")
def publication(rendered) -> Publication:
    return Publication(rendered.folder / "tables", rendered.facts)


def test_the_digest_and_the_page_say_the_same(rendered):
    lines = (rendered.exports / "digest.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "New data published, up to 2012-12-20: claims."
    assert (
        "claims: data of 2012-12-20 arrived, 1,215 rows (1,100 to 1,210 in the 3 before); branches missing: <script>alert(1)</script>, 中支4-1, 中支7-2"
        in lines
    )
    assert (
        "Claim closure rate 90.26%, between 48.78% and 94.74% however the quarantined cases turn out (claims: 310)"
        in lines
    )
    assert any(
        "owner: <b>head of claims</b>; first: servicekpi quarantine show closed_before_reported"
        in line
        for line in lines
    )
    page = Page(rendered.page("operator.html"), "en")
    text = " ".join(page.text.split())
    for result in (
        lines[0],
        "1,100 to 1,210 in the 3 before",
        "48.78%",
        "94.74%",
        "<b>head of claims</b>",
        "servicekpi quarantine show closed_before_reported",
    ):
        assert result in text


@pytest.mark.parametrize(
    ("former", "seen"),
    [("2012-12-19-aaaa", "2012-12-19-aaaa"), (None, "nothing (no publication yet)")],
)
def test_a_build_that_waits_says_first_what_readers_see(rendered, former, seen):
    facts = replace(
        rendered.facts,
        hold_reasons=["audit ratio_out_of_range: 2 rows"],
        compared_with=former,
    )
    waiting = Publication(rendered.folder / "tables", facts)
    first = operator_digest.write_digest(waiting)[0]
    assert (
        first
        == f"HELD when it was built: readers still see {seen}. Reason: audit ratio_out_of_range: 2 rows"
    )
    assert waiting.status == "problems"


def test_the_digest_has_15_lines_at_most_and_counts_what_it_leaves_out(rendered):
    facts = replace(rendered.facts, problems=[f"problem {number}" for number in range(40)])
    lines = operator_digest.write_digest(Publication(rendered.folder / "tables", facts))
    assert len(lines) <= 15
    shown = sum(line.startswith(("problem", "FAILED")) for line in lines)
    assert lines[-1] == f"{41 - shown} more: report/operator.html"


@pytest.mark.parametrize(
    ("numerator", "denominator", "new", "changed", "most"),
    [(2, 3, 2, 1, 1), (0, 2, 1, 2, 1), (3, 3, 0, 2, 1), (4, 6, 1, 1, 2)],
)
def test_bounds_are_the_least_and_the_most_of_everything_that_could_be(
    numerator, denominator, new, changed, most
):
    """Every way is tried: which counted cases a changed row stands for, and what each row turns out
    to be.
    """
    worlds = [(hits, cases) for cases in range(most + 1) for hits in range(cases + 1)]
    actual = []
    for before in itertools.product(worlds, repeat=changed):
        hits, cases = (sum(part) for part in zip(*before, strict=True)) if before else (0, 0)
        if hits > numerator or cases - hits > denominator - numerator:
            continue
        for after in itertools.product(worlds, repeat=new + changed):
            more_hits, more_cases = (
                (sum(part) for part in zip(*after, strict=True)) if after else (0, 0)
            )
            total = denominator - cases + more_cases
            if total:
                actual.append(Fraction(numerator - hits + more_hits, total))
    low, high = bound_value(Decimal(numerator), Decimal(denominator), new, changed, most)
    assert (float(low), float(high)) == pytest.approx((float(min(actual)), float(max(actual))))


def test_quarantined_rows_are_cases_once_and_until_they_are_delivered_again(tmp_path):
    """C1 stands with an older row; C2 was accepted afterwards; C3 is known from two quarantined rows;
    one row has no key; C4 is of before the latest full.
    """
    contract, engine = load_contracts()["claims"], DuckDB(tmp_path, "Asia/Shanghai")
    days = [("C1", 5), ("C2", 5), ("C3", 5), ("C3", 6), (None, 6), ("C4", 1)]
    rows = [{"key": key, "extract_date": date(2012, 1, day)} for key, day in days]
    engine.create_table_from(
        "quarantined",
        pa.Table.from_pylist(
            rows, schema=pa.schema([("key", pa.string()), ("extract_date", pa.date32())])
        ),
    )
    engine.create_table_from(
        "later",
        pa.Table.from_pylist(
            [{"claim_id": "C2", "_extract_date": date(2012, 1, 6)}], schema=stored_schema(contract)
        ),
    )
    engine.export("SELECT * FROM later", tmp_path / "later.parquet")
    engine.create_table_from(
        "claims",
        pa.Table.from_pylist([{"claim_id": code} for code in ("C1", "C2")], schema=contract.schema),
    )
    assert count_quarantined_cases(
        engine, contract, "DATE '2012-01-02'", [str(tmp_path / "later.parquet")]
    ) == (
        2,
        1,
    )
    engine.close()
