"""DuckDB and Spark give the same answers: every case, random companies, and whole runs."""

import json
import os
import random
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.config.contract import load_contracts
from data.synthetic import write_company
from data.synthetic.tree import CHANGING
from tests.company import make_extract, open_company
from tests.property.companies import AS_OF, BRANCHES, FIRST
from tests.spark.conftest import SMALL
from tests.test_cases import CASES, check_case, read_case
from transforms import build
from transforms.current_rows import versions
from transforms.engine.duckdb_engine import DuckDB
from transforms.returns import returns

pytestmark = pytest.mark.spark
DAY = date(2012, 12, 31)


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("landing")
    write_company(folder, 5_000, DAY, provinces=CHANGING)
    return folder


def run(landing: Path, store: Path, *more: str) -> dict:
    """Return the outcome of a whole run, in a process of its own.

    Of Spark's settings it takes what is in SPARK_CONF_DIR, as every Spark does.
    """
    settings = store.parent / "conf" / "spark-defaults.conf"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(
        "\n".join(f"{name} {value}" for name, value in SMALL.items()), encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "flows.cli.main",
        "run",
        "--landing",
        landing,
        "--as-of",
        DAY,
        "--store",
        store,
        "--no-render",
        "--json",
        *more,
    ]
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env=os.environ | {"SPARK_CONF_DIR": str(settings.parent)},
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_a_run_on_two_workers_publishes_the_same_bytes(java, landing, tmp_path):
    """`local-cluster` is a master and two workers, each a process that reads the store's files."""
    ours, theirs = (
        run(landing, tmp_path / "duckdb"),
        run(
            landing, tmp_path / "spark", "--engine", "spark", "--master", "local-cluster[2,1,1024]"
        ),
    )
    assert ours["state"] == theirs["state"] == "published", theirs["reason"]
    assert ours["publication_id"] == theirs["publication_id"], (
        "which engine computed is no part of what a publication is"
    )
    tables = [
        {
            path.name: path.read_bytes()
            for path in (Path(outcome["folder"]) / "tables").glob("*.parquet")
        }
        for outcome in (ours, theirs)
    ]
    assert tables[0].keys() == tables[1].keys()
    assert [name for name in tables[0] if tables[0][name] != tables[1][name]] == []
    assert (
        json.loads((Path(theirs["folder"]) / "manifest.json").read_text(encoding="utf-8"))[
            "computed_by"
        ]
        == "spark"
    )


def test_a_master_that_does_not_answer_is_explained_in_a_sentence(java, landing, tmp_path):
    outcome = run(landing, tmp_path / "store", "--engine", "spark", "--master", "nonsense")
    assert outcome["state"] == "failed"
    assert outcome["reason"].startswith("Spark does not start")


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path, on):
    """What a case expects, of its KPI alone: the models that it reads, and its own SELECT."""
    case = read_case(path)
    check_case(case, case.compute(on=on))


def test_what_was_known_on_an_earlier_day(on, tmp_path):
    """A full extract changes k1, no longer names k2, and names k3 in a row that is quarantined.

    The previous version of k3 stands. What is delivered later (k4) is not known yet.
    """
    contract, files = load_contracts()["complaints"], []
    days = [date(2012, 1, 1), date(2012, 2, 1), date(2012, 3, 1)]
    for day, keys in zip(days, (["k1", "k2", "k3"], ["k1"], ["k4"]), strict=True):
        rows = [
            {
                "complaint_id": key,
                "branch_code": "P1",
                "received_at": "2011-12-31 23:59:59",
                "category": str(day),
            }
            for key in keys
        ]
        extract = make_extract(contract, rows, "Asia/Shanghai")
        extract = extract.append_column("_extract_date", pa.array([day] * len(keys)))
        pq.write_table(extract, tmp_path / f"{day}.parquet")
        files.append(str(tmp_path / f"{day}.parquet"))
    quarantined = pa.table({"key": ["k3"], "extract_date": [days[1]]})
    for kind in (DuckDB, on):
        engine = kind(tmp_path / "work", "Asia/Shanghai", threads=1)
        standing = versions.CurrentVersions(engine, contract, [days[1]], quarantined)
        versions.create_known_rows(engine, "known", contract, files, days[1], standing)
        rows = engine.arrow(
            """SELECT complaint_id, category, CAST(civil(received_at) AS DATE) AS received
            FROM known ORDER BY complaint_id"""
        )
        assert rows.to_pylist() == [
            {"complaint_id": "k1", "category": "2012-02-01", "received": date(2011, 12, 31)},
            {"complaint_id": "k3", "category": "2012-01-01", "received": date(2011, 12, 31)},
        ]
        engine.close()


def company(seed: int) -> dict:
    """A company with all that may be missing or out of order."""
    chance = random.Random(seed)

    def instants(names: list[str]) -> dict:
        at, moments = FIRST + timedelta(seconds=chance.randrange(600 * 86400)), {}
        for name in names:
            later = at + timedelta(
                seconds=chance.choice([0, 1799, 1800, 1801, 86400, chance.randrange(400 * 86400)])
            )
            moments[name] = str(later) if name == names[0] or chance.random() < 0.75 else None
            at = later if chance.random() < 0.8 else at
        return moments

    def branch() -> str:
        return chance.choice(["P1", "P2", "C1", "S1", "elsewhere"])

    claims = [
        {
            "claim_id": str(number),
            "branch_code": branch(),
            "line": chance.choice(["车", "家", None]),
        }
        | instants(
            [
                "reported_at",
                "surveyed_at",
                "registered_at",
                "documents_complete_at",
                "approved_at",
                "closed_at",
                "paid_at",
            ]
        )
        | dict(
            zip(
                ["previous_settled_at", "reopened_at"],
                chance.choice(
                    [[None, None], [str(FIRST + timedelta(500)), str(FIRST + timedelta(501))]]
                ),
                strict=True,
            )
        )
        | {
            "outcome": chance.choice([None, "normal", "normal", "zero", "rejected", "cancelled"]),
            "has_injury": chance.choice([True, False, None]),
        }
        | {
            name: chance.choice([None, "0", "2999.99", "3000", "3000.01"])
            for name in ("first_estimate", "outstanding_estimate", "paid_amount")
        }
        for number in range(60)
    ]
    complaints = [
        {
            "complaint_id": f"k{number}",
            "branch_code": branch(),
            "channel": chance.choice(["regulator", "company", None]),
        }
        | instants(["received_at", "branch_contacted_at", "closed_at"])
        | {
            "category": chance.choice(["claims", "销售", None]),
            "claim_id": chance.choice(["1", None]),
            "is_valid": chance.choice([True, False, None]),
        }
        | {
            "outcome": chance.choice([None, "upheld", "withdrawn"]),
            "complexity": chance.choice([None, "simple", "complex"]),
        }
        | {
            "extended": chance.choice([True, False, None]),
            "escalation_level": chance.choice([None, 0, 1]),
        }
        for number in range(20)
    ]
    callbacks = [
        {
            "callback_id": f"c{number}",
            "branch_code": branch(),
            "kind": chance.choice(["complaint", "closed_claim"]),
        }
        | instants(["due_at", "first_dialled_at", "connected_at", "completed_at"])
        | {
            "subject_id": chance.choice([None, "k0", "k1", "unknown"]),
            "rating": chance.choice([None, 1, 4, 5]),
        }
        | {
            "reported_issue": chance.choice([None, "慢", "远"]),
            "agent_id": chance.choice([None, "A1", "A2"]),
        }
        | {
            "talk_seconds": chance.choice([None, 60, 20000]),
            "qa_score": chance.choice([None, "90.5", "99999"]),
        }
        for number in range(30)
    ]
    exposure = [
        {
            "branch_code": code,
            "month": f"2012-0{month}-01",
            "premium": chance.choice(["100.01", "33.33"]),
            "policies_issued": chance.randrange(9),
        }
        for month in (1, 2, 7)
        for code in ("P1", "S1")
    ]
    moved = [
        {
            "branch_code": "S1",
            "name": "甲一一",
            "parent_code": "P2",
            "level": "sub",
            "valid_from": "2012-03-01",
        }
    ]
    return {
        "claims": claims,
        "complaints": complaints,
        "callbacks": callbacks,
        "exposure": exposure,
        "branches": BRANCHES + moved * (seed % 2),
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_every_table_of_a_random_company(seed, on):
    extracts = company(seed)
    answers = []
    for kind in (DuckDB, on):
        with open_company(AS_OF, on=kind, **extracts) as (engine, inputs):
            answers.append(build.build(engine, inputs) | returns.build_returns(engine))
    ours, theirs = answers
    assert sum(state == "ok" for state in plain(ours["mart_kpi_value"])["state"].to_pylist()) > 1000
    assert [name for name in ours if not plain(ours[name]).equals(plain(theirs[name]))] == []


def plain(table: pa.Table) -> pa.Table:
    """Return a table without dictionaries."""
    columns = {}
    for field in table.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        columns[field.name] = table[field.name].cast(kind).combine_chunks()
    return pa.table(columns)
