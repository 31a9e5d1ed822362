"""Given rows, expect values: `tests/cases/<kpi>/<what it shows>.toml`, small enough to check by
hand.
"""

import tomllib
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from tests.company import value_of, values

CASES = sorted((Path(__file__).parent / "cases").glob("*/*.toml"))
EXTRACTS = ("claims", "callbacks", "complaints", "exposure", "branches", "benchmarks")


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path):
    case, asked, given = read(path)
    agrees(case, path.parent.name, values({path.parent.name}, *asked, **given))


def read(path: Path) -> tuple[dict, list, dict]:
    """A case: all of it, what `compute` is asked, and the rows that it is given."""
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    given = {
        name: [case.get("every", {}).get(name, {}) | row for row in case["given"][name]]
        for name in EXTRACTS
        if name in case["given"]
    }
    return (
        case,
        [
            case["as_of"],
            case.get("policy"),
            case.get("timezone", "Asia/Shanghai"),
            case.get("extract_dates"),
            case.get("known_at"),
        ],
        given,
    )


def agrees(case: dict, kpi: str, found: pa.Table) -> None:
    """Every row that a case expects is there as expected."""
    for expected in case["expect"]:
        row = value_of(
            found,
            kpi,
            expected.get("branch", "HQ"),
            expected.get("period", "ytd"),
            expected.get("start", date.fromisoformat(str(case["as_of"])).replace(month=1, day=1)),
            tuple(expected.get("segment", ("all", "all"))),
        )
        wanted = {
            name: value
            for name, value in expected.items()
            if name not in ("branch", "period", "start", "segment", "because")
        }
        for name, value in wanted.items():
            shown = (
                row[name] if row[name] is None or isinstance(row[name], str) else float(row[name])
            )
            agreed = (
                None
                if value == "null"
                else value
                if isinstance(value, str)
                else pytest.approx(value, rel=1e-12)
            )
            assert shown == agreed, f"{name}: {expected.get('because', '')} {row}"
