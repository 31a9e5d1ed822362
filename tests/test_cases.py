"""Given rows, expect values: `tests/cases/<kpi>/<what it shows>.toml`, checkable by hand.

    as_of = 2012-12-31                              # and policy, timezone, extract_dates, known_at
    every.claims = { branch_code = "A" }            # cells of every row that does not name them
    [given]
    claims = [{ claim_id = "1", reported_at = "2012-03-01 09:00:00" }]
    [[expect]]                                      # of branch "HQ", period "ytd", if not named
    branch = "A"
    numerator = 1
    because = "it is reported in the year"          # shown where the figure differs
    [[expect]]
    start = 2012-01-01                              # of the period: its first day
    last = 2012-09-30                               # its last: of a year to date, as_of's if not named

Whatever else an `expect` names is a column of mart_kpi_value; "null" is an empty cell.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from data.config.contract import load_contracts
from tests.company import ALL, compute_values, find_value

CASES = sorted((Path(__file__).parent / "cases").glob("*/*.toml"))
COMPANY = ("policy", "timezone", "extract_dates", "known_at")
KEYS = {"as_of", "every", "given", "expect", *COMPANY}
WHERE = (
    "branch",
    "period",
    "start",
    "last",
    "segment",
    "because",
)  # what else than figures is expected


@dataclass(frozen=True)
class Case:
    """One TOML file: a company (as `tests.company` takes it) and what its KPI must give."""

    kpi: str
    as_of: date
    company: dict
    extracts: dict[str, list[dict]]
    expectations: list[dict]

    def compute(self, **engine) -> pa.Table:
        """Return mart_kpi_value of the company, of this KPI."""
        return compute_values({self.kpi}, self.as_of, **self.company, **self.extracts, **engine)


def read_case(path: Path) -> Case:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    check_names(raw, KEYS, path.name)
    check_names(raw["given"], set(load_contracts()), f"{path.name}, given")
    extracts = {}
    for name, rows in raw["given"].items():
        defaults = raw.get("every", {}).get(name, {})
        extracts[name] = [defaults | row for row in rows]
    company = {name: raw[name] for name in COMPANY if name in raw}
    return Case(path.parent.name, raw["as_of"], company, extracts, raw["expect"])


def check_names(table: dict, known: set[str], where: str) -> None:
    unknown = sorted(table.keys() - known)
    assert not unknown, (
        f"{where}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}"
    )


def check_case(case: Case, values: pa.Table) -> None:
    """Assert that every row that a case expects is there as expected."""
    for expectation in case.expectations:
        row = find_value(
            values,
            case.kpi,
            expectation.get("branch", "HQ"),
            expectation.get("period", "ytd"),
            expectation.get("start", case.as_of.replace(month=1, day=1)),
            tuple(expectation.get("segment", ALL)),
            expectation.get("last"),
        )
        figures = {name: expectation[name] for name in expectation if name not in WHERE}
        check_names(figures, set(row), "expect")
        for name, expected in figures.items():
            because = expectation.get("because", "no reason given")
            actual = as_written(row[name])
            agrees = actual == allow_rounding(expected)
            assert agrees, f"{name} is {actual}, not {expected} ({because}); its row: {row}"


def as_written(value):
    """Return a cell as a case writes it."""
    if value is None:
        return "null"
    return value if isinstance(value, str) else float(value)


def allow_rounding(expected):
    """Return what equals the expected value up to the rounding of doubles."""
    return expected if isinstance(expected, str) else pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path):
    case = read_case(path)
    check_case(case, case.compute())
