"""A small company with small numbers, published once; releases of it for a regulator and for the
public.
"""

import random
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from flows.publications import releases
from flows.publications.release_request import ReleaseRequest
from tests.built_once import build_once
from tests.releases.publication import compute, publish

ID = "2012-12-31-aaaaaaaaaaaa"
HOSTILE = ['=HYPERLINK("x","y")', "-1+1|'甲'", "\u202e\u05d2\u05e0\u05d1江西", " 江\u00a0西 "]
SIGNED = {"prepared_by": "Li", "checked_by": "Wang", "approved_by": "Zhao"}


def extracts(claims: int = 600, complaints: int = 150) -> dict[str, list[dict]]:
    """Six provinces of very different size, and a little at the head office itself."""
    chance = random.Random(20121231)
    names = [*HOSTILE, "第五", "第六"]
    rows = {
        "branches": [{"branch_code": "00", "name": "总公司", "level": "head_office"}],
        "claims": [],
        "complaints": [],
        "exposure": [],
    }
    for number, name in enumerate(names, start=1):
        rows["branches"].append(
            {"branch_code": f"{number:02}", "name": name, "parent_code": "00", "level": "province"}
        )
    for number in range(claims):
        at = datetime(2011, 1, 3, 9) + timedelta(
            days=chance.randrange(720), minutes=chance.randrange(600)
        )
        end = at + timedelta(days=chance.expovariate(1 / 20))
        closed_at = (
            end.isoformat(sep=" ", timespec="seconds") if end < datetime(2012, 12, 31) else None
        )
        rows["claims"].append(
            {
                "claim_id": f"C{number}",
                "branch_code": f"{min(chance.randrange(1, 12), 6):02}"
                if chance.random() < 0.97
                else "00",
                "line": chance.choice(["auto", "home"]),
                "reported_at": at.isoformat(sep=" "),
                "registered_at": (at + timedelta(hours=5)).isoformat(sep=" "),
                "closed_at": closed_at,
                "paid_at": closed_at,
                "outcome": chance.choice(
                    ["normal", "normal", "normal", "zero", "rejected", "cancelled"]
                )
                if closed_at
                else None,
                "has_injury": chance.random() < 0.1,
                "paid_amount": chance.randrange(100, 9000),
                "first_estimate": 1000,
            }
        )
    for number in range(complaints):
        at = datetime(2011, 1, 3, 9) + timedelta(days=chance.randrange(720))
        rows["complaints"].append(
            {
                "complaint_id": f"P{number}",
                "branch_code": f"{min(chance.randrange(1, 12), 6):02}",
                "line": chance.choice(["auto", "home"]),
                "channel": "regulator",
                "received_at": at.isoformat(sep=" "),
                "closed_at": (at + timedelta(days=9)).isoformat(sep=" "),
                "outcome": chance.choice(["upheld", "partly_upheld", "rejected"]),
                "category": chance.choice(["claims", "sales"]),
            }
        )
    for month in range(24):
        for number in range(1, 7):
            where = {
                "branch_code": f"{number:02}",
                "month": f"{2011 + month // 12}-{month % 12 + 1:02}-01",
            }
            for line in ("auto", "home"):
                sizes = {
                    "premium": 10_000_000 * number,
                    "policies_issued": 1000 * number,
                    "policies_in_force": 9000 * number,
                }
                rows["exposure"].append(where | {"line": line} | sizes)
    return rows


@pytest.fixture(scope="session")
def built() -> tuple[Path, dict[str, pa.Table]]:
    """A store with a publication, a release of it for the public in English, and one for a
    regulator in Chinese; and the tables of the publication.
    """
    return build_once("releases", _publish_and_release)


def _publish_and_release(root: Path) -> dict[str, pa.Table]:
    tables = compute("2012-12-31", **extracts())
    publish(root, ID, "2012-12-31", tables)
    public = describe_release(tables)
    releases.make_release(root, public)
    of_regulator = {"name": "regulator-returns", "audience": "regulator", "language": "zh"}
    releases.make_release(root, replace(public, **of_regulator))
    return tables


def describe_release(tables: dict[str, pa.Table]) -> ReleaseRequest:
    """Return the request for the release of all returns for the public."""
    return ReleaseRequest(
        "public-returns",
        ID,
        tuple(tables["dim_return"]["return_id"].to_pylist()),
        "public",
        "en",
        **SIGNED,
        publish_at="2013-01-15T09:30+08:00",
        announced_on="2012-12-10",
        next_release="2013-04-15",
    )


@pytest.fixture(scope="session")
def tables(built) -> dict[str, pa.Table]:
    return built[1]


@pytest.fixture(scope="session")
def request_template(tables) -> ReleaseRequest:
    return describe_release(tables)


@pytest.fixture(scope="session")
def templates(request_template) -> tuple[str, ...]:
    return request_template.templates


@pytest.fixture(scope="session")
def store(built, tmp_path_factory) -> Path:
    """A copy of the store for the tests of a worker, which make more releases."""
    return shutil.copytree(built[0], tmp_path_factory.mktemp("releases") / "store")


@pytest.fixture(scope="session")
def public(store):
    return store / "releases" / "public" / "public-returns" / "1.0.0"


@pytest.fixture(scope="session")
def regulator(store):
    return store / "releases" / "regulator" / "regulator-returns" / "1.0.0"
