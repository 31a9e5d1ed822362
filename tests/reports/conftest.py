"""One small company, published and rendered once for all tests of the room."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from data.config import policy, published_tables
from data.store.table_files import write_tables
from reports.facts import ReportFacts
from reports.render import render_publication
from tests import company
from tests.built_once import build_once

AS_OF = date(2012, 12, 20)
START = date(2011, 9, 1)
HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("x","y")',
    "\u202e\u05d2\u05e0\u05d1江西",
    "长" * 500,
    "$\\frac{1}{2}$ {{7*7}} &amp;",
    "-1+1|'甲'",
]

ARRIVAL = {
    "extract": "claims",
    "extract_date": AS_OF,
    "delivery": "full",
    "rows_read": 1215,
    "rows_usual_low": 1100,
    "rows_usual_high": 1210,
}
ARRIVAL |= {"deliveries_before": 3, "branches": 16, "branches_missing": "01, 041, 072"}
# 658 of 729: with 310 unknown ones at least 658 / 1349 and at most 1278 / 1349, a claim being two
# cases at most.
EFFECT = {
    "extract": "claims",
    "kpi_id": "claim_closure_pct",
    "cases_new": 310,
    "cases_changed": 0,
    "numerator": Decimal(658),
    "denominator": Decimal(729),
}
EFFECTS = [
    EFFECT
    | {"value": 100 * 658 / 729, "value_low": 100 * 658 / 1349, "value_high": 100 * 1278 / 1349}
]


@dataclass
class Rendered:
    """A rendered publication: its tables as Arrow, and where its files are."""

    tables: dict[str, pa.Table]
    folder: Path
    facts: ReportFacts

    @property
    def report(self) -> Path:
        return self.folder / "report"

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    def page(self, name: str) -> str:
        return (self.report / name).read_text(encoding="utf-8")

    def rows(self, table: str, **equals) -> list[dict]:
        chosen = self.tables[table]
        for name, value in equals.items():
            chosen = chosen.filter(pc.equal(chosen[name], value))
        return chosen.to_pylist()


def _branches() -> list[dict]:
    rows = [{"branch_code": "00", "name": "总公司", "level": "head_office"}]
    for number in range(1, 9):
        name = HOSTILE[number - 1] if number <= len(HOSTILE) else f"第{number}分公司"
        rows.append(
            {"branch_code": f"{number:02}", "name": name, "parent_code": "00", "level": "province"}
        )
        rows += [
            {
                "branch_code": f"{number:02}{sub}",
                "name": f"中支{number}-{sub}",
                "parent_code": f"{number:02}",
                "level": "central",
            }
            for sub in (1, 2)
        ]
    return rows


def _extracts() -> dict[str, list[dict]]:
    """Claims, call-backs and complaints; no exposure, so that one KPI is not available."""
    chance = random.Random(20121220)
    span = (AS_OF - START).days
    centrals = [row["branch_code"] for row in _branches() if row.get("level") == "central"]

    def moment() -> datetime:
        return datetime(START.year, START.month, START.day, 9) + timedelta(
            days=chance.randrange(span), minutes=chance.randrange(600)
        )

    def typed(at: datetime) -> str | None:
        return at.isoformat(sep=" ") if at.date() <= AS_OF else None

    claims, callbacks, complaints = [], [], []
    for number in range(900):
        branch, at = chance.choice(centrals), moment()
        end = typed(
            at + timedelta(days=chance.expovariate(1 / (10 if branch.startswith("01") else 40)))
        )
        claims.append(
            {
                "claim_id": f"C{number}",
                "branch_code": branch,
                "line": chance.choice(["auto", "=cmd"]),
                "reported_at": typed(at),
                "closed_at": end,
                "paid_at": end,
                "outcome": "normal" if end else None,
                "has_injury": False,
                "paid_amount": chance.randrange(100, 9000),
            }
        )
    for number in range(900):
        branch, at = chance.choice(centrals), moment()
        kind, rating = (
            chance.choice(["closed_claim", "complaint"]),
            chance.choice([5, 5, 4, 4, 1 if branch.startswith("02") else 5]),
        )
        callbacks.append(
            {
                "callback_id": f"B{number}",
                "branch_code": branch,
                "kind": kind,
                "due_at": typed(at),
                "first_dialled_at": typed(at),
                "completed_at": typed(at),
                "rating": rating,
                "agent_id": f"A{number % 4}",
                "reported_issue": "=慢" if number % 9 == 0 else None,
            }
        )
    for number in range(80):
        at = moment()
        end = typed(at + timedelta(days=chance.randrange(1, 30)))
        row = {
            "complaint_id": f"P{number}",
            "branch_code": chance.choice(centrals[:10]),
            "received_at": typed(at),
            "closed_at": end,
        }
        complaints.append(
            row
            | {
                "complexity": "simple",
                "is_valid": number % 3 == 0,
                "channel": "regulator",
                "category": "理赔",
            }
        )
    return {
        "claims": claims,
        "callbacks": callbacks,
        "complaints": complaints,
        "branches": _branches(),
        "benchmarks": _benchmarks(),
    }


def _benchmarks() -> list[dict]:
    row = {
        "period_kind": "ytd",
        "period_start": "2012-01-01",
        "period_end": "2012-12-21",
        "peer": "industry",
        "source": "=published",
    }
    return [
        row | {"kpi_id": "satisfaction_pct", "value": "95.5"},
        row | {"kpi_id": "complaint_count", "value": "7389"},
    ]


def _quality() -> dict[str, pa.Table]:
    file = {
        "extract": "claims",
        "extract_date": AS_OF,
        "file_name": "=claims_20121220.csv",
        "sha256": "0" * 64,
        "bytes": 1234567,
        "delivery": "full",
        "profile": "default",
        "format": "csv, ','",
        "encoding": "gb18030",
        "rows_read": 1215,
        "rows_accepted": 900,
        "rows_quarantined": 310,
        "rows_superseded": 3,
        "rows_skipped": 2,
        "columns": "claim_id, line",
        "columns_ignored": "<b>车牌</b>",
        "history_from": START,
        "warnings": "only finished cases",
    }
    rule = {
        "extract": "claims",
        "extract_date": AS_OF,
        "column_name": None,
        "meaning_zh": "结案早于报案",
        "meaning_en": "closed before reported",
    }
    rules = [
        rule
        | {
            "rule_id": "closed_before_reported",
            "severity": "critical",
            "success": False,
            "rows_failed": 310,
            "failing_since": START,
            "examples": "claims.csv:2",
        },
        rule
        | {
            "rule_id": "settled_after_extract",
            "severity": "warning",
            "success": True,
            "rows_failed": 0,
            "examples": None,
        },
    ]
    row = {
        "extract": "claims",
        "extract_date": AS_OF,
        "file_name": "=claims_20121220.csv",
        "reasons": "closed_before_reported",
    }
    rows = [
        row | {"line": line, "key": f"C{line}", "content": "<script>alert(2)</script>"}
        for line in range(2, 312)
    ]
    named = {"extract": "claims", "extract_date": AS_OF}
    withdrawn = [named | {"key": "<b>C1</b>", "last_seen": START}]
    declared = [
        named
        | {
            "correction_id": "typed_a_day_early",
            "rows_corrected": 3,
            "reason": "=1+1",
            "asked_by": "head of claims",
            "since": START,
        }
    ]
    rows_by_table = {
        "quality_input_file": [file],
        "quality_rule_result": rules,
        "quality_quarantine": rows,
        "quality_withdrawn": withdrawn,
        "quality_correction": declared,
        "quality_arrival": [ARRIVAL],
        "quality_effect": EFFECTS,
    }
    return {
        name: pa.Table.from_pylist(
            rows, schema=published_tables.load_published_tables()[name].schema
        )
        for name, rows in rows_by_table.items()
    }


def render(tables: dict[str, pa.Table], folder: Path) -> Rendered:
    """Publish tables into a folder, and render them beside."""
    for part in ("tables", "report", "exports"):
        (folder / part).mkdir(parents=True)
    write_tables(folder / "tables", tables)
    facts = ReportFacts(
        publication_id="2012-12-20-0123456789ab",
        as_of=AS_OF,
        known_at=None,
        policy=policy.load_policy(),
        notes=["<i>a note</i>"],
        problems=["there is a problem"],
        owners={"claims": "<b>head of claims</b>"},
    )
    render_publication(folder / "tables", facts, folder / "report", folder / "exports")
    return Rendered(tables, folder, facts)


@pytest.fixture(scope="session")
def rendered() -> Rendered:
    return build_once("rendered", _compute_and_render)[1]


def _compute_and_render(folder: Path) -> Rendered:
    targets = {"satisfaction_pct": {"all": 90, "province": 92.25}}
    tables = company.compute(AS_OF, {"targets": targets}, **_extracts())
    return render(tables | {"dim_column": published_tables.build_dim_column()} | _quality(), folder)
