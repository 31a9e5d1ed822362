"""Measure the transform: `make bench`. All KPIs of a company, next to one bare scan of the same
columns, and the claims KPIs by hand in Polars and pandas.

Each case is a process of its own: `python -m tests.bench.kpi CASE STORE`, where the store holds the
company (`tests.bench` takes it in).
"""

import json
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

DAY = date(2012, 12, 31)
MEASURED = [
    "branch_code",
    "line",
    "reported_at",
    "surveyed_at",
    "survey_agreed_at",
    "registered_at",
    "documents_complete_at",
    "approved_at",
    "closed_at",
    "paid_at",
]
MEASURED += [
    "previous_settled_at",
    "reopened_at",
    "outcome",
    "has_injury",
    "first_estimate",
    "outstanding_estimate",
    "paid_amount",
]


def open_store(store: Path, threads: int = 2):
    """The engine over a store's current rows, and what a build needs beside it."""
    from data.config import policy
    from data.config.contract import load_contracts
    from data.store.store import Store
    from transforms.engine.duckdb_engine import DuckDB
    from transforms.kpis.catalogue import ExtractSupply
    from transforms.kpis.run_parameters import BuildInputs

    lake = Store(store).lake
    engine = DuckDB(store / "bench_work", "Asia/Shanghai", threads, "6GB")
    supplies = {}
    for name, contract in load_contracts().items():
        engine.register_parquet(name, lake.current_files(name), contract.schema)
        ledger = lake.ledger(name)
        if ledger:
            begins = [row["history_from"] for row in ledger if row["history_from"]]
            supplies[name] = ExtractSupply(
                frozenset(", ".join(row["columns"] for row in ledger).split(", ")),
                min(begins, default=None),
                DAY,
            )
    return engine, BuildInputs(DAY, supplies, policy.load_policy()), lake.current_files("claims")


def scan(store: Path) -> dict:
    """The floor: every column that the claims KPIs need, read once."""
    engine, _, _ = open_store(store)
    started = time.perf_counter()
    engine.arrow(f"SELECT {', '.join(f'MAX({name})' for name in MEASURED)} FROM claims")
    return {"seconds": time.perf_counter() - started}


def ours(store: Path) -> dict:
    """Every table that a run computes, of all extracts."""
    from transforms import build

    engine, inputs, _ = open_store(store)
    started = time.perf_counter()
    tables = build.build(engine, inputs)
    return {"seconds": time.perf_counter() - started, "rows": tables["mart_kpi_value"].num_rows}


def by_hand(module: str):
    """The claims KPIs by another library, checked against ours by the stock and the settlements of
    every period.
    """

    def case(store: Path) -> dict:
        from importlib import import_module

        from transforms import build
        from transforms.engine import models

        engine, inputs, files = open_store(store)
        build.create_parameters(engine, inputs)
        for model in models.order_models(
            models.load_models(), {"dim_branch_ancestor", "dim_period_tree"}
        ):
            engine.create(model.name, model.sql, model.header["kind"])
        periods = engine.arrow("SELECT * FROM dim_period ORDER BY period_id").to_pylist()
        ancestors = engine.arrow(
            "SELECT branch_code, ancestor_code FROM dim_branch_ancestor ORDER BY branch_code, ancestor_code"
        ).to_pylist()
        library = import_module(f"tests.bench.{module}")
        started = time.perf_counter()
        answer = library.all_kpis(files, DAY, periods, ancestors)
        seconds = time.perf_counter() - started
        for needed in models.order_models(models.load_models(), {"fct_claim_stock"}):
            engine.create(needed.name, needed.sql, needed.header["kind"])
        stock = engine.arrow(
            "SELECT period_id, CAST(SUM(settled) AS BIGINT) AS n, CAST(SUM(open_at_start + begun) AS BIGINT) AS d FROM fct_claim_stock GROUP BY period_id"
        )
        expected = {row["period_id"]: (row["n"], row["d"]) for row in stock.to_pylist()}
        wrong = {
            key: (answer[key], expected[key])
            for key in expected
            if tuple(answer[key]) != expected[key]
        }
        return {"seconds": seconds, "periods_that_differ": len(wrong)}

    return case


CASES = {
    "scan": scan,
    "ours": ours,
    "polars": by_hand("polars_by_hand"),
    "pandas": by_hand("pandas_by_hand"),
}


def report(store: Path, claims: int, cases: list[str]) -> None:
    """Run the cases and print seconds, peak memory and how many bare scans each of them is."""
    print(f"\nall KPIs of {claims:,} claims")
    floor = None
    for case in cases:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.kpi", case, str(store)],
            capture_output=True,
            text=True,
            check=True,
        )
        result = json.loads(done.stdout.splitlines()[-1])
        seconds, peak = result.pop("seconds"), result.pop("peak")
        if case == "scan":
            floor = seconds
        more = "".join(f"  {name} {value}" for name, value in result.items())
        scans = seconds / floor
        print(f"  {case:10} {seconds:8.2f} s {scans:8.1f} scans {peak / 1e9:6.2f} GB{more}")


if __name__ == "__main__":
    measured = CASES[sys.argv[1]](Path(sys.argv[2]))
    print(
        json.dumps(measured | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024})
    )
