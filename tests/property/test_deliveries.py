"""Any order, split and repetition of the same deliveries gives the same current rows; versions and
current table tell the same.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.config import profile
from data.config.contract import load_contracts
from data.config.policy import load_policy as policy
from data.store.store import Store
from expectations.judging import gx_suite
from expectations.judging.finding import Finding
from flows.intake.landing import look_at_landing
from flows.intake.take_in import Intake
from transforms.current_rows import versions
from transforms.current_rows.merge import read_current_versions
from transforms.engine.duckdb_engine import DuckDB

COLUMNS = ("complaint_id", "branch_code", "received_at", "closed_at", "category")
DAYS = [date(2012, 1, 31) + timedelta(days=30 * number) for number in range(4)]
CONTRACT = load_contracts()["complaints"]

# A row: branch, month, category, and whether it is closed before it was received, so that it goes
# to quarantine.
row = st.tuples(
    st.sampled_from("PQ"),
    st.integers(1, 12),
    st.sampled_from(["x", "y"]),
    st.sampled_from([False, False, False, True]),
)
content = st.dictionaries(st.sampled_from("abcdef"), row, min_size=1)
deliveries = st.lists(
    st.tuples(st.sampled_from(["full", "delta"]), content), min_size=1, max_size=4
)


@pytest.fixture(scope="module", autouse=True)
def plainly_counted():
    """Rules counted by a query each. Great Expectations counts the same, which other tests show,
    and would take most of the time of these.
    """

    def run(connection, name: str, queries: list, table: str) -> list[Finding]:
        counts = [
            connection.execute(
                f"SELECT count(*) FROM ({query.replace('{batch}', table)})"
            ).fetchone()[0]
            for _, query in queries
        ]
        return [
            Finding(rule.id, rule.severity, rule.column, not count, count)
            for (rule, _), count in zip(queries, counts, strict=True)
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gx_suite, "run_suite", run)
        yield


def cells(key: str, chosen: tuple) -> tuple:
    branch, month, category, is_bad = chosen
    return key, branch, f"2012-{month:02d}-10", "2011-01-01" if is_bad else "", category


def expected(chosen: list) -> tuple[dict, set]:
    """The current rows and the withdrawals, written in plain Python: a later day wins, a full extract
    withdraws what it does not name.
    """
    current, seen, withdrawn = {}, {}, set()
    for day, (kind, rows) in zip(DAYS, chosen, strict=False):
        if kind == "full":
            gone = set(current) - set(rows)
            withdrawn |= {(key, day, seen[key]) for key in gone}
            current = {key: cells for key, cells in current.items() if key not in gone}
        for key, cells_of in rows.items():
            if not cells_of[3]:
                current[key], seen[key] = (cells_of[0], cells_of[1], cells_of[2]), day
    return current, withdrawn


class Company:
    """A store that takes in complaints, batch by batch as they arrive."""

    def __init__(self, root: Path, kinds: dict[date, str]):
        self.landing, self.store, self.kinds = root / "landing", Store(root / "store"), kinds
        self.landing.mkdir()
        self.engine = DuckDB(self.store.work(), "Asia/Shanghai")
        self.profile = profile.load_profile("default")
        self.intake = Intake(self.store.lake, self.engine, self.profile, policy().delivery_limits)

    def deliver(self, files: list[tuple[str, bytes]]) -> None:
        for name, text in files:
            (self.landing / name).write_bytes(text)
        arrival = look_at_landing(self.landing, self.store.lake, self.profile, [])
        assert not arrival.problems
        for delivery in arrival.deliveries:
            kind = self.kinds[delivery.extract_date]
            delivery.files = [
                replace(file, source=file.source.model_copy(update={"delivery": kind}))
                for file in delivery.files
            ]
            self.intake.take_in(delivery, lambda _: None)

    def current_rows(self, known_at: date | None = None) -> dict:
        """The current rows; with `known_at` those of that day, from the versions."""
        lake = self.store.lake
        if known_at:
            ledger = [row for row in lake.ledger("complaints") if row["extract_date"] <= known_at]
            standing = read_current_versions(self.engine, lake, CONTRACT, ledger, known_at)
            versions.create_known_rows(
                self.engine,
                "current_rows",
                CONTRACT,
                lake.files("versions", "complaints"),
                known_at,
                standing,
            )
        else:
            self.engine.register_parquet(
                "current_rows", lake.current_files("complaints"), CONTRACT.schema
            )
        rows = self.engine.arrow(
            "SELECT complaint_id, branch_code, civil(received_at) AS received, category FROM current_rows"
        ).to_pylist()
        assert len({row["complaint_id"] for row in rows}) == len(rows)
        return {
            row["complaint_id"]: (row["branch_code"], row["received"].month, row["category"])
            for row in rows
        }

    def book(self, name: str, *columns: str) -> set:
        return {
            tuple(row[column] for column in columns)
            for row in self.store.lake.read(name, "complaints").to_pylist()
        }


def written(rows: list[tuple], encoding: str = "utf-8") -> bytes:
    return "".join(",".join(row) + "\n" for row in [COLUMNS, *rows]).encode(encoding)


def pieces(chosen: list, chance) -> list[list[tuple[str, bytes]]]:
    """The same deliveries in another order of days, each split in two in any order of rows, in any
    encoding, and delivered twice.
    """
    batches = []
    for day, (_, rows) in chance.sample(list(zip(DAYS, chosen, strict=False)), len(chosen)):
        lines = [cells(key, value) for key, value in rows.items()]
        chance.shuffle(lines)
        halves = [lines[: len(lines) // 2], lines[len(lines) // 2 :]]
        encoded = [
            written(half, chance.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
            for half in halves
            if half
        ]
        batches.append(
            [(f"complaints_part{n}_{day:%Y%m%d}.csv", text) for n, text in enumerate(encoded)]
        )
        batches.append(
            [(f"complaints_again{n}_{day:%Y%m%d}.csv", text) for n, text in enumerate(encoded)]
        )
    return batches


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(deliveries, st.randoms(use_true_random=False))
def test_order_split_and_repetition_change_nothing(chosen, chance):
    kinds = {day: kind for day, (kind, _) in zip(DAYS, chosen, strict=False)}
    current, withdrawn = expected(chosen)
    with TemporaryDirectory() as folder:
        in_order = Company(Path(folder), kinds)
        for number, (day, (_, rows)) in enumerate(zip(DAYS, chosen, strict=False), start=1):
            in_order.deliver(
                [
                    (
                        f"complaints_{day:%Y%m%d}.csv",
                        written([cells(key, value) for key, value in rows.items()]),
                    )
                ]
            )
            assert in_order.current_rows() == expected(chosen[:number])[0]
        for number, day in enumerate(DAYS[: len(chosen)], start=1):
            assert in_order.current_rows(known_at=day) == expected(chosen[:number])[0], (
                "the versions tell what was known on that day"
            )
        assert in_order.book("withdrawn", "key", "extract_date", "last_seen") == withdrawn
        holding = in_order.book("holding", "month", "branch_code", "rows", "checksum")
    with TemporaryDirectory() as folder:
        shuffled = Company(Path(folder), kinds)
        for batch in pieces(chosen, chance):
            shuffled.deliver(batch)
        assert (
            shuffled.current_rows() == current == shuffled.current_rows(known_at=date(2100, 1, 1))
        )
        assert shuffled.book("withdrawn", "key", "extract_date", "last_seen") == withdrawn
        assert shuffled.book("holding", "month", "branch_code", "rows", "checksum") == holding


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(content, content)
def test_the_store_says_which_months_and_branches_changed(first, second):
    kinds = dict.fromkeys(DAYS, "delta")
    with TemporaryDirectory() as folder:
        company = Company(Path(folder), kinds)
        for day, rows in zip(DAYS, (first, second), strict=False):
            company.deliver(
                [
                    (
                        f"complaints_{day:%Y%m%d}.csv",
                        written([cells(key, value) for key, value in rows.items()]),
                    )
                ]
            )
        changes = {
            (f"2012-{r[1]:02d}", r[0])
            for r in _changed(
                expected([("delta", first)])[0], expected([("delta", first), ("delta", second)])[0]
            )
        }
        noted = company.book("change", "extract_date", "month", "branch_code")
        assert {(month, branch) for day, month, branch in noted if day == DAYS[1]} == changes


def _changed(before: dict, after: dict) -> list[tuple]:
    """The rows that are there before or after, but not both. The extract date alone is no
    change.
    """
    return [
        row
        for key in {*before, *after}
        for row in {before.get(key), after.get(key)} - {None}
        if before.get(key) != after.get(key)
    ]
